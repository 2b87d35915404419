//! What the checker says about one criterion.

use super::language::Language;
use crate::escape::Outside;
use crate::recording::Recording;
use crate::timeline::Timeline;

/// What became of one criterion. `Ok` is a pass; everything else ends the judgement early.
pub type Verdict = Result<(), NotPassed>;

/// Why a criterion was not passed.
#[derive(Clone, Debug)]
pub enum NotPassed {
    /// The program is wrong: the points are lost.
    Failed(Box<Reason>),
    /// The lines that this rests on could not be read without doubt. The points are not earned, but
    /// no mistake is named.
    NotReadable(Box<Doubt>),
    /// There was nothing to judge: the points are lost here because of what is wrong elsewhere.
    Skipped { because: String },
    /// The machine was too busy to tell. Nothing is held against the program.
    Inconclusive { because: String },
}

/// Why a criterion failed.
#[derive(Clone, Debug)]
pub struct Reason {
    pub mistake: Mistake,
    pub expected: String,
    /// What was seen instead, with times. What the judged program printed is escaped in it.
    pub seen: String,
    /// A picture of the run, if the criterion asks for one.
    pub timeline: Option<Timeline>,
    /// The language of the hint.
    pub language: Language,
}

impl Reason {
    /// One thing to try, in the program's language.
    #[must_use]
    pub fn hint(&self) -> String {
        self.language.words(self.mistake.hint)
    }
}

/// A line that could not be read without doubt.
#[derive(Clone, Debug)]
pub struct Doubt {
    pub line: Outside,
    /// What the original prints there.
    pub original: &'static str,
    /// What the checker looked for in it.
    pub looked_for: &'static str,
}

/// What is wrong with a program, as far as its output shows. Each is defined next to the judge that
/// names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Stable and unique: reports and graders refer to it.
    pub id: &'static str,
    /// Why it probably happened.
    pub why: &'static str,
    /// One thing to try. Placeholders such as `{sleep}` stand for the words of a language.
    pub hint: &'static str,
}

/// A verdict that the program is wrong in this way.
pub fn fail(mistake: Mistake, expected: impl Into<String>, seen: impl Into<String>) -> Verdict {
    let (expected, seen) = (expected.into(), seen.into());
    let (timeline, language) = (None, Language::Other);
    Err(NotPassed::Failed(Box::new(Reason { mistake, expected, seen, timeline, language })))
}

/// A verdict that there is nothing to judge.
pub fn skip(because: impl Into<String>) -> Verdict {
    Err(NotPassed::Skipped { because: because.into() })
}

/// A verdict that the answer may be another one in another run.
pub fn inconclusive(because: impl Into<String>) -> Verdict {
    Err(NotPassed::Inconclusive { because: because.into() })
}

/// A verdict that the machine may hide the answer.
pub fn too_busy(recording: &Recording) -> Verdict {
    inconclusive(match recording.first_try {
        true => "a little off, which may be the machine's fault".into(),
        false => format!("the machine was up to {:.2} s late: too busy to judge", recording.lag),
    })
}
