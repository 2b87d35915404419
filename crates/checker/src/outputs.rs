//! The new files that a command writes. All of them are opened before any program runs: nobody should
//! wait for a report that cannot be written.

use crate::say;
use anstream::adapter::strip_str;
use checker::new_file::NewFile;
use checker::report::{Checked, Format};
use checker::terminal::print;
use std::path::Path;

/// A file to write to, with the option that names it.
pub struct Output<'a> {
    option: &'static str,
    path: &'a Path,
    file: NewFile,
}

impl<'a> Output<'a> {
    /// Opens the file.
    pub fn at(option: &'static str, path: &'a Path) -> Result<Self, String> {
        let file = NewFile::at(path).map_err(|why| problem(option, path, &why))?;
        Ok(Self { option, path, file })
    }

    /// Writes the file.
    fn write(&self, text: &str) -> Result<(), String> {
        let written = self.file.write(&strip_str(text).to_string());
        written.map_err(|why| problem(self.option, self.path, &why))
    }

    /// Writes the file. The text took long to make: it is not lost if that is no longer possible.
    pub fn write_or_print(&self, text: &str) -> Result<(), String> {
        let Err(why) = self.write(text) else { return Ok(()) };
        say(&format!("{why}; it goes to standard output instead"));
        print(text)
    }
}

fn problem(option: &str, path: &Path, why: &str) -> String {
    format!("{option} {}: {why}", path.display())
}

/// All reports of a check, and where they go.
pub struct Reports<'a> {
    /// The one that goes to standard output if it has no file.
    main: (Format, Option<Output<'a>>),
    others: Vec<(Format, Output<'a>)>,
}

impl<'a> Reports<'a> {
    /// Opens their files.
    pub fn new(
        (format, file): (Format, Option<&'a Path>),
        others: impl Iterator<Item = (Format, &'a Path)>,
    ) -> Result<Self, String> {
        let main = file.map(|file| Output::at("--output", file)).transpose()?;
        let mut all = Self { main: (format, main), others: Vec::new() };
        for (format, path) in others {
            let new = Output::at("--report", path)?;
            let mut taken = all.main.1.iter().chain(all.others.iter().map(|(_, output)| output));
            if let Some(other) = taken.find(|other| other.file.is_same(&new.file)) {
                let why = format!("another report goes to this file, by {}", other.option);
                return Err(problem(new.option, path, &why));
            }
            all.others.push((format, new));
        }
        Ok(all)
    }

    /// Writes all of them, that on standard output last. Returns whether none is lost, and says which
    /// could not be written.
    pub fn write(&self, checked: &Checked) -> Result<bool, String> {
        let mut are_all_written = true;
        for (format, output) in &self.others {
            if let Err(problem) = output.write(&format.render(checked)) {
                say(&problem);
                are_all_written = false;
            }
        }
        let (format, output) = &self.main;
        let text = format.render(checked);
        match output {
            None => print(&text)?,
            Some(output) => output.write_or_print(&text)?,
        }
        Ok(are_all_written)
    }
}
