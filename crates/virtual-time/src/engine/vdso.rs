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
use object::{NativeEndian, Object, ObjectSection, ObjectSymbol};
use std::ops::Range;

/// Bytes of a vDSO, at most: the one of Linux 6.18 has half as many.
const MOST: usize = 4 * 4096;

/// The vDSO of this system: it is the same in all programs, but not at the same place.
pub struct Vdso {
    clock_gettime: Function,
    gettimeofday: Function,
    time: Function,
}

/// Where it is, from the beginning of the vDSO.
struct Function {
    code: u64,
    /// By these rules, an unwinder finds what the function has put on the stack.
    unwinding: Range<u64>,
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
            let code = function.address();
            let unwinding = unwinding(&file, code).unwrap_or_default();
            (function.size() >= length as u64).then_some(Function { code, unwinding })
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
        for (function, code) in [
            (&self.clock_gettime, clock_gettime(words)),
            (&self.gettimeofday, system_call(libc::SYS_gettimeofday)),
            (&self.time, system_call(libc::SYS_time)),
        ] {
            write(process, vdso + function.code, &code)?;
            // The new code puts nothing on the stack: a rule of 0 changes nothing.
            let Range { start, end } = function.unwinding;
            write(process, vdso + start, &vec![0; end.saturating_sub(start) as usize])?;
        }
        Ok(())
    }
}

/// Writes where the program itself may not.
fn write(process: Pid, address: u64, bytes: &[u8]) -> Result<(), Errno> {
    const WORD: usize = size_of::<c_long>();
    for (index, part) in bytes.chunks(WORD).enumerate() {
        let address = (address as usize + WORD * index) as AddressType;
        let mut word = match part.len() {
            WORD => [0; WORD],
            _ => ptrace::read(process, address)?.to_ne_bytes(),
        };
        word[..part.len()].copy_from_slice(part);
        ptrace::write(process, address, c_long::from_ne_bytes(word))?;
    }
    Ok(())
}

/// Where the rules of the function at this address are, in the section `.eh_frame`. If they did not fit
/// its code, a thread that is canceled there would crash.
///
/// An entry of that section begins with its length. For a function, there follow the distances to the
/// common rules and to the function, the length of its code, and in one byte that of further data: none.
/// The rest are its rules.
fn unwinding(file: &ElfFile<FileHeader64<NativeEndian>>, function: u64) -> Option<Range<u64>> {
    const HEAD: u64 = 17;
    let section = file.section_by_name(".eh_frame")?;
    let bytes = section.data().ok()?;
    let word = |at: u64| {
        let word = bytes.get(at as usize..at as usize + 4)?;
        Some(u32::from_ne_bytes(word.try_into().expect("four bytes")))
    };
    let mut at = 0;
    loop {
        let end = at + 4 + u64::from(word(at)?);
        let of = (section.address() + at + 8).wrapping_add_signed((word(at + 8)? as i32).into());
        let is_common = word(at + 4)? == 0;
        if !is_common && of == function && bytes.get(at as usize + 16) == Some(&0) {
            return Some(section.address() + at + HEAD..section.address() + end);
        }
        at = end;
    }
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
