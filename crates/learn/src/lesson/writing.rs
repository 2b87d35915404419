//! An exercise that is being written: its gaps, its verdicts, its hints.

use super::check::Finding;
use super::course::Unit;
use super::folder::Folder;
use super::source::Source;
use super::{hints, solved, view};
use cage::regular_file::read_to_string;
use checker::grade::Summary;
use checker::report::human::{self, Folds, Look, folded};
use checker::watch_loop::{ENTER, Key};
use std::path::Path;

/// What is known about a program that is being written, and shown of it.
#[derive(Default)]
pub struct Writing {
    /// The program as it was before anything was found.
    start: Option<Source>,
    finding: Option<Finding>,
    /// How many steps of the hint are shown.
    hints: usize,
    pub instead: Instead,
}

/// What stands in the place of the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Instead {
    #[default]
    Nothing,
    Picture,
    List,
    /// The question whether to put the starter back.
    Reset,
}

impl Writing {
    /// Something is about to be found: until then, the first gap is what there is to show. What will be
    /// found is to be seen.
    pub fn begin(&mut self, program: &Path) {
        if self.instead != Instead::Picture {
            self.instead = Instead::Nothing;
        }
        if self.finding.is_none() {
            self.start = read_to_string(program).ok().and_then(|text| Source::parse(&text));
        }
    }

    pub fn found(&mut self, finding: Finding) {
        let has_picture =
            finding.error.is_none() && finding.gap().is_none() && finding.timeline().is_some();
        if self.instead == Instead::Picture && !has_picture {
            self.instead = Instead::Nothing;
        }
        self.finding = Some(finding);
        self.hints = 0;
    }

    /// Shows one more step of the hint.
    pub fn hint(&mut self) {
        self.instead = Instead::Nothing;
        self.hints += 1;
    }

    /// Shows something else, or the verdict again if it is shown already.
    pub fn show(&mut self, instead: Instead) {
        self.instead = if self.instead == instead { Instead::Nothing } else { instead };
    }

    #[must_use]
    pub fn text(&self, unit: &Unit, folder: &Folder, look: Look) -> String {
        let program = folder.program(unit.exercise.name);
        if self.instead == Instead::Reset {
            return format!(
                "This puts the starter back into {}. Your program is kept beside it.\n",
                view::shown_path(&program)
            );
        }
        let Some(finding) = &self.finding else {
            let gap = self.start.as_ref().and_then(|source| source.gaps().next());
            return gap.map_or(String::new(), |gap| view::gap(&gap, &unit.lesson, &program, look));
        };
        if self.instead == Instead::Picture {
            return match finding.timeline() {
                Some(timeline) => human::timeline(&timeline, look),
                None => "There is no picture yet: your program has printed nothing.\n".into(),
            };
        }
        let mut text = found_text(finding, unit, folder, look);
        if self.hints > 0 {
            let steps = hints::steps(finding, &unit.lesson, &program);
            text += &view::hints(&steps, self.hints, look);
        }
        text
    }

    /// What the program earns all in all, if it has been looked at.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        Some(self.finding.as_ref()?.graded.summary())
    }

    /// The words and the keys of the prompt line.
    #[must_use]
    pub fn prompt(&self) -> (String, Vec<Key>) {
        if self.instead == Instead::Reset {
            let keys = vec![Key { key: 'y', word: "yes" }, Key { key: 'n', word: "no" }];
            return ("Put the starter back?".into(), keys);
        }
        let keys = [
            (ENTER, "run"),
            ('h', "hint"),
            ('p', if self.instead == Instead::Picture { "back" } else { "picture" }),
            ('r', "reset"),
            ('n', "next"),
            ('l', "list"),
        ];
        let has_hint = !self.finding.as_ref().is_some_and(is_solved);
        let keys = keys.into_iter().filter(|(key, _)| *key != 'h' || has_hint);
        ("watching".into(), keys.map(|(key, word)| Key { key, word }).collect())
    }
}

/// Whether there is nothing left to write.
fn is_solved(finding: &Finding) -> bool {
    finding.gap().is_none() && finding.graded.summary() == Summary::FullMarks
}

/// What has been found, without hints.
fn found_text(finding: &Finding, unit: &Unit, folder: &Folder, look: Look) -> String {
    if let Some(error) = &finding.error {
        return view::build_error(error, &folder.path);
    }
    let program = folder.program(unit.exercise.name);
    if let Some(gap) = finding.gap() {
        let gap = view::gap(&gap, &unit.lesson, &program, look);
        return gap + &view::so_far(finding, look);
    }
    if is_solved(finding) {
        return solved::text(finding, unit, look);
    }
    folded(&finding.graded, &Folds { is_wide: true, ..Folds::default() }, look)
}
