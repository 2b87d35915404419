//! A container as Docker would start it, imitated: a root of its own, in which this system's files can
//! be read and nothing reaches the system, processes and mounts of its own, and root with the
//! privileges that Docker leaves to it. In a changed root, there are no user namespaces either.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// The privileges of Docker's root: see `docker run --cap-add`.
const PRIVILEGES: &str = "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,\
                          +net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap";

/// Sets up the root, with the folder `$1` at `$2`, and starts `$4` in it. `$3` is `rw` or `ro`. If there
/// is a folder `$5`, it is at `$6`, to be read only.
const SET_UP: &str = r#"
mount -t tmpfs -o size=1G,mode=755 tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
mkdir -p "/mnt/root$2" "/mnt/root${6-}"
for folder in tmp run; do
    mount -t tmpfs -o mode=1777 tmpfs "/mnt/root/$folder"
done
mount --bind "$1" "/mnt/root$2"
if [ -n "${5-}" ]; then
    mount --bind "$5" "/mnt/root$6"
    mount -o remount,bind,ro "/mnt/root$6"
fi
mount -t proc proc /mnt/root/proc
mount --rbind /dev /mnt/root/dev
[ "$3" = rw ] || mount -o remount,ro /mnt/root
exec chroot /mnt/root env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set "$PRIVILEGES" --inh-caps -all bash -euc "$4"
"#;

/// Such a container.
pub struct PrivateRoot<'a> {
    /// A folder of this system, and where it is in there. Only it can be written to for good.
    pub folder: (&'a Path, &'a str),
    /// Another one, which can only be read.
    pub image: Option<(&'a Path, &'a str)>,
    /// Whether everything else but /tmp is read-only, and there is no network.
    pub is_closed: bool,
}

impl PrivateRoot<'_> {
    /// Whether one can be made here. If not, says so.
    pub fn is_possible() -> bool {
        let folder = open_folder();
        let root =
            PrivateRoot { folder: (folder.path(), "/outside"), image: None, is_closed: true };
        let is_possible = root.run("command -v python3 >/dev/null").status.success();
        if !is_possible {
            eprintln!("skipped: only root can make a private root, with python3 in /usr");
        }
        is_possible
    }

    /// Runs a script of bash in there, as root.
    pub fn run(&self, script: &str) -> Output {
        let (folder, at) = self.folder;
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "--pid", "--ipc", "--fork", "--kill-child"]);
        if self.is_closed {
            unshare.arg("--net");
        }
        unshare.args(["bash", "-euc", SET_UP, "set-up"]).arg(folder).arg(at);
        unshare.arg(if self.is_closed { "ro" } else { "rw" }).arg(script);
        if let Some((image, at)) = self.image {
            unshare.arg(image).arg(at);
        }
        unshare.env("PRIVILEGES", PRIVILEGES).output().expect("it is installed")
    }
}

/// A folder that every user can enter.
pub fn open_folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("it is ours");
    folder
}
