//! Which learners are graded: all, or those who are named.

use crate::escape::Outside;
use crate::meant::closest;
use std::collections::BTreeSet;
use submissions::{Member, Submission, Submitter};

/// The keys of all of them.
pub fn keys(submitters: &[&Submitter]) -> Vec<String> {
    submitters.iter().map(|submitter| submitter.key.clone()).collect()
}

/// Who submitted something, and what they may be called.
pub struct Named<'a> {
    submitter: &'a Submitter,
    /// The names that it has among the submissions.
    sources: Vec<&'a str>,
    /// The names and ids in grades.csv.
    listed: Vec<String>,
}

/// Everybody, with these names. `listed` tells those in grades.csv.
pub fn everybody<'a>(
    submissions: &'a [Submission],
    listed: impl Fn(&Submitter) -> Vec<String>,
) -> Vec<Named<'a>> {
    let named = |one: &'a Submission| Named {
        submitter: &one.submitter,
        sources: one.sources().collect(),
        listed: listed(&one.submitter),
    };
    submissions.iter().map(named).collect()
}

/// How alike a name is that may have been meant, of 1.
const CLOSE: f64 = 0.9;

/// The keys of those who have one of these names, ids, addresses or keys, or a member with one of
/// them, whatever their case; or who submitted a folder or file of that name.
///
/// # Errors
///
/// One line, if nobody has.
pub fn named(everybody: &[Named], names: &[String]) -> Result<Vec<String>, String> {
    let mut keys = BTreeSet::new();
    for name in names {
        let meant = everybody.iter().filter(|one| is_of(one, name));
        let meant: Vec<_> = meant.map(|one| one.submitter.key.clone()).collect();
        if meant.is_empty() {
            let name = Outside::from(&**name);
            let close = who_was_meant(everybody, &name.to_string());
            return Err(format!("no submission is from {name} (--only){close}"));
        }
        keys.extend(meant);
    }
    Ok(keys.into_iter().collect())
}

fn is_of(Named { submitter, sources, listed }: &Named, name: &str) -> bool {
    let Submitter { key, name: own, id, email, members, .. } = submitter;
    let own = [Some(key), Some(own), id.as_ref(), email.as_ref()];
    let of_member = |it: &Member| [Some(it.name.clone()), it.id.clone(), it.email.clone()];
    let all = own.into_iter().map(Option::<&String>::cloned);
    let mut all = all.chain(members.iter().flat_map(of_member)).flatten();
    let is_same = |one: &str| one.to_lowercase() == name.to_lowercase();
    // A shell that completes the name of a folder adds a slash.
    let is_source = |source: &&str| *source == name.trim_end_matches('/');
    all.any(|one| is_same(&one))
        || sources.iter().any(is_source)
        || listed.iter().any(|one| is_same(one))
}

/// Who may have been meant, to add to a sentence.
fn who_was_meant(everybody: &[Named], name: &str) -> String {
    let names = everybody.iter().flat_map(|one| {
        let own = [&*one.submitter.name, &*one.submitter.key];
        own.into_iter().chain(one.listed.iter().map(|name| &**name))
    });
    let close = closest(name, names, CLOSE);
    close.map_or(String::new(), |close| format!("; did you mean {}?", Outside::from(close)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_learner_is_found_by_each_of_their_names() {
        let anna = Submitter {
            key: "anna-1".into(),
            name: "Anna Ł".into(),
            email: Some("a@school.example".into()),
            ..Submitter::default()
        };
        let member = Member {
            name: "Carla".into(),
            id: Some("c7".into()),
            email: Some("c@school.example".into()),
        };
        let ben = Submitter {
            key: "ben-2".into(),
            name: "Benedikt".into(),
            members: vec![member],
            ..Submitter::default()
        };
        let named_as = |submitter, source, listed: [&str; 2]| Named {
            submitter,
            sources: vec![source],
            listed: listed.map(Into::into).into(),
        };
        let all = [
            named_as(&anna, "Anna_1_file", ["s7", "Łuk, Anna"]),
            named_as(&ben, "b.zip", ["s8", "Benedikt"]),
        ];
        for name in [
            "S7",
            "łuk, anna",
            "anna-1",
            "ANNA ł",
            "A@school.example",
            "Anna_1_file",
            "Anna_1_file/",
        ] {
            assert_eq!(named(&all, &[name.into()]), Ok(vec!["anna-1".into()]), "{name}");
        }
        for name in ["benedikt", "Benedikt", "carla", "C7", "c@school.example", "b.zip"] {
            assert_eq!(named(&all, &[name.into()]), Ok(vec!["ben-2".into()]), "{name}");
        }
        let error = |name: &str| named(&all, &[name.into()]).expect_err("nobody has that name");
        let meant = "no submission is from Benedikd (--only); did you mean Benedikt?";
        assert_eq!(error("Benedikd"), meant);
        assert_eq!(error("xavier"), "no submission is from xavier (--only)");
    }
}
