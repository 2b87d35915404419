//! Programs of learners, which answer countasync.

/// A right one.
pub const RIGHT: &str = include_str!("../answers/countasync.py");

/// One that blocks: some of its points are lost.
pub const BLOCKING: &str = "import time
for _ in range(3):
    print('One', flush=True)
    time.sleep(1)
    print('Two', flush=True)
";

/// One that loses points, and prints what a log of GitHub Actions or GitLab would obey.
pub const FORGES_COMMANDS: &str = "import time
print('::error::forged')
print('::set-output name=runners::forged')
print('::add-mask::0')
print('::stop-commands::forged')
print('::forged::')
print('##[error]forged')
print('x\\r::warning::forged')
print('\\x1b[0Ksection_start:0:forged')
for _ in range(3):
    print('One ::error::forged', flush=True)
    time.sleep(1)
    print('Two', flush=True)
";

/// One that writes to all of these paths, now and from a process that it leaves behind.
pub fn writes_to(paths: &[&str]) -> String {
    forger(paths, "")
}

/// One that also writes to the standard output of all processes that it can reach into: only for a
/// private root, as it stops at nothing.
pub fn writes_to_all_and(paths: &[&str]) -> String {
    forger(
        paths,
        "
    try:
        names = os.listdir('/proc')
    except OSError:
        names = map(str, range(1, 1000))
    for process in map(int, filter(str.isdigit, names)):
        if process in ours:
            continue
        try:
            descriptor = os.pidfd_open(process)
        except OSError:
            continue
        # pidfd_getfd: a copy of its standard output
        copy = ctypes.CDLL(None).syscall(438, descriptor, 1, 0)
        os.close(descriptor)
        if copy >= 0:
            os.write(copy, forged.encode())
            os.close(copy)
",
    )
}

/// One that does this `as_well`, too.
fn forger(paths: &[&str], as_well: &str) -> String {
    format!(
        "import ctypes, os, time
forged = 'forged ' * 100
ours = [os.getpid()]
def forge():
    for path in {paths:?}:
        try:
            if os.path.lexists(path):
                os.remove(path)
        except OSError:
            pass
        try:
            open(path, 'w').write(forged)
        except OSError:
            pass
{as_well}
forge()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ours.append(os.getpid())
        for file in range(3):
            os.close(file)
        for _ in range(600):
            time.sleep(0.05)
            forge()
    os._exit(0)
{BLOCKING}"
    )
}
