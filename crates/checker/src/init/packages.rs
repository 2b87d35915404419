//! What there is to write out.

use super::{PackageFile, starters};
use crate::exercises::Exercise;

/// Something that `checker init` writes out.
pub struct Package {
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// Where it goes if nobody says so: a folder or a zip file.
    pub usual_place: &'static str,
    /// What to do with it.
    pub next: &'static str,
    /// Whether it can be had for some of the exercises.
    pub takes_exercises: bool,
    /// Its files but for the checker.
    pub(super) files: fn(&[&Exercise]) -> Vec<PackageFile>,
    /// The path of the checker in it, if it has one.
    pub(super) checker: Option<&'static str>,
}

/// The package of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Package> {
    ALL.iter().find(|package| package.name == name)
}

/// The text of a file of this package of the checker's.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)).as_bytes()
    };
}

/// All that there is.
pub static ALL: &[Package] = &[
    Package {
        name: "gradescope",
        about: "an autograder for Gradescope, to upload as it is",
        usual_place: "gradescope.zip",
        next: "upload it as the autograder of a programming assignment; if it is a folder, zip what is in \
               it first",
        takes_exercises: true,
        files: |exercises| {
            let mut files = vec![
                PackageFile::new("setup.sh", text!("platforms/gradescope/setup.sh")),
                PackageFile::new("run_autograder", text!("platforms/gradescope/run_autograder")),
                names("exercises", exercises),
            ];
            // Their dependencies are downloaded while the image is built.
            let starters = starters::files(exercises).into_iter();
            files.extend(starters.map(|file| below("starters", file)));
            files
        },
        checker: Some("checker"),
    },
    Package {
        name: "classroom",
        about: "autograding for GitHub Classroom",
        usual_place: "classroom",
        next: "commit what is in it, with .github, to the template repository of the assignment",
        takes_exercises: true,
        files: |exercises| {
            let workflow = text!("platforms/classroom/workflow.yml");
            action(exercises, PackageFile::new(".github/workflows/classroom.yml", workflow))
        },
        checker: Some(CHECKER_OF_ACTION),
    },
    Package {
        name: "github",
        about: "a check of each push for GitHub Actions",
        usual_place: "github",
        next: "commit what is in it, with .github, to the repository with the answers",
        takes_exercises: true,
        files: |exercises| {
            let workflow = text!("platforms/github/workflow.yml");
            action(exercises, PackageFile::new(".github/workflows/check.yml", workflow))
        },
        checker: Some(CHECKER_OF_ACTION),
    },
    Package {
        name: "gitlab",
        about: "a job for GitLab",
        usual_place: "gitlab",
        next: "commit what is in it, with .gitlab, to the repository with the answers, and include \
               /.gitlab/check/job.yml in its .gitlab-ci.yml",
        takes_exercises: true,
        files: |exercises| {
            vec![
                PackageFile::new(".gitlab/check/job.yml", text!("platforms/gitlab/job.yml")),
                names(".gitlab/check/exercises", exercises),
            ]
        },
        checker: Some(".gitlab/check/checker"),
    },
    Package {
        name: "exercism",
        about: "a test runner for Exercism",
        usual_place: "exercism",
        next: "build its image, as its Dockerfile says",
        takes_exercises: false,
        files: |_| {
            vec![
                PackageFile::new("Dockerfile", text!("platforms/exercism/Dockerfile")),
                PackageFile::new("bin/run.sh", text!("platforms/exercism/bin/run.sh")),
            ]
        },
        checker: Some("bin/checker"),
    },
    Package {
        name: "starters",
        about: "the exercises with their functions left to write, as a Cargo workspace for learners",
        usual_place: "starters",
        next: "give it to your class",
        takes_exercises: true,
        files: starters::files,
        checker: None,
    },
    Package {
        name: "slurm",
        about: "a script that grades a cohort as a Slurm job array",
        usual_place: "slurm",
        next: "see the top of slurm.sh",
        takes_exercises: false,
        files: |_| vec![PackageFile::new("slurm.sh", text!("cohort/slurm.sh"))],
        checker: Some("checker"),
    },
    Package {
        name: "kubernetes",
        about: "an Indexed Job that grades a cohort on Kubernetes",
        usual_place: "kubernetes",
        next: "see the top of kubernetes.yaml",
        takes_exercises: false,
        files: |_| vec![PackageFile::new("kubernetes.yaml", text!("cohort/kubernetes.yaml"))],
        checker: Some("checker"),
    },
    Package {
        name: "github-cohort",
        about: "a workflow that grades a cohort with GitHub Actions",
        usual_place: "github-cohort",
        next: "see the top of .github/workflows/class.yml",
        takes_exercises: false,
        files: |_| {
            let workflow = text!("cohort/github-actions.yml");
            vec![PackageFile::new(".github/workflows/class.yml", workflow)]
        },
        checker: Some("checker"),
    },
    Package {
        name: "gitlab-cohort",
        about: "a pipeline that grades a cohort with GitLab",
        usual_place: "gitlab-cohort",
        next: "see the top of .gitlab-ci.yml",
        takes_exercises: false,
        files: |_| vec![PackageFile::new(".gitlab-ci.yml", text!("cohort/gitlab-ci.yml"))],
        checker: Some("checker"),
    },
];

const CHECKER_OF_ACTION: &str = ".github/actions/check/checker";

/// The action for GitHub, and a workflow that uses it.
fn action(exercises: &[&Exercise], workflow: PackageFile) -> Vec<PackageFile> {
    let action = text!("platforms/github/action.yml");
    vec![
        PackageFile::new(".github/actions/check/action.yml", action),
        names(".github/actions/check/exercises", exercises),
        workflow,
    ]
}

/// A file that says which exercises a package grades.
fn names(path: &str, exercises: &[&Exercise]) -> PackageFile {
    let lines: String = exercises.iter().map(|exercise| format!("{}\n", exercise.name)).collect();
    PackageFile::new(path, lines.into_bytes())
}

fn below(folder: &str, PackageFile { path, contents }: PackageFile) -> PackageFile {
    PackageFile { path: [folder.as_ref(), &*path].iter().collect(), contents }
}
