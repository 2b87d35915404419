#!/usr/bin/env bash
# Gradescope runs this once, as root, while it builds the image. Only this needs the network.
set -euo pipefail
source=/autograder/source

# The languages that your class may use: uncomment what it needs.
command -v python3 >/dev/null || apt-get install -y --no-install-recommends python3
# command -v node >/dev/null || apt-get install -y --no-install-recommends nodejs
# rust=yes
rust=${rust-}

# Answers are run by a user of their own, who may neither read the autograder nor write results.
useradd --create-home --shell /usr/sbin/nologin learner
chmod go-w /autograder
chmod 700 "$source"

# The checker needs nothing but Linux on x86-64.
install -m 755 "$source/checker" /usr/local/bin/checker
checker --version

# Rust, and all crates that the exercises need: answers are built without the network.
if [ -n "$rust" ]; then
    apt-get install -y --no-install-recommends ca-certificates curl gcc libc6-dev
    cp -R "$source/starters" /home/learner/starters
    chown -R learner: /home/learner/starters
    setpriv --reuid=learner --regid=learner --clear-groups env -i HOME=/home/learner PATH="$PATH" bash -euc '
        curl --proto =https --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
        ~/.cargo/bin/cargo fetch --manifest-path ~/starters/Cargo.toml'
fi
