//! Real programs in a cage: what they cannot do there, but can without one.

#![cfg(target_os = "linux")]

use cage::Layers;
use nix::pty::openpty;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::{TempDir, tempdir};

/// Runs a command in a cage: see `command.rs`.
fn confined(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_confined"));
    command.args(options);
    command
}

/// Runs this in a shell.
fn shell(options: &[&str], script: &str) -> Output {
    confined(options).args(["sh", "-c", script]).output().expect("it is there")
}

#[track_caller]
fn printed(options: &[&str], script: &str) -> String {
    String::from_utf8(shell(options, script).stdout).expect("it is text")
}

const WITH_NAMESPACES: &[&str] = &[];
const WITHOUT_NAMESPACES: &[&str] = &["--without", "namespaces"];
const OFF: &[&str] = &["--without", "namespaces", "--without", "landlock", "--without", "filter"];

/// The cages that this machine offers, of those that hold every promise.
fn cages() -> Vec<&'static [&'static str]> {
    let offered = Layers::offered();
    let with = |namespaces| Layers { namespaces, ..offered }.held().missing().next().is_none();
    let mut cages = Vec::new();
    if offered.namespaces && with(true) {
        cages.push(WITH_NAMESPACES);
    }
    if with(false) {
        cages.push(WITHOUT_NAMESPACES);
    }
    if cages.is_empty() {
        eprintln!("not tried: this machine offers no cage");
    }
    cages
}

/// A folder outside with a file in it.
fn outside() -> (TempDir, PathBuf) {
    let folder = tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "a secret").expect("a file");
    (folder, file)
}

#[test]
fn nothing_outside_can_be_read_unless_it_is_given() {
    let (folder, file) = outside();
    let script = format!("cat {}", file.display());
    let folder = folder.path().display().to_string();
    assert_eq!(printed(OFF, &script), "a secret");
    for cage in cages() {
        assert_eq!(printed(cage, &script), "", "{cage:?}");
        let given = [cage, &["--read", &folder]].concat();
        assert_eq!(printed(&given, &script), "a secret", "{cage:?}");
    }
}

#[test]
fn links_to_what_may_be_read_can_be_followed() {
    let (folder, _) = outside();
    let path = folder.path();
    symlink(path, path.join("loop")).expect("a link");
    symlink("loop/loop/file", path.join("link")).expect("a link");
    let link = path.join("link").display().to_string();
    let name = path.file_name().expect("it has one").display();
    for cage in cages() {
        let given = [cage, &["--read", &link]].concat();
        assert_eq!(printed(&given, &format!("cat {link}")), "a secret", "{cage:?}");
        let output = confined(&[cage, &["--read", &format!("../{name}/loop/link")]].concat())
            .args(["cat", &link])
            .current_dir(path)
            .output();
        assert_eq!(output.expect("it is there").stdout, b"a secret", "{cage:?}");
    }
}

#[test]
fn nothing_outside_can_be_changed() {
    for cage in cages().into_iter().chain([OFF]) {
        let (folder, file) = outside();
        let path = folder.path().display();
        let script = format!(
            "cd {path}
             echo >new; mkdir inside; echo more >>file; chmod 777 file; touch -d 1990-01-01 file
             ln -s {path}/file $HOME/link; echo more >>$HOME/link; rm file; mv file moved"
        );
        shell(&[cage, &["--read", &path.to_string()]].concat(), &script);
        let names: Vec<_> = fs::read_dir(&folder).expect("it is there").flatten().collect();
        let is_changed = names.len() != 1
            || fs::read_to_string(&file).is_ok_and(|text| text != "a secret")
            || fs::metadata(&file).is_ok_and(|it| {
                let is_old =
                    it.modified().expect("a time").elapsed().is_ok_and(|age| age.as_secs() > 1000);
                is_old || it.permissions().mode() & 0o777 == 0o777
            });
        assert_eq!(is_changed, cage == OFF, "{cage:?}: {names:?}");
    }
}

#[test]
fn a_folder_that_is_given_can_be_written_to() {
    for cage in cages() {
        let (folder, file) = outside();
        let path = folder.path().display().to_string();
        shell(&[cage, &["--write", &path]].concat(), &format!("echo more >{}", file.display()));
        assert_eq!(fs::read_to_string(file).expect("it is there"), "more\n", "{cage:?}");
    }
}

#[test]
fn the_private_folder_is_empty_at_first_and_gone_afterwards() {
    for cage in cages() {
        let script = "ls -A $HOME $TMPDIR; cd $HOME; pwd
            umask 777; mkdir closed; umask 0; mkdir -p closable/below; echo >closable/file
            for i in 1 2 3 4 5 6 7 8 9; do mkdir $i; cd $i; done; ln -s /etc link";
        let printed = printed(cage, script);
        let home = printed.lines().last().expect("its path");
        assert_eq!(printed, format!("{home}:\n\n{home}:\n{home}\n"), "{cage:?}");
        assert!(home == "/tmp" || !Path::new(home).exists(), "{home}");
    }
}

#[test]
fn it_gets_the_variables_of_its_plan_and_no_others() {
    for cage in cages() {
        let output = confined(cage).arg("env").env("SECRET", "1").output().expect("it is there");
        let text = String::from_utf8(output.stdout).expect("it is text");
        let mut names: Vec<_> = text.lines().filter_map(|line| line.split('=').next()).collect();
        names.sort_unstable();
        assert_eq!(names, ["HOME", "PATH", "TMPDIR"], "{cage:?}");
    }
}

#[test]
fn no_connection_can_be_made() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    let script = format!("echo >/dev/tcp/127.0.0.1/{port}");
    let connect = |options: &[&str]| {
        let output = confined(options).args(["bash", "-c", &script]).output().expect("it is there");
        (output.status.success(), listener.accept().is_ok())
    };
    assert_eq!(connect(OFF), (true, true));
    for cage in cages() {
        assert_eq!(connect(cage), (false, false), "{cage:?}");
    }
}

/// Nothing listens there.
#[test]
fn each_program_has_a_loopback_interface_of_its_own() {
    let script = "echo >/dev/tcp/127.0.0.1/9";
    let errors = |options: &[&str]| {
        let output = confined(options).args(["bash", "-c", script]).output().expect("it is there");
        String::from_utf8(output.stderr).expect("it is text")
    };
    if Layers::offered().namespaces {
        assert!(errors(&["--loopback"]).contains("refused"), "it is up");
        assert!(errors(&[]).contains("Permission denied"));
    }
    let without = [WITHOUT_NAMESPACES, &["--loopback"]].concat();
    assert!(errors(&without).contains("needs namespaces"), "it does not run at all");
}

#[test]
fn no_process_outside_can_be_signaled_or_looked_into() {
    for cage in cages().into_iter().chain([OFF]) {
        let mut other = Command::new("sleep").arg("1000").spawn().expect("it is there");
        let id = other.id();
        let script = format!("cat /proc/{id}/environ | wc -c; kill -9 {id}; kill -9 $PPID");
        let mut command = confined(cage);
        command.args(["sh", "-c", &script]).stdout(Stdio::piped());
        let parent = command.spawn().expect("it is there");
        let parent_id = parent.id();
        let output = parent.wait_with_output().expect("it is ours");
        cage::remove_private_folder_of(parent_id);
        let looked_into = output.stdout.trim_ascii() != b"0";
        let killed = wait(Duration::from_millis(100), || other.try_wait().expect("ours").is_some());
        let _ = other.kill();
        let _ = other.wait();
        assert_eq!(killed, cage == OFF, "{cage:?}");
        // Without capabilities, root cannot even without a cage.
        assert!(cage == OFF || !looked_into, "{cage:?}");
    }
}

#[test]
fn nothing_of_the_kernel_can_be_changed() {
    for cage in cages() {
        let output = printed(
            cage,
            "unshare -r true && echo unshared
             echo x >/proc/sys/kernel/domainname && echo written
             grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status | grep -v 0000000000000000
             ulimit -c; ulimit -n",
        );
        let lines: Vec<_> = output.lines().collect();
        let [core, files] = lines[..] else { panic!("{cage:?}: {output}") };
        assert_eq!(core, "0");
        assert!(files.parse::<u32>().expect("a number") <= 4096);
    }
}

#[test]
fn a_program_can_use_its_terminal() {
    for cage in cages() {
        let pair = openpty(None, None).expect("a terminal");
        let script = "test -t 1 && echo first; echo second >/dev/stdout; echo third >/dev/stderr";
        let mut command = confined(cage);
        command.args(["sh", "-c", script]).stdout(pair.slave).stderr(Stdio::piped());
        let output = command.output().expect("it is there");
        drop(command);
        let mut text = [0; 100];
        let length = File::from(pair.master).read(&mut text).expect("it printed");
        assert_eq!(str::from_utf8(&text[..length]), Ok("first\r\nsecond\r\n"), "{cage:?}");
        assert!(String::from_utf8_lossy(&output.stderr).ends_with("third\n"), "{cage:?}");
    }
}

#[test]
fn when_the_stub_is_killed_all_processes_end() {
    if !cages().contains(&WITH_NAMESPACES) {
        return;
    }
    let script = "sleep 60 & setsid sleep 60 & echo; wait";
    let mut command = confined(WITH_NAMESPACES);
    command.args(["sh", "-c", script]).stdout(Stdio::piped());
    let mut stub = command.spawn().expect("it is there");
    let mut stdout = stub.stdout.take().expect("a pipe");
    stdout.read_exact(&mut [0]).expect("it has started");
    let id = Pid::from_raw(stub.id().cast_signed());
    kill(id, Signal::SIGKILL).expect("it is ours");
    stub.wait().expect("it is ours");
    // Each of them has it open.
    let (ended, read) = (Instant::now(), thread::spawn(move || stdout.read(&mut [0])));
    assert!(wait(Duration::from_secs(30), || read.is_finished()), "{:?}", ended.elapsed());
}

#[test]
fn when_its_parent_is_killed_the_program_ends_with_it() {
    for cage in cages() {
        let mut command = confined(cage);
        command.args(["sh", "-c", "echo; exec sleep 60"]).stdout(Stdio::piped());
        let mut parent = command.spawn().expect("it is there");
        let mut stdout = parent.stdout.take().expect("a pipe");
        stdout.read_exact(&mut [0]).expect("it has started");
        parent.kill().expect("it is ours");
        parent.wait().expect("it is ours");
        cage::remove_private_folder_of(parent.id());
        // The program has it open.
        let read = thread::spawn(move || stdout.read(&mut [0]));
        assert!(wait(Duration::from_secs(30), || read.is_finished()), "{cage:?}");
    }
}

#[test]
fn other_processes_do_not_show_what_they_were_started_with() {
    let mut other = Command::new("sleep").args(["1000", "0"]).spawn().expect("it is there");
    let script = format!(
        "tr '\\0' ' ' </proc/{}/cmdline; read name </proc/self/comm; echo $name; grep -c MemTotal /proc/meminfo",
        other.id()
    );
    let seen = [OFF].into_iter().chain(cages()).map(|cage| (cage, printed(cage, &script)));
    let seen: Vec<_> = seen.collect();
    let _ = other.kill();
    let _ = other.wait();
    for (cage, seen) in seen {
        assert_eq!(seen.contains("sleep 1000 0"), cage == OFF, "{cage:?}: {seen}");
        assert!(seen.ends_with("sh\n1\n"), "{cage:?}: {seen}");
    }
}

#[test]
fn a_program_that_is_not_there_is_not_started() {
    for cage in cages() {
        let output = confined(cage).arg("no-such-program").output().expect("it is there");
        let errors = String::from_utf8(output.stderr).expect("it is text");
        assert!(errors.contains("NotFound"), "{errors}");
    }
}

/// Whether this happens in that time.
fn wait(time: Duration, mut happens: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + time;
    while Instant::now() < until {
        if happens() {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
