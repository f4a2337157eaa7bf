//! Two processes that want the same at the same moment: one wins, the other is told why it lost.

use crate::support::{Project, SMALL};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, PipeReader, Read, pipe};
use std::process::Child;

const CONFIG: &str = "configs/model_config.yaml";

/// A command that has decided what to do and waits for a lock.
struct Waiting {
    child: Child,
    lines: BufReader<PipeReader>,
}

impl Waiting {
    /// Starts `hp` and waits until it has said a line with `sign`.
    fn start(project: &Project, args: &[&str], sign: &str) -> Self {
        let (reader, writer) = pipe().unwrap();
        let mut hp = project.command();
        hp.args(args).stdout(writer.try_clone().unwrap());
        let child = hp.stderr(writer).spawn().unwrap();
        // With it go the writers of this process, so that the last word is followed by the end.
        drop(hp);
        let mut lines = BufReader::new(reader);
        let mut line = String::new();
        while !line.contains(sign) {
            line.clear();
            assert!(lines.read_line(&mut line).unwrap() > 0, "no `{sign}`");
        }
        Self { child, lines }
    }

    /// Its exit code and the rest of what it says.
    fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.lines.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

/// A lock that the commands need in the end.
fn hold(project: &Project, name: &str) -> File {
    let path = project.path(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create(path).unwrap();
    file.lock().unwrap();
    file
}

/// Ends both; gives what the only loser said.
fn loser(both: [Waiting; 2], code: i32) -> String {
    let mut ends = both.map(Waiting::end);
    ends.sort_by_key(|(code, _)| *code);
    let [(won, _), (lost, said)] = ends;
    assert_eq!((won, lost), (Some(0), Some(code)), "{said}");
    said
}

#[test]
fn of_two_promotions_decided_at_once_one_is_refused() {
    let project = Project::with_two_versions();
    let lock = hold(&project, "artifacts/aliases.lock");
    let both = ["v1.0.0", "v1.1.0"].map(|version| {
        let args = ["models", "promote", version, "--alias", "champion"];
        let condition = ["--if", "coverage > 0"];
        Waiting::start(&project, &[&args[..], &condition].concat(), "coverage > 0")
    });
    drop(lock);
    let said = loser(both, 1);
    assert!(
        said.contains("`champion` meant no version when this was decided, and means v1."),
        "{said}"
    );
    assert!(said.contains("hint: look at what is there now"), "{said}");
    assert_eq!(project.targets("champion").len(), 1);
    project
        .hp("predict --json input.json --model-version champion")
        .expect(0);
}

#[test]
fn of_two_different_trainings_of_a_version_one_is_refused() {
    let project = Project::fetched();
    // Said when a training begins.
    let noted = SMALL.replace("fit_intercept: True", "fit_intercept: True, n_jobs: 1");
    project.write(CONFIG, &noted);
    project.write("other.yaml", noted.replace("quantile: .9", "quantile: .8"));
    let lock = hold(&project, "artifacts/.lock");
    let both = [CONFIG, "other.yaml"]
        .map(|config| Waiting::start(&project, &["train", "--config", config], "without effect"));
    drop(lock);
    let said = loser(both, 3);
    assert!(
        said.contains("v1.0.0 exists and was trained differently"),
        "{said}"
    );
    let mut statuses = project.statuses();
    statuses.sort();
    assert_eq!(statuses, ["FAILED", "FINISHED"]);
    project.hp("models verify").expect(0);
    project.hp("doctor").expect(0);
}
