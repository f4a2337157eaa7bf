//! A run sent to, and a version fetched from, a real MLflow server.

use crate::sample::alias;
use crate::setting::{Trained, quick, tracking, wait};
use hp_registry::mlflow::{is_synced, last_pulled};
use hp_registry::reference::RemoteReference;
use std::fs;

#[test]
#[ignore = "needs a server at HP_TEST_MLFLOW_URI"]
fn what_is_sent_comes_back() {
    let uri = std::env::var("HP_TEST_MLFLOW_URI").unwrap();
    // Another run than any test before sent to that server.
    let mut trained = Trained::new(std::process::id());
    let tracking = tracking(&uri, 2);
    let probe = wait(tracking.probe()).unwrap();
    assert!(probe.version.unwrap().starts_with('3'));
    let sync = || wait(tracking.sync_run(&trained.run_folder(), trained.artifacts()));
    let begin = std::time::Instant::now();
    let first = sync().unwrap();
    let took = begin.elapsed();
    let second = sync().unwrap();
    assert_eq!(first, second);
    eprintln!("{} in {took:?}", first.url);
    fs::remove_file(trained.run_folder().join("mlflow.json")).unwrap();
    assert_eq!(sync().unwrap(), first);
    assert!(is_synced(&trained.run_folder(), &quick(&uri, 0)));

    trained.run.metrics.insert("rmse".to_owned(), 3.25);
    trained.save();
    wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();

    let version = trained.run.model_version;
    wait(tracking.set_alias(&alias("champion"), version, trained.artifacts())).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let reference: RemoteReference = "models:/hp@champion".parse().unwrap();
    let pulled = wait(tracking.pull(&reference, elsewhere.path())).unwrap();
    assert_eq!(pulled.manifest_sha256, trained.manifest_sha256());
    assert!(!pulled.was_there);
    assert_eq!(last_pulled(&reference, elsewhere.path()), Some(version));
    let again = wait(tracking.pull(&reference, elsewhere.path())).unwrap();
    assert!(again.was_there);
}
