//! Reads and writes the memory of the program.

use nix::errno::Errno;
use nix::sys::uio::{RemoteIoVec, process_vm_readv, process_vm_writev};
use nix::unistd::Pid;
use std::io::{IoSlice, IoSliceMut};

/// Reads as many bytes as the array has.
pub fn read<const N: usize>(thread: Pid, address: u64) -> Result<[u8; N], Errno> {
    let mut bytes = [0; N];
    let base = usize::try_from(address).map_err(|_| Errno::EFAULT)?;
    let remote = [RemoteIoVec { base, len: N }];
    match process_vm_readv(thread, &mut [IoSliceMut::new(&mut bytes)], &remote)? {
        length if length == N => Ok(bytes),
        _ => Err(Errno::EFAULT),
    }
}

/// Reads words, such as the two of a time.
pub fn read_words<const N: usize>(thread: Pid, address: u64) -> Result<[i64; N], Errno> {
    let mut words = [0; N];
    for (index, word) in words.iter_mut().enumerate() {
        *word = i64::from_ne_bytes(read(thread, address + 8 * index as u64)?);
    }
    Ok(words)
}

/// Reads up to `most` bytes: as many as there are before an unmapped page.
pub fn read_up_to(thread: Pid, address: u64, most: usize) -> Vec<u8> {
    const PAGE: usize = 4096;
    let mut bytes = vec![0; most];
    let (mut done, base) = (0, address as usize);
    // A range that reaches into an unmapped page fails as a whole.
    while done < most {
        let from = base + done;
        let length = (PAGE - from % PAGE).min(most - done);
        let remote = [RemoteIoVec { base: from, len: length }];
        let mut local = [IoSliceMut::new(&mut bytes[done..done + length])];
        match process_vm_readv(thread, &mut local, &remote) {
            Ok(read) if read > 0 => done += read,
            _ => break,
        }
    }
    bytes.truncate(done);
    bytes
}

pub fn write(thread: Pid, address: u64, bytes: &[u8]) -> Result<(), Errno> {
    let base = usize::try_from(address).map_err(|_| Errno::EFAULT)?;
    let remote = [RemoteIoVec { base, len: bytes.len() }];
    match process_vm_writev(thread, &[IoSlice::new(bytes)], &remote)? {
        length if length == bytes.len() => Ok(()),
        _ => Err(Errno::EFAULT),
    }
}

pub fn write_words(thread: Pid, address: u64, words: &[i64]) -> Result<(), Errno> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    write(thread, address, &bytes)
}
