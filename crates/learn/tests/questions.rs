//! What is asked before a run, and what the run says to it.
//!
//! There is one test in this process: a runner kills what it does not know.

use checker::answers::{Builder, Program};
use checker::exercises::{self, Exercise};
use checker::grade::{Settings, record_once};
use checker::runner::Runner;
use learn::predict::{Claim, Question, Quiz, Run};
use learn::try_it::{Attempt, catalog};
use std::collections::BTreeMap;
use std::path::Path;

/// The right answers, by how many options there are: at which positions they are, and how often.
type Positions = BTreeMap<usize, BTreeMap<usize, usize>>;

fn runner() -> Runner {
    let checker = env!("CARGO_BIN_EXE_learn").into();
    Runner::new(checker)
}

/// Asserts that exactly one option of each question is true of the run, and that the others have a
/// sentence that explains it. Returns where the right answers are.
fn check(name: &str, questions: &[Question], run: &Run) -> Vec<(usize, usize)> {
    assert_eq!(questions.len(), 3, "{name}");
    let kind = |question: &Question| std::mem::discriminant(&question.options[0].claim);
    assert!(questions.iter().any(|it| kind(it) == std::mem::discriminant(&Claim::Seconds(0.0))));
    let right = |question: &Question| {
        let name = format!("{name}: {}", question.asks);
        let options = &question.options;
        assert!((2..=4).contains(&options.len()), "{name}");
        assert!(question.asks.ends_with('?'), "{name}");
        let is_true: Vec<_> = options.iter().map(|option| run.is_true(&option.claim)).collect();
        assert_eq!(is_true.iter().filter(|it| **it).count(), 1, "{name}: {is_true:?} of {run:#?}");
        for (option, is_true) in options.iter().zip(&is_true) {
            assert_eq!(option.why_not.is_none(), *is_true, "{name} {}", option.words);
            let same_kind = std::mem::discriminant(&option.claim) == kind(question);
            assert!(same_kind, "{name} {}", option.words);
        }
        (options.len(), is_true.iter().position(|it| *it).unwrap())
    };
    let positions: Vec<_> = questions.iter().map(right).collect();
    let first = positions[0].1;
    assert!(positions.iter().any(|(_, at)| *at != first), "{name}: always option {}", first + 1);
    positions
}

/// Checks the questions about an exercise and about all there is to try in it.
fn check_exercise(exercise: &'static Exercise) -> Vec<(usize, usize)> {
    let (repository, runner) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), runner());
    let name = exercise.name;
    let package = repository.join("crates").join(name);
    let command = Program::of_package(exercise, &package).build(&Builder::aloud()).command.unwrap();
    let recording = record_once(Some(exercise), &command, &runner, &Settings::default()).unwrap();
    let quiz = Quiz::of_exercise(&repository, name).unwrap();
    let questions: Vec<_> = quiz.predictions().iter().map(|it| it.question.clone()).collect();
    let mut positions = check(name, &questions, &Run::new(exercise, &recording));
    for item in catalog::of_exercise(&repository, exercise).unwrap() {
        for (number, it) in item.it.runs().enumerate() {
            let name = format!("{} {number}", item.full_name());
            let attempt =
                Attempt::make(&repository, &item, number, &Builder::aloud(), &runner, |_| {});
            let attempt = attempt.unwrap_or_else(|problem| panic!("{name}: {problem}"));
            positions.extend(check(&name, &it.questions, &attempt.run));
        }
    }
    positions
}

#[test]
fn exactly_one_option_is_true_and_it_is_not_always_in_the_same_place() {
    let mut positions = Positions::new();
    for (of, at) in exercises::ALL.iter().flat_map(|exercise| check_exercise(exercise)) {
        *positions.entry(of).or_default().entry(at).or_default() += 1;
    }
    for of in [2, 3] {
        let at = |place| positions[&of].get(&place).copied().unwrap_or_default();
        let all: usize = positions[&of].values().sum();
        for place in 0..of {
            let share = at(place) as f64 / all as f64;
            assert!((0.25..0.6).contains(&share), "{of} options: {:?}", positions[&of]);
        }
    }
}
