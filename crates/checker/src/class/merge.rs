//! Puts together what was graded in shards, so that it is what one run without shards would have
//! made.

use super::ClassOptions;
use super::class_file::ClassFile;
use super::grades_folder::{GradesFolder, class_in, real_path, result_in};
use super::learner::Learner;
use super::output;
use super::run::{files, finish, say};
use super::shard::Shard;
use super::summary::listed;
use crate::escape::Outside;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use submissions::Submitter;

/// What is said of those who are still missing, or could not be judged.
const REMEDY: &str = "Run their shards with the same commands, then merge again";

/// A folder of grades that is only read.
struct Part<'a> {
    path: &'a Path,
    class: ClassFile,
}

/// Copies the results of the folders that the options name into one, and writes what a teacher hands
/// back. Returns the exit code.
///
/// # Errors
///
/// One line, if these are not parts of the same class that were graded alike, or the folder cannot be
/// used: nothing was written then.
pub fn merge(options: &ClassOptions) -> Result<u8, String> {
    let into = options.into.as_ref().ok_or("--merge also needs --into GRADES")?;
    let mut output = output::Asked::read(&files(options))?;
    let parts = options.merge.iter().map(|path| read(path, into)).collect::<Result<Vec<_>, _>>()?;
    let first = parts.first().ok_or("--merge: name the folders of the shards")?;
    for part in &parts[1..] {
        fits(part, first)?;
    }
    let submitters: Vec<_> = first.class.submitters.iter().collect();
    let unclear: Vec<_> = submitters.iter().filter_map(|one| unclear(one, &parts)).collect();
    if !unclear.is_empty() {
        return Err(format!(
            "--merge: the shards graded different submissions of {}: remove the older results",
            listed(&unclear)
        ));
    }
    let folder = GradesFolder::at(into).map_err(|why| format!("--into {why}"))?;
    if let Some(class) = folder.class() {
        fits(first, &Part { path: into, class })?;
    }
    let class = ClassFile { shard: None, ..first.class.clone() };
    folder.write_class(&class)?;
    let mut present = BTreeSet::new();
    for submitter in &submitters {
        if let Some(learner) = best(&results(submitter, &parts)) {
            folder.write_result(learner)?;
            present.insert(&*submitter.key);
        }
    }
    // Only the parts count.
    let kept = folder.keep_results_of(&present);
    kept.map_err(|error| format!("--into {}: {error}", into.display()))?;
    let is_missing = |one: &&&Submitter| !present.contains(&*one.key);
    let missing: Vec<_> = submitters.iter().filter(is_missing).copied().collect();
    let keys: Vec<_> = missing.iter().map(|one| &*one.key).collect();
    folder
        .remove_feedback_of(&keys)
        .map_err(|error| format!("--into {}: {error}", into.display()))?;
    if let Some(shards) = shards_of(&missing, &parts) {
        say(&shards);
    }
    output.look_up(class.layout, &class.submitters);
    finish(&folder, &class, &submitters, output, REMEDY)
}

fn read<'a>(path: &'a PathBuf, into: &Path) -> Result<Part<'a>, String> {
    let shown = path.display();
    let real = path.canonicalize().map_err(|error| format!("--merge {shown}: {error}"))?;
    if into.canonicalize().is_ok_and(|into| into == real) {
        return Err(format!("--into {shown}: this is also to be merged: name a new folder"));
    }
    if real_path(into).is_ok_and(|into| into.starts_with(&real)) {
        let into = into.display();
        return Err(format!(
            "--into {into}: it is in {shown}, which is only read: name another folder"
        ));
    }
    match class_in(path) {
        Some(class) => Ok(Part { path, class }),
        None => Err(format!(
            "--merge {shown}: it holds no grades, or those of another version of the checker"
        )),
    }
}

/// Whether both are parts of the same class that were graded alike.
fn fits(part: &Part, other: &Part) -> Result<(), String> {
    let refused = |why: &str| {
        let (one, other) = (part.path.display(), other.path.display());
        Err(format!("--merge: {one} and {other} cannot be merged: {why}"))
    };
    if let Some(why) = part.class.why_not_of(&other.class) {
        return refused(&format!("they are of different assignments: {why}"));
    }
    if let Some(option) = part.class.asked.difference(&other.class.asked) {
        return refused(&format!("they were graded with different options: {option}"));
    }
    let [ours, theirs] = [part, other].map(|part| part.class.submitters.iter());
    let apart: Vec<_> = ours
        .clone()
        .filter(|one| !other.class.submitters.contains(one))
        .chain(theirs.filter(|one| !part.class.submitters.contains(one)))
        .collect();
    if apart.is_empty() {
        return Ok(());
    }
    let keys: BTreeSet<_> = ours.map(|one| &one.key).collect();
    if other.class.submitters.iter().all(|one| !keys.contains(&one.key)) {
        return refused("they are of different classes");
    }
    let names: BTreeSet<_> = apart.into_iter().map(name).collect();
    refused(&format!(
        "not in both, or not the same in both: {}. Run all shards on the same submissions: what \
         is finished is not graded again",
        listed(&names.into_iter().collect::<Vec<_>>())
    ))
}

/// What the parts have of a learner, with where it is.
fn results<'a>(submitter: &Submitter, parts: &'a [Part]) -> Vec<(&'a Path, Learner)> {
    let in_part = |part: &'a Part| {
        Some((part.path, result_in(part.path, &submitter.key, &part.class.asked)?))
    };
    parts.iter().filter_map(in_part).collect()
}

/// The name of a learner of whom different submissions were graded, with where these results are.
fn unclear(submitter: &Submitter, parts: &[Part]) -> Option<String> {
    let mut results = results(submitter, parts);
    results.retain(|(_, learner)| learner.stands());
    let contents: BTreeSet<_> = results.iter().map(|(_, learner)| &learner.content).collect();
    (contents.len() > 1).then(|| {
        let paths: Vec<_> = results.iter().map(|(path, _)| path.display().to_string()).collect();
        format!("{} (results/{}.json in {})", name(submitter), submitter.key, paths.join(", "))
    })
}

/// The one that is furthest, the first of these.
fn best<'a>(results: &'a [(&Path, Learner)]) -> Option<&'a Learner> {
    let is_final = |learner: &Learner| learner.stands() && !learner.is_pending();
    let learners = || results.iter().map(|(_, learner)| learner);
    learners().find(|learner| is_final(learner)).or_else(|| learners().next())
}

/// In which shards these learners are, of whom no part has a result; if the parts tell.
fn shards_of(missing: &[&Submitter], parts: &[Part]) -> Option<String> {
    let totals: BTreeSet<_> =
        parts.iter().map(|part| part.class.shard.map(|it| it.total())).collect();
    let (Some(Some(total)), 1) = (totals.first(), totals.len()) else { return None };
    let shards: BTreeSet<_> =
        missing.iter().filter_map(|one| Shard::of(&one.key, *total)).collect();
    let shards: Vec<_> = shards.iter().map(ToString::to_string).collect();
    (!shards.is_empty()).then(|| format!("still to be graded in shard {}", shards.join(", ")))
}

fn name(submitter: &Submitter) -> String {
    Outside::from(&*submitter.name).to_string()
}
