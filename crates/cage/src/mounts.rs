//! A root of the program's own, which holds what it may read, at the usual paths, and nothing else.

use crate::{Plan, real_path, system};
use nix::fcntl::AT_FDCWD;
use nix::libc;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::statvfs::statvfs;
use nix::unistd::pivot_root;
use rustix::mount::{MoveMountFlags, OpenTreeFlags, move_mount, open_tree};
use std::collections::{BTreeSet, VecDeque};
use std::ffi::{CString, OsString};
use std::fs::{self, DirEntry, File};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};

/// The program's private folder.
pub const PRIVATE: &str = "/tmp";
/// POSIX shared memory: on the same file system as the private folder.
pub const SHARED_MEMORY: &str = "/dev/shm";

/// Pseudo-terminals.
const TERMINALS: &str = "/dev/pts";
/// How many of them a program and its recorder may have.
const MOST_TERMINALS: u32 = 32;

/// Where the new root is built. It has to exist, and what is in it is not needed meanwhile.
const BUILDING_SITE: &str = "/proc";
/// Where the private file system is mounted until its two folders have been bound elsewhere.
const PRIVATE_SYSTEM: &str = "/.private";

/// Replaces everything that is mounted for this process, which has a mount namespace of its own.
/// The current folder stays the same, even if it is empty now. `base` is that of the namespace from
/// which this one was copied.
///
/// # Errors
///
/// If the system refuses, or the plan names a folder of which each cage has its own.
pub fn replace_all(plan: &Plan, base: Option<&Base>) -> io::Result<()> {
    let here = std::env::current_dir()?;
    let ways = plan.links.iter().map(|path| Way::to(path)).collect::<io::Result<Vec<_>>>()?;
    let mut root = match base.filter(|base| base.serves(plan, &ways, &here)) {
        Some(base) => base.copy()?,
        None => Root::with_system()?,
    };
    root.add_private_folder(plan)?;
    root.add_terminals()?;
    root.add_processes()?;
    for path in &plan.read {
        root.add(path, Access::Read)?;
    }
    for path in &plan.write {
        root.add(path, Access::Write)?;
    }
    for way in &ways {
        root.add_way(way)?;
    }
    root.make_folder(&here)?;
    root.limit_files(plan)?;
    root.move_in()?;
    std::env::set_current_dir(here)
}

/// What is in every cage, mounted once: each root gets a copy of the mounts, which is cheaper than to
/// mount it all again.
pub struct Base {
    bound: BTreeSet<PathBuf>,
    /// What its root holds: folders, and links with where they lead.
    entries: Vec<(OsString, Option<PathBuf>)>,
}

impl Base {
    /// Mounts it for this process, which has a mount namespace of its own, where those that have a
    /// copy of this namespace find it. Nothing else changes.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn mount() -> io::Result<Self> {
        let site = Path::new(BUILDING_SITE);
        let covered = tree_at(site)?;
        let root = Root::with_system()?;
        let entry = |entry: io::Result<DirEntry>| {
            let entry = entry?;
            let is_link = entry.file_type()?.is_symlink();
            let to = is_link.then(|| fs::read_link(entry.path())).transpose()?;
            Ok((entry.file_name(), to))
        };
        let entries = fs::read_dir(site)?.map(entry).collect::<io::Result<_>>()?;
        MountAttributes::set(libc::MOUNT_ATTR_RDONLY).apply(site, 0)?;
        // What was there is on top of it: this process still needs it.
        move_mount(&covered, "", AT_FDCWD, site, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
        Ok(Self { bound: root.bound, entries })
    }

    /// Whether a root with a copy has all that this plan needs, or can get it: nobody can add anything
    /// to the folders that are copied.
    fn serves(&self, plan: &Plan, ways: &[Way], here: &Path) -> bool {
        let links = ways.iter().flat_map(|way| way.links.iter().map(|(link, _)| link));
        let folders = ways.iter().flat_map(|way| &way.folders);
        let here = [here.to_owned()];
        let paths = plan.read.iter().chain(&plan.write).chain(&here).chain(links).chain(folders);
        paths.into_iter().all(|path| {
            let first = path.iter().nth(1);
            let is_copied =
                self.entries.iter().any(|(name, to)| to.is_none() && Some(&**name) == first);
            let is_there = path.ancestors().any(|folder| self.bound.contains(folder));
            !is_copied || is_there || path.starts_with(SHARED_MEMORY)
        })
    }

    /// A new root with a copy of it, for a process in a copy of the namespace.
    fn copy(&self) -> io::Result<Root> {
        let site = Path::new(BUILDING_SITE);
        // Uncovers it.
        umount2(site, MntFlags::MNT_DETACH)?;
        let trees = self.entries.iter().filter(|(_, to)| to.is_none());
        let trees = trees.map(|(name, _)| Ok((name, tree_at(&site.join(name))?)));
        let trees = trees.collect::<io::Result<Vec<_>>>()?;
        let mut root = Root::build()?;
        root.bound.clone_from(&self.bound);
        for (name, tree) in trees {
            let folder = site.join(name);
            fs::create_dir(&folder)?;
            move_mount(&tree, "", AT_FDCWD, &folder, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)?;
        }
        for (name, to) in &self.entries {
            if let Some(to) = to {
                symlink(to, site.join(name))?;
            }
        }
        Ok(root)
    }
}

/// A copy of what is mounted here and below, which is mounted nowhere yet.
fn tree_at(path: &Path) -> io::Result<OwnedFd> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_RECURSIVE;
    Ok(open_tree(AT_FDCWD, path, flags)?)
}

#[derive(Clone, Copy, PartialEq)]
enum Access {
    Read,
    Write,
}

/// The new root, while it is being built.
struct Root {
    /// Files and folders that are the same as outside, with all that they hold.
    bound: BTreeSet<PathBuf>,
}

impl Root {
    fn build() -> io::Result<Self> {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        let site = Path::new(BUILDING_SITE);
        mount_on(site, None, Some("tmpfs"), flags, "mode=755,size=4m,nr_inodes=10000")?;
        Ok(Self { bound: BTreeSet::new() })
    }

    /// One with what every cage has.
    fn with_system() -> io::Result<Self> {
        // Nobody outside sees what is mounted from here on.
        mount_on("/".as_ref(), None, None, MsFlags::MS_REC | MsFlags::MS_PRIVATE, "")?;
        let mut root = Self::build()?;
        root.add_devices()?;
        for path in system::readable() {
            let way = Way::to(&path)?;
            root.add_way(&way)?;
            if let Some(real) = way.end {
                root.add(&real, Access::Read)?;
            }
        }
        Ok(root)
    }

    /// Where this path is while the root is being built.
    fn inside(&self, path: &Path) -> PathBuf {
        Path::new(BUILDING_SITE).join(path.strip_prefix("/").unwrap_or(path))
    }

    fn add_private_folder(&self, plan: &Plan) -> io::Result<()> {
        let whole = self.inside(PRIVATE_SYSTEM.as_ref());
        fs::create_dir(&whole)?;
        // One block more than allowed, so that a full one shows.
        let size = plan.limits.folder.saturating_add(procfs::page_size());
        let size = format!("mode=700,size={size}");
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount_on(&whole, None, Some("tmpfs"), flags, &size)?;
        for folder in [PRIVATE, SHARED_MEMORY] {
            let target = self.inside(folder.as_ref());
            let source = whole.join(target.file_name().unwrap_or_default());
            fs::create_dir(&source)?;
            fs::create_dir_all(&target)?;
            mount_on(&target, Some(&source), None, MsFlags::MS_BIND, "")?;
        }
        umount2(&whole, MntFlags::MNT_DETACH)?;
        fs::remove_dir(whole)
    }

    /// Lets a program make as many files as it may, and one more, so that this shows. What is there by
    /// now, such as folders to mount others on, does not count.
    fn limit_files(&self, plan: &Plan) -> io::Result<()> {
        let folder = self.inside(PRIVATE.as_ref());
        let system = statvfs(&folder)?;
        let files = system.files() - system.files_free() + u64::from(plan.limits.files) + 1;
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
        mount_on(&folder, None, None, flags, &format!("nr_inodes={files}"))
    }

    fn add_devices(&self) -> io::Result<()> {
        for folder in ["/dev", TERMINALS, SHARED_MEMORY] {
            fs::create_dir(self.inside(folder.as_ref()))?;
        }
        for device in system::DEVICES.map(Path::new).into_iter().filter(|path| path.exists()) {
            let target = self.inside(device);
            File::create(&target)?;
            mount_on(&target, Some(device), None, MsFlags::MS_BIND, "")?;
            // What is written to a device does not change its file.
            restrict(&target, libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID)?;
        }
        let links = [
            ("/dev/ptmx", "pts/ptmx"),
            ("/dev/fd", "/proc/self/fd"),
            ("/dev/stdin", "/proc/self/fd/0"),
            ("/dev/stdout", "/proc/self/fd/1"),
            ("/dev/stderr", "/proc/self/fd/2"),
        ];
        links.iter().try_for_each(|(link, to)| symlink(to, self.inside(link.as_ref())))
    }

    fn add_terminals(&self) -> io::Result<()> {
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
        // The kernel has some 3000 for all cages together.
        let data = format!("newinstance,ptmxmode=666,mode=620,max={MOST_TERMINALS}");
        mount_on(&self.inside(TERMINALS.as_ref()), None, Some("devpts"), flags, &data)
    }

    fn add_processes(&self) -> io::Result<()> {
        let target = self.inside("/proc".as_ref());
        fs::create_dir(&target)?;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        mount_on(&target, None, Some("proc"), flags, "")?;
        // They name the keys that the user has, which are not in a namespace.
        for keys in ["keys", "key-users"].map(|name| target.join(name)) {
            if keys.exists() {
                mount_on(&keys, Some("/dev/null".as_ref()), None, MsFlags::MS_BIND, "")?;
            }
        }
        // Root may write to /proc/sys, even without capabilities.
        restrict(&target, libc::MOUNT_ATTR_RDONLY)
    }

    /// Adds a file or folder with all that it holds. Its path is a real one. What does not exist is
    /// left out.
    fn add(&mut self, path: &Path, access: Access) -> io::Result<()> {
        if [PRIVATE, SHARED_MEMORY, "/dev", "/proc"]
            .iter()
            .any(|own| Path::new(own).starts_with(path))
        {
            let why = format!("the cage has a {} of its own: name a folder in it", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let Some(source) = real_path::open(path)? else { return Ok(()) };
        let is_readable = self.is_bound(path);
        if is_readable && access == Access::Read {
            return Ok(());
        }
        let target = self.inside(path);
        if !is_readable {
            if real_path::is_folder(&source)? {
                self.make_folder(path)?;
            } else {
                self.make_folder(path.parent().unwrap_or(path))?;
                File::create(&target)?;
            }
        }
        let writes = if access == Access::Read { libc::MOUNT_ATTR_RDONLY } else { 0 };
        let attributes = writes | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
        // It may be in a folder that others can change.
        let target = real_path::open(&target)?.ok_or(io::ErrorKind::NotFound)?;
        bind(&source, &target, attributes).map_err(|error| {
            io::Error::new(error.kind(), format!("mounting {}: {error}", path.display()))
        })?;
        self.bound.insert(path.to_owned());
        Ok(())
    }

    /// Whether it is the same as outside.
    fn is_bound(&self, path: &Path) -> bool {
        path.ancestors().any(|folder| self.bound.contains(folder))
    }

    /// Makes the links and folders on a way.
    fn add_way(&self, way: &Way) -> io::Result<()> {
        way.folders.iter().try_for_each(|folder| self.make_folder(folder))?;
        way.links.iter().try_for_each(|(link, to)| self.make_link(link, to))
    }

    fn make_link(&self, link: &Path, to: &Path) -> io::Result<()> {
        let inside = self.inside(link);
        if self.is_bound(link) || inside.symlink_metadata().is_ok() {
            return Ok(());
        }
        self.make_folder(link.parent().unwrap_or(link))?;
        symlink(to, inside)
    }

    /// Makes a folder with nothing in it, unless it is there.
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let inside = self.inside(path);
        // Not through a link that was made here: it may lead outside.
        if self.is_bound(path) || real_path::open(&inside)?.is_some() {
            return Ok(());
        }
        fs::create_dir_all(inside)
    }

    /// Makes this the root, and lets go of the old one.
    fn move_in(self) -> io::Result<()> {
        std::env::set_current_dir(BUILDING_SITE)?;
        // The old root comes to lie on top of the new one, and is taken away from there: see
        // pivot_root(2).
        pivot_root(".", ".")?;
        umount2(".", MntFlags::MNT_DETACH)?;
        std::env::set_current_dir("/")?;
        let attributes = MountAttributes::set(libc::MOUNT_ATTR_RDONLY);
        attributes.apply("/".as_ref(), 0)
    }
}

/// The way to a path, as it is outside.
struct Way {
    /// The symbolic links on it, and where each leads.
    links: Vec<(PathBuf, PathBuf)>,
    /// Folders from which it goes up: it leads through them, even if nothing in there may be read.
    folders: Vec<PathBuf>,
    /// Where it leads, if that exists.
    end: Option<PathBuf>,
}

impl Way {
    fn to(path: &Path) -> io::Result<Self> {
        const MOST_LINKS: usize = 40;
        let parts = |path: &Path| -> Vec<OsString> {
            path.components().map(|part| part.as_os_str().to_owned()).collect()
        };
        let mut way = Self { links: Vec::new(), folders: Vec::new(), end: None };
        let mut left = VecDeque::from(parts(path));
        let mut at = PathBuf::from("/");
        while let Some(part) = left.pop_front() {
            match Path::new(&part).components().next() {
                Some(Component::RootDir) => at = "/".into(),
                Some(Component::ParentDir) => {
                    way.folders.push(at.clone());
                    at.pop();
                }
                Some(Component::Normal(name)) => at.push(name),
                _ => continue,
            }
            let Ok(metadata) = at.symlink_metadata() else { return Ok(way) };
            if metadata.is_symlink() {
                if way.links.len() == MOST_LINKS {
                    return Ok(way);
                }
                let to = fs::read_link(&at)?;
                parts(&to).into_iter().rev().for_each(|part| left.push_front(part));
                way.links.push((at.clone(), to));
                at.pop();
            }
        }
        way.end = Some(at);
        Ok(way)
    }
}

fn mount_on(
    target: &Path,
    source: Option<&Path>,
    kind: Option<&str>,
    flags: MsFlags,
    data: &str,
) -> io::Result<()> {
    mount(source, target, kind, flags, Some(data)).map_err(|error| {
        let error = io::Error::from(error);
        io::Error::new(error.kind(), format!("mounting {}: {error}", target.display()))
    })
}

/// Mounts what has been opened here there, with these attributes. No path is looked at.
fn bind(source: &OwnedFd, target: &OwnedFd, attributes: u64) -> io::Result<()> {
    // Recursively: the kernel refuses to bind a folder without the mounts below it.
    let flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH
        | OpenTreeFlags::AT_RECURSIVE;
    let tree = open_tree(source, "", flags)?;
    MountAttributes::set(attributes).apply_to(&tree)?;
    let both = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    Ok(move_mount(&tree, "", target, "", both)?)
}

/// Sets attributes of a mount and of all below it.
fn restrict(target: &Path, attributes: u64) -> io::Result<()> {
    MountAttributes::set(attributes).apply(target, libc::AT_RECURSIVE)
}

/// What mount_setattr(2) changes. Remounting would do it, but not recursively.
struct MountAttributes(libc::mount_attr);

impl MountAttributes {
    fn set(attributes: u64) -> Self {
        Self(libc::mount_attr { attr_set: attributes, attr_clr: 0, propagation: 0, userns_fd: 0 })
    }

    fn apply(&self, target: &Path, flags: libc::c_int) -> io::Result<()> {
        self.set_at(AT_FDCWD, target, flags | libc::AT_SYMLINK_NOFOLLOW)
    }

    /// Sets them for a mount that has been opened, and all below it.
    fn apply_to(&self, tree: &OwnedFd) -> io::Result<()> {
        self.set_at(tree.as_fd(), "".as_ref(), libc::AT_EMPTY_PATH | libc::AT_RECURSIVE)
    }

    fn set_at(&self, folder: BorrowedFd, path: &Path, flags: libc::c_int) -> io::Result<()> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        // SAFETY: the path ends with a zero, and the size is that of the structure.
        let result = unsafe {
            libc::syscall(
                libc::SYS_mount_setattr,
                folder.as_raw_fd(),
                path.as_ptr(),
                flags,
                &raw const self.0,
                size_of::<libc::mount_attr>(),
            )
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }
}
