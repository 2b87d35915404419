//! What every program may read: the system's own folders, and those of its settings that hold no
//! secrets.

use std::fs;
use std::path::{Path, PathBuf};

/// Programs and libraries. Those that a system does not have are left out.
pub const FOLDERS: [&str; 11] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/nix/store",
    "/gnu/store",
    // The system's programs on NixOS.
    "/run/current-system",
];

/// The folder of the system's in which a path is, or will be once it exists. All programs may read what
/// is in there.
#[must_use]
pub fn folder_of(path: &Path) -> Option<&'static str> {
    let absolute = std::path::absolute(path).ok()?;
    let real = absolute.ancestors().find_map(|folder| folder.canonicalize().ok())?;
    FOLDERS.into_iter().find(|folder| real.starts_with(folder))
}

/// Entries of /etc that interpreters and the C library read. Not all of /etc: root may read even
/// the passwords there.
const SETTINGS: [&str; 38] = [
    "alternatives",
    "bash.bashrc",
    "ca-certificates",
    "debian_version",
    "fonts",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "inputrc",
    "java",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ld-musl-aarch64.path",
    "ld-musl-x86_64.path",
    "locale.alias",
    "locale.conf",
    "localtime",
    "lsb-release",
    "magic",
    "manpath.config",
    "maven",
    "mime.types",
    "networks",
    "nsswitch.conf",
    "os-release",
    "passwd",
    "perl",
    "pki/ca-trust",
    "pki/java",
    "pki/tls/certs",
    "profile",
    "protocols",
    "services",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
];

/// Beginnings of names of folders in /etc, such as java-17-openjdk.
const SETTINGS_BY_VERSION: [&str; 2] = ["java-", "python3"];

/// Devices that give nothing away. Not /dev/tty, which may be the terminal of whoever runs the
/// checker.
pub const DEVICES: [&str; 5] =
    ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// The files and folders that every program may read and execute, as far as they exist.
pub fn readable() -> impl Iterator<Item = PathBuf> {
    let settings = SETTINGS.iter().map(|name| Path::new("/etc").join(name));
    let of_versions = fs::read_dir("/etc").into_iter().flatten().flatten().filter(|entry| {
        let name = entry.file_name();
        SETTINGS_BY_VERSION
            .iter()
            .any(|begin| name.as_encoded_bytes().starts_with(begin.as_bytes()))
    });
    let folders = FOLDERS.iter().map(PathBuf::from);
    folders
        .chain(settings)
        .chain(of_versions.map(|entry| entry.path()))
        .filter(|path| path.symlink_metadata().is_ok())
}
