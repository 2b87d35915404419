//! The learner's loop: save a file, see the verdict, ask for a hint. It watches files, checks again
//! whenever one is saved, and obeys single keys. The session decides what to check, what to show and
//! which keys there are.

mod changes;
mod files;
mod keys;
mod screen;
mod signals;
mod underway;

use crate::answers::{Answer, Builder, Program};
use crate::caging::Caging;
use crate::escape::Outside;
use crate::grade::{Graded, Settings, grade_all};
use crate::report::human::Look;
use crate::runner::{Runner, Stop};
use crate::terminal;
use changes::Changes;
use files::{Files, Seen};
use keys::RawTerminal;
use screen::{Frame, Screen};
use signal_hook::consts::{SIGCONT, SIGTSTP, SIGWINCH};
use std::io::{self, IsTerminal};
use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};
use underway::Underway;

/// How often the loop looks at the files.
const LOOK: Duration = Duration::from_millis(250);
/// How soon it looks again at a file that may still be written to.
const SOON: Duration = Duration::from_millis(100);

/// The character that the enter key sends.
pub const ENTER: char = '\n';

/// What a loop is about. The loop calls all of this on one thread, except for the check itself.
pub trait Session {
    /// What a check finds out.
    type Outcome: Send + 'static;

    /// The files to watch at the moment. The loop asks again at each look, so a new file counts as
    /// saved.
    fn files(&self) -> Vec<PathBuf>;

    /// The check to run now, or none if there is nothing to check yet. Asked at the start, after
    /// each save, and when a key asks for [`Next::Check`]. A check that is still running is ended
    /// first. What the program itself saves, check after check, is not checked.
    fn check(&mut self) -> Option<Check<Self::Outcome>>;

    /// A check has come to its end. One that was ended early has not.
    fn checked(&mut self, outcome: Self::Outcome);

    /// What is on the screen above the prompt line, with escape codes for color. During a check the
    /// loop shows it dimmed.
    fn text(&self, look: Look) -> String;

    /// The prompt line. Keys that are not in it do nothing.
    fn prompt(&self) -> Prompt;

    /// A key of the prompt line was pressed.
    fn press(&mut self, key: char) -> Next;

    /// The exit code if the loop ended now.
    fn exit_code(&self) -> u8;
}

/// A check, to run on a thread of its own. It ends soon once its link says that it has been stopped;
/// what it returns then is not used.
pub type Check<Outcome> = Box<dyn FnOnce(&Link) -> Outcome + Send>;

/// What a check is doing if it does not say otherwise.
const CHECKING: &str = "checking";

/// What connects a check with the loop. The default is for a check without a loop: it is never
/// stopped, and what it says is not heard.
#[derive(Default)]
pub struct Link {
    /// Set when the check is to end early: a file was saved, or the loop ends.
    pub stop: Stop,
    says: Option<Box<dyn Fn(String) + Send>>,
}

impl Link {
    /// Says in the prompt line what the check is doing, such as `building`. Until then it is
    /// `checking`.
    pub fn says(&self, what: impl Into<String>) {
        if let Some(says) = &self.says {
            says(what.into());
        }
    }

    /// Runs programs until the check is to end. `checker` is the program that records: see
    /// [`own_program`](crate::runner::own_program).
    #[must_use]
    pub fn runner(&self, checker: PathBuf) -> Runner {
        Runner { stop: self.stop.clone(), ..Runner::new(checker) }
    }

    /// Builds a program from its sources as they are now, in this cage, or without one if it is the
    /// user's own. Returns what cargo said, too, line by line.
    #[must_use]
    pub fn build(&self, program: &Program, caging: Option<&Caging>) -> (Answer, Vec<String>) {
        if program.is_package() {
            self.says("building");
        }
        Builder::gathering(&self.stop, caging, |builder| program.build_as_saved(builder))
    }

    /// Grades an answer. `checker` is as for [`runner`](Self::runner).
    #[must_use]
    pub fn grade(&self, answer: Answer, settings: &Settings, checker: PathBuf) -> Graded {
        self.says(CHECKING);
        grade_all(&[answer], &self.runner(checker), settings).remove(0)
    }
}

/// The line below the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// What is being watched, or a question. During a check, what the check does is shown instead.
    pub words: String,
    /// The keys that do something now, in this order.
    pub keys: Vec<Key>,
}

/// A key, and the word for what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// A printable character, or [`ENTER`].
    pub key: char,
    pub word: &'static str,
}

/// What follows a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The text and the prompt may have changed.
    Redraw,
    /// [`Session::check`] is asked for a check, as after a save.
    Check,
    /// The loop ends, with [`Session::exit_code`].
    Quit,
}

/// What wakes the loop.
enum Event<Outcome> {
    Key(char),
    /// Standard input has ended.
    NoMoreKeys,
    Signal(i32),
    /// The check says what it is doing.
    Says(String),
    /// The check has ended, or panicked.
    Ended(thread::Result<Outcome>),
}

/// How a loop ends.
enum End {
    /// Of itself.
    Quit,
    BySignal(i32),
}

/// Whether there is a terminal to show a loop in, and to press its keys. Without one, a caller runs
/// one check and prints what it finds.
#[must_use]
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Runs the loop, once in the life of a process, and returns the session's exit code. Ctrl-C and
/// other signals that end the process do so when the check has been ended and the terminal restored.
///
/// # Errors
///
/// If the terminal or the signals cannot be used.
pub fn run<S: Session>(session: &mut S) -> io::Result<u8> {
    let (sender, events) = mpsc::channel();
    let signals = signals::send(&sender)?;
    let terminal = RawTerminal::open()?;
    keys::send(sender.clone());
    let mut it = Loop {
        session,
        sender,
        files: Files::default(),
        changes: Changes::default(),
        screen: Screen::new(),
        underway: None,
        is_due: false,
    };
    it.check();
    let end = it.until_end(&events, &terminal)?;
    // The terminal may be gone.
    let _ = it.screen.leave();
    let exit_code = it.session.exit_code();
    drop((it, terminal, signals));
    if let End::BySignal(signal) = end {
        // It does not return.
        signal_hook::low_level::emulate_default_handler(signal)?;
    }
    Ok(exit_code)
}

struct Loop<'a, S: Session> {
    session: &'a mut S,
    sender: Sender<Event<S::Outcome>>,
    files: Files,
    changes: Changes,
    screen: Screen,
    underway: Option<Underway>,
    /// Whether to check again as soon as the check that is underway has ended.
    is_due: bool,
}

impl<S: Session> Loop<'_, S> {
    fn until_end(
        &mut self,
        events: &Receiver<Event<S::Outcome>>,
        terminal: &RawTerminal,
    ) -> io::Result<End> {
        let mut next_look = Instant::now() + LOOK;
        loop {
            self.draw()?;
            match events.recv_timeout(next_look.saturating_duration_since(Instant::now())) {
                Ok(Event::Key(key)) => {
                    if self.press(key) == Some(Next::Quit) {
                        return Ok(End::Quit);
                    }
                }
                Ok(Event::Says(what)) => {
                    if let Some(underway) = &mut self.underway {
                        underway.says = what;
                    }
                }
                Ok(Event::Ended(outcome)) => self.ended(outcome),
                Ok(Event::Signal(SIGWINCH)) => self.screen.forget(),
                Ok(Event::Signal(SIGTSTP)) => {
                    self.screen.leave()?;
                    terminal.suspend()?;
                }
                Ok(Event::Signal(SIGCONT)) => {
                    terminal.enter()?;
                    self.screen.forget();
                }
                Ok(Event::Signal(signal)) => return Ok(End::BySignal(signal)),
                Ok(Event::NoMoreKeys) => return Ok(End::Quit),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let seen = self.files.look(self.session.files());
                    next_look = Instant::now() + if seen == Seen::Changing { SOON } else { LOOK };
                    if self.changes.are_to_be_checked(seen, self.underway.is_some()) {
                        self.check();
                    }
                }
            }
        }
    }

    fn press(&mut self, key: char) -> Option<Next> {
        self.session.prompt().keys.iter().find(|known| known.key == key)?;
        let next = self.session.press(key);
        if next == Next::Check {
            self.check();
        }
        Some(next)
    }

    /// Begins a check; if one is underway, as soon as that has ended early.
    fn check(&mut self) {
        if let Some(underway) = &self.underway {
            underway.stop.stop();
            self.is_due = true;
            return;
        }
        self.is_due = false;
        let check = self.session.check();
        // What is saved from now on is not in this check.
        self.files.take(self.session.files());
        if let Some(check) = check {
            self.changes.begin_check();
            self.underway = Some(Underway::start(check, self.sender.clone()));
        }
    }

    fn ended(&mut self, outcome: thread::Result<S::Outcome>) {
        let outcome = outcome.unwrap_or_else(|panic| resume_unwind(panic));
        // Before the verdict is shown: what changes from now on is not the program's doing.
        let seen = self.files.look(self.session.files());
        self.is_due |= self.changes.are_to_be_checked(seen, false);
        if self.underway.take().is_some_and(|underway| !underway.stop.is_stopped()) {
            self.session.checked(outcome);
        }
        if self.is_due {
            self.check();
        }
    }

    fn draw(&mut self) -> io::Result<()> {
        let look = terminal::look();
        self.screen.draw(&Frame {
            text: self.session.text(look),
            width: look.width,
            underway: self.underway.as_ref().map(Underway::now),
            prompt: self.prompt(),
        })
    }

    fn prompt(&self) -> Prompt {
        let mut prompt = self.session.prompt();
        if self.changes.are_the_programs() {
            let file = self.files.last_saved().file_name().unwrap_or_default();
            let file = Outside::from(file.to_string_lossy());
            prompt.words = format!("the program changes {file} itself; press enter to check");
        }
        prompt
    }
}
