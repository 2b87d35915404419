//! What cargo knows about a workspace. Only its data is read; its messages are for people.

use crate::{Error, Interruption, tool};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workspace as cargo loads it. A package outside any workspace is a workspace by itself.
pub(crate) struct Loaded {
    pub folder: PathBuf,
    pub packages: Vec<Package>,
}

pub(crate) struct Package {
    pub name: String,
    pub manifest: PathBuf,
    /// The dependencies that come from a registry such as crates.io.
    pub from_registry: Vec<String>,
}

/// Asks about the workspace of the package or workspace in a folder, without a lockfile or the
/// network. The inner error is what cargo says if it cannot load the workspace.
pub(crate) fn load(
    folder: &Path,
    interruption: &Interruption,
) -> Result<Result<Loaded, String>, Error> {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    cargo.env("CARGO_TERM_COLOR", "never");
    if folder.to_str().is_some() {
        cargo.arg("--manifest-path").arg(folder.join("Cargo.toml"));
    } else {
        // Cargo takes only UTF-8 as an argument.
        cargo.current_dir(folder);
    }
    let output = tool::output(&mut cargo, interruption)?;
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).trim_end().to_owned()));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|error| {
        Error::at(folder, format!("cannot parse cargo's description of it: {error}"))
    })?;
    let packages = elements(&metadata["packages"]).map(package).collect();
    Ok(Ok(Loaded { folder: text(&metadata["workspace_root"]).into(), packages }))
}

fn package(package: &Value) -> Package {
    let dependencies = elements(&package["dependencies"]);
    let from_registry =
        dependencies.filter(|dependency| text(&dependency["source"]).starts_with("registry+"));
    Package {
        name: text(&package["name"]).to_owned(),
        manifest: text(&package["manifest_path"]).into(),
        from_registry: from_registry
            .map(|dependency| text(&dependency["name"]).to_owned())
            .collect(),
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
