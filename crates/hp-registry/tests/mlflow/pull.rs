//! Fetching a version: whole, damaged, and from a server that means harm.

use crate::fake::{Fake, missing};
use crate::sample::{alias, write};
use crate::server::{Reply, Request, Server};
use crate::setting::{Trained, tracking, wait};
use hp_registry::mlflow::{MlflowError, Pulled, last_pulled};
use hp_registry::reference::RemoteReference;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What a server does to the answers of a fake that holds a registered version.
type Twist = Box<dyn FnMut(&Request, Reply) -> Reply + Send>;

struct Remote {
    server: Server,
    trained: Trained,
    here: TempDir,
}

impl Remote {
    fn new(number: u32, mut twist: Twist) -> Self {
        let trained = Trained::new(number);
        let fake = Arc::new(Mutex::new(Fake::default()));
        let plain = {
            let fake = Arc::clone(&fake);
            Server::start(move |request, _| fake.lock().unwrap().answer(request))
        };
        let teller = tracking(&plain.uri, 0);
        wait(teller.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
        let version = trained.run.model_version;
        wait(teller.set_alias(&alias("champion"), version, trained.artifacts())).unwrap();
        let server = Server::start(move |request, _| {
            let reply = fake.lock().unwrap().answer(request);
            twist(request, reply)
        });
        let here = tempfile::tempdir().unwrap();
        Self {
            server,
            trained,
            here,
        }
    }

    fn pull(&self, retries: u32) -> Result<Pulled, MlflowError> {
        let tracking = tracking(&self.server.uri, retries);
        wait(tracking.pull(&champion(), self.here.path()))
    }

    fn assert_nothing_installed(&self) {
        assert!(!self.here.path().join("v1.0.0").exists());
        assert_eq!(last_pulled(&champion(), self.here.path()), None);
    }
}

fn champion() -> RemoteReference {
    "models:/hp@champion".parse().unwrap()
}

fn plain() -> Twist {
    Box::new(|_, reply| reply)
}

/// Twists the first `times` answers for files whose name ends in `name`.
fn twisted(name: &'static str, times: usize, twist: fn(Reply) -> Reply) -> Twist {
    let mut left = times;
    Box::new(move |request, reply| {
        if left > 0 && request.method == "GET" && request.path().ends_with(name) {
            left -= 1;
            return twist(reply);
        }
        reply
    })
}

fn assert_same(a: &Path, b: &Path) {
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names(a), names(b));
    for name in names(a) {
        assert_eq!(
            fs::read(a.join(&name)).unwrap(),
            fs::read(b.join(&name)).unwrap()
        );
    }
}

#[test]
fn a_version_comes_whole_and_once() {
    let remote = Remote::new(20, plain());
    let pulled = remote.pull(0).unwrap();
    assert_eq!(pulled.manifest_sha256, remote.trained.manifest_sha256());
    assert_eq!((pulled.number, pulled.was_there), (1, false));
    let (there, here) = (remote.trained.artifacts(), remote.here.path());
    assert_same(&there.join("v1.0.0"), &here.join("v1.0.0"));
    assert_eq!(last_pulled(&champion(), here), Some(pulled.version));

    let again = remote.pull(0).unwrap();
    assert!(again.was_there && again.downloaded_bytes < pulled.downloaded_bytes);
    let asked = remote.server.asked();
    let models = asked
        .iter()
        .filter(|request| request.path().ends_with(".bin"));
    assert_eq!(models.count(), 4);
}

#[test]
fn a_damaged_file_is_fetched_again() {
    let twists: [fn(Reply) -> Reply; 3] = [
        |reply| reply.cut(10),
        |_| Reply::bytes(200, "application/octet-stream", "short"),
        |_| Reply::bytes(200, "application/octet-stream", vec![0; 100_000]),
    ];
    for name in ["preprocessor.bin", "manifest.json"] {
        for twist in twists {
            let remote = Remote::new(21, twisted(name, 1, twist));
            remote.pull(1).unwrap();
            hp_artifact::verify(&remote.here.path().join("v1.0.0")).unwrap();

            let remote = Remote::new(22, twisted(name, usize::MAX, twist));
            let error = remote.pull(2).unwrap_err();
            let expected = matches!(
                error,
                MlflowError::Damaged { .. } | MlflowError::Truncated { .. }
            );
            assert!(expected, "{name}: {error}");
            remote.assert_nothing_installed();
        }
    }
}

#[test]
fn what_came_before_a_stop_is_kept() {
    let remote = Remote::new(23, twisted("upper_v1.0.0.bin", 1, |reply| reply.cut(3)));
    remote.pull(0).unwrap_err();
    remote.assert_nothing_installed();
    remote.pull(0).unwrap();
    let asked = remote.server.asked();
    let fetched = |name: &str| {
        let files = asked
            .iter()
            .filter(|request| request.path().ends_with(name));
        files.count()
    };
    assert_eq!(
        (fetched("preprocessor.bin"), fetched("upper_v1.0.0.bin")),
        (1, 2)
    );
}

#[test]
fn a_hostile_listing_is_refused() {
    let many = (0..10_001).map(|number| format!("f{number}")).collect();
    let listings: [Vec<String>; 6] = [
        vec!["manifest.json".to_owned(), "../../evil".to_owned()],
        vec!["/etc/passwd".to_owned()],
        vec!["a\\b".to_owned()],
        vec!["..".to_owned()],
        vec!["manifest.json".to_owned(), "manifest.json".to_owned()],
        many,
    ];
    for names in listings {
        let first = names[0].clone();
        let files: Vec<_> = names.iter().map(|name| json!({ "path": name })).collect();
        let listing = json!({ "files": files });
        let twist = move |request: &Request, reply| {
            if request.path().ends_with("mlflow-artifacts/artifacts") {
                return Reply::json(200, &listing);
            }
            reply
        };
        let remote = Remote::new(24, Box::new(twist));
        let error = remote.pull(0).unwrap_err();
        let refused = matches!(
            error,
            MlflowError::Hostile { .. } | MlflowError::Foreign { .. }
        );
        assert!(refused, "{first}: {error}");
        remote.assert_nothing_installed();
    }
}

#[test]
fn what_is_elsewhere_or_missing_is_said() {
    let elsewhere = |request: &Request, reply| {
        if request.path().ends_with("get-download-uri") {
            return Reply::json(200, &json!({ "artifact_uri": "s3://key:secret@bucket/x" }));
        }
        reply
    };
    let error = Remote::new(25, Box::new(elsewhere)).pull(0).unwrap_err();
    assert!(matches!(error, MlflowError::Storage { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"));

    let gone = |request: &Request, reply| {
        if request.path().ends_with("alias") {
            missing()
        } else {
            reply
        }
    };
    let error = Remote::new(26, Box::new(gone)).pull(0).unwrap_err();
    let text = "the tracking server has no `models:/hp@champion`";
    assert_eq!(error.to_string(), text);
}

#[test]
fn another_version_of_that_name_is_left_alone() {
    let remote = Remote::new(27, plain());
    let other = write(remote.here.path(), "v1.0.0", 30.0);
    let error = remote.pull(0).unwrap_err();
    assert!(matches!(error, MlflowError::Different { .. }), "{error}");
    let manifest = fs::read(remote.here.path().join("v1.0.0/manifest.json")).unwrap();
    let digest = hp_core::fingerprint::Fingerprint::of(&manifest);
    assert_eq!(digest, other.manifest_sha256);
}
