//! Environment variables and the credentials file.

use crate::server::{Reply, Server};
use crate::setting::{settings, wait};
use hp_registry::mlflow::{Settings, Tracking};
use serde_json::json;

const URI: &str = "MLFLOW_TRACKING_URI";

#[test]
fn without_an_address_there_is_no_server() {
    assert!(settings(&[]).unwrap().is_none());
    assert!(settings(&[(URI, " ")]).unwrap().is_none());
}

#[test]
fn wrong_values_name_their_variable() {
    for (variable, value) in [
        (URI, "file:///tmp/mlruns"),
        (URI, "databricks"),
        (URI, "localhost:5000"),
        ("MLFLOW_REGISTRY_URI", "http://other"),
        ("MLFLOW_TRACKING_AWS_SIGV4", "true"),
        ("MLFLOW_TRACKING_INSECURE_TLS", "maybe"),
        ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "-1"),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "0"),
        ("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "NaN"),
        ("MLFLOW_EXPERIMENT_ID", "../x"),
        ("MLFLOW_TRACKING_TOKEN", "a\nb"),
    ] {
        let mut variables = vec![(variable, value)];
        if variable != URI {
            variables.push((URI, "http://localhost:5000"));
        }
        let error = settings(&variables).unwrap_err().to_string();
        assert!(error.contains(variable), "{variable}={value}: {error}");
    }
    let half = [(URI, "http://h"), ("MLFLOW_TRACKING_USERNAME", "ada")];
    let error = settings(&half).unwrap_err().to_string();
    assert!(error.contains("MLFLOW_TRACKING_PASSWORD"), "{error}");
}

#[test]
fn no_secret_is_shown() {
    let read = settings(&[
        (URI, "https://ada:hidden1@example.org/mlflow/"),
        ("MLFLOW_TRACKING_USERNAME", "ada"),
        ("MLFLOW_TRACKING_PASSWORD", "hidden2"),
        ("MLFLOW_TRACKING_TOKEN", "hidden3"),
    ]);
    let settings = read.unwrap().unwrap();
    assert_eq!(settings.tracking_uri(), "https://example.org/mlflow");
    let tracking = Tracking::new(settings.clone()).unwrap();
    let shown = format!("{settings:?} {tracking:?}");
    assert!(!shown.contains("hidden"), "{shown}");
}

/// The headers `authorization` and `x-mlflow-workspace`, and the path, of a call with `variables`.
fn sent(
    variables: &[(&str, &str)],
    file: Option<&str>,
) -> (Option<String>, Option<String>, String) {
    let server = Server::start(|_, _| Reply::json(200, &json!({})));
    let uri = format!("{}/base", server.uri);
    let variable = |name: &str| {
        if name == URI {
            return Some(uri.clone());
        }
        let found = variables.iter().find(|(found, _)| *found == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let settings = Settings::read(&variable, file).unwrap().unwrap();
    wait(Tracking::new(settings).unwrap().probe()).unwrap();
    let first = server.asked().remove(0);
    let header = |name| first.header(name).map(str::to_owned);
    let path = first.path().to_owned();
    (header("authorization"), header("x-mlflow-workspace"), path)
}

#[test]
fn credentials_come_from_variables_then_the_file() {
    let file = "[other]\nmlflow_tracking_username = eve\n[mlflow]\n# ours\n\
                mlflow_tracking_username = ada\nmlflow_tracking_password: lovelace\n";
    let basic = Some("Basic YWRhOmxvdmVsYWNl".to_owned());
    let token = ("MLFLOW_TRACKING_TOKEN", "abc");
    let bearer = Some("Bearer abc".to_owned());
    assert_eq!(sent(&[], None).0, None);
    assert_eq!(sent(&[], Some(file)).0, basic);
    assert_eq!(sent(&[token], None).0, bearer);
    // As MLflow's client does, whatever its documentation says.
    assert_eq!(sent(&[token], Some(file)).0, basic);
    assert_ne!(
        sent(&[("MLFLOW_TRACKING_PASSWORD", "x")], Some(file)).0,
        basic
    );
}

#[test]
fn the_path_is_kept_and_the_workspace_sent_when_set() {
    let (_, workspace, path) = sent(&[], None);
    assert_eq!(
        (workspace, path.as_str()),
        (None, "/base/api/2.0/mlflow/experiments/search")
    );
    let (_, workspace, _) = sent(&[("MLFLOW_WORKSPACE", "team")], None);
    assert_eq!(workspace.as_deref(), Some("team"));
}
