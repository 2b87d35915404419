//! A class in shards: which submissions are in which, what engines say about that, what is merged from
//! them, and the templates for these engines, carried out without the engines.

use crate::run::{BLOCKING, CRASHES, RIGHT, Stage};
use checker::class::shard::Shard;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    type Variables<'a> = &'a [(&'a str, &'a str)];
    let cases: [(Variables, &str, &str); 9] = [
        (&[], "auto", "give the shard, as in 2/8"),
        (&[("SLURM_ARRAY_TASK_ID", "0")], "auto/8", "submit the tasks as --array=1-8"),
        (&[("SLURM_ARRAY_TASK_ID", "9")], "auto/8", "shard 9 of 8"),
        (&[("SLURM_ARRAY_TASK_ID", "3")], "auto", "SLURM_ARRAY_TASK_COUNT is not set"),
        (&[("CI_NODE_INDEX", "1")], "auto", "CI_NODE_TOTAL is not set: give the total"),
        (&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "5")], "auto/8", "leave out /8"),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "one")], "auto/8", "\"one\", not a number"),
        (&[("AWS_BATCH_JOB_ARRAY_INDEX", "4294967295")], "auto/8", "of 8, which cannot be"),
        (&[("JOB_COMPLETION_INDEX", "3")], "auto", "give the Job's completions, as in auto/8"),
    ];
    for (variables, text, asked) in cases {
        let refused = with(variables, text).unwrap_err();
        assert!(refused.contains(asked), "{text} with {variables:?}: {refused}");
    }
}

/// A class of six, and its grades as one run makes them.
fn graded() -> Stage {
    let answers = [
        ("anna", RIGHT),
        ("bert", BLOCKING),
        ("chloé", CRASHES),
        ("李", RIGHT),
        ("eve", BLOCKING),
        ("finn", RIGHT),
    ];
    let stage = Stage::new(&answers);
    stage.run("plain", "").is(0);
    stage
}

/// Everything that is handed back, and what is known of the class.
fn handed_back(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(folder).expect("in the folder").to_owned();
            if path.is_dir() && !path.ends_with("results") {
                folders.push(path);
            } else if path.is_file() && !entry.file_name().as_encoded_bytes().starts_with(b".") {
                files.insert(name, fs::read(path).expect("it can be read"));
            }
        }
    }
    files
}

/// The same grades in the same files. What a run took to the millisecond differs from run to run, and
/// is in pictures.
#[track_caller]
fn has_plain_grades(stage: &Stage, merged: &str) {
    let (plain, merged) = (handed_back(&stage.at("plain")), handed_back(&stage.at(merged)));
    assert!(plain.keys().eq(merged.keys()), "{:?} instead of {:?}", merged.keys(), plain.keys());
    for name in ["grades.csv", "class.json"].map(Path::new) {
        let [plain, merged] = [&plain, &merged].map(|it| String::from_utf8_lossy(&it[name]));
        assert_eq!(merged, plain, "{}", name.display());
    }
}

/// The keys and the names of a class.
fn submitters(stage: &Stage) -> Vec<(String, String)> {
    let class = read(&stage.at("plain/class.json"));
    let of = |one: &Value, field: &str| one[field].as_str().expect("a text").to_owned();
    let all = class["submitters"].as_array().expect("a list");
    all.iter().map(|one| (of(one, "key"), of(one, "name"))).collect()
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("it can be read")).expect("it is JSON")
}

/// Cuts what the plain run made into shards, as if each had been graded on its own with the same times.
fn cut(stage: &Stage, total: u32) {
    for shard in all(total) {
        let folder = stage.at(&format!("cut{}", shard.to_string().replace('/', "of")));
        fs::create_dir_all(folder.join("results")).expect("it can be made");
        let mut class = read(&stage.at("plain/class.json"));
        class["shard"] = serde_json::to_value(shard).expect("it is JSON");
        fs::write(folder.join("class.json"), class.to_string()).expect("it can be written");
        for (key, _) in submitters(stage).iter().filter(|(key, _)| shard.has(key)) {
            let file = format!("results/{key}.json");
            fs::copy(stage.at("plain").join(&file), folder.join(file)).expect("it can be copied");
        }
    }
}

#[test]
fn merged_shards_are_byte_for_byte_what_one_run_makes() {
    let stage = graded();
    cut(&stage, 3);
    let is_as_plain = || {
        let (plain, merged) = (handed_back(&stage.at("plain")), handed_back(&stage.at("all")));
        assert!(
            plain.keys().eq(merged.keys()),
            "{:?} instead of {:?}",
            merged.keys(),
            plain.keys()
        );
        let same = |name: &Path| plain[name] == merged[name];
        let differing: Vec<_> = plain.keys().filter(|name| !same(name)).collect();
        assert!(differing.is_empty(), "{differing:?}");
    };
    stage.merge("cut1of3 cut2of3 cut3of3", "all").is(0);
    is_as_plain();
    // Once more, in any order, and with a shard that was run twice.
    stage.merge("cut3of3 cut1of3 cut2of3 plain cut1of3", "all").is(0);
    is_as_plain();
    // Whoever submitted nothing is in no shard, and is a row once.
    fs::write(stage.at("roster.csv"), "name,student id\nGus,s1\nanna,s2\nHana,s3\n").expect("text");
    stage.run("plain", "--roster roster.csv").is(0);
    stage.merge("cut1of3 cut2of3 cut3of3 --roster roster.csv", "all").is(0);
    is_as_plain();
    let verdicts = |grades: &str| {
        let text = fs::read_to_string(stage.at(grades).join("grades.csv")).expect("it is there");
        text.matches("no submission").count()
    };
    assert_eq!(verdicts("all"), 2);
    let shard = stage.run("part", "--shard 1/3 --roster roster.csv");
    shard.is(0);
    shard.says("no submission from: Gus; Hana\n");
    assert_eq!(verdicts("part"), 0);
}

#[test]
fn shards_make_the_same_grades_as_one_run() {
    let stage = graded();
    for number in 1..=3 {
        stage.run(&format!("part{number}"), &format!("--shard {number}/3")).is(0);
    }
    stage.merge("part1 part2 part3", "all").is(0);
    has_plain_grades(&stage, "all");
}

#[test]
fn learners_whom_no_shard_has_graded_are_named() {
    let stage = graded();
    cut(&stage, 2);
    let merged = stage.merge("cut1of2", "all");
    merged.is(3);
    merged.says("to be graded in shard 2/2");
    let lost = submitters(&stage).into_iter().filter(|(key, _)| shard("2/2").has(key));
    assert!(lost.clone().count() > 0);
    lost.clone().for_each(|(_, name)| merged.says(&name));
    stage.merge("cut1of2 cut2of2", "all").is(0);
    has_plain_grades(&stage, "all");
    // Only the parts count, not what was merged before.
    stage.merge("cut1of2", "all").is(3);
    let kept = fs::read_dir(stage.at("all/results")).unwrap().count();
    assert_eq!(kept, submitters(&stage).len() - lost.count());
}

#[test]
fn what_does_not_fit_is_not_merged() {
    let stage = graded();
    let refused = |parts: &str, into: &str, why: &str| {
        let merged = stage.merge(parts, into);
        merged.is(2);
        merged.says(why);
        assert!(!stage.at("all").exists(), "nothing is written");
    };
    stage.run("late", "--time-limit 50").is(0);
    refused("plain late", "all", "time_limit");
    refused("plain class", "all", "it holds no grades");
    refused("plain nowhere", "all", "nowhere");
    refused("plain", "plain", "also to be merged");
    refused("plain", "late", "time_limit");

    stage.submit("anna", "countasync.py", BLOCKING);
    stage.run("again", "").is(0);
    refused("plain again", "all", "graded different submissions of anna");
    stage.submit("greta", "countasync.py", RIGHT);
    stage.run("more", "").is(0);
    refused("plain more", "all", "greta");
    let other = Stage::new(&[("zoe", RIGHT)]);
    other.run("grades", "").is(0);
    refused(&format!("plain {}", other.at("grades").display()), "all", "different classes");
}

/// The templates, as they are handed out.
fn template(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cohort");
    fs::read_to_string(folder.join(name)).expect("it can be read")
}

fn yaml(name: &str) -> Value {
    serde_saphyr::from_str(&template(name)).expect("it is YAML")
}

/// Runs a command of a template, where `checker` and the submissions are.
#[track_caller]
fn carry_out(stage: &Stage, command: &str, variables: &[(&str, &str)]) {
    let bin = stage.at("bin");
    if !bin.exists() {
        let checker = env!("CARGO_BIN_EXE_checker");
        for link in ["bin/checker", "checker"] {
            let link = stage.at(link);
            fs::create_dir_all(link.parent().expect("a folder")).expect("it can be made");
            symlink(checker, link).expect("it can be made");
        }
        symlink("class", stage.at("submissions")).expect("it can be made");
    }
    let mut shell = Command::new("bash");
    shell.args(["-euc", command]).current_dir(stage.at("")).envs(variables.iter().copied());
    shell.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default()));
    let output = shell.output().expect("it starts");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A class for a template, which grades all exercises.
fn for_templates() -> Stage {
    let stage = Stage::new(&[("anna", RIGHT), ("bert", BLOCKING), ("李", CRASHES)]);
    carry_out(&stage, "checker --class class --into plain", &[]);
    stage
}

#[test]
fn the_slurm_script_grades_a_class() {
    let script = template("slurm.sh");
    assert!(script.contains("\n#SBATCH --array=1-6\n") && script.contains("\nshards=6\n"));
    assert!(
        script.contains("\n#SBATCH --requeue\n")
            && script.contains("\n#SBATCH --open-mode=append\n")
    );
    let stage = for_templates();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cohort/slurm.sh");
    for task in 1..=6 {
        let variables = [("SLURM_ARRAY_TASK_ID", &*task.to_string()), ("SLURM_CPUS_PER_TASK", "1")];
        carry_out(&stage, &format!("'{}' class grades/shards", path.display()), &variables);
    }
    carry_out(&stage, "./checker --merge grades/shards/* --into grades/all", &[]);
    has_plain_grades(&stage, "grades/all");
}

#[test]
fn the_indexed_job_grades_a_class() {
    let job = yaml("kubernetes.yaml");
    let spec = &job["spec"];
    assert_eq!((&job["apiVersion"], &job["kind"]), (&"batch/v1".into(), &"Job".into()));
    assert_eq!(spec["completionMode"], "Indexed");
    assert_eq!((&spec["completions"], &spec["parallelism"]), (&8.into(), &8.into()));
    // Without these, Kubernetes refuses a limit for each index.
    assert_eq!(spec["backoffLimitPerIndex"], 3);
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Never");
    let rule = &spec["podFailurePolicy"]["rules"][0];
    assert_eq!(rule["action"], "FailIndex");
    assert_eq!(rule["onExitCodes"]["values"], Value::from(vec![2, 3]));
    let container = &spec["template"]["spec"]["containers"][0];
    let volume = &container["volumeMounts"][0];
    assert_eq!(volume["mountPath"], "/class");
    assert_eq!(volume["name"], spec["template"]["spec"]["volumes"][0]["name"]);
    assert_eq!(container["command"], Value::from(vec!["sh", "-c"]));

    let stage = for_templates();
    let command = container["args"][0].as_str().expect("a command");
    let here = |command: &str| command.replace("/class/", &format!("{}/", stage.at("").display()));
    for index in 0..8 {
        carry_out(&stage, &here(command), &[("JOB_COMPLETION_INDEX", &index.to_string())]);
    }
    carry_out(&stage, &here(in_comment("kubernetes.yaml", "--merge").trim()), &[]);
    has_plain_grades(&stage, "grades");
}

#[test]
fn the_github_workflow_grades_a_class() {
    let workflow = yaml("github-actions.yml");
    let (grade, merge) = (&workflow["jobs"]["grade"], &workflow["jobs"]["merge"]);
    assert_eq!(workflow["on"], "workflow_dispatch");
    assert_eq!(grade["strategy"]["fail-fast"], false);
    assert_eq!(grade["strategy"]["matrix"]["shard"], (1..=8).collect::<Value>());
    let [_, run, upload] = &grade["steps"].as_array().expect("steps")[..] else { panic!() };
    assert_eq!(run["env"]["SHARD"], "${{ matrix.shard }}/${{ strategy.job-total }}");
    assert_eq!(upload["if"], "${{ !cancelled() }}");
    assert_eq!(upload["with"]["path"], "shard");
    let [_, download, together, _] = &merge["steps"].as_array().expect("steps")[..] else {
        panic!()
    };
    assert_eq!((&merge["needs"], &merge["if"]), (&"grade".into(), &"${{ !cancelled() }}".into()));
    assert_eq!(
        (&download["with"]["pattern"], &download["with"]["path"]),
        (&"shard-*".into(), &"shards".into())
    );

    let stage = for_templates();
    for shard in 1..=8 {
        let shard_of = format!("{shard}/8");
        carry_out(&stage, run["run"].as_str().expect("a command"), &[("SHARD", &shard_of)]);
        // Uploaded and downloaded, without hidden files.
        let to = stage.at(&format!("shards/shard-{shard}"));
        fs::create_dir_all(to.parent().expect("a folder")).expect("it can be made");
        fs::rename(stage.at("shard"), &to).expect("it can be moved");
        fs::remove_file(to.join(".lock")).expect("it can be removed");
    }
    carry_out(&stage, together["run"].as_str().expect("a command"), &[]);
    has_plain_grades(&stage, "grades");
}

#[test]
fn the_gitlab_pipeline_grades_a_class() {
    let pipeline = yaml("gitlab-ci.yml");
    let (grade, merge) = (&pipeline["grade"], &pipeline["merge"]);
    assert_eq!(pipeline["stages"], Value::from(vec!["grade", "merge"]));
    assert_eq!((&grade["stage"], &grade["parallel"]), (&"grade".into(), &8.into()));
    assert_eq!(grade["artifacts"]["when"], "always");
    assert_eq!(grade["artifacts"]["paths"], Value::from(vec!["shards/"]));
    assert_eq!((&merge["stage"], &merge["when"]), (&"merge".into(), &"always".into()));
    assert_eq!(merge["artifacts"]["paths"], Value::from(vec!["grades/"]));

    let stage = for_templates();
    for index in 1..=8 {
        let variables = [("CI_NODE_INDEX", &*index.to_string()), ("CI_NODE_TOTAL", "8")];
        carry_out(&stage, grade["script"][0].as_str().expect("a command"), &variables);
    }
    carry_out(&stage, merge["script"][0].as_str().expect("a command"), &[]);
    has_plain_grades(&stage, "grades");
}

/// The first command with this text in the comments of a template.
fn in_comment(name: &str, text: &str) -> String {
    let template = template(name);
    let line = template.lines().find(|line| line.starts_with("#     ") && line.contains(text));
    line.expect("a command").trim_start_matches('#').to_owned()
}
