//! A page in a real browser: a script that is added to a copy of it looks around, and says what it
//! sees. Nothing that the page asks of the network is answered.

use assert_cmd::Command;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Notes what goes wrong, from before the page's own script on.
const BEFORE: &str = "
    window.problems = [];
    addEventListener('error', (event) => problems.push(`error ${event.message}`));
    addEventListener('unhandledrejection', (event) => problems.push(`error ${event.reason}`));
    document.addEventListener('securitypolicyviolation',
        (event) => problems.push(`${event.violatedDirective} ${event.blockedURI}`));
    window.alert = (text) => problems.push(`alert ${text}`);
";

/// How a script waits, and says what it saw.
const TOOLS: &str = "
    const pause = () => new Promise((go) => setTimeout(go, 50));
    const say = (seen) => {
        const said = document.createElement('pre');
        said.id = 'said';
        const bytes = new TextEncoder().encode(JSON.stringify({ ...seen, problems }));
        said.textContent = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
        document.body.append(said);
    };
";

/// A proxy that notes what is asked of it, and answers nothing.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut line = String::new();
                let _ = BufReader::new(connection.unwrap()).read_line(&mut line);
                noted.lock().unwrap().push(line);
            }
        });
        Self { address, asked }
    }

    /// What was asked for, apart from what the browser asks its maker of its own accord, whatever
    /// its options.
    fn asked(&self) -> Vec<String> {
        let is_own = |line: &&String| {
            let words = line.split_whitespace().nth(1).unwrap_or_default();
            let host = words.trim_start_matches("http://").split(['/', ':']).next();
            host.is_some_and(|host| {
                host.ends_with(".google.com") || host.ends_with(".googleapis.com")
            })
        };
        self.asked.lock().unwrap().iter().filter(|line| !is_own(line)).cloned().collect()
    }
}

/// What the script says about the page, and what was asked of the network.
pub fn seen(page: &Path, script: &str) -> (Value, Vec<String>) {
    let after = format!("(async () => {{{TOOLS}{script}}})()");
    let html = fs::read_to_string(page).unwrap();
    let allowed = [BEFORE, &after]
        .map(|script| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script))))
        .join(" ");
    let html = html.replacen("script-src ", &format!("script-src {allowed} "), 1);
    let html = html.replacen("</title>", &format!("</title><script>{BEFORE}</script>"), 1);
    let copy = page.with_file_name("tested.html");
    fs::write(&copy, format!("{html}<script>{after}</script>")).unwrap();

    let profile = tempfile::tempdir().unwrap();
    let proxy = Proxy::start();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        // Less of what it fetches of its own accord.
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--no-first-run", "--disable-default-apps", "--disable-features=OptimizationHints"])
        .arg(format!("--proxy-server={}", proxy.address))
        .arg("--proxy-bypass-list=<-loopback>")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(["--window-size=1280,900", "--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("file://{}", copy.display()))
        .timeout(Duration::from_secs(120))
        .output()
        .expect("chromium, which `apt-get install chromium` installs");
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = dom.rsplit_once("<pre id=\"said\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (said, _) = said.unwrap_or_else(|| {
        panic!("the script ended early: {}", String::from_utf8_lossy(&output.stderr))
    });
    let said = BASE64_STANDARD.decode(said).unwrap();
    (serde_json::from_slice(&said).unwrap(), proxy.asked())
}
