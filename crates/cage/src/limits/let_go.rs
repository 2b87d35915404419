//! Who has been let go to start a process or a thread, and may not have started it yet. Nobody says
//! when a call has returned. But while it starts something, a thread runs, or waits without being
//! interruptible.

use super::asking::Question;
use super::looks::has_ended;
use nix::libc;
use procfs::process::{Process, Stat};
use std::collections::BTreeMap;

/// For how long a thread can run without having returned, in ticks of a hundredth of a second:
/// copying gigabytes of memory takes some tens of milliseconds.
const LONGEST: u64 = 20;

#[derive(Default)]
pub struct LetGo(BTreeMap<i32, Call>);

/// A call that may not have returned.
struct Call {
    /// Whether it returns only when the new process is done with the memory that both share. It
    /// takes no other wait.
    is_vfork: bool,
    /// For how long the thread had run when it was first looked at.
    ran: Option<u64>,
}

impl LetGo {
    /// This call has been let go.
    pub fn add(&mut self, question: &Question) {
        let call = Call { is_vfork: question.is_vfork(), ran: None };
        self.0.insert(question.thread, call);
    }

    /// This thread asks again, so that its last call has returned.
    pub fn asks_again(&mut self, question: &Question) {
        self.0.remove(&question.thread);
    }

    /// How many may not have started theirs yet. Those that this does not count have, so that whoever
    /// counts the living afterwards finds them.
    pub fn look(&mut self) -> u32 {
        self.0.retain(|thread, call| !call.has_started(*thread));
        self.0.len() as u32
    }
}

impl Call {
    fn has_started(&mut self, thread: i32) -> bool {
        // If it is not there, it has ended.
        let Some(stat) = stat(thread) else { return true };
        if has_ended(&stat) {
            return true;
        }
        let ran = stat.utime + stat.stime;
        match stat.state {
            'D' if self.is_vfork => true,
            'R' | 'D' => ran > *self.ran.get_or_insert(ran) + LONGEST,
            _ => true,
        }
    }
}

/// What the system says of a single thread.
fn stat(thread: i32) -> Option<Stat> {
    let process = Process::new(thread).ok()?;
    process.task_from_tid(thread).ok()?.stat().ok()
}

impl Question {
    fn is_vfork(&self) -> bool {
        #[cfg(target_arch = "x86_64")]
        if self.call == libc::SYS_vfork {
            return true;
        }
        const FLAGS: u64 = (libc::CLONE_VM | libc::CLONE_VFORK) as u64;
        self.call == libc::SYS_clone && self.flags & FLAGS == FLAGS
    }
}
