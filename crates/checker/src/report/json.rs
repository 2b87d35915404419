//! The report for programs: one schema, described in the crate's README.md, with a version that
//! goes up when programs that read it would have to change.

use super::shown;
use crate::clock::ClockUsed;
use crate::grade::{Graded, Outcome, Summary, score, summary};
use crate::judging::rubric::{Judged, POINTS};
use crate::judging::verdict::NotPassed;
use crate::recording::{Line, Recording};
use crate::timeline::{Row, State, Timeline, Turn, Whose};
use serde_json::{Value, json};

/// The version of the schema.
pub const SCHEMA: u32 = 2;

/// The report. With `verbose`, it includes the recordings.
#[must_use]
pub fn report(all: &[Graded], verbose: bool) -> String {
    let (earned, possible) = score(all);
    let report = json!({
        "schema": SCHEMA,
        "verdict": verdict(summary(all)),
        "earned": earned,
        "possible": possible,
        "exercises": all.iter().map(|graded| exercise(graded, verbose)).collect::<Vec<_>>(),
    });
    format!("{report:#}\n")
}

fn verdict(summary: Summary) -> &'static str {
    match summary {
        Summary::FullMarks => "full-marks",
        Summary::PointsLost => "points-lost",
        Summary::NotStarted => "not-started",
        Summary::Inconclusive => "inconclusive",
    }
}

fn exercise(graded: &Graded, verbose: bool) -> Value {
    let (criteria, problem) = match &graded.outcome {
        Outcome::Judged(judged) => (judged.iter().map(criterion).collect(), None),
        Outcome::NotStarted(reason)
        | Outcome::NotRecorded(reason)
        | Outcome::NotBelieved(reason) => (Vec::new(), Some(reason.to_string())),
    };
    let attempts: Vec<_> = graded
        .attempts
        .iter()
        .map(|attempt| json!({ "lag": attempt.lag, "inconclusive": attempt.inconclusive }))
        .collect();
    let praise = (graded.summary() == Summary::FullMarks).then_some(graded.exercise.praise);
    let mut exercise = json!({
        "exercise": graded.exercise.name,
        "command": shown(&graded.command),
        "verdict": verdict(graded.summary()),
        "problem": problem,
        "earned": graded.earned(),
        "possible": POINTS,
        "criteria": criteria,
        "praise": praise,
        "attempts": attempts,
        "clocks": graded.clocks().map(clock).collect::<Vec<_>>(),
        "confirmed": graded.confirmed,
        "cage": graded.cage(),
    });
    if verbose {
        exercise["recordings"] = graded.recordings.iter().map(recording).collect();
    }
    exercise
}

fn clock(used: &ClockUsed) -> Value {
    json!({ "clock": used.name(), "because": used.because().map(ToString::to_string) })
}

fn criterion(one: &Judged) -> Value {
    let (verdict, because, reason, doubt) = match &one.verdict {
        Ok(()) => ("passed", None, None, None),
        Err(NotPassed::Failed(reason)) => ("failed", None, Some(reason), None),
        Err(NotPassed::NotReadable(doubt)) => ("not-readable", None, None, Some(doubt)),
        Err(NotPassed::Skipped { because }) => ("skipped", Some(because), None, None),
        Err(NotPassed::Inconclusive { because }) => ("inconclusive", Some(because), None, None),
    };
    let doubt = doubt.map(|doubt| {
        json!({
            "line": doubt.line.to_string(),
            "original": doubt.original,
            "looked_for": doubt.looked_for,
        })
    });
    let reason = reason.map(|reason| {
        let timeline = reason.timeline.as_ref().map(|timeline| {
            let rows: Vec<_> = timeline.rows.iter().map(row).collect();
            json!({ "seconds": timeline.seconds(), "rows": rows, "thread": thread(timeline) })
        });
        json!({
            "mistake": reason.mistake.id,
            "expected": reason.expected,
            "seen": reason.seen,
            "why": reason.mistake.why,
            "hint": reason.hint(),
            "timeline": timeline,
        })
    });
    json!({
        "id": one.id,
        "name": one.name,
        "depends_on": one.depends_on,
        "earned": one.earned(),
        "possible": one.points,
        "verdict": verdict,
        "because": because,
        "reason": reason,
        "doubt": doubt,
    })
}

fn row(row: &Row) -> Value {
    let events: Vec<_> = row
        .marks
        .iter()
        .map(|event| json!({ "at": event.at, "line": event.line, "text": event.text }))
        .collect();
    let waits: Vec<_> = row.waits.iter().map(|wait| (wait.from, wait.to)).collect();
    let states: Vec<_> = row
        .states
        .iter()
        .map(|span| {
            let state = match span.state {
                State::Runs => "runs",
                State::Waits => "waits",
                State::WantsToRun => "wants-to-run",
            };
            json!({ "from": span.from, "to": span.to, "state": state })
        })
        .collect();
    json!({
        "label": row.label,
        "waits": waits,
        "events": events,
        "states": states,
        "ended": row.ended,
    })
}

fn thread(timeline: &Timeline) -> Option<Value> {
    let turn = |&Turn { from, to, whose }: &Turn| {
        let (state, by) = match whose {
            Whose::Asleep => ("asleep", None),
            Whose::Held(row) => ("taken", row.map(|row| &*timeline.rows[row].label)),
        };
        json!({ "from": from, "to": to, "state": state, "by": by })
    };
    timeline.thread.as_ref().map(|turns| turns.iter().map(turn).collect())
}

fn recording(recording: &Recording) -> Value {
    let lines = |lines: &[Line]| -> Vec<_> {
        lines.iter().map(|line| json!({ "at": line.at, "text": line.visible() })).collect()
    };
    json!({
        "command": shown(&recording.command_line()),
        "ending": recording.ending,
        "seconds": recording.seconds,
        "cpu_before": recording.cpu_before,
        "cpu_after": recording.cpu_after,
        "waiting": recording.waiting,
        "clock": recording.clock.name(),
        "lag": recording.lag,
        "first_try": recording.first_try,
        "cut": recording.cut,
        "stdout": lines(&recording.stdout),
        "stderr": lines(&recording.stderr),
    })
}
