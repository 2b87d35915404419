//! The classic mistakes: for each a stable id, why it probably happened, and one hint.

/// What is wrong with a program, as far as its output tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    // What ends a run.
    NotStarted,
    NothingPrinted,
    NeverEnds,
    TooMuchOutput,
    FailingExitCode,
    DoesNotCompile,
    NotWrittenYet,
    Crash,
    // The lines.
    OtherLines,
    PrintedToStandardError,
    ResultsInOtherOrder,
    // The waiting.
    BlockingSleep,
    AwaitedOneAfterTheOther,
    OneGatherAfterAnother,
    OtherOrder,
    NoWait,
    NeverAwaited,
    OtherSleep,
    BurningCpu,
    HeldBackOutput,
    // The reported time.
    NoReportedTime,
    OtherWordsForTime,
    StartNotSubtracted,
    UntrueTime,
    ReportedTooEarly,
    // rand
    LessThan,
    ReturnInsideLoop,
    OtherThreshold,
    GoesOnAfterResult,
    OtherResults,
    Colors,
    NotRepeatable,
    // chained
    Part2IgnoresPart1,
    Part1sBeforePart2s,
    LatePart2,
    EarlyPart2,
    ChainsOneAfterAnother,
    ArgumentsIgnored,
    NoDefaultArguments,
    BadArgumentAccepted,
    // countsync
    Overlapping,
}

impl Mistake {
    /// The stable name, for reports.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.text().0
    }

    /// Why it probably happened.
    #[must_use]
    pub fn why(self) -> &'static str {
        self.text().1
    }

    /// One thing to try.
    #[must_use]
    pub fn hint(self) -> &'static str {
        self.text().2
    }

    /// Id, why, hint.
    fn text(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NotStarted => (
                "not-started",
                "The system could not start the program.",
                "Check the command: run it yourself in the same folder.",
            ),
            Self::NothingPrinted => (
                "nothing-printed",
                "The program ran, but nothing of the exercise reached standard output.",
                "Run it yourself. If it prints nothing there either, see whether main is called, and awaited.",
            ),
            Self::NeverEnds => (
                "never-ends",
                "Something is awaited that never comes, or a loop never finds its end.",
                "Look at the last line that was printed: what does the program wait for after it?",
            ),
            Self::TooMuchOutput => (
                "too-much-output",
                "A loop prints without waiting and without an end.",
                "See which loop prints the repeated line, and what should end it.",
            ),
            Self::FailingExitCode => (
                "failing-exit-code",
                "The work was done, then the program said by its exit code that it had failed.",
                "Look for an exception or an error after the last line, or an explicit exit code.",
            ),
            Self::DoesNotCompile => (
                "does-not-compile",
                "The compiler or the interpreter could not read the program: nothing of it has run.",
                "Read the first error message; those after it often follow from it.",
            ),
            Self::NotWrittenYet => (
                "not-written-yet",
                "A gap of the starter is left to be written.",
                "Go on at the place that it names.",
            ),
            Self::Crash => (
                "crash",
                "An error ended the program before its work was done.",
                "Read the error message from its last line upwards.",
            ),
            Self::OtherLines => (
                "other-lines",
                "The text differs from the original's, or a line is missing or too many.",
                "Compare your output with the original's, line by line.",
            ),
            Self::PrintedToStandardError => (
                "printed-to-standard-error",
                "The lines went to standard error, where loggers and eprintln! write.",
                "Print with print, println! or console.log.",
            ),
            Self::ResultsInOtherOrder => (
                "results-in-other-order",
                "The results were collected in the order in which the coroutines finished.",
                "Keep the order in which you started them: gather, join! and Promise.all do.",
            ),
            Self::BlockingSleep => (
                "blocking-sleep",
                "A blocking sleep holds the only thread: the event loop cannot run another coroutine meanwhile.",
                "Await the event loop's own sleep: asyncio.sleep, tokio::time::sleep, a timer's promise.",
            ),
            Self::AwaitedOneAfterTheOther => (
                "awaited-one-after-the-other",
                "Each coroutine was awaited to its end before the next was started.",
                "Start them all first, then wait: gather, spawn or join!, Promise.all.",
            ),
            Self::OneGatherAfterAnother => (
                "one-gather-after-another",
                "The coroutines ran in groups: a second gather began when the first had ended.",
                "Put all of them into one gather.",
            ),
            Self::OtherOrder => (
                "other-order",
                "The lines came in an order that neither the original nor a classic mistake gives.",
                "Print before the wait and after it, in each coroutine.",
            ),
            Self::NoWait => (
                "no-wait",
                "Nothing waited: the sleep is missing, or called but not awaited, or of next to no time.",
                "Sleep where the original does, for as many seconds, and await it.",
            ),
            Self::NeverAwaited => (
                "never-awaited",
                "A coroutine was never awaited: it was only created, or its task ended with the program before its work was done.",
                "Await it, or hand it to gather, spawn or create_task and await that.",
            ),
            Self::OtherSleep => (
                "other-sleep",
                "A sleep lasted something else than it should, or the coroutine waited for others too.",
                "Check the number given to sleep, and its unit: seconds or milliseconds.",
            ),
            Self::BurningCpu => (
                "burning-cpu",
                "The program waited in a loop that keeps a core busy, which blocks every other coroutine or wastes the machine.",
                "Await a sleep; the event loop wakes the coroutine when it is time.",
            ),
            Self::HeldBackOutput => (
                "held-back-output",
                "The output was buffered and came all at once at the end. This says nothing of your concurrency.",
                "Flush after each line: print(..., flush=True), or do not wrap standard output in a buffer.",
            ),
            Self::NoReportedTime => (
                "no-reported-time",
                "The line with the measured time is missing.",
                "Measure the time around the whole run, and print it last.",
            ),
            Self::OtherWordsForTime => (
                "other-words-for-time",
                "The measured time is there, in other words than the original's.",
                "Use the original's line.",
            ),
            Self::StartNotSubtracted => (
                "start-not-subtracted",
                "The number is far too large for a duration: it looks like a point in time.",
                "Subtract the start: elapsed = now - start.",
            ),
            Self::UntrueTime => (
                "untrue-time",
                "The time was not measured around the work, or not measured at all.",
                "Take the time right before and right after the work, in seconds.",
            ),
            Self::ReportedTooEarly => (
                "reported-too-early",
                "The time was reported before the work was done: nobody waited for it.",
                "Await the gather, or join the tasks, before taking the time at the end.",
            ),
            Self::LessThan => (
                "less-than-for-less-or-equal",
                "A number equal to the threshold was accepted: the comparison is < where it should be <=, or the threshold one less.",
                "Draw again while i <= threshold.",
            ),
            Self::ReturnInsideLoop => (
                "return-inside-loop",
                "The coroutine gave up after one retry: its return stands inside the loop.",
                "Move the last print and the return behind the loop.",
            ),
            Self::OtherThreshold => (
                "other-threshold",
                "The threshold differs: it should be 9, 8 and 7 for makerandom 0, 1 and 2.",
                "Give makerandom(i) the threshold 10 - i - 1.",
            ),
            Self::GoesOnAfterResult => (
                "goes-on-after-result",
                "A coroutine drew on although it had found its number.",
                "Leave the loop at the first number above the threshold.",
            ),
            Self::OtherResults => (
                "other-results",
                "The last line does not report what the coroutines found.",
                "Return the number from makerandom, and print what gather gives back.",
            ),
            Self::Colors => (
                "colors",
                "The escape codes are missing, the same for two coroutines, or not reset at the end.",
                "Begin each line of a coroutine with its color, and end its last line with \\x1b[0m.",
            ),
            Self::NotRepeatable => (
                "not-repeatable",
                "Two runs drew different numbers: the random numbers are not seeded.",
                "Seed the random numbers once, before the first draw.",
            ),
            Self::Part2IgnoresPart1 => (
                "part2-ignores-part1",
                "part2 was called with something else than what part1 returned.",
                "Keep part1's result, and pass it on: p2 = await part2(n, p1).",
            ),
            Self::Part1sBeforePart2s => (
                "part1s-before-part2s",
                "All part1s were awaited together before any part2 began, so the fast chains wait for the slow.",
                "Let each chain await its own part1, then its own part2, and gather the chains.",
            ),
            Self::LatePart2 => (
                "late-part2",
                "part2 did not begin when its own part1 had returned.",
                "Await part2 right after part1, in the same coroutine.",
            ),
            Self::EarlyPart2 => (
                "early-part2",
                "part2 began before its own part1 had returned: both ran at the same time.",
                "Await part1 first, then part2 with its result.",
            ),
            Self::ChainsOneAfterAnother => (
                "chains-one-after-another",
                "Each chain was awaited to its end before the next was started.",
                "Start all chains first, then wait: gather, spawn, Promise.all.",
            ),
            Self::ArgumentsIgnored => (
                "arguments-ignored",
                "The chains that ran are not those of the command line.",
                "Make a chain for each argument.",
            ),
            Self::NoDefaultArguments => (
                "no-default-arguments",
                "Without arguments the chains 1, 2 and 3 should run.",
                "Use 1 2 3 when the command line is empty.",
            ),
            Self::BadArgumentAccepted => (
                "bad-argument-accepted",
                "An argument that is no number did not stop the program before its first chain.",
                "Convert all arguments to integers first; end with an error and an exit code other than 0.",
            ),
            Self::Overlapping => (
                "overlapping",
                "The counts waited at the same time. That is countasync; here each should block the next.",
                "Call count() three times in a loop, with a sleep that blocks.",
            ),
        }
    }
}
