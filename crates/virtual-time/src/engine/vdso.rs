//! The vDSO, the kernel's own library in every program, which reads the clock without a system call.
//! Its code is replaced in the memory of the program, by code that reads the program's own clock.

use super::memory;
use super::own_readings::{CLOCKS, STEP};
use nix::errno::Errno;
use nix::libc::{self, c_long};
use nix::sys::ptrace::{self, AddressType};
use nix::unistd::Pid;
use object::elf::FileHeader64;
use object::read::elf::ElfFile;
use object::{NativeEndian, Object, ObjectSymbol};

/// Bytes of a vDSO, at most: the one of Linux 6.18 has half as many.
const MOST: usize = 4 * 4096;

/// The vDSO of this system: it is the same in all programs, but not at the same place.
pub struct Vdso {
    /// Where its functions are, from its beginning.
    clock_gettime: u64,
    gettimeofday: u64,
    time: u64,
}

/// Whether code at this address belongs to the vDSO that begins at `vdso`.
pub fn has(address: u64, vdso: u64) -> bool {
    (vdso..vdso + MOST as u64).contains(&address)
}

impl Vdso {
    /// `None` if there is none, or none whose code can be replaced.
    pub fn of_this_system() -> Option<Self> {
        // SAFETY: it only looks up a number.
        let begin = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) };
        let image = memory::read_up_to(Pid::this(), begin, MOST);
        let file = ElfFile::<FileHeader64<NativeEndian>>::parse(&*image).ok()?;
        let function = |name: &str, length: usize| {
            let function = file.dynamic_symbols().find(|symbol| symbol.name() == Ok(name))?;
            (function.size() >= length as u64).then(|| function.address())
        };
        let short = system_call(0).len();
        Some(Self {
            clock_gettime: function("__vdso_clock_gettime", clock_gettime(0).len())?,
            gettimeofday: function("__vdso_gettimeofday", short)?,
            time: function("__vdso_time", short)?,
        })
    }

    /// Replaces the code of the vDSO that begins at `vdso`, in a program that is stopped.
    /// It finds what it needs at `words`: see [`super::own_readings::OwnReadings`].
    pub fn replace(&self, process: Pid, vdso: u64, words: u64) -> Result<(), Errno> {
        write_code(process, vdso + self.clock_gettime, clock_gettime(words))?;
        write_code(process, vdso + self.gettimeofday, system_call(libc::SYS_gettimeofday))?;
        write_code(process, vdso + self.time, system_call(libc::SYS_time))
    }
}

/// Writes where the program itself may not. What comes after the code in its last word is lost.
fn write_code(process: Pid, address: u64, mut code: Vec<u8>) -> Result<(), Errno> {
    const WORD: usize = size_of::<c_long>();
    code.resize(code.len().next_multiple_of(WORD), 0);
    for (index, word) in code.chunks_exact(WORD).enumerate() {
        let word = c_long::from_ne_bytes(word.try_into().expect("a word"));
        let address = address as usize + WORD * index;
        ptrace::write(process, address as AddressType, word)?;
    }
    Ok(())
}

/// Code that makes this system call, with the arguments that it gets.
fn system_call(number: c_long) -> Vec<u8> {
    let mut code = vec![0xb8]; // mov eax, number
    code.extend((number as u32).to_le_bytes());
    code.extend([0x0f, 0x05]); // syscall
    code.push(0xc3); // ret
    code
}

/// Code of `clock_gettime`: `edi` has the clock, `rsi` the address for the time. Without a reading of
/// its own, it makes the system call. It writes to the address first: with a wrong one, every call
/// raises the signal that the kernel's code raises.
fn clock_gettime(words: u64) -> Vec<u8> {
    let mut code = vec![0x83, 0xff, CLOCKS]; //               cmp edi, CLOCKS
    code.extend([0x73, 0x48]); //                             jae call
    code.extend([0x49, 0xb8]); //                             mov r8, words
    code.extend(words.to_le_bytes());
    code.extend([0x89, 0xf8]); //                             mov eax, edi
    code.extend([0x49, 0x8b, 0x4c, 0xc0, 0x18]); //           mov rcx, [r8 + 8 * rax + 24]
    code.extend([0x48, 0x85, 0xc9]); //                       test rcx, rcx
    code.extend([0x74, 0x32]); //                             je call
    code.extend([0x48, 0x89, 0x0e]); //                       mov [rsi], rcx
    code.extend([0xb8, 0x01, 0x00, 0x00, 0x00]); //           mov eax, 1
    code.extend([0xf0, 0x49, 0x0f, 0xc1, 0x40, 0x10]); //     lock xadd [r8 + 16], rax
    code.extend([0x49, 0x3b, 0x40, 0x08]); //                 cmp rax, [r8 + 8]
    code.extend([0x73, 0x1e]); //                             jae call
    code.extend([0x48, 0x6b, 0xc0, STEP]); //                 imul rax, rax, STEP
    code.extend([0x49, 0x03, 0x00]); //                       add rax, [r8]
    code.extend([0x48, 0x01, 0xc8]); //                       add rax, rcx
    code.extend([0x31, 0xd2]); //                             xor edx, edx
    code.extend([0xb9, 0x00, 0xca, 0x9a, 0x3b]); //           mov ecx, 1000000000
    code.extend([0x48, 0xf7, 0xf1]); //                       div rcx
    code.extend([0x48, 0x89, 0x06]); //                       mov [rsi], rax
    code.extend([0x48, 0x89, 0x56, 0x08]); //                 mov [rsi + 8], rdx
    code.extend([0x31, 0xc0]); //                             xor eax, eax
    code.push(0xc3); //                                       ret
    code.extend(system_call(libc::SYS_clock_gettime)); // call:
    code
}
