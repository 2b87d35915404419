//! Which clock a program is checked on: the virtual one where it can be used, the real one where it
//! cannot, and what the report says about it.

use crate::{Call, mistakes, side_by_side};
use serde_json::json;
use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

/// Answers everyone who connects, after a moment. Returns its port.
fn server_outside() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::sleep(Duration::from_millis(100));
            let _ = connection.and_then(|mut it| it.write_all(b"hello\n"));
        }
    });
    port
}

#[test]
fn a_program_that_talks_to_a_server_outside_is_checked_in_real_time() {
    let script = format!("print One connect {} print Two", server_outside());
    let check = |arguments: &str| {
        let call = Call::new(&format!("countasync --cage off --format json --verbose {arguments}"));
        call.impostor(&script).answer()
    };
    let report = check("").json();
    let exercise = &report["exercises"][0];
    assert_eq!(exercise["clocks"][0]["clock"], "real", "{report:#}");
    let because = exercise["clocks"][0]["because"].as_str().expect("a reason");
    let recording = &exercise["recordings"][0];
    assert_eq!(recording["clock"], "real");
    // Once: what it printed before it connected has not been recorded twice.
    let lines = recording["stdout"].as_array().expect("lines");
    let texts: Vec<_> = lines.iter().map(|line| line["text"].as_str().expect("text")).collect();
    assert_eq!(texts, ["One", "hello", "Two"]);

    let answer = check("--clock virtual");
    let report = answer.json();
    let exercise = &report["exercises"][0];
    assert_eq!((answer.code, &exercise["verdict"]), (3, &json!("inconclusive")), "{report:#}");
    assert_eq!(exercise["problem"], because);
    assert_eq!(exercise["attempts"].as_array().map(Vec::len), Some(1), "it is not tried again");

    let check =
        |arguments: &str| Call::new(&format!("{arguments} --cage off")).impostor(&script).answer();
    let human = check("countasync").stdout;
    assert!(human.contains(&format!("in real time: {because}")), "{human}");
    let human = check("countasync --clock virtual").stdout;
    assert!(
        human.contains(&format!("inconclusive: the virtual clock cannot be used: {because}")),
        "{human}"
    );
    let junit = check("countasync --format junit").stdout;
    assert!(junit.contains("\"clock-of-run-1\" value=\"real: "), "{junit}");
    let junit = check("countasync --format junit --clock virtual").stdout;
    let case = "<testcase name=\"virtual-clock\" classname=\"countasync\"";
    assert!(junit.contains(case), "{junit}");

    let drawn = check("timeline countasync");
    assert_eq!(drawn.code, 0, "{}", drawn.stderr);
    assert!(drawn.stderr.contains(&format!("in real time: {because}")), "{}", drawn.stderr);
    let not_drawn = check("timeline countasync --clock virtual");
    assert_eq!((not_drawn.code, &*not_drawn.stdout), (3, ""), "{}", not_drawn.stderr);
    assert!(not_drawn.stderr.contains(because), "{}", not_drawn.stderr);
}

#[test]
fn on_the_virtual_clock_a_wait_costs_nothing_and_is_as_long_as_it_should_be() {
    let start = Instant::now();
    let script = "print One sleep 30000 print Two poll 20000 print Three";
    let call = Call::new("countasync --format json --verbose --clock virtual --time-limit 100");
    let report = call.impostor(script).answer().json();
    assert!(start.elapsed() < Duration::from_secs(25), "{:?}", start.elapsed());
    let recording = &report["exercises"][0]["recordings"][0];
    let lines = recording["stdout"].as_array().expect("lines");
    let at: Vec<_> = lines.iter().map(|line| line["at"].as_f64().expect("seconds")).collect();
    for (gap, seconds) in [(at[1] - at[0], 30.0), (at[2] - at[1], 20.0)] {
        assert!((seconds..seconds + 0.02).contains(&gap), "{at:?}");
    }
    assert_eq!((&recording["lag"], &recording["waiting"]), (&json!(0.0), &json!("sleeping")));
}

/// A deadlock is the same mistake as in real time.
#[test]
fn a_program_that_waits_forever_is_noticed_at_once() {
    let judged = |clock: &str| {
        let call = Call::new(&format!("countasync --format json --time-limit 3 --clock {clock}"));
        call.impostor("print One deadlock").answer().json()
    };
    let (at_once, real) = (judged("virtual"), judged("real"));
    let mistakes_of = |report: &serde_json::Value| {
        let mistakes = mistakes(&report["exercises"][0]);
        mistakes.into_iter().map(|(id, what)| format!("{id} {what}")).collect::<Vec<_>>()
    };
    assert_eq!(mistakes_of(&at_once), mistakes_of(&real));
    let seen = |report: &serde_json::Value| {
        report["exercises"][0]["criteria"][0]["reason"]["seen"].as_str().expect("words").to_owned()
    };
    assert_eq!(seen(&at_once), "it waits forever; the last line was \"One\"");
    assert_eq!(seen(&real), "still running after 3 s; the last line was \"One\"");
}

/// In a cage, the kernel tells when the file is opened; without one, its tracer looks.
#[test]
fn reading_another_clock_is_noticed() {
    let readers = [
        "read up rest < /proc/uptime; echo One",
        "cd /proc/self/..; read up rest < uptime; echo One",
        "echo One; cat /proc/uptime",
        "cat /proc/uptime & wait",
    ];
    let all: Vec<_> =
        ["auto", "off"].into_iter().flat_map(|cage| readers.map(|reader| (cage, reader))).collect();
    side_by_side(&all, |(cage, reader)| {
        let mut call =
            Call::new(&format!("countasync --format json --clock virtual --cage {cage}"));
        call.command.args(["--", "sh", "-c", reader]);
        let answer = call.answer();
        let report = answer.json();
        let problem = &report["exercises"][0]["problem"];
        assert_eq!(problem, "it reads another clock, /proc/uptime", "{cage}, {reader}: {report:#}");
        assert_eq!(answer.code, 3, "{cage}, {reader}");
    });
    let mut call = Call::new("countasync --format json --clock virtual");
    call.command.args(["--", "sh", "-c", "ls -l /proc/uptime; cat /proc/version"]);
    assert_eq!(call.answer().code, 1, "it has not opened it");
}

/// Programs that lose points on the virtual clock, and what becomes of them in real time.
#[test]
fn confirming_runs_what_lost_points_once_more_in_real_time() {
    let check = |script: &str| {
        let mut call = Call::new("countasync --format json --verbose --confirm");
        call.command.args(["--", crate::IMPOSTOR]).args(crate::words(script));
        call.answer()
    };
    let good = "print One print One print One poll 1000 print Two print Two print Two
                print-time countasync";
    let blocks = "print One sleep 1000 print Two print One sleep 1000 print Two
                  print One sleep 1000 print Two print-time countasync";
    let crashes_if_virtual = format!("if-traced 'print-error crash exit 1' {good}");
    let all = [
        (good.to_owned(), 0, json!(null), "virtual", None),
        // What is printed is the same on every clock.
        (format!("{good} print More"), 1, json!(null), "virtual", None),
        (blocks.to_owned(), 1, json!(true), "virtual", Some("blocking-sleep")),
        (crashes_if_virtual, 0, json!(false), "real", None),
    ];
    side_by_side(&all, |(script, code, confirmed, clock, order)| {
        let answer = check(script);
        let report = answer.json();
        let exercise = &report["exercises"][0];
        assert_eq!(
            (answer.code, &exercise["confirmed"], exercise["clocks"][0]["clock"].as_str()),
            (*code, confirmed, Some(*clock)),
            "{script}: {report:#}"
        );
        assert_eq!(mistakes(exercise).get("order").copied(), *order, "{script}");
        let runs = if confirmed.is_null() { 1 } else { 2 };
        assert_eq!(exercise["attempts"].as_array().map(Vec::len), Some(runs), "{script}");
    });
}

#[test]
fn a_picture_shows_who_has_the_thread() {
    let draw = |arguments: &str, script: &str| {
        let arguments = format!("timeline countasync --clock {arguments}");
        Call::new(&arguments).impostor(script).answer().stdout
    };
    let thread = |picture: &str| {
        let row = picture.lines().find(|line| line.starts_with("the thread"));
        row.map(ToOwned::to_owned).unwrap_or_default()
    };
    let blocking = "print One sleep 1000 print Two print One sleep 1000 print Two";
    let picture = draw("virtual", blocking);
    let row = thread(&picture);
    assert!(row.contains("count 1") && row.contains("count 2"), "{picture}");
    assert!(!row.contains("asleep") && !picture.contains("wants to run"), "{picture}");
    let polling = "print One print One poll 1000 print Two print Two";
    let picture = draw("virtual", polling);
    assert!(thread(&picture).contains("asleep"), "{picture}");
    assert!(!picture.contains("wants to run"), "{picture}");
    // Only Linux tells what the threads do in real time.
    if cfg!(target_os = "linux") {
        assert!(thread(&draw("real", polling)).contains("asleep"));
        let row = thread(&draw("real", blocking));
        assert!(row.contains("count 1") && row.contains("count 2"), "{row}");
        assert!(!row.contains("asleep"), "{row}");
    }

    let call = Call::new("countasync --clock virtual --format json");
    let report =
        call.impostor(&format!("{blocking} print One sleep 1000 print Two")).answer().json();
    let criteria = report["exercises"][0]["criteria"].as_array().unwrap();
    let timeline = criteria.iter().map(|it| &it["reason"]["timeline"]).find(|it| !it.is_null());
    let timeline = timeline.unwrap_or_else(|| panic!("{report:#}"));
    let turn = &timeline["thread"][1];
    assert_eq!((&turn["state"], &turn["by"]), (&json!("taken"), &json!("count 2")), "{timeline:#}");
    assert_eq!(timeline["rows"][1]["states"][0]["state"], "runs", "{timeline:#}");
    assert_eq!(timeline["rows"][1]["ended"], turn["to"], "{timeline:#}");
}
