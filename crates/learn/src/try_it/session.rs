//! A thing to try in the terminal: the change, the questions, the run and what came of it.

use super::attempt::Attempt;
use super::catalog::Item;
use super::{readme, view};
use crate::predict::{Quiz, SKIP};
use checker::answers::Builder;
use checker::report::human::Look;
use checker::runner::own_program;
use checker::terminal::with_progress;
use checker::watch_loop::{Check, ENTER, Key, Link, Next, Prompt};
use std::fs;
use std::path::{Path, PathBuf};

/// The texts of an exercise that it is about.
struct Texts {
    main: String,
    readme: String,
}

impl Texts {
    fn read(item: &Item, repository: &Path) -> Result<Self, String> {
        let folder = repository.join("crates").join(item.exercise.name);
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        Ok(Self { main: read("src/main.rs")?, readme: read("README.md")? })
    }

    fn section(&self, item: &Item) -> Option<readme::Section<'_>> {
        readme::items(&self.readme).into_iter().find(|it| it.number == item.it.number)
    }
}

/// What is shown without a terminal: the item and its variants, without questions.
///
/// # Errors
///
/// Why it did not run.
pub fn without_terminal(item: &Item, repository: &Path, look: Look) -> Result<String, String> {
    let texts = Texts::read(item, repository)?;
    let mut text = "Without a terminal, no questions are asked.\n".to_owned();
    for number in 0..item.it.runs().count() {
        let builder = Builder::aloud();
        let attempt = with_progress(|runner| {
            Attempt::make(repository, item, number, &builder, runner, |_| {})
        })??;
        text += &format!("\n{}", view::heading(item, number));
        text += &format!("{}\n", view::change(item, number, &texts.main));
        text += &view::outcome(item, number, &attempt, &[], texts.section(item), look);
    }
    Ok(text)
}

/// A thing to try, and how far the learner is.
pub struct Session {
    repository: PathBuf,
    item: Item,
    texts: Texts,
    /// 0 is the item itself, its variants follow.
    number: usize,
    quiz: Quiz,
    /// Whether there is something left to ask.
    is_asking: bool,
    /// What came of it, or why it did not run.
    attempt: Option<Result<Attempt, String>>,
}

impl Session {
    /// Begins with the questions.
    ///
    /// # Errors
    ///
    /// If the exercise cannot be read.
    pub fn new(item: Item, repository: &Path) -> Result<Self, String> {
        let texts = Texts::read(&item, repository)?;
        let mut session = Self {
            repository: repository.to_owned(),
            item,
            texts,
            number: 0,
            quiz: Quiz::new(Vec::new()),
            is_asking: false,
            attempt: None,
        };
        session.begin(0);
        Ok(session)
    }

    /// Begins the item, or its variant with this number.
    fn begin(&mut self, number: usize) -> Next {
        self.quiz = Quiz::new(self.item.run(number).questions.clone());
        self.number = number;
        self.attempt = None;
        self.ask()
    }

    /// Asks what is left; then runs.
    fn ask(&mut self) -> Next {
        self.is_asking = self.quiz.prompt().is_some();
        if self.is_asking { Next::Redraw } else { Next::Check }
    }
}

impl checker::watch_loop::Session for Session {
    type Outcome = Result<Attempt, String>;

    fn files(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn check(&mut self) -> Option<Check<Self::Outcome>> {
        if self.is_asking || self.attempt.is_some() {
            return None;
        }
        let (repository, item, number) = (self.repository.clone(), self.item.clone(), self.number);
        Some(Box::new(move |link: &Link| {
            let runner = link.runner(own_program()?);
            let says = |what: &str| link.says(what);
            let (attempt, printed) = Builder::gathering(&link.stop, None, |builder| {
                Attempt::make(&repository, &item, number, builder, &runner, says)
            });
            attempt.map_err(|problem| [&[problem], &printed[..]].concat().join("\n"))
        }))
    }

    fn checked(&mut self, outcome: Self::Outcome) {
        self.attempt = Some(outcome);
    }

    fn text(&self, look: Look) -> String {
        let Self { item, number, texts, .. } = self;
        let below = match &self.attempt {
            None => {
                let asks = self.quiz.prompt().filter(|_| self.is_asking).unwrap_or_default();
                format!("{}\n{asks}", view::change(item, *number, &texts.main))
            }
            Some(Ok(attempt)) => {
                let predictions = self.quiz.predictions();
                view::outcome(item, *number, attempt, predictions, texts.section(item), look)
            }
            Some(Err(problem)) => format!("It did not run: {problem}\n"),
        };
        view::heading(item, *number) + &below
    }

    fn prompt(&self) -> Prompt {
        let quit = Key { key: 'q', word: "quit" };
        let (words, keys) = if self.is_asking {
            let options = self.quiz.keys().map(|key| Key { key, word: "" });
            let skip = Key { key: SKIP, word: "skip" };
            let run = Key { key: ENTER, word: "run now" };
            ("your answer:", options.chain([skip, run, quit]).collect())
        } else if self.attempt.is_some() && self.number < self.item.it.variant.len() {
            ("the answer comes after the variant", vec![Key { key: 'v', word: "variant" }, quit])
        } else {
            ("that is all", vec![quit])
        };
        Prompt { words: words.into(), keys }
    }

    fn press(&mut self, key: char) -> Next {
        match key {
            'q' => Next::Quit,
            'v' => self.begin(self.number + 1),
            ENTER => {
                self.is_asking = false;
                Next::Check
            }
            key => {
                self.quiz.answer(key);
                self.ask()
            }
        }
    }

    fn exit_code(&self) -> u8 {
        if let Some(Err(_)) = self.attempt { 2 } else { 0 }
    }
}
