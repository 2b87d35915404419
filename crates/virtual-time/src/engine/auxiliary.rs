//! The stack of a program that has just been loaded: its arguments, its environment and the auxiliary
//! vector, which tells it where the kernel's own library is: the vDSO, which reads the clock without
//! a system call.

use super::memory;
use super::stop::Call;
use nix::errno::Errno;
use nix::libc;
use nix::unistd::Pid;

/// What the kernel has put there, from the top of the stack on.
pub struct Stack {
    call: Call,
    /// The bytes up to the end of the auxiliary vector. The texts that they point to come after them.
    bytes: Vec<u8>,
    /// Where the vDSO is, and at which of the bytes this is said.
    vdso: Option<(u64, usize)>,
}

/// Bytes of arguments, environment and vector, at most.
const MOST: usize = 8 << 20;
/// As many are read at first.
const USUAL: usize = 4096;
const WORD: usize = size_of::<u64>();

impl Stack {
    pub fn of(process: Pid) -> Result<Self, Errno> {
        let call = Call::of(process)?;
        memory::read_words::<1>(process, call.stack())?;
        let mut length = USUAL;
        loop {
            let mut bytes = memory::read_up_to(process, call.stack(), length);
            if let Some((end, vdso)) = vector(&bytes) {
                bytes.truncate(end);
                return Ok(Self { call, bytes, vdso });
            }
            if bytes.len() < length || length > MOST {
                return Err(Errno::E2BIG);
            }
            length *= 8;
        }
    }

    /// Where the vDSO is, if there is one.
    pub fn vdso(&self) -> Option<u64> {
        self.vdso.map(|(address, _)| address)
    }

    /// Hides the vDSO: programs work without it, too.
    pub fn hide_vdso(&self) -> Result<(), Errno> {
        let Some((_, at)) = self.vdso else { return Ok(()) };
        let ignored = [libc::AT_IGNORE.cast_signed()];
        memory::write_words(self.call.thread, self.call.stack() + at as u64, &ignored)
    }

    /// Moves all of it down, so that this many bytes are free after it, for as long as the program
    /// runs: a multiple of 16. Returns where they are; `None` if the stack may not grow that far.
    pub fn make_room(&self, length: u64) -> Result<Option<u64>, Errno> {
        let mut call = self.call;
        call.set_stack(call.stack() - length);
        match memory::write(call.thread, call.stack(), &self.bytes) {
            Err(Errno::EFAULT) => return Ok(None),
            written => written?,
        }
        call.store()?;
        Ok(Some(call.stack() + self.bytes.len() as u64))
    }
}

/// Where the auxiliary vector ends, if it does; and where the vDSO is, with the place of that entry.
fn vector(bytes: &[u8]) -> Option<(usize, Option<(u64, usize)>)> {
    let word = |at: usize| {
        let word = bytes.get(at..at + WORD)?;
        Some(u64::from_ne_bytes(word.try_into().expect("eight bytes")))
    };
    // The number of arguments, the arguments, a null, the environment, a null.
    let mut at = WORD.checked_mul(usize::try_from(word(0)?).ok()?.checked_add(2)?)?;
    while word(at)? != 0 {
        at += WORD;
    }
    at += WORD;
    let mut vdso = None;
    loop {
        match word(at)? {
            libc::AT_NULL => return Some((at + 2 * WORD, vdso)),
            libc::AT_SYSINFO_EHDR => vdso = Some((word(at + WORD)?, at)),
            _ => {}
        }
        at += 2 * WORD;
    }
}
