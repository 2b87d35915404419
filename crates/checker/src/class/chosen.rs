//! Which learners are graded: all, or those who are named.

use crate::escape::Outside;
use std::collections::BTreeSet;
use submissions::Submitter;

/// The keys of all of them.
pub fn keys(submitters: &[&Submitter]) -> Vec<String> {
    submitters.iter().map(|submitter| submitter.key.clone()).collect()
}

/// The keys of those who have one of these names, ids, addresses or keys, whatever their case.
///
/// # Errors
///
/// One line, if nobody has.
pub fn named(submitters: &[&Submitter], names: &[String]) -> Result<Vec<String>, String> {
    let mut keys = BTreeSet::new();
    for name in names {
        let meant = submitters.iter().filter(|submitter| is_of(submitter, name));
        let meant: Vec<_> = meant.map(|submitter| submitter.key.clone()).collect();
        if meant.is_empty() {
            let name = Outside::from(&**name);
            let close = closest(submitters, &name.to_string());
            return Err(format!("--only {name}: nobody of that name submitted{close}"));
        }
        keys.extend(meant);
    }
    Ok(keys.into_iter().collect())
}

fn is_of(submitter: &Submitter, name: &str) -> bool {
    let Submitter { key, name: own, id, email, .. } = submitter;
    let all = [Some(key), Some(own), id.as_ref(), email.as_ref()];
    all.into_iter().flatten().any(|one| one.to_lowercase() == name.to_lowercase())
}

/// Who may have been meant, to add to a sentence.
fn closest(submitters: &[&Submitter], name: &str) -> String {
    let names = submitters.iter().flat_map(|submitter| [&submitter.name, &submitter.key]);
    let closeness = |other: &&String| strsim::jaro(&name.to_lowercase(), &other.to_lowercase());
    let close = names.max_by(|one, other| closeness(one).total_cmp(&closeness(other)));
    close.map_or(String::new(), |close| format!("; did you mean {}?", Outside::from(&**close)))
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
        let ben = Submitter { key: "ben-2".into(), name: "Ben".into(), ..Submitter::default() };
        let all = [&anna, &ben];
        for name in ["anna-1", "ANNA ł", "A@school.example"] {
            assert_eq!(named(&all, &[name.into()]), Ok(vec!["anna-1".into()]), "{name}");
        }
        assert_eq!(named(&all, &["ben".into(), "Ben".into()]), Ok(vec!["ben-2".into()]));
        let error = named(&all, &["bem".into()]).expect_err("nobody has that name");
        assert_eq!(error, "--only bem: nobody of that name submitted; did you mean Ben?");
    }
}
