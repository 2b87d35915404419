//! Python: threads and their lock, pools of processes, event loops.

use crate::scripts::is_installed;
use crate::{Expected, check_all, real_time, virtual_time};
use std::process::Command;

/// A program, and its lines, each with its seconds after the first.
type Program = (&'static str, &'static [(f64, &'static str)]);

const PROGRAMS: &[Program] = &[
    (
        "import time\nprint('a'); time.sleep(1); print('b'); time.sleep(0.5); print('c')",
        &[(0.0, "a"), (1.0, "b"), (1.5, "c")],
    ),
    (
        "import asyncio
async def count(n):
    print('One', n); await asyncio.sleep(n); print('Two', n)
async def main():
    await asyncio.gather(count(1), count(2), count(3))
asyncio.run(main())",
        &[(0.0, "One 1"), (0.0, "One 2"), (0.0, "One 3"), (1.0, "Two 1"), (2.0, "Two 2"), (3.0, "Two 3")],
    ),
    (
        "import threading, time
def work(n):
    time.sleep(n / 2); print(n)
print('start')
all = [threading.Thread(target=work, args=(n,)) for n in (3, 1, 2)]
for one in all: one.start()
for one in all: one.join()
print('end')",
        &[(0.0, "start"), (0.5, "1"), (1.0, "2"), (1.5, "3"), (1.5, "end")],
    ),
    (
        "import queue, threading, time
jobs = queue.Queue()
def work():
    while True:
        job = jobs.get()
        if job is None: return
        time.sleep(1); print(job)
print('start')
worker = threading.Thread(target=work); worker.start()
for job in 'ab': jobs.put(job)
try: queue.Queue().get(timeout=1.5)
except queue.Empty: print('empty')
jobs.put(None); worker.join(); print('end')",
        &[(0.0, "start"), (1.0, "a"), (1.5, "empty"), (2.0, "b"), (2.0, "end")],
    ),
    (
        "import subprocess, sys
print('start')
print(subprocess.run(['sleep', '1']).returncode)
try: subprocess.run(['sleep', '5'], timeout=2)
except subprocess.TimeoutExpired: print('too long')
process = subprocess.Popen(['sh', '-c', 'sleep 1; echo a'], stdout=subprocess.PIPE, text=True)
print(process.communicate()[0], end='')",
        &[(0.0, "start"), (1.0, "0"), (3.0, "too long"), (4.0, "a")],
    ),
    (
        "import asyncio
async def main():
    print('start')
    process = await asyncio.create_subprocess_exec('sleep', '2')
    try: await asyncio.wait_for(process.wait(), 1)
    except asyncio.TimeoutError: print('not yet')
    print(await process.wait())
asyncio.run(main())",
        &[(0.0, "start"), (1.0, "not yet"), (2.0, "0")],
    ),
    (
        "import asyncio
async def serve(reader, writer):
    while line := await reader.readline():
        await asyncio.sleep(1); writer.write(line)
    writer.close()
async def main():
    server = await asyncio.start_server(serve, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    print('connected')
    for line in (b'a\\n', b'b\\n'):
        writer.write(line); print((await reader.readline()).decode(), end='')
    writer.close(); server.close()
asyncio.run(main())",
        &[(0.0, "connected"), (1.0, "a"), (2.0, "b")],
    ),
    (
        "import asyncio, time
async def main():
    print('start')
    await asyncio.gather(asyncio.to_thread(time.sleep, 1), asyncio.to_thread(time.sleep, 2))
    print('end')
asyncio.run(main())",
        &[(0.0, "start"), (2.0, "end")],
    ),
    (
        "import signal, time
signal.signal(signal.SIGALRM, lambda *_: print('ring'))
print('start')
signal.setitimer(signal.ITIMER_REAL, 0.5, 1)
time.sleep(2); signal.setitimer(signal.ITIMER_REAL, 0); print('slept'); signal.alarm(1); signal.pause()",
        &[(0.0, "start"), (0.5, "ring"), (1.5, "ring"), (2.0, "slept"), (3.0, "ring")],
    ),
    (
        "import time, sched
from concurrent.futures import ThreadPoolExecutor, as_completed
def work(n): time.sleep(n); return n
print('start')
with ThreadPoolExecutor(2) as pool:
    for done in as_completed([pool.submit(work, n) for n in (2, 1, 1.5)]): print(done.result())
plan = sched.scheduler(); plan.enter(1, 1, print, ('planned',)); plan.run()",
        &[(0.0, "start"), (1.0, "1"), (2.0, "2"), (2.5, "1.5"), (3.5, "planned")],
    ),
    (
        "import os, time, socket
a, b = socket.socketpair(); a.settimeout(1)
print('start')
try: a.recv(1)
except TimeoutError: print('timed out')
if os.fork() == 0:
    time.sleep(0.5); b.send(b'x'); os._exit(0)
print(a.recv(1).decode()); os.wait()",
        &[(0.0, "start"), (1.0, "timed out"), (1.5, "x")],
    ),
];

const POOL: Program = (
    "import multiprocessing, time
def work(n):
    time.sleep(0.5 + n / 4)
    return n
if __name__ == '__main__':
    with multiprocessing.Pool(4) as pool:
        pool.map(time.sleep, [0.1] * 4)
        print('start')
        for n in pool.imap(work, range(8)): print(n)
    print('end')",
    // Each of the four workers takes the next piece as soon as it has finished one.
    &[
        (0.0, "start"),
        (0.5, "0"),
        (0.75, "1"),
        (1.0, "2"),
        (1.25, "3"),
        (2.0, "4"),
        (2.5, "5"),
        (3.0, "6"),
        (3.5, "7"),
        (3.5, "end"),
    ],
);

/// The second task's only sleep and the first one's second sleep end at almost the same time.
const ALMOST_TOGETHER: Program = (
    "import asyncio
async def count(number):
    print('begins', number)
    await asyncio.sleep(number + 1)
    if number == 0: await asyncio.sleep(1)
    print('ends', number)
async def main():
    await asyncio.gather(count(0), count(1))
asyncio.run(main())",
    &[(0.0, "begins 0"), (0.0, "begins 1"), (2.0, "ends 1"), (2.0, "ends 0")],
);

/// The interpreter itself: what is on the path may be a script that looks for it.
fn python() -> Option<String> {
    if !is_installed("python3") {
        return None;
    }
    let mut command = Command::new("python3");
    let output = command.args(["-c", "import sys; print(sys.executable)"]).output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn words(python: &str, program: &Program) -> Vec<String> {
    [python, "-c", program.0].map(str::to_owned).to_vec()
}

fn expected(program: &Program) -> Expected {
    let expected = Expected::new(program.1, 0);
    Expected { from_first: true, tolerance: 0.1, ..expected }
}

fn check(python: &str, program: &Program) -> Result<(), String> {
    let words = ["--".to_owned()].into_iter().chain(words(python, program));
    expected(program).compare(&virtual_time(words)?)
}

fn title(program: &&Program) -> String {
    program.0.to_owned()
}

#[test]
fn python_runs_on_its_own_clock() {
    if let Some(python) = python() {
        let all: Vec<_> = PROGRAMS.iter().chain([&POOL]).collect();
        check_all(&all, 2, title, |program| check(&python, program));
    }
}

#[test]
fn a_pool_of_processes_is_the_same_fifty_times() {
    if let Some(python) = python() {
        check_all(&[&POOL; 50], 2, title, |program| check(&python, program));
    }
}

/// Beside others, which keep the tracer from being told at once that something was printed.
#[test]
fn tasks_wake_in_the_same_order_fifty_times() {
    if let Some(python) = python() {
        check_all(&[&ALMOST_TOGETHER; 50], 3, title, |program| check(&python, program));
    }
}

/// Even if it waits as soon as it has printed, so that the tracer is told of both at once.
#[test]
fn a_line_comes_after_what_was_computed_before_it() {
    let Some(python) = python() else { return };
    let program = "import resource, time
def computed():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
for waits in range(12):
    end = computed() + 0.008
    while computed() < end: pass
    print(computed() + waits * 0.01, flush=True)
    time.sleep(0.01)";
    let words = ["--", &python, "-c", program].map(str::to_owned);
    let run = virtual_time(words).expect("it can be run");
    let late = |line: &(f64, String)| line.0 - line.1.parse::<f64>().expect("a number");
    let late: Vec<_> = run.lines.iter().map(late).collect();
    let (least, most) = late
        .iter()
        .fold((f64::MAX, f64::MIN), |(least, most), one| (least.min(*one), most.max(*one)));
    assert!(late.len() == 12 && most - least < 0.004, "{late:?}");
}

#[test]
#[ignore = "takes as long as the programs say"]
fn python_in_real_time() {
    if let Some(python) = python() {
        let all: Vec<_> = PROGRAMS.iter().chain([&POOL, &ALMOST_TOGETHER]).collect();
        check_all(&all, 12, title, |program| {
            real_time::check(&words(&python, program), &expected(program))
        });
    }
}
