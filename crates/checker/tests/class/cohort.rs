//! A class in shards: which submissions are in which, and what engines say about that.

use checker::class::shard::Shard;
use std::collections::BTreeMap;

fn all(total: u32) -> Vec<Shard> {
    (1..=total).map(|number| shard(&format!("{number}/{total}"))).collect()
}

fn shard(text: &str) -> Shard {
    Shard::parse(text).unwrap()
}

/// What a job on an engine with these variables takes.
fn with(variables: &[(&str, &str)], text: &str) -> Result<String, String> {
    let variables: BTreeMap<_, _> = variables.iter().copied().collect();
    Shard::parse_in(text, |name| variables.get(name).map(ToString::to_string))
        .map(|shard| shard.to_string())
}

#[test]
fn each_submission_is_in_one_shard() {
    for total in [1, 2, 3, 6, 8, 31, 1000] {
        let shards = all(total);
        for key in ["", "anna-1", "björn", "李-7", "team.a"] {
            assert_eq!(shards.iter().filter(|shard| shard.has(key)).count(), 1, "{key} of {total}");
        }
    }
}

#[test]
fn shards_are_about_as_large() {
    let keys: Vec<_> = (0..8000).map(|number| format!("learner-{number}")).collect();
    for shard in all(8) {
        let count = keys.iter().filter(|key| shard.has(key)).count();
        assert!((880..1120).contains(&count), "{shard} has {count} of 8000, instead of about 1000");
    }
}

/// As `sha256sum` says: `printf %s anna | sha256sum` begins with 55579b55, a third of ffffffff.
#[test]
fn a_submission_stays_in_its_shard_for_ever() {
    let shards = |key: &str| {
        [2, 8, 100].map(|total| 1 + all(total).iter().position(|shard| shard.has(key)).unwrap())
    };
    assert_eq!(shards("anna"), [1, 3, 34]);
    assert_eq!(shards("björn"), [1, 2, 19]);
    assert_eq!(shards("李"), [2, 7, 76]);
}

#[test]
fn what_is_no_shard_is_refused() {
    for text in ["", "0/8", "9/8", "1/0", "1", "1/8/2", "-1/8", "a/b", "1/10001", "auto/", "auto/0"]
    {
        let refused = with(&[("CI_NODE_INDEX", "1")], text).unwrap_err();
        assert!(
            refused.contains("2/8") || refused == "there is no shard 9 of 8",
            "{text}: {refused}"
        );
    }
}

#[test]
fn an_engine_says_which_shard() {
    let slurm = |task| {
        vec![
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_COUNT", "4"),
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
        ]
    };
    assert_eq!(with(&slurm("1"), "auto"), Ok("1/4".into()));
    assert_eq!(with(&slurm("7"), "auto"), Ok("4/4".into()));
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")];
    assert_eq!(with(&gitlab, "auto"), Ok("2/5".into()));
    assert_eq!(with(&gitlab, "auto/5"), Ok("2/5".into()));
    let aws = [("AWS_BATCH_JOB_ARRAY_INDEX", "0"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")];
    assert_eq!(with(&aws, "auto"), Ok("1/8".into()));
    assert_eq!(with(&aws[..1], "auto/8"), Ok("1/8".into()));
    assert_eq!(with(&[("JOB_COMPLETION_INDEX", "7")], "auto/8"), Ok("8/8".into()));
}

#[test]
fn tasks_of_a_slurm_array_can_be_submitted_again() {
    let again = [
        ("SLURM_ARRAY_TASK_ID", "3"),
        ("SLURM_ARRAY_TASK_COUNT", "2"),
        ("SLURM_ARRAY_TASK_MIN", "3"),
        ("SLURM_ARRAY_TASK_MAX", "7"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];
    assert_eq!(with(&again, "auto/8"), Ok("3/8".into()));
    let refused = with(&again, "auto").unwrap_err();
    assert!(refused.contains("list with gaps") && refused.contains("auto/8"), "{refused}");
}

#[test]
fn what_an_engine_does_not_say_is_asked_for() {
    let cases: [(&[(&str, &str)], &str, &str); 9] = [
        (&[], "auto", "give the shard, as in 2/8"),
        (&[("SLURM_ARRAY_TASK_ID", "0")], "auto/8", "submit the tasks as --array=1-8"),
        (&[("SLURM_ARRAY_TASK_ID", "9")], "auto/8", "shard 9 of 8"),
        (&[("SLURM_ARRAY_TASK_ID", "3")], "auto", "SLURM_ARRAY_TASK_COUNT is not set"),
        (&[("CI_NODE_INDEX", "1")], "auto", "CI_NODE_TOTAL is not set: give the total"),
        (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "5")], "auto/8", "leave out /8"),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "one")], "auto/8", "\"one\", not a number"),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "4294967295")], "auto/8", "of 8, which cannot be"),
        (&[("JOB_COMPLETION_INDEX", "3")], "auto", "give its completions, as in auto/8"),
    ];
    for (variables, text, asked) in cases {
        let refused = with(variables, text).unwrap_err();
        assert!(refused.contains(asked), "{text} with {variables:?}: {refused}");
    }
}
