//! How a program ended, why it did not end cleanly, and why lines are missing because of that.

use super::cause::cause;
use super::regex;
use super::transcript::Transcript;
use super::verdict::{Mistake, Verdict, fail, skip, too_busy};
use super::waiting::NEVER_AWAITED;
use crate::escape::quoted;
use crate::recording::{Ending, Line, Recording, Refused};
use cage::limits::Limit;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

pub const NOTHING_PRINTED: Mistake = Mistake {
    id: "nothing-printed",
    why: "The program ran, but printed none of the exercise's lines to standard output.",
    hint: "Run it yourself. If it prints nothing then either, check that {main}.",
};

pub const NEVER_ENDS: Mistake = Mistake {
    id: "never-ends",
    why: "The program waits for something that never happens, or a loop never ends.",
    hint: "Look at the last line printed: what does the program wait for after that?",
};

pub const TOO_MUCH_OUTPUT: Mistake = Mistake {
    id: "too-much-output",
    why: "A loop prints forever, without waiting.",
    hint: "Find the loop that prints the repeated line, and see what should end it.",
};

pub const CRASH: Mistake = Mistake {
    id: "crash",
    why: "An error ended the program before its work was done.",
    hint: "Read the error message from its last line upwards.",
};

pub const OTHER_LINES: Mistake = Mistake {
    id: "other-lines",
    why: "The text differs from the original's, or a line is missing or extra.",
    hint: "Compare your output with the original's, line by line.",
};

const FAILING_EXIT_CODE: Mistake = Mistake {
    id: "failing-exit-code",
    why: "The work was done, but the program's exit code says that it failed.",
    hint: "Look for an exception or an error after the last line, or an explicit exit code.",
};

pub const DOES_NOT_COMPILE: Mistake = Mistake {
    id: "does-not-compile",
    why: "The compiler or interpreter rejected the program: none of it ran.",
    hint: "Start with the first error message; the others often follow from it.",
};

pub const NOT_WRITTEN_YET: Mistake = Mistake {
    id: "not-written-yet",
    why: "A gap in the starter has not been filled yet.",
    hint: "Continue at the line that the message names.",
};

const PRINTED_TO_STANDARD_ERROR: Mistake = Mistake {
    id: "printed-to-standard-error",
    why: "The lines went to standard error, where loggers and eprintln! write.",
    hint: "Print to standard output, with {print}.",
};

const TOO_MANY_PROCESSES: Mistake = Mistake {
    id: "too-many-processes",
    why: "The program, or what builds it, had more processes and threads at once than allowed.",
    hint: "The exercise needs only one thread. To wait in it, use {sleep}. (The teacher can allow more: \
           --max-processes.)",
};

const TOO_MUCH_MEMORY: Mistake = Mistake {
    id: "too-much-memory",
    why: "Something keeps growing, or is far larger than the exercise needs.",
    hint: "Look for a loop that adds to a list or a string, and check what ends it. (The teacher can \
           allow more: --max-memory.)",
};

const TOO_LARGE_A_FILE: Mistake = Mistake {
    id: "too-large-a-file",
    why: "The program writes a lot to files. The exercise needs none.",
    hint: "Print to standard output, with {print}, and write no files. (The teacher can allow more: \
           --max-file.)",
};

const TOO_LARGE_A_FOLDER: Mistake = Mistake {
    hint: "Print to standard output, with {print}, and write no files. (The teacher can allow more: \
           --max-folder.)",
    ..TOO_LARGE_A_FILE
};

/// The files are too large, or too many: the system does not say which.
const NO_ROOM_FOR_FILES: Mistake = Mistake {
    hint: "Print to standard output, with {print}, and write no files. (The teacher can allow more: \
           --max-folder, --max-files.)",
    ..TOO_LARGE_A_FILE
};

const TOO_MANY_FILES: Mistake = Mistake {
    id: "too-many-files",
    why: "The program makes many files. The exercise needs none.",
    hint: "Print to standard output, with {print}, and make no files. (The teacher can allow more: \
           --max-files.)",
};

const TOO_MUCH_CPU: Mistake = Mistake {
    id: "too-much-cpu",
    why: "The program computes for a very long time, or keeps asking whether a wait is over.",
    hint: "Look for a loop that never waits. To wait without taking CPU time, use {sleep}. (The teacher \
           can allow more: --max-cpu.)",
};

const READS_OUTSIDE: Mistake = Mistake {
    id: "outside-the-cage",
    why: "The program runs in a cage: it can read only its own folder and write only to $TMPDIR, and \
          has no network.",
    hint: "Keep what it reads in its own folder, and open it from there. (The teacher can allow more: \
           --allow-read PATH.)",
};

const READS_THROUGH_A_LINK: Mistake = Mistake {
    hint: "Put the file itself there, not a link to it. (The teacher can allow more: --allow-read, with \
           the path that the link leads to.)",
    ..READS_OUTSIDE
};

const READS_BESIDE_ITSELF: Mistake = Mistake {
    hint: "Move the program, with all that it reads, to a folder of its own. (The teacher can allow \
           more: --allow-read PATH.)",
    ..READS_OUTSIDE
};

const READS_WHAT_IS_CLOSED: Mistake = Mistake {
    hint: "This is about the files, not about the program. (The teacher can run the checker as their \
           owner, or let others read them: chmod -R a+rX FOLDER.)",
    ..READS_OUTSIDE
};

const WRITES_OUTSIDE: Mistake =
    Mistake { hint: "Write to the folder that $TMPDIR names, or write no files.", ..READS_OUTSIDE };

const USES_THE_NETWORK: Mistake = Mistake {
    hint: "The exercise needs no network. (The teacher can let a program talk to itself over \
           127.0.0.1: --allow-loopback.)",
    ..READS_OUTSIDE
};

const USES_ANOTHER_NETWORK: Mistake =
    Mistake { hint: "The exercise needs no network.", ..READS_OUTSIDE };

const USES_A_SOCKET: Mistake = Mistake {
    hint: "The exercise needs no socket. (The teacher can let a program talk to itself over 127.0.0.1: \
           --allow-loopback. Unix sockets do not work in the cage: check it with --cage off if you \
           trust it.)",
    ..READS_OUTSIDE
};

const USES_A_UNIX_SOCKET: Mistake = Mistake {
    hint: "The exercise needs no socket. (Unix sockets do not work in the cage: check it with --cage \
           off if you trust it.)",
    ..READS_OUTSIDE
};

const NEEDS_NAMESPACES: Mistake = Mistake {
    why: "Without namespaces, a program in the cage can neither run what it has compiled nor use \
          semaphores.",
    hint: "Check it where there are namespaces: --cage-report says how to get them. Or check it with \
           --cage off if you trust it.",
    ..READS_OUTSIDE
};

/// The mistake of a program that has hit this limit.
fn excess(limit: Limit) -> Mistake {
    match limit {
        Limit::Processes(_) => TOO_MANY_PROCESSES,
        Limit::Memory(_) => TOO_MUCH_MEMORY,
        Limit::File(_) => TOO_LARGE_A_FILE,
        Limit::Folder(_) => TOO_LARGE_A_FOLDER,
        Limit::Files(_) => TOO_MANY_FILES,
        Limit::Cpu(_) => TOO_MUCH_CPU,
    }
}

/// Judges that the program ended by itself, with exit code 0. `printed` is how much of the exercise
/// it had printed by then.
pub fn judge_ending(recording: &Recording, printed: Printed) -> Verdict {
    let expected = "the program ends by itself, with exit code 0";
    if recording.ending.is_crash()
        && let Some((mistake, words)) = named_by_an_error(recording)
    {
        return fail(mistake, expected, words);
    }
    match &recording.ending {
        Ending::Exited(0) if printed == Printed::Nothing => {
            skip("it printed none of the exercise's lines")
        }
        Ending::Exited(0) => Ok(()),
        // If the machine stood still for that long, the time limit proves nothing.
        Ending::TimeLimit if recording.lag > 1.0 => too_busy(recording),
        Ending::TimeLimit => {
            let seen = format!("still running after {:.0} s", recording.seconds);
            fail(NEVER_ENDS, expected, seen + &last_line(recording))
        }
        Ending::WaitsForever => {
            fail(NEVER_ENDS, expected, "it waits forever".to_owned() + &last_line(recording))
        }
        Ending::OutputLimit => fail(
            TOO_MUCH_OUTPUT,
            expected,
            format!("stopped at the output limit; cut off: {}", recording.cut.join(", ")),
        ),
        Ending::Limit(limit) => fail(excess(*limit), expected, format!("stopped: {limit}")),
        Ending::Exited(code) => {
            let mistake = if printed == Printed::All { FAILING_EXIT_CODE } else { CRASH };
            fail(mistake, expected, format!("exit code {code}{}", its_error(recording)))
        }
        Ending::Signaled(name) => {
            let seen = format!("ended by signal {name}{}", its_error(recording));
            fail(CRASH, expected, seen)
        }
    }
}

/// What a program that does not end had printed last.
fn last_line(recording: &Recording) -> String {
    match recording.stdout.last() {
        Some(line) => format!("; the last line was {}", quoted(&line.lossy())),
        None => ", with no output".into(),
    }
}

/// How much of the exercise a program had printed when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    Nothing,
    Something,
    All,
}

/// What went wrong, in the words of the program's error message.
fn its_error(recording: &Recording) -> String {
    cause(recording).map_or(String::new(), |line| format!("; its error: {}", quoted(&line)))
}

/// What the cage kept from the program, and the mistake of wanting it.
pub fn kept_by_the_cage(recording: &Recording) -> Option<(Mistake, String)> {
    let refused = recording.refused.as_ref()?;
    let mistake = match refused {
        Refused::Reading(_) => READS_OUTSIDE,
        Refused::ReadingLink(..) => READS_THROUGH_A_LINK,
        Refused::ReadingBeside(_) => READS_BESIDE_ITSELF,
        Refused::ReadingClosed(_) => READS_WHAT_IS_CLOSED,
        Refused::Writing(_) => WRITES_OUTSIDE,
        Refused::Network { has_loopback: false } => USES_THE_NETWORK,
        Refused::Network { has_loopback: true } => USES_ANOTHER_NETWORK,
        Refused::Socket { has_loopback: false } => USES_A_SOCKET,
        Refused::Socket { has_loopback: true } => USES_A_UNIX_SOCKET,
        Refused::WithoutNamespaces => NEEDS_NAMESPACES,
    };
    Some((mistake, refused.words()))
}

/// Whether an error message says what is wrong: the cage kept something from the program, it does not
/// compile, a gap of a starter is left, or it was refused memory. Returns the mistake and what shows
/// it.
fn named_by_an_error(recording: &Recording) -> Option<(Mistake, String)> {
    let refused = kept_by_the_cage(recording)
        .map(|(mistake, words)| (mistake, words + &its_error(recording)));
    let error = || {
        let seen = quoted(&compile_error(recording)?) + &where_python_stopped(recording);
        Some((DOES_NOT_COMPILE, seen))
    };
    let gap = || Some((NOT_WRITTEN_YET, quoted(&gap_left(recording)?)));
    let memory = || Some((TOO_MUCH_MEMORY, quoted(&memory_refused(recording)?)));
    refused.or_else(error).or_else(gap).or_else(memory).or_else(|| file_refused(recording))
}

/// How interpreters say that they cannot read a program.
static SYNTAX_ERROR: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"^(SyntaxError|IndentationError|TabError|PHP Parse error)|(?i)\bsyntax error\b")
});

/// A compiler's first message, if the program did not get past it.
pub fn compile_error(recording: &Recording) -> Option<String> {
    if !recording.stdout.is_empty() || matches!(recording.ending, Ending::Exited(0)) {
        return None;
    }
    let lines: Vec<_> = recording.stderr.iter().map(Line::lossy).collect();
    let cargo_gave_up = lines.iter().any(|line| line.starts_with("error: could not compile"));
    let is_error = |line: &&Cow<str>| match cargo_gave_up {
        true => line.starts_with("error"),
        false => SYNTAX_ERROR.is_match(line),
    };
    lines.iter().find(is_error).map(ToString::to_string)
}

/// The line that Python could not read. Its message says so before it says what is wrong.
fn where_python_stopped(recording: &Recording) -> String {
    static PLACE: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"^  File "(?:.*/)?([^"/]+)", line (\d+)$"#));
    let lines: Vec<_> = recording.stderr.iter().map(Line::lossy).collect();
    let before = lines.iter().take_while(|line| !SYNTAX_ERROR.is_match(line));
    let place = before.filter_map(|line| PLACE.captures(line)).last();
    place.map_or(String::new(), |place| format!(", in line {} of {}", &place[2], quoted(&place[1])))
}

/// The line in which a starter names its gap.
fn gap_left(recording: &Recording) -> Option<String> {
    let mut lines = recording.stderr.iter().map(Line::lossy);
    lines.find(|line| line.starts_with("not written yet: ")).map(Into::into)
}

/// How programs say that the system refused them memory, as it does if they ask for far more than
/// their limit at once.
static MEMORY_REFUSED: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^MemoryError\b|^memory allocation of \d+ bytes failed|java\.lang\.OutOfMemoryError|",
        r"std::bad_alloc|JavaScript heap out of memory|fatal error: .*out of memory",
    ))
});

/// The line with which a program ended because it was refused memory.
fn memory_refused(recording: &Recording) -> Option<String> {
    if recording.ending == Ending::Exited(0) {
        return None;
    }
    let mut lines = recording.stderr.iter().map(Line::lossy);
    lines.find(|line| MEMORY_REFUSED.is_match(line)).map(Into::into)
}

/// How programs say that the system refused them part of a file: there is no room, or the file would
/// be too large. See errno(3).
static NO_ROOM: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\bENOSPC\b|no space left on device|\bos error 28\b"));
static FILE_TOO_LARGE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\bEFBIG\b|file too large|\bos error 27\b"));

/// What a program had too much of that crashed in the cage because of a limit on files, and the line
/// that says so. If it removes its files then, nothing else shows it.
fn file_refused(recording: &Recording) -> Option<(Mistake, String)> {
    if recording.cage.is_none() || recording.ending == Ending::Exited(0) {
        return None;
    }
    let shown_by = |line: &str| {
        let mistakes = [(&NO_ROOM, NO_ROOM_FOR_FILES), (&FILE_TOO_LARGE, TOO_LARGE_A_FILE)];
        let found = mistakes.into_iter().find(|(words, _)| words.is_match(line));
        found.map(|(_, mistake)| (mistake, quoted(line)))
    };
    recording.stderr.iter().find_map(|line| shown_by(&line.lossy()))
}

/// Why lines are missing.
pub fn why_incomplete(transcript: &Transcript) -> Mistake {
    let recording = &transcript.recording;
    let nothing_printed = recording.stdout.is_empty();
    match recording.ending {
        Ending::TimeLimit | Ending::WaitsForever if nothing_printed => return NOTHING_PRINTED,
        Ending::TimeLimit | Ending::WaitsForever => return NEVER_ENDS,
        Ending::OutputLimit => return TOO_MUCH_OUTPUT,
        Ending::Limit(limit) => return excess(limit),
        Ending::Exited(_) | Ending::Signaled(_) => {}
    }
    if let Some((mistake, _)) = named_by_an_error(recording) {
        mistake
    } else if recording.ending != Ending::Exited(0) {
        CRASH
    } else if transcript.warns_of_a_coroutine_never_awaited() {
        NEVER_AWAITED
    } else if nothing_printed {
        NOTHING_PRINTED
    } else {
        OTHER_LINES
    }
}

/// Why there is a line that does not belong to the exercise.
pub fn why_other_lines(transcript: &Transcript) -> Mistake {
    if transcript.warns_of_a_coroutine_never_awaited() { NEVER_AWAITED } else { OTHER_LINES }
}

/// Judges that the lines of the exercise did not go to standard error.
pub fn judge_standard_output(transcript: &Transcript) -> Verdict {
    if transcript.is_standard_error {
        let line = transcript.lines.first().map_or(String::new(), |line| quoted(&line.text));
        return fail(
            PRINTED_TO_STANDARD_ERROR,
            "the lines of the exercise on standard output",
            format!("on standard error, starting with {line}"),
        );
    }
    Ok(())
}
