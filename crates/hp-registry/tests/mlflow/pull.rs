//! Fetching a version: whole, damaged, and from a server that means harm.

use crate::fake::{Fake, missing};
use crate::sample::{alias, write};
use crate::server::{Reply, Request, Server};
use crate::setting::{Trained, tracking, wait};
use hp_core::fingerprint::Fingerprint;
use hp_registry::mlflow::{MlflowError, Pulled, last_pulled};
use hp_registry::reference::RemoteReference;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;

/// What a server does to the answers of a fake that holds a registered version.
type Twist = Box<dyn FnMut(&Request, Reply) -> Reply + Send>;

/// What a server holds after a version was sent to it.
struct Published {
    fake: Fake,
    files: BTreeMap<String, Vec<u8>>,
}

static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
    let trained = Trained::new(20);
    let fake = Arc::new(Mutex::new(Fake::default()));
    let server = {
        let fake = Arc::clone(&fake);
        Server::start(move |request, _| fake.lock().unwrap().answer(request))
    };
    let tracking = tracking(&server.uri, 0);
    wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    let version = trained.run.model_version;
    wait(tracking.set_alias(&alias("champion"), version, trained.artifacts())).unwrap();
    let fake = fake.lock().unwrap().clone();
    Published {
        fake,
        files: files(&trained.artifacts().join("v1.0.0")),
    }
});

struct Remote {
    server: Server,
    here: TempDir,
}

impl Remote {
    fn new(mut twist: Twist) -> Self {
        let mut fake = PUBLISHED.fake.clone();
        let server = Server::start(move |request, _| twist(request, fake.answer(request)));
        let here = tempfile::tempdir().unwrap();
        Self { server, here }
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

/// The files in a folder by their names.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

#[test]
fn a_version_comes_whole_and_once() {
    let remote = Remote::new(plain());
    let pulled = remote.pull(0).unwrap();
    let manifest = &PUBLISHED.files["manifest.json"];
    assert_eq!(pulled.manifest_sha256, Fingerprint::of(manifest));
    assert_eq!((pulled.number, pulled.was_there), (1, false));
    let here = remote.here.path();
    assert_eq!(files(&here.join("v1.0.0")), PUBLISHED.files);
    assert_eq!(last_pulled(&champion(), here), Some(pulled.version));

    let again = remote.pull(0).unwrap();
    assert!(again.was_there && again.downloaded_bytes < pulled.downloaded_bytes);
    let asked = remote.server.asked();
    let fetched = |name: &str| {
        let path = format!("/artifacts/{name}");
        let fetched = asked.iter().map(Request::path);
        fetched.filter(|found| found.ends_with(&path)).count()
    };
    for name in PUBLISHED.files.keys() {
        // The manifest tells whether the version is there.
        let times = if name == "manifest.json" { 2 } else { 1 };
        assert_eq!(fetched(name), times, "{name}");
    }
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
            let remote = Remote::new(twisted(name, 1, twist));
            remote.pull(1).unwrap();
            hp_artifact::verify(&remote.here.path().join("v1.0.0")).unwrap();

            let remote = Remote::new(twisted(name, usize::MAX, twist));
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
    let remote = Remote::new(twisted("upper_v1.0.0.bin", 1, |reply| reply.cut(3)));
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
        let remote = Remote::new(Box::new(twist));
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
    let error = Remote::new(Box::new(elsewhere)).pull(0).unwrap_err();
    assert!(matches!(error, MlflowError::Storage { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("secret"));

    let gone = |request: &Request, reply| {
        if request.path().ends_with("alias") {
            missing()
        } else {
            reply
        }
    };
    let error = Remote::new(Box::new(gone)).pull(0).unwrap_err();
    let text = "the tracking server has no `models:/hp@champion`";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_version_that_is_damaged_here_is_repaired() {
    let remote = Remote::new(plain());
    let here = remote.here.path().join("v1.0.0");
    assert_eq!(remote.pull(0).unwrap().repaired, None);
    let path = here.join("preprocessor.bin");
    let damages: [fn(&Path); 2] = [
        |path| fs::write(path, [fs::read(path).unwrap(), vec![0]].concat()).unwrap(),
        |path| fs::remove_file(path).unwrap(),
    ];
    for damage in damages {
        damage(&path);
        let pulled = remote.pull(0).unwrap();
        assert!(!pulled.was_there);
        let problem = pulled.repaired.unwrap();
        assert!(problem.contains("preprocessor.bin"), "{problem}");
        assert_eq!(files(&here), PUBLISHED.files);
    }

    fs::write(here.join("notes.txt"), "mine").unwrap();
    assert!(remote.pull(0).unwrap().was_there);
    fs::write(&path, "damaged").unwrap();
    let error = remote.pull(0).unwrap_err();
    assert!(matches!(error, MlflowError::Artifact(_)), "{error}");
    assert_eq!(fs::read(here.join("notes.txt")).unwrap(), b"mine");
}

#[test]
fn another_version_of_that_name_is_left_alone() {
    let remote = Remote::new(plain());
    let other = write(remote.here.path(), "v1.0.0", 30.0);
    let error = remote.pull(0).unwrap_err();
    assert!(matches!(error, MlflowError::Different { .. }), "{error}");
    let manifest = fs::read(remote.here.path().join("v1.0.0/manifest.json")).unwrap();
    assert_eq!(Fingerprint::of(&manifest), other.manifest_sha256);
}
