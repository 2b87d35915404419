//! The binaries of a Cargo package, as cargo finds them:
//! <https://doc.rust-lang.org/cargo/reference/cargo-targets.html#target-auto-discovery>.

use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What of a manifest says which binaries there are.
#[derive(Deserialize)]
struct Manifest {
    package: Option<Package>,
    #[serde(default)]
    bin: Vec<Binary>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    #[serde(default = "yes")]
    autobins: bool,
}

#[derive(Deserialize)]
struct Binary {
    name: Option<String>,
    path: Option<PathBuf>,
}

fn yes() -> bool {
    true
}

/// The names of the binaries of a package, given all files there are.
pub(super) fn binaries(root: &Path, package: &Path, files: &[PathBuf]) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root.join(package).join("Cargo.toml")).unwrap_or_default();
    let Ok(Manifest { package: Some(about), bin }) = toml::from_str(&manifest) else {
        return BTreeSet::new();
    };
    let has = |path: &Path| files.binary_search(&package.join(path)).is_ok();
    let mut taken: BTreeSet<PathBuf> = BTreeSet::new();
    let mut names = BTreeSet::new();
    for Binary { name, path } in bin {
        taken.extend(path);
        names.extend(name);
    }
    let main = Path::new("src/main.rs");
    if about.autobins && has(main) && !taken.contains(main) {
        names.insert(about.name);
    }
    let in_bin = files.iter().filter_map(|path| path.strip_prefix(package.join("src/bin")).ok());
    for path in in_bin.filter(|_| about.autobins) {
        let names_of_path: Vec<_> = path.iter().map(|name| name.to_string_lossy()).collect();
        let name = match &*names_of_path {
            [file] => file.strip_suffix(".rs"),
            [folder, file] if file == "main.rs" => Some(&**folder),
            _ => None,
        };
        if !taken.contains(&Path::new("src/bin").join(path)) {
            names.extend(name.map(str::to_owned));
        }
    }
    names
}
