//! Sending a run: once, twice, and with a failure at every call.

use crate::fake::Fake;
use crate::sample::alias;
use crate::server::{Reply, Request, Server};
use crate::setting::{Trained, quick, tracking, wait};
use hp_core::fingerprint::Fingerprint;
use hp_registry::mlflow::{MlflowError, is_synced};
use hp_registry::run::RunStatus;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};

type Shared = Arc<Mutex<Fake>>;

/// Sending a run takes more calls than this.
const CALLS: usize = 50;

/// How a call fails.
#[derive(Debug, Clone, Copy)]
enum Failing {
    /// The connection ends before anything is done.
    Before,
    /// It is done, and the answer is lost.
    After,
    /// The server is overloaded.
    Busy,
}

/// A server over `fake`.
fn server(fake: &Shared) -> Server {
    let fake = Arc::clone(fake);
    Server::start(move |request, _| answer(&fake, request))
}

/// A server over `fake` that fails whenever it is asked something for the first time, in one of
/// `ways` after the other.
fn failing_server(fake: &Shared, ways: &'static [Failing]) -> Server {
    let fake = Arc::clone(fake);
    let mut known = HashSet::new();
    Server::start(move |request, _| {
        let asked = (&request.method, &request.target, &request.body);
        if !known.insert(Fingerprint::of(format!("{asked:?}").as_bytes())) {
            return answer(&fake, request);
        }
        match ways[known.len() % ways.len()] {
            Failing::Before => Reply::nothing(),
            Failing::Busy => Reply::html(503),
            Failing::After => {
                answer(&fake, request);
                Reply::nothing()
            }
        }
    })
}

fn answer(fake: &Shared, request: &Request) -> Reply {
    let mut fake = fake.lock().unwrap_or_else(PoisonError::into_inner);
    fake.answer(request)
}

/// The run of the training, and those of its methods.
fn runs(fake: &Fake) -> (Vec<&Value>, Vec<&Value>) {
    let is_child = |run: &&Value| {
        let tags = run["data"]["tags"].as_array().unwrap();
        tags.iter().any(|tag| tag["key"] == "mlflow.parentRunId")
    };
    let (children, parents) = fake.runs.iter().partition(is_child);
    (parents, children)
}

fn value<'a>(run: &'a Value, kind: &str, key: &str) -> Option<&'a Value> {
    Some(&entry(run, kind, key)?["value"])
}

fn entry<'a>(run: &'a Value, kind: &str, key: &str) -> Option<&'a Value> {
    let mut entries = run["data"][kind].as_array().unwrap().iter();
    entries.find(|entry| entry["key"] == key)
}

/// Everything of `trained` is there exactly once.
fn assert_complete(fake: &Fake, trained: &Trained, context: &str) {
    assert_eq!(fake.experiments, ["hp"], "{context}");
    let (parents, children) = runs(fake);
    let methods = trained.run.methods.len();
    assert_eq!((parents.len(), children.len()), (1, methods), "{context}");
    for run in &fake.runs {
        assert_eq!(run["info"]["status"], "FINISHED", "{context}");
        assert_eq!(
            run["outputs"]["model_outputs"].as_array().unwrap().len(),
            1,
            "{context}"
        );
    }
    assert_eq!(
        parents[0]["inputs"]["dataset_inputs"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "{context}"
    );
    assert_eq!(fake.models.len(), methods + 1, "{context}");
    for model in &fake.models {
        assert_eq!(model["info"]["status"], "LOGGED_MODEL_READY", "{context}");
        let metrics = model["data"]["metrics"].as_array().unwrap();
        assert!(!metrics.is_empty(), "{context}");
    }
    assert_eq!(
        (fake.registered.len(), fake.versions.len()),
        (1, 1),
        "{context}"
    );
    let version = trained.artifacts().join("v1.0.0");
    let model = fake.versions[0]["model_id"].as_str().unwrap();
    for entry in fs::read_dir(version).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("1/models/{model}/artifacts/{name}");
        let sent = fake.files.get(&path);
        assert_eq!(
            sent,
            Some(&fs::read(entry.path()).unwrap()),
            "{context}: {name}"
        );
    }
}

#[test]
fn a_run_is_sent_with_everything() {
    let trained = Trained::new(1);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let sync = || wait(tracking.sync_run(&trained.run_folder(), trained.artifacts()));
    assert!(!is_synced(&trained.run_folder(), &quick(&server.uri, 0)));
    let synced = sync().unwrap();
    assert_eq!(synced.registered, Some(1));
    assert_eq!(synced.without_models, None);
    assert!(is_synced(&trained.run_folder(), &quick(&server.uri, 0)));
    assert!(!is_synced(
        &trained.run_folder(),
        &quick("http://127.0.0.1:1", 0)
    ));

    let fake = fake.lock().unwrap();
    assert_complete(&fake, &trained, "once");
    let (parents, children) = runs(&fake);
    assert_eq!(value(parents[0], "metrics", "coverage"), Some(&json!(0.79)));
    assert_eq!(
        value(parents[0], "params", "data.rows"),
        Some(&json!("506"))
    );
    assert_eq!(value(children[0], "params", "alpha"), Some(&json!("0.5")));
    assert_eq!(
        value(children[0], "metrics", "cv_rmse_mean"),
        Some(&json!(3.75))
    );
    let note = value(parents[0], "tags", "mlflow.note.content").unwrap();
    assert!(
        note.as_str()
            .unwrap()
            .contains("| **Lower** | lower | rmse 3.75 | 3.5 |"),
        "{note}"
    );
    let digest = &parents[0]["inputs"]["dataset_inputs"][0]["dataset"]["digest"];
    assert_eq!(digest.as_str().unwrap().len(), 32);
    for model in &fake.models {
        let metrics = model["data"]["metrics"].as_array().unwrap();
        let mut keys: Vec<_> = metrics.iter().map(|metric| &metric["key"]).collect();
        keys.dedup();
        // Those of the version are what it is served with; how long something took is no metric.
        let is_version = model["info"]["name"] == "hp";
        let expected = if is_version {
            vec!["coverage", "cv_rmse", "rmse"]
        } else {
            vec!["cv_rmse_fold", "cv_rmse_mean", "rmse"]
        };
        assert_eq!(keys, expected);
        for metric in metrics {
            assert_eq!(metric["dataset_name"], "boston");
            assert_eq!(&metric["dataset_digest"], digest);
        }
    }
    let folds = server.asked();
    let folds = folds.iter().map(Request::json);
    let folds: Vec<_> = folds
        .flat_map(|body| body["metrics"].as_array().cloned().unwrap_or_default())
        .filter(|metric| metric["key"] == "cv_rmse_fold")
        .map(|metric| (metric["step"].clone(), metric["value"].clone()))
        .collect();
    let of_one = [(json!(0), json!(3.5)), (json!(1), json!(4.0))];
    assert_eq!(folds, [of_one.clone(), of_one.clone(), of_one].concat());
}

#[test]
fn what_is_there_is_not_sent_again() {
    let trained = Trained::new(2);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let sync = || wait(tracking.sync_run(&trained.run_folder(), trained.artifacts()));
    sync().unwrap();
    let before = server.asked().len();
    sync().unwrap();
    let again = server.asked().split_off(before);
    let searches =
        |path: &str| path.ends_with("search") || path.ends_with("registered-models/create");
    for request in again.iter().filter(|request| request.method != "GET") {
        assert!(
            searches(request.path()),
            "{} {}",
            request.method,
            request.path()
        );
    }
    // Without its notes it finds everything again.
    fs::remove_file(trained.run_folder().join("mlflow.json")).unwrap();
    sync().unwrap();
    assert_complete(&fake.lock().unwrap(), &trained, "without notes");
}

#[test]
fn metrics_that_only_a_model_lacks_are_sent() {
    let trained = Trained::new(3);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let sync = || wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    sync();
    let before = fake.lock().unwrap().clone();
    for model in &mut fake.lock().unwrap().models {
        model["data"]["metrics"] = json!([]);
    }
    sync();
    let fake = fake.lock().unwrap();
    assert_eq!(fake.models, before.models);
    // Of the same time as before, so that to the runs they are nothing new.
    for (run, before) in fake.runs.iter().zip(&before.runs) {
        let mut keys = vec!["rmse"];
        keys.extend(value(run, "metrics", "coverage").map(|_| "coverage"));
        for key in keys {
            assert_eq!(entry(run, "metrics", key), entry(before, "metrics", key));
        }
    }
}

#[test]
fn a_stop_at_any_call_leaves_nothing_double() {
    for keeps_notes in [true, false] {
        let trained = Trained::new(4);
        let fake = Shared::default();
        let server = failing_server(&fake, &[Failing::After, Failing::After, Failing::Before]);
        let tracking = tracking(&server.uri, 0);
        let mut stops = 0;
        while wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).is_err() {
            stops += 1;
            assert!(stops < 4 * CALLS, "it comes to no end");
            if !keeps_notes {
                // There are none before the first call succeeds.
                let _ = fs::remove_file(trained.run_folder().join("mlflow.json"));
            }
        }
        assert!(stops > CALLS, "only {stops} stops");
        let context = format!("notes: {keeps_notes}");
        assert_complete(&fake.lock().unwrap(), &trained, &context);
    }
}

#[test]
fn a_retry_of_any_call_leaves_nothing_double() {
    for ways in [&[Failing::After], &[Failing::Busy], &[Failing::Before]] {
        let trained = Trained::new(5);
        let fake = Shared::default();
        let server = failing_server(&fake, ways);
        // What is looked for before it is created takes two calls, each of which fails once.
        let tracking = tracking(&server.uri, 3);
        wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
        let calls = server.asked().len();
        assert!(calls > 2 * CALLS, "only {calls} calls");
        assert_complete(&fake.lock().unwrap(), &trained, &format!("{ways:?}"));
    }
}

#[test]
fn what_changed_is_sent_again() {
    let mut trained = Trained::new(6);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    trained.run.metrics.insert("rmse".to_owned(), 3.25);
    trained.run.metrics.insert("mae".to_owned(), 2.5);
    trained
        .run
        .metrics
        .insert("width".to_owned(), f64::INFINITY);
    trained.run.methods[0]
        .metrics
        .insert("rmse".to_owned(), 3.0);
    // JSON has no infinity; nothing is written for it.
    trained.run.metrics.remove("width");
    trained.save();
    assert!(!is_synced(&trained.run_folder(), &quick(&server.uri, 0)));
    wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    assert!(is_synced(&trained.run_folder(), &quick(&server.uri, 0)));
    let fake = fake.lock().unwrap();
    assert_complete(&fake, &trained, "again");
    let (parents, children) = runs(&fake);
    assert_eq!(value(parents[0], "metrics", "rmse"), Some(&json!(3.25)));
    assert_eq!(value(parents[0], "metrics", "mae"), Some(&json!(2.5)));
    assert_eq!(value(children[0], "metrics", "rmse"), Some(&json!(3.0)));
    let metrics = parents[0]["data"]["metrics"].as_array().unwrap();
    let time = |key: &str| {
        let metric = metrics.iter().find(|metric| metric["key"] == key);
        metric.unwrap()["timestamp"].as_i64().unwrap()
    };
    assert!(time("rmse") > time("coverage"));
}

#[test]
fn other_runs_are_sent_without_models_or_not_at_all() {
    let mut trained = Trained::new(7);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    trained.run.status = RunStatus::Running;
    trained.save();
    let error = wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap_err();
    assert!(matches!(error, MlflowError::StillRunning(_)), "{error}");
    assert!(server.asked().is_empty());

    trained.run.status = RunStatus::Failed;
    trained.run.failure = Some("out of memory".to_owned());
    trained.save();
    let synced = wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    assert_eq!(synced.without_models, None);
    let fake = fake.lock().unwrap();
    let (parents, _) = runs(&fake);
    assert_eq!(parents[0]["info"]["status"], "FAILED");
    assert_eq!(
        value(parents[0], "tags", "hp.failure"),
        Some(&json!("out of memory"))
    );
    assert!(fake.models.is_empty() && fake.versions.is_empty());
}

#[test]
fn a_run_whose_version_is_gone_says_that_its_models_are_not_sent() {
    let trained = Trained::new(10);
    fs::remove_dir_all(trained.artifacts().join("v1.0.0")).unwrap();
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let synced = wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    let reason = synced.without_models.unwrap();
    assert_eq!(reason, "the version `v1.0.0` is gone");
    assert!(fake.lock().unwrap().models.is_empty());
}

#[test]
fn an_old_server_gets_models_among_the_artifacts() {
    let trained = Trained::new(8);
    let fake = Shared::default();
    fake.lock().unwrap().old = true;
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let synced = wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    assert_eq!(synced.registered, Some(1));
    let fake = fake.lock().unwrap();
    assert_eq!(
        fake.versions[0]["source"],
        "mlflow-artifacts:/1/r0/artifacts/model"
    );
    assert!(fake.files.contains_key("1/r0/artifacts/model/MLmodel"));
    assert!(fake.files.contains_key("1/r1/artifacts/model/MLmodel"));
}

#[test]
fn an_alias_needs_a_registered_version() {
    let trained = Trained::new(9);
    let fake = Shared::default();
    let server = server(&fake);
    let tracking = tracking(&server.uri, 0);
    let version = trained.run.model_version;
    let champion = alias("champion");
    let set = || wait(tracking.set_alias(&champion, version, trained.artifacts()));
    let error = set().unwrap_err();
    assert!(
        matches!(error, MlflowError::NotRegistered { .. }),
        "{error}"
    );
    assert_eq!(error.hint(), Some("send its run first with `hp runs sync`"));
    wait(tracking.sync_run(&trained.run_folder(), trained.artifacts())).unwrap();
    set().unwrap();
    assert_eq!(fake.lock().unwrap().aliases["champion"], "1");
    let memory = fs::read(trained.artifacts().join("mlflow.json")).unwrap();
    let memory: Value = serde_json::from_slice(&memory).unwrap();
    assert_eq!(memory["aliases"]["champion"], "v1.0.0");
}
