//! The forms of a report.

use super::{Checked, classroom, exercism, github, gradescope, html, human, json, junit, markdown};
use clap::ValueEnum;

/// A form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
    /// For continuous integration, such as GitLab's
    Junit,
    /// The results.json of a Gradescope autograder
    Gradescope,
    /// A step's outputs for GitHub Classroom: a result for each criterion
    Classroom,
    /// The log of a step of GitHub Actions: for people, then annotations
    Github,
    /// The results.json of an Exercism test runner
    Exercism,
    /// A page in Markdown, such as a step's summary on GitHub
    Markdown,
    /// A page with pictures
    Html,
}

impl Format {
    /// The report in this form.
    #[must_use]
    pub fn render(self, checked: &Checked) -> String {
        match self {
            Self::Human => human::report(checked),
            Self::Json => json::report(checked),
            Self::Junit => junit::report(checked),
            Self::Gradescope => gradescope::report(checked),
            Self::Classroom => classroom::report(checked),
            Self::Github => github::report(checked),
            Self::Exercism => exercism::report(checked),
            Self::Markdown => markdown::report(checked),
            Self::Html => html::report(checked),
        }
    }

    /// The form of this name.
    ///
    /// # Errors
    ///
    /// All names, if there is none.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::from_str(name, false).map_err(|_| {
            let names = Self::value_variants().iter().filter_map(Self::to_possible_value);
            let names: Vec<_> = names.map(|value| value.get_name().to_owned()).collect();
            format!("there is no format {name:?}; there are {}", names.join(", "))
        })
    }
}
