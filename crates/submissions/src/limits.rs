//! How much of one submission is read.

/// How much of one submission is read: more is a problem of that submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders.
    pub entries: u64,
    /// Of all files together, unpacked.
    pub bytes: u64,
    /// How many times its packed size a file may have, once it is larger than a megabyte.
    pub ratio: u64,
    /// How deep a path may be, in names.
    pub depth: usize,
    /// How deep a zip file may be in others.
    pub nesting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: 50_000, bytes: 512 << 20, ratio: 200, depth: 32, nesting: 2 }
    }
}

/// How large a file may be before the ratio counts: small ones do no harm.
pub(crate) const SMALL: u64 = 1 << 20;

/// How long a name may be, in bytes: no usual file system takes more.
pub(crate) const NAME: usize = 255;

/// How long a path may be, in bytes: the system takes 4096, with that of the folder it is put in.
pub(crate) const PATH: usize = 2048;
