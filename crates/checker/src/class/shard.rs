//! One of several parts of a class, each graded elsewhere: who is in it, and how a machine of a
//! cluster learns which part is its own. Shards know nothing of each other: who is in a shard
//! depends on that learner's key alone, so that one who hands in later moves nobody else.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// The most shards of a class. Slurm and Kubernetes have higher limits, but no class does.
const MOST: u32 = 10_000;

/// A part of a class, such as the second of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// From 1 to the total.
    number: u32,
    total: u32,
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.total)
    }
}

impl Shard {
    /// Reads `2/8`, the second of eight; `auto`, what the engine that this process runs on says; or
    /// `auto/8`, the same where the engine does not say of how many.
    ///
    /// # Errors
    ///
    /// One line, if the text is none of these, or the engine's variables do not tell.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_in(text, |name| std::env::var(name).ok())
    }

    /// Like [`Shard::parse`], in an environment of these variables.
    ///
    /// # Errors
    ///
    /// Like [`Shard::parse`].
    pub fn parse_in(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let usage = || {
            format!(
                "give a shard and how many there are, from 1/1 to {MOST}/{MOST}, as in 2/8; or auto, or auto/8"
            )
        };
        let number = |text: &str| text.parse().ok().filter(|number| (1..=MOST).contains(number));
        match text.split_once('/') {
            None if text == "auto" => engine(&Variables(&variable), None),
            Some(("auto", total)) => {
                engine(&Variables(&variable), Some(number(total).ok_or_else(usage)?))
            }
            Some((one, total)) => {
                let (one, total) = number(one).zip(number(total)).ok_or_else(usage)?;
                Self::new(one, total).ok_or_else(|| format!("there is no shard {one} of {total}"))
            }
            None => Err(usage()),
        }
    }

    fn new(number: u32, total: u32) -> Option<Self> {
        ((1..=total).contains(&number) && total <= MOST).then_some(Self { number, total })
    }

    /// Of how many shards this is one.
    #[must_use]
    pub fn total(self) -> u32 {
        self.total
    }

    /// Whether a submission with this key is in this shard: in exactly one of all shards.
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        Self::of(key, self.total) == Some(self)
    }

    /// The shard, of so many, in which a submission with this key is. The first eight bytes of the
    /// key's SHA-256, as a fraction of all that they can be, say in which. This must never change:
    /// shards that different versions have graded would miss learners.
    #[must_use]
    pub fn of(key: &str, total: u32) -> Option<Self> {
        let hash = Sha256::digest(key);
        let first = hash.iter().take(8).fold(0, |all, byte| (all << 8) | u128::from(*byte));
        let index = u32::try_from((first * u128::from(total)) >> 64).ok()?;
        Self::new(index + 1, total)
    }
}

/// What an engine tells its jobs.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn has(&self, name: &str) -> bool {
        self.0(name).is_some()
    }

    fn number(&self, name: &str) -> Result<u32, String> {
        let text = self.0(name).ok_or_else(|| format!("{name} is not set"))?;
        text.parse().map_err(|_| format!("{name} is {text:?}, not a number"))
    }
}

/// Which shard the engine says, and of how many: it, or `total`.
fn engine(variables: &Variables, total: Option<u32>) -> Result<Shard, String> {
    let (number, total) = if variables.has("SLURM_ARRAY_TASK_ID") {
        slurm(variables, total)?
    } else if variables.has("CI_NODE_INDEX") {
        let number = variables.number("CI_NODE_INDEX")?;
        (number, agreed(variables, "CI_NODE_TOTAL", total)?)
    } else if variables.has("AWS_BATCH_JOB_ARRAY_INDEX") {
        let index = variables.number("AWS_BATCH_JOB_ARRAY_INDEX")?;
        (index.saturating_add(1), agreed(variables, "AWS_BATCH_JOB_ARRAY_SIZE", total)?)
    } else if variables.has("JOB_COMPLETION_INDEX") {
        let index = variables.number("JOB_COMPLETION_INDEX")?;
        let total = total.ok_or(
            "Kubernetes does not say how many shards there are: give the Job's completions, as in auto/8",
        )?;
        (index.saturating_add(1), total)
    } else {
        return Err("auto finds no variables of a Slurm array (SLURM_ARRAY_TASK_ID), GitLab \
                    (CI_NODE_INDEX), an AWS Batch array (AWS_BATCH_JOB_ARRAY_INDEX) or a Kubernetes \
                    Indexed Job (JOB_COMPLETION_INDEX): give the shard, as in 2/8"
            .into());
    };
    Shard::new(number, total)
        .ok_or_else(|| format!("the variables say shard {number} of {total}, which cannot be"))
}

/// How many there are, if what the engine says and what the user says is the same.
fn agreed(variables: &Variables, name: &str, given: Option<u32>) -> Result<u32, String> {
    match (variables.has(name), given) {
        (false, Some(total)) => Ok(total),
        (false, None) => Err(format!("{name} is not set: give the total, as in auto/8")),
        (true, given) => match (variables.number(name)?, given) {
            (total, Some(given)) if given != total => {
                Err(format!("auto/{given}, but {name} is {total}: leave out /{given}"))
            }
            (total, _) => Ok(total),
        },
    }
}

/// Slurm describes the tasks that were submitted together, not the whole. After `--array=1-6`, a
/// later `--array=3-4` says that there are two. With a total, the task's own number is therefore
/// the shard.
fn slurm(variables: &Variables, total: Option<u32>) -> Result<(u32, u32), String> {
    let task = variables.number("SLURM_ARRAY_TASK_ID")?;
    if let Some(total) = total {
        return match task {
            0 => Err(format!(
                "auto/{total} takes the number of the Slurm task as the shard, and this is task 0: \
                 submit the tasks as --array=1-{total}"
            )),
            _ => Ok((task, total)),
        };
    }
    let [count, first, last, step] = ["COUNT", "MIN", "MAX", "STEP"]
        .map(|name| variables.number(&format!("SLURM_ARRAY_TASK_{name}")));
    let (count, first, last, step) = (count?, first?, last?, step?);
    let is_regular = step > 0
        && (first..=last).contains(&task)
        && (task - first).is_multiple_of(step)
        && (last - first) / step + 1 == count;
    if !is_regular {
        return Err(format!(
            "task {task} of {count} from {first} to {last} is in a list with gaps, and Slurm does \
             not say its place there. Submit a whole range, as in --array=1-8. To run some of its \
             tasks again, as in --array=3,7, say how many there are in all: --shard auto/8"
        ));
    }
    Ok(((task - first) / step + 1, count))
}
