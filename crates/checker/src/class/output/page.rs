//! `report.html`: the whole class on one page. It holds all that it shows: nothing is fetched.
//!
//! - `page/page.html`: what is there before the script runs, below the title
//! - `page/page.css`, and that of a learner's result: how it looks
//! - `page/page.js`: fills in the table, sorts, filters, and opens a learner
//!
//! The data comes in elements of their own, so that the page parses a learner's only when that is
//! opened. A picture that several runs share is there once.

use super::people::{Absent, Person, title};
use super::standing::{Standing, answer};
use super::view;
use crate::class::learner::{Graded, Learner};
use crate::class::whole_file::WholeFile;
use crate::escape::legible;
use crate::exercises::find;
use crate::judging::rubric::POINTS;
use crate::report::html::{LEARNER_STYLE, image, start};
use crate::report::json::Verdict;
use crate::report::picture::Picture;
use maud::{Markup, PreEscaped, html};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

const BODY: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The page, as far as it is written: what all learners have in common comes at its end.
pub struct Page {
    file: WholeFile,
    /// The number of each picture, by its hash.
    pictures: HashMap<[u8; 32], usize>,
    class: Class,
}

/// What the table shows.
#[derive(Serialize)]
struct Class {
    exercises: Vec<Exercise>,
    learners: Vec<Row>,
    mistakes: Vec<Mistake>,
}

#[derive(Serialize)]
struct Exercise {
    name: String,
    possible: f64,
    criteria: Vec<Criterion>,
}

#[derive(Serialize)]
struct Criterion {
    id: String,
    name: String,
    possible: f64,
}

/// A learner, in the table.
#[derive(Serialize)]
struct Row {
    name: String,
    /// Ids and names of all who are in it, to search for.
    who: Vec<String>,
    total: Option<f64>,
    verdict: &'static str,
    late: bool,
    note: String,
    /// For each exercise, in their order.
    answers: Vec<Cells>,
}

/// An answer, in the table.
#[derive(Serialize)]
struct Cells {
    points: Option<f64>,
    /// If its criteria were not judged: what became of it.
    word: Option<&'static str>,
    /// A word for each criterion.
    words: Vec<&'static str>,
}

/// A mistake, and who made it.
#[derive(Serialize)]
struct Mistake {
    exercise: String,
    id: String,
    why: String,
    /// Indexes of learners.
    learners: Vec<usize>,
}

impl Page {
    /// Starts the page, with this title.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn create(folder: &Path, title: &str, exercises: &[&str]) -> Result<Self, String> {
        let mut file = WholeFile::create(folder, "report.html")?;
        file.add(start(title, &format!("{LEARNER_STYLE}{STYLE}"), Some(SCRIPT)))?;
        let header = html! {
            header.top {
                h1 { (title) }
                ul #overview {}
                a href="#legend" { "What the words mean" }
            }
        };
        file.add(header.0 + "\n" + BODY)?;
        let exercises = exercises.iter().map(|name| Exercise::new(name)).collect();
        let class = Class { exercises, learners: Vec::new(), mistakes: Vec::new() };
        Ok(Self { file, pictures: HashMap::new(), class })
    }

    /// Adds a learner, with the pictures that were not there before.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn add(
        &mut self,
        learner: &Learner,
        people: &[Person],
        standing: &Standing,
        exercises: &[&str],
    ) -> Result<(), String> {
        let mut new = String::new();
        let mut place = |picture: &Picture| {
            let markup = image(picture);
            let count = self.pictures.len();
            let number = *self.pictures.entry(Sha256::digest(&markup.0).into()).or_insert(count);
            if number == count {
                new += &data(&format!("picture-{number}"), &markup.0);
            }
            html! { div data-picture=(number) {} }
        };
        let article = view::learner(learner, people, standing, exercises, &mut place);
        self.file.add(new)?;
        self.class.count_mistakes(learner, self.class.learners.len());
        self.add_row(Row::new(learner, people, standing, exercises), &article)
    }

    /// Adds a learner who submitted nothing.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn add_absent(&mut self, absent: &Absent, standing: &Standing) -> Result<(), String> {
        self.add_row(Row::absent(absent, standing), &view::absent(absent, standing))
    }

    fn add_row(&mut self, row: Row, article: &Markup) -> Result<(), String> {
        self.file.add(data(&format!("learner-{}", self.class.learners.len()), &article.0))?;
        self.class.learners.push(row);
        Ok(())
    }

    /// Ends the page.
    ///
    /// # Errors
    ///
    /// One line, if it cannot be written.
    pub fn finish(mut self) -> Result<(), String> {
        // Where as many made it, those of earlier exercises come first: the sort is stable.
        let order = |name: &str| self.class.exercises.iter().position(|it| it.name == name);
        self.class.mistakes.sort_by_key(|it| {
            (std::cmp::Reverse(it.learners.len()), order(&it.exercise), it.id.clone())
        });
        self.file.add(data("class", &self.class))?;
        self.file.add(format!("<script>{SCRIPT}</script>\n"))?;
        self.file.finish()
    }
}

impl Class {
    fn count_mistakes(&mut self, learner: &Learner, index: usize) {
        for answer in &learner.answers {
            let Graded::Report(report) = &answer.graded else { continue };
            for reason in report.criteria.iter().filter_map(|it| it.reason.as_ref()) {
                let is_same =
                    |it: &&mut Mistake| it.exercise == answer.exercise && it.id == reason.mistake;
                match self.mistakes.iter_mut().find(is_same) {
                    Some(mistake) if mistake.learners.last() == Some(&index) => {}
                    Some(mistake) => mistake.learners.push(index),
                    None => self.mistakes.push(Mistake {
                        exercise: answer.exercise.clone(),
                        id: reason.mistake.clone(),
                        why: reason.why.clone(),
                        learners: vec![index],
                    }),
                }
            }
        }
    }
}

impl Exercise {
    fn new(name: &str) -> Self {
        let list = find(name).map(|exercise| exercise.rubric.list()).unwrap_or_default();
        let criteria = list.into_iter().map(|(id, name, possible)| Criterion {
            id: id.into(),
            name: name.into(),
            possible,
        });
        Self { name: name.into(), possible: POINTS, criteria: criteria.collect() }
    }
}

impl Row {
    fn new(learner: &Learner, people: &[Person], standing: &Standing, exercises: &[&str]) -> Self {
        let who = people.iter().flat_map(|person| {
            let ids = [&person.id, &person.platform_id, &person.email].into_iter().flatten();
            ids.chain([&person.name, &person.platform_name]).map(|text| legible(text))
        });
        let mut who: Vec<_> = who.collect();
        who.dedup();
        let answers = exercises.iter().zip(&standing.points).map(|(exercise, points)| {
            let graded = answer(learner, exercise).map(|answer| &answer.graded);
            Cells { points: *points, word: word(graded), words: words(graded) }
        });
        Self {
            name: title(&learner.submitter, people),
            who,
            total: standing.total,
            verdict: standing.verdict.words(),
            late: learner.submitter.late,
            note: standing.note.clone(),
            answers: answers.collect(),
        }
    }

    fn absent(absent: &Absent, standing: &Standing) -> Self {
        let word = standing.verdict.words();
        let cells =
            |points: &Option<f64>| Cells { points: *points, word: Some(word), words: vec![] };
        Self {
            name: absent.name.clone(),
            who: vec![legible(&absent.id)],
            total: standing.total,
            verdict: word,
            late: false,
            note: standing.note.clone(),
            answers: standing.points.iter().map(cells).collect(),
        }
    }
}

/// What became of an answer whose criteria were not judged.
fn word(graded: Option<&Graded>) -> Option<&'static str> {
    match graded {
        None | Some(Graded::Unread(_) | Graded::Unclear(_)) => Some("not graded"),
        Some(Graded::Missing(_)) => Some("missing"),
        Some(Graded::Report(report)) if report.criteria.is_empty() => match report.verdict {
            Verdict::NotStarted => Some("not started"),
            _ => Some("inconclusive"),
        },
        Some(Graded::Report(_)) => None,
    }
}

fn words(graded: Option<&Graded>) -> Vec<&'static str> {
    match graded {
        Some(Graded::Report(report)) => {
            report.criteria.iter().map(|it| it.verdict.word()).collect()
        }
        _ => Vec::new(),
    }
}

/// Data for the script, as JSON in an element that is not run. As it has no `<`, it cannot end the
/// element, nor start a comment in it.
fn data(id: &str, data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).expect("only plain data").replace('<', r"\u003c");
    let element: Markup = html! {
        script type="application/json" id=(id) { (PreEscaped(json)) }
    };
    element.0 + "\n"
}
