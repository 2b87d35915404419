//! Draws a run again and again while it goes on.

use checker::exercises::Exercise;
use checker::recording::Recording;
use checker::runner::Runner;
use checker::terminal::{height, look, own_program};
use checker::timeline::{Timeline, frame};
use std::io::{self, Write};
use std::sync::mpsc;
use std::thread;

const HOME: &str = "\x1b[H";
const REST_OF_LINE: &str = "\x1b[K";
const REST_OF_SCREEN: &str = "\x1b[J";

/// How long a run usually takes, if its program answers no exercise.
const USUAL: f64 = 1.0;

/// Runs a program, and draws what it has done so far on the screen, which is empty at the end.
pub fn with_pictures<T>(
    exercise: Option<&Exercise>,
    timeline: impl Fn(&Recording) -> Timeline + Sync,
    run: impl FnOnce(&Runner) -> T,
) -> Result<T, String> {
    let usual = exercise.map_or(USUAL, |exercise| exercise.takes);
    let (live, recordings) = mpsc::sync_channel(1);
    let runner = Runner { live: Some(live), ..Runner::new(own_program()?) };
    Ok(thread::scope(|scope| {
        scope.spawn(|| draw_all(recordings.into_iter().map(|it| timeline(&it)), usual));
        let result = run(&runner);
        // Nothing more comes: the last picture has been drawn.
        drop(runner);
        result
    }))
}

fn draw_all(timelines: impl Iterator<Item = Timeline>, usual: f64) {
    let mut timelines = timelines.peekable();
    if timelines.peek().is_none() {
        return;
    }
    // What was on the screen stays in the scrollback.
    show(&"\n".repeat(height()));
    timelines.for_each(|timeline| draw(&timeline, usual));
    show(&format!("{HOME}{REST_OF_SCREEN}"));
}

fn draw(timeline: &Timeline, usual: f64) {
    let look = look();
    // The last row is for the cursor.
    let size = (look.width, height().saturating_sub(1));
    let lines = frame(timeline, usual, size, look.characters);
    let lines: String = lines.iter().map(|line| format!("{REST_OF_LINE}{line}\n")).collect();
    show(&format!("{HOME}{lines}{REST_OF_SCREEN}"));
}

/// Writes all of it at once, so that no half-drawn picture is seen. If the terminal has gone away,
/// there is nobody to tell.
fn show(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
