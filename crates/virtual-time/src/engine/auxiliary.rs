//! The auxiliary vector, which tells a new program where the kernel's own library is: the vDSO,
//! which reads the clock without a system call. Programs work without it, too.

use super::memory;
use super::stop::Call;
use nix::errno::Errno;
use nix::libc;
use nix::unistd::Pid;

/// Bytes of the vDSO, at most.
const VDSO: u64 = 4 * 4096;

/// Whether code at this address belongs to the vDSO that begins at `vdso`.
pub fn is_in_vdso(address: u64, vdso: u64) -> bool {
    (vdso..vdso + VDSO).contains(&address)
}

/// Words on the stack of a new program: arguments, environment and vector together.
const MOST: u64 = 1 << 20;

/// Hides the vDSO from a program that has just been loaded. Returns its address, if there is one.
pub fn hide_vdso(process: Pid) -> Result<Option<u64>, Errno> {
    let mut at = Call::of(process)?.stack();
    let end = at + 8 * MOST;
    let word = |at: u64| memory::read_words::<1>(process, at).map(|[word]| word.cast_unsigned());
    // The number of arguments, the arguments, a null, the environment, a null.
    at += 8 * (word(at)? + 2);
    while word(at)? != 0 {
        at += 8;
        if at > end {
            return Err(Errno::E2BIG);
        }
    }
    at += 8;
    loop {
        match word(at)? {
            libc::AT_NULL => return Ok(None),
            libc::AT_SYSINFO_EHDR => {
                memory::write_words(process, at, &[libc::AT_IGNORE.cast_signed()])?;
                return word(at + 8).map(Some);
            }
            _ if at > end => return Err(Errno::E2BIG),
            _ => at += 16,
        }
    }
}
