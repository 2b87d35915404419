//! The Cargo workspace around the copy: whether it allows the copy, and what has to be added to it.
//!
//! Only cargo knows which packages belong to a workspace, and only if they exist, so it is asked
//! before the copy is made and again when the copy is in place. If cargo could load the workspace
//! before but not after, the copy is removed.

use crate::cargo::{self, Loaded, Package};
use crate::{Error, Interruption};
use glob::{MatchOptions, Pattern, glob};
use std::fs;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where the copy is, as cargo sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no workspace.
    Outside,
    /// In the workspace of this manifest, which needs no change.
    Member { workspace: PathBuf },
    /// In a workspace that has yet to list it.
    Unlisted {
        /// The manifest of the workspace.
        workspace: PathBuf,
        /// Whether the manifest has a list of members.
        has_members: bool,
        /// The folders to add to it.
        members: Vec<PathBuf>,
    },
    /// In a workspace that was already broken; what cargo says about it.
    Unloadable(String),
}

/// A workspace manifest: what cargo does not report about it.
struct Manifest {
    path: PathBuf,
    workspace: Table,
}

impl Manifest {
    /// The manifest of the workspace in which cargo would look for a package: the nearest one above
    /// the package that does not exclude it.
    fn above(package: &Path) -> Option<Self> {
        for folder in package.ancestors().skip(1) {
            let path = folder.join("Cargo.toml");
            let Ok(text) = fs::read_to_string(&path) else { continue };
            // Cargo stops at a broken manifest, and says what is wrong with it.
            let mut manifest: Table = text.parse().ok()?;
            if let Some(Value::Table(workspace)) = manifest.remove("workspace") {
                let manifest = Self { path, workspace };
                if !manifest.excludes(package) {
                    return Some(manifest);
                }
            }
        }
        None
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn list(&self, key: &str) -> impl Iterator<Item = PathBuf> {
        let list = self.workspace.get(key).and_then(Value::as_array).into_iter().flatten();
        // Collecting the components drops each `.`.
        list.filter_map(Value::as_str).map(|path| self.folder().join(path).components().collect())
    }

    fn excludes(&self, package: &Path) -> bool {
        let is_in = |folder: PathBuf| package.starts_with(folder);
        self.list("exclude").any(is_in) && !self.list("members").any(is_in)
    }

    /// The packages that it lists and that can be read, for when cargo cannot load the workspace.
    fn packages(&self) -> Vec<Package> {
        let patterns = self.list("members").filter_map(|member| member.to_str().map(glob));
        let folders = patterns.filter_map(Result::ok).flatten().filter_map(Result::ok);
        let folders = folders.filter(|folder| !self.excludes(folder));
        folders.filter_map(|folder| package(folder.join("Cargo.toml"))).collect()
    }

    /// Whether the members include this folder itself, by its path or by a glob.
    fn takes_for_package(&self, folder: &Path) -> bool {
        let options = MatchOptions { require_literal_separator: true, ..MatchOptions::new() };
        self.list("members").any(|member| {
            member
                .to_str()
                .and_then(|member| Pattern::new(member).ok())
                .is_some_and(|pattern| pattern.matches_path_with(folder, options))
        })
    }
}

/// The manifest of the workspace that would take this folder for a package, and break: one without a
/// manifest of its own.
pub(crate) fn that_takes_for_package(folder: &Path) -> Option<PathBuf> {
    let has_manifest = folder.join("Cargo.toml").exists();
    let manifest = Manifest::above(folder).filter(|_| !has_manifest)?;
    manifest.takes_for_package(folder).then_some(manifest.path)
}

/// The package of a manifest, with its name only.
fn package(manifest: PathBuf) -> Option<Package> {
    let table: Table = fs::read_to_string(&manifest).ok()?.parse().ok()?;
    let name = table.get("package")?.get("name")?.as_str()?.to_owned();
    Some(Package { name, manifest, from_registry: Vec::new() })
}

/// The workspace around a destination, before anything is copied there.
pub(crate) struct Surroundings {
    /// Whether there is a workspace, and cargo can load it.
    is_sound: bool,
}

impl Surroundings {
    /// Refuses a destination where cargo could no longer load the workspace.
    pub fn of(
        destination: &Path,
        exercise: &str,
        interruption: &Interruption,
    ) -> Result<Self, Error> {
        if let Some(workspace) = that_takes_for_package(destination) {
            let problem = format!(
                "the workspace of {} treats this folder as a package; choose its parent folder",
                workspace.display()
            );
            return Err(Error::at(destination, problem));
        }
        let Some(manifest) = Manifest::above(&destination.join(exercise)) else {
            return Ok(Self { is_sound: false });
        };
        let loaded = cargo::load(manifest.folder(), interruption)?;
        let is_sound = loaded.is_ok();
        let packages = match loaded {
            Ok(loaded) => loaded.packages,
            // Perhaps only because the copy is already listed.
            Err(_) => manifest.packages(),
        };
        for name in [exercise, "common"] {
            if !manifest.excludes(&destination.join(name)) {
                check_unique(name, destination, &packages)?;
            }
        }
        Ok(Self { is_sound })
    }

    /// The place of a copy that has been made in a destination, and whether its workspace has a
    /// crate from crates.io with the name of the exercise. Refuses a copy that breaks the
    /// workspace.
    pub fn place(
        &self,
        destination: &Path,
        exercise: &str,
        interruption: &Interruption,
    ) -> Result<(Place, bool), Error> {
        let mut workspace = None;
        let mut members = Vec::new();
        for name in ["common", exercise] {
            let folder = destination.join(name);
            match cargo::load(&folder, interruption)? {
                Ok(loaded) if loaded.folder == folder => {} // in no workspace
                Ok(loaded) => workspace = Some(loaded),
                Err(trouble) => match load_above(&folder, interruption)? {
                    Some(loaded) => {
                        members.push(folder);
                        workspace = Some(loaded);
                    }
                    None if self.is_sound => {
                        let problem = format!("cargo cannot load this copy: {trouble}");
                        return Err(Error::at(&folder, problem));
                    }
                    None => return Ok((Place::Unloadable(trouble), false)),
                },
            }
        }
        Ok(match workspace {
            Some(workspace) => {
                let has_namesake = has_crate(&workspace, exercise);
                (in_workspace(&workspace.folder, members), has_namesake)
            }
            None => (Place::Outside, false),
        })
    }
}

/// The workspace that a package lies in but does not belong to, if cargo can load it.
fn load_above(package: &Path, interruption: &Interruption) -> Result<Option<Loaded>, Error> {
    match Manifest::above(package) {
        Some(manifest) => Ok(cargo::load(manifest.folder(), interruption)?.ok()),
        None => Ok(None),
    }
}

fn in_workspace(folder: &Path, missing: Vec<PathBuf>) -> Place {
    let workspace = folder.join("Cargo.toml");
    let [first, ..] = &missing[..] else { return Place::Member { workspace } };
    let has_members =
        Manifest::above(first).is_some_and(|manifest| manifest.workspace.contains_key("members"));
    let relative = |path: PathBuf| path.strip_prefix(folder).map(Path::to_owned).unwrap_or(path);
    Place::Unlisted { workspace, has_members, members: missing.into_iter().map(relative).collect() }
}

/// Refuses a workspace with another package of this name.
fn check_unique(name: &str, destination: &Path, packages: &[Package]) -> Result<(), Error> {
    let ours = destination.join(name).join("Cargo.toml");
    match packages.iter().find(|other| other.name == name && other.manifest != ours) {
        Some(other) => {
            let problem = format!(
                "the workspace already has this package {name}; choose a folder outside it"
            );
            Err(Error::at(&other.manifest, problem))
        }
        None => Ok(()),
    }
}

/// Whether a workspace depends on a crate from crates.io with this name: in its manifests or,
/// through other crates, in its lockfile.
fn has_crate(workspace: &Loaded, name: &str) -> bool {
    let mut dependencies = workspace.packages.iter().flat_map(|package| &package.from_registry);
    dependencies.any(|dependency| dependency == name) || is_locked(&workspace.folder, name)
}

fn is_locked(workspace: &Path, name: &str) -> bool {
    let Ok(text) = fs::read_to_string(workspace.join("Cargo.lock")) else { return false };
    let Ok(lock) = text.parse::<Table>() else { return false };
    let packages = lock.get("package").and_then(Value::as_array).into_iter().flatten();
    let text = |package: &Value, key| {
        package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    packages.into_iter().any(|package| {
        text(package, "name") == name && text(package, "source").starts_with("registry+")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(workspace: &str) -> Manifest {
        Manifest { path: "/work/Cargo.toml".into(), workspace: workspace.parse().unwrap() }
    }

    #[test]
    fn a_member_by_its_path_is_not_excluded() {
        let manifest = manifest("members = [\"new/chained\"]\nexclude = [\"./new\"]\n");
        assert!(manifest.excludes(Path::new("/work/new/common")));
        assert!(!manifest.excludes(Path::new("/work/new/chained")));
        assert!(!manifest.excludes(Path::new("/work/newer/common")));
    }

    #[test]
    fn a_glob_takes_folders_of_its_own_depth_for_packages() {
        let manifest = manifest("members = [\"./crates/*\", \"app\"]\n");
        for (folder, expected) in
            [("crates/new", true), ("app", true), ("crates", false), ("crates/new/chained", false)]
        {
            let takes = manifest.takes_for_package(&Path::new("/work").join(folder));
            assert_eq!(takes, expected, "{folder}");
        }
    }
}
