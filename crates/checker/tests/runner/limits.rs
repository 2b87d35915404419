//! Programs that take too much of the machine: each is stopped at its limit, on either clock and with
//! fewer layers, too, and the verdict says at which.

use crate::{Answer, Call, mistakes, on_both_clocks, processes, side_by_side, wait_until};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;
use tempfile::TempDir;

/// Each of them would end at 128 processes, which end by themselves.
const DOUBLES: &str = "import os, time
for _ in range(7): os.fork()
time.sleep(5)";
const DOUBLES_IN_SESSIONS: &str = "import os, time
for _ in range(7): os.fork() or os.setsid()
time.sleep(5)";
const PARENTS_END: &str = "import os, time
if os.fork():
    time.sleep(5)
    os._exit(0)
for _ in range(7): os.fork() and os.fork() and os._exit(0)
time.sleep(5)";
const THREADS: &str = "import threading, time
for _ in range(80): threading.Thread(target=time.sleep, args=[5]).start()";

/// Thirty processes that start others all the time, one after the other.
const START_AND_END: &str = "import os, time
for _ in range(30):
    if os.fork() == 0:
        while os.fork() > 0:
            os.wait()
            time.sleep(0.05)
        os._exit(0)
time.sleep(60)";

/// The program that a test has written, and the call of the checker for it.
fn call(script: &str, arguments: &str) -> (TempDir, Call) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("program.py"), script).expect("it can be written");
    let mut call = Call::new(&format!("countasync --format json --verbose {arguments}"));
    call.command.current_dir(&folder).args(crate::ALLOW_MARKER);
    call.command.args(["--", "python3", "program.py"]);
    (folder, call)
}

fn check(script: &str, arguments: &str) -> Answer {
    let (_folder, call) = call(script, arguments);
    call.answer()
}

/// It was stopped at this limit, and run only once for that.
#[track_caller]
fn assert_stopped(answer: &Answer, limit: &Value, mistake: &str, seen: &str) {
    let report = answer.json();
    let exercise = &report["exercises"][0];
    assert_eq!(answer.code, 1, "{report:#}");
    assert_eq!(exercise["recordings"][0]["ending"], json!({ "limit": limit }), "{report:#}");
    assert_eq!(mistakes(exercise).get("ends"), Some(&mistake), "{report:#}");
    let ends = &exercise["criteria"][0]["reason"]["seen"];
    assert_eq!(ends, &json!(format!("stopped: {seen}")), "{report:#}");
    let hint = exercise["criteria"][0]["reason"]["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("(The teacher can allow more: --max-"), "{hint}");
    let attempts = &exercise["attempts"];
    assert_eq!(attempts.as_array().map(Vec::len), Some(1), "{attempts:#}");
    assert_eq!(attempts[0]["inconclusive"], json!([]), "{attempts:#}");
}

#[test]
fn a_fork_bomb_is_stopped_whatever_its_style() {
    let seen = "more than 64 processes and threads";
    let bombs = [DOUBLES, DOUBLES_IN_SESSIONS, PARENTS_END, THREADS];
    for (bomb, clock) in on_both_clocks(&bombs) {
        let answer = check(bomb, &format!("--clock {clock}"));
        assert_stopped(&answer, &json!({"processes": 64}), "too-many-processes", seen);
        let used = &answer.json()["exercises"][0]["clocks"][0]["clock"];
        assert_eq!(used == "virtual", clock == "auto", "it is run again in real time");
    }
}

/// All of these start others at the same time. Each process says that it is there.
#[test]
fn not_even_for_a_moment_are_there_more_processes_than_allowed() {
    let says = "import os, time
def say(): os.write(1, b'here\\n')
say()
";
    let doubles = "for _ in range(7): os.fork() or say()
time.sleep(5)";
    let half = "go, come = os.pipe()
for _ in range(39):
    if os.fork() == 0:
        say()
        os.close(come)
        os.read(go, 1)
        if os.fork() == 0: say()
        time.sleep(5)
time.sleep(0.5)
os.close(come)
time.sleep(5)";
    let threads = "import threading
def double():
    say()
    barrier.wait()
    threading.Thread(target=lambda: (say(), time.sleep(5))).start()
    time.sleep(5)
barrier = threading.Barrier(39)
for _ in range(39): threading.Thread(target=double).start()";
    for (bomb, clock) in on_both_clocks(&[doubles, half, threads]) {
        let answer = check(&format!("{says}{bomb}"), &format!("--clock {clock}"));
        let report = answer.json();
        let recording = &report["exercises"][0]["recordings"][0];
        assert_eq!(recording["ending"], json!({"limit": {"processes": 64}}), "{report:#}");
        let lines = recording["stdout"].as_array().expect("lines");
        let seen = lines.iter().filter(|line| line["text"] == "here").count();
        // On the virtual clock, it is stopped before the last ones say so.
        let fewest = if clock == "real" { 40 } else { 20 };
        assert!((fewest..=64).contains(&seen), "{clock}: {seen}: {bomb}");
    }
}

/// Each has ended before the next one starts.
#[test]
fn a_thousand_processes_one_after_another_are_no_bomb() {
    let forks = "import os
for _ in range(1000): os.waitpid(os.fork() or os._exit(0), 0)";
    let threads = "import threading
for _ in range(1000):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()";
    let commands = "import subprocess
for _ in range(200): subprocess.run(['true'])";
    // Python does not wait until the system's thread has ended.
    for (script, most) in [(forks, 2), (threads, 8), (commands, 2)] {
        let answer = check(script, &format!("--clock real --max-processes {most}"));
        let report = answer.json();
        let ending = &report["exercises"][0]["recordings"][0]["ending"];
        assert_eq!(ending, &json!({"exited": 0}), "{script}: {report:#}");
    }
}

/// Where nobody has to ask, looks count.
#[test]
fn a_fork_bomb_is_stopped_without_a_filter() {
    let answer = check(DOUBLES, "--clock real --cage-without filter");
    let seen = "more than 64 processes and threads";
    assert_stopped(&answer, &json!({"processes": 64}), "too-many-processes", seen);
}

#[test]
fn as_many_processes_as_are_allowed_get_a_verdict_on_what_they_do() {
    side_by_side(&["auto", "real"], |clock| {
        // Some interpreters are started by a script, with processes of its own.
        let answer = check(DOUBLES, &format!("--clock {clock} --max-processes 140"));
        let ending = &answer.json()["exercises"][0]["recordings"][0]["ending"];
        assert_eq!(ending, &json!({"exited": 0}), "{clock}");
    });
}

#[test]
fn memory_is_counted_in_all_processes() {
    // 400 MB each, in a fresh process, in twenty, and in memory that they share.
    let alone = "memory = b'x' * (400 << 20)
__import__('time').sleep(5)";
    let in_twenty = "import os, time
for _ in range(20):
    if os.fork() == 0:
        memory = b'x' * (20 << 20)
        time.sleep(5)
        os._exit(0)
time.sleep(5)";
    let shared = "import mmap, time
memory = mmap.mmap(-1, 400 << 20)
for page in range(0, 400 << 20, 4096): memory[page] = 1
time.sleep(5)";
    let far_over = "import time
memory = bytearray(600 << 20)
time.sleep(5)";
    for (script, clock) in on_both_clocks(&[alone, in_twenty, shared, far_over]) {
        let answer = check(script, &format!("--clock {clock} --max-memory 200M"));
        let limit = json!({"memory": 200 << 20});
        assert_stopped(&answer, &limit, "too-much-memory", "more than 200 MB of memory");
    }
}

/// None of this is mapped in when it is looked at, but the system has no less to keep.
#[test]
fn memory_that_does_not_show_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let [source, page_tables] = ["tables.c", "tables"].map(|name| folder.path().join(name));
    // A page of zeros in each 2 MB takes a page for its table.
    let text = "#include <sys/mman.h>
#include <unistd.h>
int main() {
    size_t step = 2 << 20, number = 100000;
    volatile char *pages = mmap(0, number * step, PROT_READ,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (size_t at = 0; at < number; at++) pages[at * step];
    sleep(5);
}";
    fs::write(&source, text).expect("it can be written");
    let compiled =
        std::process::Command::new("cc").arg(&source).arg("-o").arg(&page_tables).status();
    assert!(compiled.expect("a C compiler").success());
    let page_tables = format!("import os; os.execv({page_tables:?}, ['tables'])");
    let given_back = "import mmap, time
memory = mmap.mmap(-1, 400 << 20)
for page in range(0, 400 << 20, 4096): memory[page] = 1
memory.madvise(mmap.MADV_DONTNEED)
time.sleep(5)";
    let of_a_child = "import mmap, os, time
memory = mmap.mmap(-1, 400 << 20)
if os.fork() == 0:
    for page in range(0, 400 << 20, 4096):
        memory[page] = 1
        if page % (16 << 20) == 0: memory.madvise(mmap.MADV_DONTNEED)
    os._exit(0)
os.wait()
time.sleep(5)";
    let sockets = "import os, socket, time
for _ in range(4):
    if os.fork() == 0:
        pairs = [socket.socketpair() for _ in range(240)]
        for one in sum(pairs, ()):
            one.setblocking(False)
            try:
                while True: one.send(b'x' * 65536)
            except BlockingIOError: pass
        time.sleep(5)
        os._exit(0)
time.sleep(5)";
    let unmapped = "import ctypes, mmap, time
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
size, both, shared = 10 << 20, mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED | mmap.MAP_ANON
for _ in range(40):
    start = libc.mmap(None, ctypes.c_size_t(size), both, shared, -1, ctypes.c_long(0))
    libc.memset(ctypes.c_void_p(start), 1, ctypes.c_size_t(size))
    libc.munmap(ctypes.c_void_p(start + 4096), ctypes.c_size_t(size - 4096))
time.sleep(5)";
    let main_thread_ended = "import ctypes, platform, threading, time
def take():
    time.sleep(0.1)
    memory = b'x' * (400 << 20)
    time.sleep(5)
threading.Thread(target=take).start()
exit_of_a_thread = 60 if platform.machine() == 'x86_64' else 93
ctypes.CDLL(None).syscall(exit_of_a_thread, 0)";
    let mut scripts = vec![&*page_tables, given_back, of_a_child, sockets, main_thread_ended];
    // Only root may see this, and only outside of a container.
    let may_see = |mut maps: fs::ReadDir| maps.any(|it| it.is_ok_and(|it| it.path().exists()));
    if fs::read_dir("/proc/self/map_files").is_ok_and(may_see) {
        scripts.push(unmapped);
    }
    for (script, clock) in on_both_clocks(&scripts) {
        let allow = folder.path().display();
        let answer =
            check(script, &format!("--clock {clock} --max-memory 200M --allow-read {allow}"));
        let limit = json!({"memory": 200 << 20});
        assert_stopped(&answer, &limit, "too-much-memory", "more than 200 MB of memory");
    }
}

/// The system takes the pages of a file back when it needs them.
#[test]
fn a_file_that_is_mapped_takes_no_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = fs::File::create(folder.path().join("large")).expect("a file");
    file.set_len(300 << 20).expect("its length");
    let path = folder.path().join("large");
    let script = format!(
        "import mmap, time
file = open({path:?}, 'rb')
memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
for page in range(0, len(memory), 4096): memory[page]
time.sleep(0.3)"
    );
    side_by_side(&["auto", "real"], |clock| {
        let allow = folder.path().display();
        let answer =
            check(&script, &format!("--clock {clock} --max-memory 100M --allow-read {allow}"));
        let report = answer.json();
        let ending = &report["exercises"][0]["recordings"][0]["ending"];
        assert_eq!(ending, &json!({"exited": 0}), "{clock}: {report:#}");
    });
}

/// The program never gets it, so that no look could see it.
#[test]
fn memory_far_over_the_limit_is_refused() {
    side_by_side(&["auto", "real"], |clock| {
        let answer = check("memory = bytearray(1 << 46)", &format!("--clock {clock}"));
        let report = answer.json();
        let exercise = &report["exercises"][0];
        assert_eq!(mistakes(exercise).get("ends"), Some(&"too-much-memory"), "{report:#}");
    });
}

/// The kernel fails when the process has nothing left to go back to: on the virtual clock, its tracer
/// must see to it that it ends.
#[test]
fn a_program_that_cannot_be_loaded_ends() {
    // Linux's `elf.h`: a header, one segment that is loaded at the end of the address space, and code.
    let mut program = Vec::new();
    program.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0");
    program.extend([0x40_0078_u64, 0x40, 0].map(u64::to_le_bytes).as_flattened());
    program.extend([0_u16, 0, 0x40, 0x38, 1, 0x40, 0, 0].map(u16::to_le_bytes).as_flattened());
    program.extend([1_u32, 7].map(u32::to_le_bytes).as_flattened());
    let place = 0x7fff_ffff_f000_u64;
    program.extend([0, place, place, 200, 200, 0x1000].map(u64::to_le_bytes).as_flattened());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("program");
    fs::write(&path, program).expect("it can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let broken = path.to_str().expect("plain text");
    let all = [(broken, "--cage off"), (broken, "")];
    for ((program, options), clock) in on_both_clocks(&all) {
        let mut call =
            Call::new(&format!("countasync --format json --verbose --clock {clock} {options}"));
        call.command.args(["--", program]).timeout(Duration::from_secs(60));
        let marker = call.marker.clone();
        let answer = call.answer();
        let report = answer.json();
        let exercise = &report["exercises"][0];
        assert_eq!(
            exercise["recordings"][0]["ending"],
            json!({"signaled": "SIGSEGV"}),
            "{report:#}"
        );
        let used = &exercise["clocks"][0]["clock"];
        assert_eq!(used == "virtual", clock == "auto", "it is run again in real time");
        wait_until("no process is left", || processes(&marker).is_empty());
    }
}

#[test]
fn memory_that_processes_share_counts_once() {
    let script = "import os, time
memory = b'x' * (100 << 20)
for _ in range(8):
    if os.fork() == 0:
        time.sleep(1)
        os._exit(0)
time.sleep(1)";
    side_by_side(&["auto", "real"], |clock| {
        let answer = check(script, &format!("--clock {clock} --max-memory 300M"));
        let ending = &answer.json()["exercises"][0]["recordings"][0]["ending"];
        assert_eq!(ending, &json!({"exited": 0}), "{clock}");
    });
}

#[test]
fn files_have_limits() {
    let in_folder = "import os
os.chdir(os.environ['TMPDIR'])
";
    let large = "open('file', 'wb').write(b'x' * (3 << 20))";
    // Its child dies of it.
    let in_a_child = "os.system('head -c 3000000 /dev/zero > file')";
    let many = "for name in range(200): open(str(name), 'w').close()";
    let full = "for name in range(50): open(str(name), 'wb').write(b'x' * 200000)";
    let file = (json!({"file": 1 << 20}), "too-large-a-file", "a file of more than 1 MB");
    let folder = (json!({"folder": 4 << 20}), "too-large-a-file", "more than 4 MB of files");
    let files = (json!({"files": 100}), "too-many-files", "more than 100 files and folders");
    let all = [(large, &file), (in_a_child, &file), (many, &files), (full, &folder)];
    for ((script, (limit, mistake, seen)), clock) in on_both_clocks(&all) {
        for layers in ["", "--cage-without namespaces"] {
            let limits = "--max-file 1M --max-folder 4M --max-files 100";
            let arguments = format!("--clock {clock} {limits} {layers}");
            let answer = check(&format!("{in_folder}{script}"), &arguments);
            assert_stopped(&answer, limit, mistake, seen);
        }
    }
}

/// Without a file system of its own, which counts all this. They are there for longer than the checker
/// takes from one look to the next.
#[test]
fn files_that_cannot_be_listed_have_limits() {
    let in_folder = "import os, time
os.chdir(os.environ['TMPDIR'])
def fill():
    for name in range(9): open(str(name), 'wb').write(b'x' * 900000)
def stay():
    while time.process_time() < 2: pass
";
    let removed = "files = []
for _ in range(9):
    files.append(open('file', 'wb'))
    os.remove('file')
for file in files: file.write(b'x' * 900000), file.flush()
stay()";
    let deep = "for _ in range(25):
    os.mkdir('n' * 200)
    os.chdir('n' * 200)
fill()
stay()";
    let [folder, files] = [
        (json!({"folder": 4 << 20}), "too-large-a-file", "more than 4 MB of files"),
        (json!({"files": 100}), "too-many-files", "more than 100 files and folders"),
    ];
    for ((script, (limit, mistake, seen)), clock) in
        on_both_clocks(&[(removed, &folder), (deep, &files)])
    {
        let limits = "--max-file 1M --max-folder 4M --max-files 100 --cage-without namespaces";
        let answer = check(&format!("{in_folder}{script}"), &format!("--clock {clock} {limits}"));
        assert_stopped(&answer, limit, mistake, seen);
    }
}

/// It would take room for a file that the limit on its size does not see.
#[test]
fn no_file_has_room_beyond_its_end() {
    let script = "import ctypes, os, sys
file = os.open(os.environ['TMPDIR'] + '/file', os.O_RDWR | os.O_CREAT)
KEEP_SIZE, PUNCH_HOLE = 1, 2
allocate = ctypes.CDLL(None, use_errno=True).fallocate64
room = [ctypes.c_long(0), ctypes.c_long(2 << 20)]
keeps = allocate(file, KEEP_SIZE, *room)
punches = allocate(file, KEEP_SIZE | PUNCH_HOLE, *room)
sys.exit(3 if (keeps, punches) == (-1, 0) else 4)";
    let answer = check(script, "--max-file 1M --cage-without namespaces");
    let report = answer.json();
    let ending = &report["exercises"][0]["recordings"][0]["ending"];
    assert_eq!(ending, &json!({"exited": 3}), "{report:#}");
}

/// Anyone can send the signals with which the kernel ends a process at its limits.
#[test]
fn a_signal_alone_is_no_limit() {
    let sent = |name: &str| {
        format!(
            "import os, signal
if '{name}' != 'SIGKILL': signal.signal(signal.{name}, signal.SIG_DFL)
os.kill(os.getpid(), signal.{name})"
        )
    };
    let own = "import os, resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
open(os.environ['TMPDIR'] + '/file', 'wb').write(b'x' * 5000)";
    let scripts = [
        (sent("SIGXFSZ"), "SIGXFSZ"),
        (sent("SIGXCPU"), "SIGXCPU"),
        (sent("SIGKILL"), "SIGKILL"),
        (own.into(), "SIGXFSZ"),
    ];
    for ((script, signal), clock) in on_both_clocks(&scripts) {
        let answer = check(script, &format!("--clock {clock}"));
        let report = answer.json();
        let exercise = &report["exercises"][0];
        let ending = &exercise["recordings"][0]["ending"];
        assert_eq!(ending, &json!({"signaled": signal}), "{clock}: {report:#}");
        assert_eq!(mistakes(exercise).get("ends"), Some(&"crash"), "{clock}: {report:#}");
    }
}

/// By the time of the next look, there is nothing left to be seen.
#[test]
fn a_file_that_was_too_large_and_is_gone_is_no_crash() {
    let one = "open('one', 'wb')";
    let removes = "
    file.write(b'x' * (3 << 20))
finally:
    import os
    [os.remove(name) for name in os.listdir()]";
    let large = format!("file = {one}\ntry:{removes}");
    let full = "others = [open(str(name), 'wb') for name in range(9)]
try:
    for file in others: file.write(b'x' * 900000)
finally:
    import os
    [os.remove(name) for name in os.listdir()]";
    let nameless = "import tempfile
with tempfile.TemporaryFile() as file: file.write(b'x' * (3 << 20))";
    let logs = "import sys
sys.stderr.write('OSError: [Errno 28] No space left on device\\n')";
    for clock in ["auto", "real"] {
        let mistake = |script: &str| {
            let script = format!("import os\nos.chdir(os.environ['TMPDIR'])\n{script}");
            let limits = "--max-file 1M --max-folder 4M";
            let answer = check(&script, &format!("--clock {clock} {limits}"));
            let report = answer.json();
            let mistake = mistakes(&report["exercises"][0]).get("ends").map(ToString::to_string);
            (mistake.unwrap_or_default(), report)
        };
        for (script, expected) in [
            (&*large, "too-large-a-file"),
            (full, "too-large-a-file"),
            (nameless, "too-large-a-file"),
            (logs, ""),
            ("raise OSError('no space')", "crash"),
        ] {
            let (mistake, report) = mistake(script);
            assert_eq!(mistake, expected, "{clock}: {script}: {report:#}");
        }
    }
}

/// The system counts their CPU time for nobody once they have ended.
#[test]
fn cpu_time_of_children_that_nobody_waits_for_counts() {
    let script = "import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(20):
    if os.fork() == 0:
        while time.process_time() < 0.5: pass
        os._exit(0)
    try: os.wait()
    except ChildProcessError: pass";
    let answer = check(script, "--clock real --max-cpu 3");
    let limit = json!({"cpu": 3});
    assert_stopped(&answer, &limit, "too-much-cpu", "more than 3 s of CPU time");
}

#[test]
fn what_is_exactly_at_its_limit_is_fine() {
    let file = "open('file', 'wb').write(b'x' * (1 << 20))";
    let files = "for name in range(99): open(str(name), 'w').close()";
    let script = format!("import os\nos.chdir(os.environ['TMPDIR'])\n{file}\n{files}");
    // Much more than it uses: sanitizers reserve whole terabytes.
    let reserves = "import mmap
mmap.mmap(-1, 1 << 34, flags=mmap.MAP_PRIVATE | mmap.MAP_ANON | 0x4000)"
        .to_owned();
    let full = "import os, time
os.chdir(os.environ['TMPDIR'])
for name in range(4): open(str(name), 'wb').write(b'x' * (1 << 20))
time.sleep(0.5)";
    for (script, clock) in on_both_clocks(&[&*script, &*reserves, full]) {
        for layers in ["", "--cage-without namespaces"] {
            let limits = "--max-file 1M --max-files 100 --max-folder 4M";
            let answer = check(script, &format!("--clock {clock} {limits} {layers}"));
            let ending = &answer.json()["exercises"][0]["recordings"][0]["ending"];
            assert_eq!(ending, &json!({"exited": 0}), "{clock} {layers}: {script}");
        }
    }
}

#[test]
fn cpu_time_is_counted_in_all_processes() {
    let alone = "while True: pass";
    // Each of them takes less than the limit.
    let in_four = "import os, time
os.fork()
os.fork()
while time.process_time() < 1.5: sum(range(100000))
time.sleep(5)";
    let ignores_the_signal = "import signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN)
while True: pass";
    for (script, clock) in on_both_clocks(&[alone, in_four, ignores_the_signal]) {
        let answer = check(script, &format!("--clock {clock} --max-cpu 3"));
        let limit = json!({"cpu": 3});
        assert_stopped(&answer, &limit, "too-much-cpu", "more than 3 s of CPU time");
    }
}

#[test]
fn a_limit_is_nothing_to_confirm() {
    let answer = check(DOUBLES, "--confirm");
    let report = answer.json();
    assert_eq!(report["exercises"][0]["confirmed"], json!(null), "{report:#}");
    assert_eq!(report["exercises"][0]["clocks"][0]["clock"], "virtual", "{report:#}");
}

#[test]
fn a_picture_says_at_which_limit_its_run_was_stopped() {
    let mut call = Call::new("timeline --max-processes 20");
    call.command.args(crate::ALLOW_MARKER).args(["--", "python3", "-c", DOUBLES]);
    let answer = call.answer();
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    let said = "did not end cleanly: stopped: more than 20 processes and threads";
    assert!(answer.stderr.contains(said), "{}", answer.stderr);
}

/// Not even those processes are left that wait for an answer.
#[test]
fn a_checker_that_is_killed_leaves_no_fork_bomb_behind() {
    let (_folder, call) = call(START_AND_END, "--clock real");
    let mut checker = std::process::Command::new(call.command.get_program());
    checker.args(call.command.get_args()).env(crate::MARKER, &call.marker);
    checker.current_dir(call.command.get_current_dir().expect("a folder"));
    let mut checker = checker.spawn().expect("it starts");
    wait_until("its programs run", || processes(&call.marker).len() > 20);
    checker.kill().expect("it is ours");
    checker.wait().expect("it is ours");
    wait_until("no process is left", || processes(&call.marker).is_empty());
}
