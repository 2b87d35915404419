//! Draws a run again and again while it goes on.

use checker::exercises::Exercise;
use checker::recording::Recording;
use checker::runner::{Runner, own_program};
use checker::terminal::{height, in_place, look, moved_up, show};
use checker::timeline::{Timeline, frame};
use std::sync::mpsc;
use std::thread;

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

/// If the terminal has gone away, nobody sees what cannot be shown.
fn draw_all(timelines: impl Iterator<Item = Timeline>, usual: f64) {
    let mut timelines = timelines.peekable();
    if timelines.peek().is_none() {
        return;
    }
    let _ = show(&moved_up());
    for timeline in timelines {
        let _ = show(&picture(&timeline, usual));
    }
    let _ = show(&in_place(&[], look().width));
}

fn picture(timeline: &Timeline, usual: f64) -> String {
    let look = look();
    // The last row is for the cursor.
    let size = (look.width, height().saturating_sub(1));
    let lines = frame(timeline, usual, size, look.characters);
    let lines: Vec<_> = lines.iter().map(|line| &**line).chain([""]).collect();
    in_place(&lines, look.width)
}
