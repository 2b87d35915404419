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
    format!(
        "import os, time
forged = 'forged ' * 100
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
forge()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for file in range(3):
            os.close(file)
        for _ in range(60):
            time.sleep(0.05)
            forge()
    os._exit(0)
{BLOCKING}"
    )
}
