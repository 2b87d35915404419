//! What commands need, on made-up machines.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;
use tempfile::TempDir;

/// A home folder, `PATH` folders in it, and a folder with what learners have handed in.
struct Machine {
    top: TempDir,
    path: String,
    variables: Vec<(&'static str, String)>,
}

impl Machine {
    /// A machine with these folders on its `PATH`.
    fn new(path: &[&str]) -> Self {
        let top = tempfile::tempdir().expect("a folder");
        let mut machine = Self { top, path: String::new(), variables: Vec::new() };
        let folders = path.iter().map(|folder| machine.at(folder).display().to_string());
        machine.path =
            folders.chain(["/usr/bin".into(), "/bin".into()]).collect::<Vec<_>>().join(":");
        for folder in ["home/teacher/.ssh", "class/alice", "class/bob", "tmp"] {
            fs::create_dir_all(machine.at(folder)).expect("a new folder");
        }
        machine
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    fn at(&self, path: &str) -> PathBuf {
        self.top.path().canonicalize().expect("it is there").join(path)
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        fs::write(path, text).expect("it can be written");
        self
    }

    /// Written by another process: one that another test starts meanwhile would inherit a file that is
    /// open for writing, and it could not be run (`ETXTBSY`).
    fn program(&self, path: &str, text: &str) -> &Self {
        self.file(path, "");
        let write = "printf %s \"$0\" > \"$1\" && chmod 755 \"$1\"";
        let written = Command::new("sh").args(["-c", write, text]).arg(self.at(path)).status();
        assert!(written.expect("sh").success());
        self
    }

    fn link(&self, path: &str, target: &str) -> &Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
        symlink(target, path).expect("a new link");
        self
    }

    fn needs(&self, command: &str, folder: &str) -> Needs {
        self.needs_with(command, folder, &[], &[])
    }

    /// The same for a program with folders of its own, where some things may be read anyway.
    fn needs_with(&self, command: &str, folder: &str, own: &[&str], allowed: &[&str]) -> Needs {
        let home = self.at("home/teacher");
        let variables = [("PATH", self.path.clone()), ("HOME", home.display().to_string())];
        let variables = variables.into_iter().chain(self.variables.clone());
        let variables = variables.map(|(name, value)| (name.into(), value.into())).collect();
        let surroundings = Surroundings::new(vec![home], self.at("tmp"), variables);
        let words: Vec<_> = match command.split_once(" '") {
            Some((words, code)) => {
                let code =
                    code.trim_end_matches('\'').replace("TOP", &self.at("").display().to_string());
                words.split(' ').map(str::to_owned).chain([code]).collect()
            }
            None => command.split(' ').map(str::to_owned).collect(),
        };
        let [own, allowed] =
            [own, allowed].map(|paths| paths.iter().map(|path| self.at(path)).collect::<Vec<_>>());
        Search::new(&surroundings, &VersionManagers::default(), &self.at(folder), &allowed)
            .of(&words, &own)
    }

    /// What the command may read, and the links to it, as paths relative to the top.
    fn read(&self, command: &str, folder: &str) -> Vec<String> {
        self.shown(&self.needs(command, folder))
    }

    fn shown(&self, needs: &Needs) -> Vec<String> {
        let top = self.at("");
        let shown = |path: &PathBuf| path.strip_prefix(&top).unwrap_or(path).display().to_string();
        let mut all: Vec<_> = needs.read.iter().chain(&needs.links).map(shown).collect();
        all.sort();
        all
    }
}

#[test]
fn a_program_reads_the_folder_of_each_file_that_its_command_names() {
    let machine = Machine::new(&[]);
    machine.file("class/alice/count.py", "").file("class/bob/count.py", "");
    machine.program("class/alice/count", "");
    machine.file("class/alice/build/Chained.class", "");
    for (command, folder) in [
        ("python3 count.py", "class/alice"),
        ("python3 -u alice/count.py 3", "class"),
        ("./alice/count", "class"),
        ("env X=1 timeout 9 python3 ./alice/count.py", "class"),
        ("node --import=alice/count.py", "class"),
        ("java Chained", "class/alice"),
        ("python3 -m package", "class/alice"),
        ("sh -c 'cd alice&&python3 count.py>/dev/null'", "class"),
        ("bash -ec 'python3 \"alice/count.py\";'", "class"),
        ("sh -c 'python3 TOP/class/alice/count.py'", "class"),
    ] {
        assert_eq!(machine.read(command, folder), ["class/alice"], "{command}");
    }
    // The path has to lead there in the cage, too.
    let read = machine.read("../alice/count", "class/bob");
    assert_eq!(read, ["class/alice", "class/bob/../alice"]);
    let read = machine.read("java -cp alice/build:bob/* Chained", "class");
    assert_eq!(read, ["class/alice/build", "class/bob"]);
    assert_eq!(machine.read("python3 -m package ../bob/count.py", "class/alice").len(), 2);
}

#[test]
fn of_a_home_folder_and_the_like_only_the_named_files_are_read() {
    let machine = Machine::new(&[]);
    for folder in ["home/teacher", "home", "tmp", "home/teacher/.ssh", "home/teacher/.config/gh"] {
        machine.file(&format!("{folder}/count.py"), "").file(&format!("{folder}/secret"), "");
        let name = format!("{folder}/count.py");
        assert_eq!(machine.read("python3 count.py", folder), [&*name]);
        assert_eq!(machine.read(&format!("python3 {name}"), ""), [&*name]);
        assert!(machine.read("java Chained", folder).is_empty(), "{folder}");
        assert!(machine.read("ls .", folder).is_empty(), "{folder}");
        assert!(machine.read(&format!("ls ./{folder}/"), "").is_empty(), "{folder}");
    }
    for named in ["/etc/passwd", "/proc/self/environ", "/dev/null", "/", "/home", "/tmp", "/var"] {
        assert_eq!(machine.read(&format!("cat {named}"), "home"), [""; 0], "{named}");
    }
    machine.file("home/teacher/course/count.py", "");
    assert_eq!(machine.read("python3 course/count.py", "home/teacher"), ["home/teacher/course"]);
}

#[test]
fn a_link_out_of_its_folder_adds_nothing_unless_its_target_is_allowed() {
    let machine = Machine::new(&[]);
    machine.file("course/answers/count.py", "").file("home/teacher/.ssh/id_rsa", "secret");
    machine.file("class/bob/data/x", "").file("class/alice/main.py", "");
    machine.link("class/alice/count.py", "../links/count.py");
    machine.link("class/links/count.py", "../../course/answers/count.py");
    machine.link("class/alice/key", "../../home/teacher/.ssh/id_rsa");
    machine.link("class/alice/data", "../bob/data");
    machine.link("class/carol", "../home/teacher/.ssh");
    machine.link("class/dave/node_modules", "../../home/teacher");
    machine.file("class/dave/src/count.js", "");
    for (command, folder, own, link, target) in [
        ("python3 count.py", "class/alice", "class/alice", "count.py", "course/answers/count.py"),
        ("python3 main.py data", "class/alice", "class/alice", "data", "class/bob/data"),
        ("python3 alice/main.py alice/data/x", "class", "class/alice", "data", "class/bob/data"),
        ("java -cp alice/main.py:alice/data x", "class", "class/alice", "data", "class/bob/data"),
    ] {
        let needs = machine.needs(command, folder);
        assert_eq!(machine.shown(&needs), [own], "{command}");
        let (link, path) = (machine.at("class/alice").join(link), machine.at(target));
        let said = format!(
            "{} is a link out of its folder: if that is fine, add --allow-read {}",
            link.display(),
            path.display()
        );
        assert_eq!(needs.missing, Some(said), "{command}");
        for allowed in [target, target.rsplit_once('/').expect("a folder").0] {
            let needs = machine.needs_with(command, folder, &[], &[allowed]);
            assert_eq!(needs.missing, None, "{command}");
        }
    }
    // Nobody is told to open a home folder, or what is hidden there.
    machine.link("class/alice/home", "../../home/teacher");
    for link in ["home", "key"] {
        let why = machine.needs(&format!("python3 class/alice/{link}"), "").missing;
        assert!(why.is_some_and(|why| why.ends_with("put the file itself there")), "{link}");
    }
    let needs = machine.needs_with("cat x", "home", &["class/alice/data", "class/carol"], &[]);
    assert!(needs.missing.is_some() && needs.read.is_empty(), "{needs:?}");
    machine.file("home/teacher/.mail/a/b/x", "").link("home/teacher/mail", ".mail/a/b");
    machine.link("home/teacher/x.py", ".ssh/id_rsa").link("tmp/x.py", "../class/alice/main.py");
    for command in ["python3 home/teacher/x.py", "./tmp/x.py", "python3 home/teacher/mail/x"] {
        let needs = machine.needs(command, "");
        assert!(needs.missing.is_some() && needs.read.is_empty(), "{command}: {needs:?}");
    }
    assert_eq!(machine.read("python3 -m package", "class/carol"), [""; 0]);
    assert_eq!(machine.read("node dave/src/count.js", "class"), ["class/dave/src"]);
}

#[test]
fn a_link_in_its_folder_or_in_a_home_folder_is_followed() {
    let machine = Machine::new(&[]);
    machine.file("class/alice/src/count.py", "").link("class/alice/run", "src/count.py");
    machine.link("home/teacher/course", "../../class");
    machine.file("class/dan/node_modules/x/cli.js", "").file("class/dan/secret", "");
    machine.link("class/dan/node_modules/.bin/x", "../x/cli.js");
    for (command, folder, read) in [
        ("python3 run", "class/alice", &["class/alice"][..]),
        ("python3 ~/course/alice/run", "", &["class/alice", "home/teacher/course/alice"]),
        ("./node_modules/.bin/x", "class/dan", &["class/dan/node_modules"]),
    ] {
        let home = machine.at("home/teacher").display().to_string();
        let needs = machine.needs(&command.replace('~', &home), folder);
        assert_eq!(needs.missing, None, "{command}");
        let shown = machine.shown(&needs);
        assert!(read.iter().all(|path| shown.contains(&(*path).into())), "{command}: {shown:?}");
        assert!(shown.iter().all(|path| !path.contains("secret") && path != "class"), "{shown:?}");
    }
}

#[test]
fn no_name_of_a_file_or_folder_is_taken_apart() {
    let machine = Machine::new(&[]);
    let top = machine.at("").display().to_string();
    machine.file("exams/solutions", "");
    for name in [format!("x={top}exams"), format!("x:{top}exams"), format!("--x={top}exams")] {
        let inside = format!("class/alice/{name}/count");
        machine.program(&inside, "");
        let whole = format!("class/alice/{name}");
        // As the checker passes the folders of a package, and what it has built.
        let built = machine.at(&inside).display().to_string();
        let needs = machine.needs_with(&built, "class/bob", &[&whole, "class/alice"], &[]);
        assert_eq!(machine.shown(&needs), ["class/alice"], "{name}");
        assert_eq!(machine.read(&format!("{name}/count"), "class/alice"), [&*whole], "{name}");
        // As a shell fills in `*`.
        assert_eq!(machine.read(&format!("ls {name}"), "class/alice"), [&*whole], "{name}");
    }
}

#[test]
fn what_a_package_manager_keeps_above_a_program_is_read() {
    let machine = Machine::new(&[]);
    machine.file("class/alice/src/count.js", "").file("class/alice/package.json", "{}");
    machine.file("class/alice/node_modules/x/index.js", "").file("class/alice/secret", "");
    let read = machine.read("node src/count.js", "class/alice");
    assert_eq!(read, ["class/alice/node_modules", "class/alice/package.json", "class/alice/src"]);
}

/// A program on the `PATH`, what else exists (`->` makes a link), and what of all that may be read.
/// `~` is the home folder.
const INSTALLED: [(&str, &str, &str); 11] = [
    // nvm; go and unpacked archives are alike
    ("~/.nvm/v22/bin/node", "~/.nvm/v22/lib/x ~/.nvm/v20/lib/x", "~/.nvm/v22"),
    ("~/miniconda3/envs/c/bin/python3", "~/miniconda3/envs/c/lib/x", "~/miniconda3/envs/c"),
    // SDKMAN: a link leads to the current version
    (
        "~/.sdkman/now/bin/java",
        "~/.sdkman/21/lib/x ~/.sdkman/now->21",
        "~/.sdkman/21 ~/.sdkman/now",
    ),
    // Deno, Bun, a script: a file among others
    ("~/.deno/bin/deno", "~/.deno/x", "~/.deno/bin/deno"),
    ("~/bin/mine", "~/lib/x ~/bin/x", "~/bin/mine"),
    // .NET, Zig: not in a folder called bin
    ("~/.dotnet/dotnet", "~/.dotnet/shared/x", "~/.dotnet"),
    // uv
    (
        "~/.local/bin/python3",
        "~/.local/bin/python3->../share/uv/3.12/bin/python3.12 ~/.local/share/uv/3.12/lib/x \
         ~/.local/share/uv/3.12/bin/python3.12 ~/.local/share/keyrings/x",
        "~/.local/bin/python3 ~/.local/share/uv/3.12",
    ),
    // fnm: each shell has a link to a folder
    (
        "run/fnm/1/bin/node",
        "run/fnm/1->../../home/teacher/.local/share/fnm/v22 ~/.local/share/fnm/v22/lib/x",
        "run/fnm/1 ~/.local/share/fnm/v22",
    ),
    // Installed with --prefix ~/.local
    (
        "~/.local/bin/node",
        "~/.local/lib/x ~/.local/share/keyrings/x",
        "~/.local/bin/node ~/.local/lib",
    ),
    // Homebrew
    (
        "brew/bin/python3",
        "brew/bin/python3->../Cellar/python/3/bin/python3 brew/Cellar/python/3/bin/python3 \
         brew/Cellar/python/3/lib/x brew/bin/brew brew/opt/openssl/lib/x",
        "brew",
    ),
    // The system's own
    ("/usr/bin/env", "", ""),
];

#[test]
fn interpreters_in_a_home_folder_are_found() {
    let home = |path: &str| path.replace('~', "home/teacher");
    for (program, files, read) in INSTALLED {
        let (folder, name) = program.rsplit_once('/').expect("a path");
        let machine = Machine::new(&[&home(folder)]);
        machine.file("class/alice/count.x", "");
        for file in files.split_whitespace() {
            match home(file).split_once("->") {
                Some((link, target)) => machine.link(link, target),
                None => machine.program(&home(file), ""),
            };
        }
        if !machine.at(&home(program)).exists() {
            machine.program(&home(program), "");
        }
        let read = format!("class/alice {read}");
        let mut read: Vec<_> = read.split_whitespace().map(home).collect();
        read.sort();
        for command in ["NAME count.x", "env A=b NAME count.x", "sh -c 'NAME count.x'"] {
            let command = command.replace("NAME", name);
            assert_eq!(machine.read(&command, "class/alice"), read, "{command}");
        }
    }
}

#[test]
fn a_virtual_environment_needs_the_python_that_it_was_made_with() {
    let machine = Machine::new(&["class/alice/.venv/bin"]);
    let base = "home/teacher/.pyenv/versions/3.13.0";
    machine.program(&format!("{base}/bin/python3"), "").file(&format!("{base}/lib/x"), "");
    // Made with --copies: no link tells.
    machine.program("class/alice/.venv/bin/python3", "").file("class/alice/.venv/lib/x", "");
    let home = machine.at(&format!("{base}/bin")).display().to_string();
    machine.file("class/alice/.venv/pyvenv.cfg", &format!("version = 3.13.0\nhome = {home}\n"));
    machine.file("class/alice/count.py", "");
    for command in ["python3 count.py", ".venv/bin/python3 count.py"] {
        let read = machine.read(command, "class/alice");
        assert_eq!(read, ["class/alice", base], "{command}");
    }
    // A learner's own names only the user's interpreters, or the system's.
    machine.program("class/bob/python3", "").file("class/bob/lib/x", "");
    machine.program("class/dan/count.py", "").file("class/dan/lib/x", "");
    let home = machine.at("class/bob").display().to_string();
    for folder in ["class/dan", "class/dan/.venv"] {
        machine.file(&format!("{folder}/pyvenv.cfg"), &format!("home = {home}\n"));
    }
    machine.link("class/dan/.venv/bin/python3", &format!("{home}/python3"));
    assert_eq!(machine.read("./count.py", "class/dan"), ["class/dan"]);
    let needs = machine.needs(".venv/bin/python3 count.py", "class/dan");
    assert_eq!(machine.shown(&needs), ["class/dan"]);
    assert!(needs.missing.is_some_and(|why| why.contains("class/bob/python3")));
    // It is made from the user's by a link, too.
    let python = machine.at(&format!("{base}/bin/python3")).display().to_string();
    machine.file("class/erin/count.py", "").link("class/erin/.venv/bin/python3", &python);
    machine.file("class/erin/.venv/pyvenv.cfg", &format!("home = {python}/..\n"));
    machine.file("class/erin/.venv/lib/x", "");
    let needs = machine.needs(".venv/bin/python3 count.py", "class/erin");
    assert_eq!(
        (machine.shown(&needs), needs.missing),
        (vec!["class/erin".into(), base.into()], None)
    );
    // It cannot name what is no Python.
    let home = machine.at("home/teacher/.ssh").display().to_string();
    machine.file("class/alice/.venv/pyvenv.cfg", &format!("home = {home}\n"));
    assert_eq!(machine.read("python3 count.py", "class/alice"), ["class/alice"]);
}

#[test]
fn the_first_line_of_a_script_names_its_interpreter() {
    let machine = Machine::new(&["home/teacher/.nvm/v22/bin"]);
    machine.program("home/teacher/.nvm/v22/bin/node", "").file("home/teacher/.nvm/v22/lib/x", "");
    let node = machine.at("home/teacher/.nvm/v22/bin/node").display().to_string();
    machine.program("class/alice/wrapper", &format!("#! {node} --flag\n"));
    machine.program("class/bob/wrapper", &format!("#!{node}\n"));
    let wrapper = machine.at("class/bob/wrapper").display().to_string();
    for line in [
        "#!/usr/bin/env node".into(),
        "#!/usr/bin/env -S node --flag".into(),
        "#!/usr/bin/env -S A=b node --flag".into(),
        format!("#!{node}"),
        format!("#!{wrapper}"),
    ] {
        machine.program("class/bob/count", &format!("{line}\nmore"));
        let read = machine.read("./count", "class/bob");
        assert!(read.contains(&"home/teacher/.nvm/v22".into()), "{line}: {read:?}");
    }
    machine.program("class/bob/count", "#!\n");
    assert_eq!(machine.read("./count", "class/bob"), ["class/bob"]);
    // Only what is run counts.
    machine.file("class/bob/text", &format!("#!{node}\n"));
    assert_eq!(machine.read("cat text", "class/bob"), ["class/bob"]);
    machine.program("class/bob/count", &format!("#!{node}\n"));
    assert_eq!(machine.read("python3 count", "class/bob"), ["class/bob"]);
    // Not another learner's program.
    machine.program("class/alice/bin/python3", "").file("class/alice/lib/x", "");
    machine.link("class/bob/python3", "../alice/bin/python3");
    machine.link("class/bob/bin", "../alice/bin");
    let others = ["class/alice/wrapper", "class/alice/bin/python3", "class/bob/bin/python3"];
    for interpreter in others.into_iter().chain(["class/bob/python3"]) {
        let interpreter = machine.at(interpreter).display().to_string();
        for line in [format!("#!{interpreter}"), format!("#!/usr/bin/env {interpreter}")] {
            machine.program("class/bob/count", &line);
            assert_eq!(machine.read("./count", "class/bob"), ["class/bob"], "{line}");
        }
    }
}

#[test]
fn a_version_manager_is_asked_for_what_its_shim_starts() {
    let asked =
        "#!/bin/sh\n[ \"$1 $2\" = 'which python3' ] && echo TOP/versions/3.13/bin/python3\n";
    let root = "home/teacher/.pyenv";
    let machine = Machine::new(&["home/teacher/.pyenv/shims", "home/teacher/.mise/shims"]);
    let top = machine.at("home/teacher/.pyenv").display().to_string();
    let shim =
        format!("#!/bin/sh\nset -e\nexec \"{top}/libexec/pyenv\" exec \"$program\" \"$@\"\n");
    machine.program(&format!("{root}/shims/python3"), &shim);
    machine.program(&format!("{root}/libexec/pyenv"), &asked.replace("TOP", &top));
    machine.program(&format!("{root}/versions/3.13/bin/python3"), "");
    machine.file(&format!("{root}/versions/3.13/lib/x"), "").file("class/alice/count.py", "");
    let needs = machine.needs("python3 count.py", "class/alice");
    let read = machine.read("python3 count.py", "class/alice");
    assert_eq!(
        read,
        ["class/alice", "home/teacher/.pyenv/shims/python3", "home/teacher/.pyenv/versions/3.13"]
    );
    let path = needs.environment.iter().find(|(name, _)| name == "PATH").expect("a path");
    let path = path.1.to_str().expect("UTF-8");
    assert_eq!(path, format!("{top}/versions/3.13/bin:{}", machine.path));

    // Named by its path, it starts itself.
    let read = machine.read(&format!("{top}/shims/python3 count.py"), "class/alice");
    assert_eq!(read, ["class/alice", root]);

    // As mise and rustup: the shim is a link to the manager.
    machine.program(
        "home/teacher/.local/bin/mise",
        &asked.replace("python3", "ruby").replace("TOP", &top),
    );
    machine.link("home/teacher/.mise/shims/ruby", "../../.local/bin/mise");
    machine.program(&format!("{root}/versions/3.13/bin/ruby"), "");
    let read = machine.read("ruby count.py", "class/alice");
    assert!(read.contains(&format!("{root}/versions/3.13")), "{read:?}");
}

#[test]
fn a_file_of_a_learner_is_no_shim_and_no_installation() {
    let machine = Machine::new(&["tools/bin"]).with("PYENV_ROOT", "");
    machine.program("tools/bin/ruby", "");
    machine.file("class/secret", "").file("class/lib/x", "").file("class/bob/lib/x", "");
    let shim = "#!/bin/sh\nexec /x/y exec z\n";
    machine.program("class/shims/count", shim).program("class/alice/volta-shim", "");
    machine.program("class/alice/volta", "").program("class/alice/rustup", "");
    machine.link("class/alice/count", "volta-shim").link("class/alice/cargo", "rustup");
    machine.program("class/bin/count", "#!/usr/bin/env python3\n").program("class/bin/x", "");
    machine.program("class/bin/python3", "");
    for (command, read) in [
        ("shims/count", "class/shims"),
        ("alice/count", "class/alice"),
        ("python3 alice/count", "class/alice"),
        ("bin/count", "class/bin"),
        ("python3 bin/x", "class/bin"),
    ] {
        let needs = machine.needs(command, "class");
        assert_eq!(machine.shown(&needs), [read], "{command}");
        assert!(needs.environment.is_empty(), "{needs:?}");
    }
    machine.link("class/bin/ruby", "../../tools/bin/ruby");
    for (interpreter, read) in
        [("python3", &["class/bin"][..]), ("ruby", &["class/bin", "tools/bin/ruby"])]
    {
        let path = machine.at("class/bin").join(interpreter).display().to_string();
        machine.program("class/bin/count", &format!("#!{path}\n"));
        assert_eq!(machine.read("bin/count", "class"), read);
    }
}

/// A file in the command's folder tells a version manager which version to take.
#[test]
fn a_version_manager_cannot_lead_to_a_learners_folder() {
    let machine = Machine::new(&["home/teacher/.asdf/shims"]);
    let top = machine.at("").display().to_string();
    let manager = format!("#!/bin/sh\necho {top}class/bob/bin/python3\n");
    machine.program("home/teacher/.asdf/bin/asdf", &manager);
    let shim = format!("#!/bin/sh\nexec {top}home/teacher/.asdf/bin/asdf exec \"python3\"\n");
    machine.program("home/teacher/.asdf/shims/python3", &shim);
    machine.program("class/bob/bin/python3", "").file("class/bob/lib/x", "");
    machine.file("class/alice/count.py", "");
    let needs = machine.needs("python3 count.py", "class/alice");
    assert_eq!(machine.shown(&needs), ["class/alice", "home/teacher/.asdf/shims/python3"]);
    assert!(needs.environment.is_empty(), "{needs:?}");
}

/// A submission is not run to find out what it needs.
#[test]
fn nothing_of_the_programs_own_folder_is_run() {
    let machine = Machine::new(&[]).with("PATH", "shims:.:/usr/bin:/bin");
    let evil = "#!/bin/sh\ntouch ran\nexec ./evil exec \"$@\"\n";
    machine.program("class/alice/shims/python3", evil).program("class/alice/evil", evil);
    machine.link("class/alice/shims/ruby", "../rustup").program("class/alice/rustup", evil);
    for command in ["python3 x", "./shims/python3 x", "ruby x", "shims/ruby x", "./evil"] {
        machine.needs(command, "class/alice");
        assert!(!machine.at("class/alice/ran").exists(), "{command}");
    }
}

#[test]
fn packages_that_a_user_installed_for_python_are_read() {
    let machine = Machine::new(&["home/teacher/.local/bin"]);
    machine.file("home/teacher/.local/lib/python3.13/site-packages/x.py", "");
    machine.file("home/teacher/.local/share/keyrings/x", "").file("class/alice/count.py", "");
    let needs = machine.needs("python3 count.py", "class/alice");
    let packages = machine.at("home/teacher/.local");
    assert_eq!(needs.read, [machine.at("class/alice"), packages.join("lib/python3.13")]);
    assert_eq!(needs.environment, [("PYTHONUSERBASE".into(), packages.into())]);
}

#[test]
fn cargo_reads_the_workspace_and_builds_where_nothing_is_run_outside() {
    let machine = Machine::new(&[]).with("CARGO_HOME", "");
    machine
        .file("home/teacher/.cargo/credentials.toml", "token")
        .file("home/teacher/.cargo/registry/x", "");
    machine.file("home/teacher/.cargo/config.toml", "[registry]\ntoken = 'secret'\n");
    machine
        .file("class/alice/Cargo.toml", "[workspace]\nmembers = [\"count\"]\nresolver = \"3\"\n");
    machine
        .file("class/alice/count/Cargo.toml", "[package]\nname = \"count\"\nedition = \"2024\"\n");
    machine.file("class/alice/count/src/main.rs", "fn main() {}");
    // Cargo would run this.
    machine.file("class/alice/.cargo/config.toml", "[build]\nrustc = \"/no/such/compiler\"\n");
    machine.file("class/alice/rust-toolchain", "[toolchain]\npath = \"/no/such/toolchain\"\n");
    for (command, folder) in [
        ("cargo run -q", "class/alice/count"),
        ("cargo run -p count", "class/alice"),
        ("cargo run --manifest-path alice/count/Cargo.toml", "class"),
        ("env A=b cargo run --manifest-path=alice/count/Cargo.toml", "class"),
        ("sh -c 'cargo run --manifest-path alice/count/Cargo.toml'", "class"),
    ] {
        let needs = machine.needs(command, folder);
        let built = machine.at("class/alice/target/caged");
        assert_eq!(needs.write, std::slice::from_ref(&built), "{command}");
        assert!(needs.read.contains(&machine.at("class/alice")), "{command}");
        assert!(needs.read.contains(&machine.at("home/teacher/.cargo/registry")), "{command}");
        let secrets = machine.at("home/teacher/.cargo");
        let secrets = [secrets.join("credentials.toml"), secrets.join("config.toml"), secrets];
        assert!(!needs.read.iter().any(|path| secrets.contains(path)), "{command}");
        let value =
            |name: &str| needs.environment.iter().find(|(it, _)| it == name).map(|(_, it)| it);
        assert_eq!(value("CARGO_TARGET_DIR"), Some(&built.into()), "{command}");
        assert_eq!(value("CARGO_NET_OFFLINE"), Some(&"true".into()), "{command}");
        assert!(machine.at("class/alice/Cargo.lock").exists(), "{command}");
    }
    machine.file("home/teacher/.cargo/config.toml", "[net]\nretry = 1\n");
    let read = machine.read("cargo run", "class/alice");
    assert!(read.contains(&"home/teacher/.cargo/config.toml".into()), "{read:?}");
}

#[test]
fn packages_with_the_same_name_are_built_in_different_folders() {
    let mut machine = Machine::new(&[]);
    machine.variables.push(("CARGO_TARGET_DIR", machine.at("built").display().to_string()));
    let built = ["class/alice/count", "class/bob/count"].map(|package| {
        let manifest = "[package]\nname = \"count\"\nedition = \"2024\"\n[workspace]\n";
        machine.file(&format!("{package}/Cargo.toml"), manifest);
        machine.file(&format!("{package}/src/main.rs"), "fn main() {}");
        let [write] = &machine.needs("cargo run", package).write[..] else {
            panic!("{package} is built in one folder");
        };
        assert!(write.starts_with(machine.at("built/caged")), "{}", write.display());
        assert_eq!(machine.needs("cargo run", package).write, std::slice::from_ref(write));
        write.clone()
    });
    assert_ne!(built[0], built[1]);
}

#[test]
fn cargo_builds_nowhere_if_a_learner_has_made_a_link_there() {
    let machine = Machine::new(&[]);
    for link in ["class/alice/target", "class/bob/target/caged"] {
        let package = if link.contains("alice") { "class/alice" } else { "class/bob" };
        let manifest = "[package]\nname = \"count\"\nedition = \"2024\"\n[workspace]\n";
        machine.file(&format!("{package}/Cargo.toml"), manifest);
        machine.file(&format!("{package}/src/main.rs"), "fn main() {}");
        machine.link(link, &machine.at("home/teacher/.ssh").display().to_string());
        let needs = machine.needs("cargo run", package);
        assert!(needs.write.is_empty(), "{link}");
        assert_eq!(fs::read_dir(machine.at("home/teacher/.ssh")).expect("a folder").count(), 0);
    }
    // A package cannot name a folder of somebody else as its own.
    machine.file("class/carol/Cargo.toml",
        "[package]\nname = \"count\"\nedition = \"2024\"\n[dependencies]\nbob = { path = \"../bob\" }\n[workspace]\nmembers = [\"../bob\"]\n");
    machine.file("class/carol/src/main.rs", "fn main() {}");
    let read = machine.read("cargo run", "class/carol");
    assert!(!read.iter().any(|path| path.contains("bob")), "{read:?}");
}

#[test]
fn a_path_dependency_in_a_folder_of_somebody_else_has_to_be_allowed() {
    let machine = Machine::new(&[]);
    let package = |path: &str, dependencies: &str| {
        let name = path.rsplit('/').next().expect("a name");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n[dependencies]\n{dependencies}"
        );
        machine.file(&format!("{path}/Cargo.toml"), &manifest);
        machine.file(&format!("{path}/src/main.rs"), "fn main() {}");
        machine.file(&format!("{path}/src/lib.rs"), "");
    };
    package("class/alice/count", "common = { path = \"../common\" }\n");
    package("class/alice/common", "");
    package("class/carol", "bob = { path = \"../bob\" }\ninner = { path = \"inner\" }\n");
    package("class/carol/inner", "");
    package("class/bob", "far = { path = \"../alice/common\", package = \"common\" }\n");
    let missing = |command: &str, folder: &str| machine.needs(command, folder).missing;
    let common = "it depends on ../common, which is outside of its folder: --allow-read ../common";
    assert_eq!(missing("cargo run -q", "class/alice/count").as_deref(), Some(common));
    assert_eq!(
        missing("cargo run --manifest-path alice/count/Cargo.toml", "class").as_deref(),
        Some(&*common.replace("../", "alice/"))
    );
    let far = machine.at("class/alice/common").display().to_string();
    let manifest = machine.at("class/alice/count/Cargo.toml").display().to_string();
    assert_eq!(
        missing(&format!("cargo run --manifest-path {manifest}"), "home/teacher/.ssh").as_deref(),
        Some(&*common.replace("../common", &far))
    );
    // What it depends on may in turn depend on others.
    let both = "it depends on ../alice/common and ../bob, which are outside of its folder: \
                --allow-read ../alice/common --allow-read ../bob";
    assert_eq!(missing("cargo run", "class/carol").as_deref(), Some(both));
    let bob = machine.needs_with("cargo run", "class/carol", &[], &["class/bob"]).missing;
    assert!(bob.is_some_and(|why| why.ends_with("--allow-read ../alice/common")));
    let allowed = ["class/alice/common", "class/bob"];
    assert_eq!(machine.needs_with("cargo run", "class/carol", &[], &allowed).missing, None);
    assert_eq!(machine.needs_with("cargo run", "class/alice/count", &[], &allowed).missing, None);
    // Nobody is told to open a home folder.
    package("home/teacher", "");
    let why =
        "home/teacher holds more than one program: move the package there to a folder of its own";
    let why = machine.at(why).display().to_string();
    assert_eq!(missing("cargo run", "home/teacher"), Some(why));
}
