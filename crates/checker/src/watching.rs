//! `--watch`: the loop around one program. What is not asked for stays folded.

use cage::regular_file;
use checker::answers::{Program, first_error};
use checker::caging::Caging;
use checker::escape::Outside;
use checker::grade::{Graded, Settings, Summary};
use checker::judging::verdict::NotPassed;
use checker::places::places;
use checker::report::human::{Folds, Look, folded};
use checker::runner::own_program;
use checker::watch_loop::{self, Check, ENTER, Key, Next, Prompt, Session};
use std::path::{Path, PathBuf};

/// Checks this program again and again, until a key ends it. If it is a package, it is built in the
/// cage `building`, if any. Returns the exit code of the last verdict.
pub fn watch(
    program: Program,
    settings: Settings,
    building: Option<Caging>,
    has_lines: bool,
) -> Result<u8, String> {
    if program.sources()?.is_empty() {
        return Err("--watch: the command names no file to watch; name the program's file, as in \
                    python3 mine.py, or give the folder of a Cargo package with --dir"
            .into());
    }
    let checker = own_program()?;
    let folds = Folds { has_lines, ..Folds::default() };
    let mut watching = Watching {
        program,
        settings,
        building,
        checker,
        watched: Vec::new(),
        verdict: None,
        folds,
    };
    watch_loop::run(&mut watching).map_err(|error| format!("--watch: {error}"))
}

struct Watching {
    program: Program,
    settings: Settings,
    /// The cage that it is built in.
    building: Option<Caging>,
    /// This program, which records.
    checker: PathBuf,
    /// The files that are watched, as of the last check for which there were any.
    watched: Vec<PathBuf>,
    verdict: Option<Verdict>,
    folds: Folds,
}

/// What a check finds out.
struct Verdict {
    graded: Graded,
    /// What cargo said against the program.
    errors: Vec<String>,
}

impl Session for Watching {
    type Outcome = Verdict;

    fn files(&self) -> Vec<PathBuf> {
        self.program.sources().unwrap_or_default()
    }

    fn check(&mut self) -> Option<Check<Verdict>> {
        let files = self.files();
        if !files.is_empty() {
            self.watched = files;
        }
        let asking_again = |caging: &Option<Caging>| caging.as_ref().map(Caging::asking_again);
        let building = asking_again(&self.building);
        let settings = Settings {
            starts_soon: self.program.is_package(),
            caging: asking_again(&self.settings.caging),
            ..self.settings.clone()
        };
        let (program, checker) = (self.program.clone(), self.checker.clone());
        Some(Box::new(move |link| {
            let (answer, printed) = link.build(&program, building.as_ref());
            let graded = link.grade(answer, &settings, checker);
            Verdict { graded, errors: first_error(&printed) }
        }))
    }

    fn checked(&mut self, verdict: Verdict) {
        self.folds.hints = 0;
        self.folds.places = match verdict.graded.first_mistake() {
            Some((_, NotPassed::Failed(reason))) => {
                places(reason.mistake.id, &self.files(), self.program.exercise)
            }
            _ => Vec::new(),
        };
        self.verdict = Some(verdict);
    }

    fn text(&self, look: Look) -> String {
        let Some(Verdict { graded, errors }) = &self.verdict else { return String::new() };
        let errors = errors.iter().map(|line| format!("\n  {line}"));
        folded(graded, &self.folds, look) + &errors.collect::<String>()
    }

    fn prompt(&self) -> Prompt {
        let mut keys = vec![Key { key: ENTER, word: "run" }];
        if let Some(verdict) = &self.verdict {
            let has_hints =
                matches!(verdict.graded.first_mistake(), Some((_, NotPassed::Failed(_))));
            match self.folds.hints {
                0 if has_hints => keys.push(Key { key: 'h', word: "hint" }),
                1 if has_hints => keys.push(Key { key: 'h', word: "where to look" }),
                _ => {}
            }
            if !verdict.graded.recordings.is_empty() {
                keys.extend([Key { key: 'p', word: "picture" }, Key { key: 'v', word: "lines" }]);
            }
        }
        keys.push(Key { key: 'q', word: "quit" });
        Prompt { words: watched(&self.watched), keys }
    }

    fn press(&mut self, key: char) -> Next {
        match key {
            ENTER => return Next::Check,
            'q' => return Next::Quit,
            'h' => self.folds.hints += 1,
            'p' => self.folds.is_wide = !self.folds.is_wide,
            _ => self.folds.has_lines = !self.folds.has_lines,
        }
        Next::Redraw
    }

    fn exit_code(&self) -> u8 {
        let summary = self.verdict.as_ref().map(|verdict| verdict.graded.summary());
        summary.unwrap_or(Summary::Inconclusive).exit_code()
    }
}

/// That these files are watched, at most two of them by name; or that the first, the program's own,
/// is not there to be watched.
fn watched(files: &[PathBuf]) -> String {
    let name = |file: &Path| {
        let name = file.file_name().unwrap_or_default();
        Outside::from(name.to_string_lossy()).to_string()
    };
    match files {
        [] => "watching nothing".into(),
        [first, ..] if !first.is_file() => format!("{} is missing", name(first)),
        [first, ..] if regular_file::open(first).is_err() => {
            format!("{} cannot be read", name(first))
        }
        [only] => format!("watching {}", name(only)),
        [first, second] => format!("watching {} and {}", name(first), name(second)),
        [first, others @ ..] => {
            format!("watching {} and {} files beside it", name(first), others.len())
        }
    }
}
