//! GitHub Actions: the commands that its runner finds in a log.

use crate::{
    HOSTILE, all, assert_harmless, good, hostile, inconclusive, not_judged, report, wrong,
};
use checker::grade::Graded;
use checker::judging::verdict::NotPassed;
use checker::report::Format;
use std::collections::{BTreeMap, BTreeSet};

/// A command, as the runner reads it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    message: String,
}

/// What the runner makes of a log: the lines that it shows, the commands that it obeys, and the token
/// that stopped them meanwhile.
fn log(graded: &[Graded]) -> (Vec<String>, Vec<Command>, String) {
    let report = report(Format::Github, graded);
    let (mut lines, mut commands, mut token, mut stopped) = (Vec::new(), Vec::new(), None, false);
    for line in report.lines() {
        match (command(line), &token) {
            (Some(command), Some(end)) if stopped => {
                stopped = command.name != *end;
                if stopped {
                    lines.push(line.to_owned());
                }
            }
            (Some(command), None) if command.name == "stop-commands" => {
                (token, stopped) = (Some(command.message), true);
            }
            (Some(command), _) => commands.push(command),
            (None, _) => lines.push(line.to_owned()),
        }
    }
    assert!(!stopped, "commands are on again: {report}");
    (lines, commands, token.expect("a token"))
}

/// A line that is a command: `::name key=value,key=value::message`.
fn command(line: &str) -> Option<Command> {
    let (command, message) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
    let properties = properties.split(',').filter_map(|it| it.split_once('='));
    let unescaped = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n");
        text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
    };
    Some(Command {
        name: name.to_lowercase(),
        properties: properties.map(|(key, value)| (key.into(), unescaped(value))).collect(),
        message: message.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%"),
    })
}

/// Its annotations, and the notice of the points that is the last one.
fn annotations(graded: &[Graded]) -> (Vec<Command>, Command) {
    let (_, mut commands, _) = log(graded);
    let notice = commands.pop().expect("a notice");
    assert_eq!(notice.name, "notice");
    (commands, notice)
}

#[test]
fn every_loss_is_an_annotation_at_its_line() {
    for graded in all() {
        let (annotations, notice) = annotations(std::slice::from_ref(&graded));
        let earned = format!("{} of 10 points", graded.earned());
        assert!(notice.properties["title"].starts_with(&earned), "{notice:?}");
        assert!(annotations.len() <= 10);
        let judged = crate::judged(&graded).iter();
        let lost =
            judged.filter(|one| !matches!(one.verdict, Ok(()) | Err(NotPassed::Skipped { .. })));
        assert_eq!(annotations.len(), lost.clone().count());
        for one in lost {
            let found = annotations.iter().find(|it| it.message.starts_with(one.name)).unwrap();
            let title = &found.properties["title"];
            assert_eq!(found.properties["file"], "src/main,100%.py");
            assert_eq!(found.properties["line"], "7");
            match &one.verdict {
                Err(NotPassed::Failed(reason)) => {
                    assert_eq!(found.name, "error");
                    assert_eq!(*title, format!("{}: {}", graded.exercise.name, reason.mistake.id));
                    for part in [&*reason.seen, reason.mistake.why, &reason.hint()] {
                        assert!(found.message.contains(part), "{found:?}");
                    }
                    assert_eq!(found.message.contains("0 s  "), reason.timeline.is_some());
                }
                Err(NotPassed::Inconclusive { because }) => {
                    assert_eq!(found.name, "warning");
                    assert!(found.message.contains(because), "{found:?}");
                }
                _ => assert_eq!(found.name, "error"),
            }
        }
    }
}

#[test]
fn the_most_important_annotations_come_first_and_there_are_ten() {
    let all = hostile();
    let (annotations, _) = annotations(&all);
    assert_eq!(annotations.len(), 10);
    assert!(annotations.iter().all(|it| it.name == "error"), "warnings have no room left");
    let points = |it: &Command| {
        let (_, rest) = it.message.split_once("(0 of ").unwrap();
        rest.split_once(' ').unwrap().0.parse::<f64>().unwrap()
    };
    let points: Vec<_> = annotations.iter().map(points).collect();
    assert!(points.is_sorted_by(|one, other| one >= other), "{points:?}");
}

#[test]
fn what_could_not_be_judged_is_a_warning() {
    let [not_started, others @ ..] = not_judged("the reason");
    let names = |graded: &Graded| -> BTreeSet<String> {
        annotations(std::slice::from_ref(graded)).0.into_iter().map(|it| it.name).collect()
    };
    assert_eq!(names(&good()), BTreeSet::new());
    assert_eq!(names(&not_started), ["error".to_owned()].into());
    for graded in [&others[0], &others[1], &inconclusive()] {
        assert_eq!(names(graded), ["warning".to_owned()].into());
    }
}

#[test]
fn the_report_for_people_is_between_commands_with_a_new_token() {
    let graded = [wrong()];
    let human = report(Format::Human, &graded);
    let (lines, _, token) = log(&graded);
    assert_eq!(lines, human.lines().collect::<Vec<_>>());
    assert!(token.len() == 32 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");
    assert_ne!(token, log(&graded).2, "nobody can know it in advance");
}

#[test]
fn hostile_text_is_no_command() {
    let answers: Vec<_> = hostile().into_iter().chain(not_judged(HOSTILE)).collect();
    for graded in &answers {
        let (_, commands, _) = log(std::slice::from_ref(graded));
        for Command { name, properties, message } in commands {
            assert!(["error", "warning", "notice"].contains(&&*name), "{name}");
            let keys: Vec<_> = properties.keys().collect();
            let known = [&["file", "title"][..], &["file", "line", "title"], &["title"]];
            assert!(known.iter().any(|known| *known == keys), "{keys:?}");
            assert_harmless(&message);
            assert!(message.len() < 20_000, "{}", message.len());
        }
    }
}
