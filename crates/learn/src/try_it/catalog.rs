//! All there is to try, by name.

use super::Try;
use crate::data;
use checker::exercises::{self, Exercise};
use std::path::Path;

/// A thing to try in an exercise.
#[derive(Clone)]
pub struct Item {
    pub exercise: &'static Exercise,
    /// The name of its file, such as `block-halfway`.
    pub name: String,
    pub it: Try,
}

impl Item {
    /// The name that no other item has.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.exercise.name, self.name)
    }

    /// The item itself for 0, then its variants.
    #[must_use]
    pub fn run(&self, number: usize) -> &Try {
        self.it.runs().nth(number).unwrap_or(&self.it)
    }
}

/// What there is to try in a repository: exercise by exercise, in the order of the READMEs.
///
/// # Errors
///
/// If a file cannot be read; it is named.
pub fn read(repository: &Path) -> Result<Vec<Item>, String> {
    let items = exercises::ALL.iter().map(|exercise| of_exercise(repository, exercise));
    Ok(items.collect::<Result<Vec<_>, _>>()?.concat())
}

/// What there is to try in an exercise, in the order of its README.
///
/// # Errors
///
/// If a file cannot be read; it is named.
pub fn of_exercise(repository: &Path, exercise: &'static Exercise) -> Result<Vec<Item>, String> {
    let folder = repository.join("crates").join(exercise.name).join("tries");
    let entries = folder.read_dir().map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut items = Vec::new();
    for entry in entries {
        let file = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        // Editors leave other files beside those that they edit.
        if file.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let it: Try = data::read(&file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        items.push(Item { exercise, name, it });
    }
    items.sort_by_key(|item| item.it.number);
    Ok(items)
}

/// The item with this name, or with the only name that begins so. `rand/fail` is `fail` in rand.
///
/// # Errors
///
/// If there is none or more than one; the error says which may be meant.
pub fn find<'a>(items: &'a [Item], name: &str) -> Result<&'a Item, String> {
    let (exercise, start) = match name.split_once('/') {
        Some((exercise, start)) => (Some(exercise), start),
        None => (None, name),
    };
    let in_exercise = |item: &&Item| exercise.is_none_or(|name| item.exercise.name == name);
    let of_exercise: Vec<_> = items.iter().filter(in_exercise).collect();
    let called: Vec<_> = of_exercise.iter().filter(|item| item.name == start).collect();
    let begin: Vec<_> = of_exercise.iter().filter(|item| item.name.starts_with(start)).collect();
    match (&called[..], &begin[..]) {
        ([item], _) | ([], [item]) => Ok(item),
        ([], []) => {
            let meant = meant(items, name, start)
                .map_or(String::new(), |item| format!("did you mean {}? ", item.full_name()));
            Err(format!("try '{name}': no such change; {meant}scripts/learn try lists them all"))
        }
        ([], several) | (several, _) => {
            let names: Vec<_> = several.iter().map(|item| item.full_name()).collect();
            Err(format!("try '{name}': which one? {}", names.join(", ")))
        }
    }
}

/// The item that a mistyped name was meant to be; `start` is the name without an exercise.
fn meant<'a>(items: &'a [Item], name: &str, start: &str) -> Option<&'a Item> {
    let [name, start] = [name, start].map(str::to_lowercase);
    let closeness =
        |item: &Item| strsim::jaro(&start, &item.name).max(strsim::jaro(&name, &item.full_name()));
    let close = items.iter().map(|item| (closeness(item), item));
    let close = close.filter(|(closeness, _)| *closeness > 0.75);
    close.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, item)| item)
}
