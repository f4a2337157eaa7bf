//! The calls of MLflow in memory, for failures at every one of them. Whether they are the calls of
//! MLflow is proved against the real server.

use crate::server::{Reply, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a server keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fake {
    /// Whether it is older than logged models.
    pub(crate) old: bool,
    pub(crate) experiments: Vec<String>,
    pub(crate) runs: Vec<Value>,
    pub(crate) models: Vec<Value>,
    pub(crate) registered: Vec<String>,
    pub(crate) versions: Vec<Value>,
    pub(crate) aliases: BTreeMap<String, String>,
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Fake {
    pub(crate) fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path().to_owned();
        let Some(route) = path.strip_prefix("/api/2.0/") else {
            return Reply::html(404);
        };
        if let Some(file) = route.strip_prefix("mlflow-artifacts/artifacts/") {
            return self.file(request, file);
        }
        let route = route.strip_prefix("mlflow/").unwrap_or(route);
        if self.old && route.starts_with("logged-models") {
            return Reply::html(404);
        }
        let body = request.json();
        if let Some(id) = route.strip_prefix("logged-models/m-") {
            return self.finish_model(&json!(format!("m-{id}")), &body);
        }
        match route {
            "mlflow-artifacts/artifacts" => self.list(&request.query("path").unwrap()),
            "experiments/get" => Reply::json(200, &experiment("hp")),
            "experiments/get-by-name" => match self.experiments.first() {
                Some(name) => Reply::json(200, &experiment(name)),
                None => missing(),
            },
            "experiments/create" => self.create_experiment(&body),
            "runs/search" => found("runs", tagged(&self.runs, "/data/tags", &body["filter"])),
            "runs/get" => {
                let id = request.query("run_id").unwrap();
                Reply::json(200, &json!({ "run": self.run(&json!(id)) }))
            }
            "runs/create" => self.create_run(&body),
            "runs/log-batch" => self.log_batch(&body),
            "runs/log-inputs" => {
                self.add(&body["run_id"], "/inputs/dataset_inputs", &body["datasets"])
            }
            "runs/outputs" => self.add_outputs(&body),
            "runs/log-model" => Reply::json(200, &json!({})),
            "runs/update" => {
                let run = self.run(&body["run_id"]);
                run["info"]["status"] = body["status"].clone();
                run["info"]["end_time"] = body["end_time"].clone();
                Reply::json(200, &json!({}))
            }
            "logged-models/search" => found(
                "models",
                tagged(&self.models, "/info/tags", &body["filter"]),
            ),
            "logged-models" => self.create_model(&body),
            "registered-models/create" => self.create_registered(&body),
            "registered-models/alias" if request.method == "POST" => {
                let text = |key: &str| body[key].as_str().unwrap().to_owned();
                self.aliases.insert(text("alias"), text("version"));
                Reply::json(200, &json!({}))
            }
            "registered-models/alias" => match self.aliases.get(&request.query("alias").unwrap()) {
                Some(number) => self.version(number),
                None => error(
                    400,
                    "INVALID_PARAMETER_VALUE",
                    "Registered model alias no not found.",
                ),
            },
            "model-versions/get" => self.version(&request.query("version").unwrap()),
            "model-versions/get-download-uri" => {
                Reply::json(200, &json!({ "artifact_uri": self.uri_of(request) }))
            }
            "model-versions/search" => {
                let filter = json!(request.query("filter").unwrap());
                found("model_versions", tagged(&self.versions, "/tags", &filter))
            }
            "model-versions/create" => self.create_version(&body),
            _ => Reply::html(404),
        }
    }

    fn run(&mut self, id: &Value) -> &mut Value {
        let mut runs = self.runs.iter_mut();
        runs.find(|run| run["info"]["run_id"] == *id).unwrap()
    }

    fn create_experiment(&mut self, body: &Value) -> Reply {
        if !self.experiments.is_empty() {
            return error(400, "RESOURCE_ALREADY_EXISTS", "it exists");
        }
        self.experiments
            .push(body["name"].as_str().unwrap().to_owned());
        Reply::json(200, &json!({ "experiment_id": "1" }))
    }

    fn create_run(&mut self, body: &Value) -> Reply {
        let id = format!("r{}", self.runs.len());
        let run = json!({
            "info": {
                "run_id": id,
                "run_name": body["run_name"],
                "status": "RUNNING",
                "artifact_uri": format!("mlflow-artifacts:/1/{id}/artifacts"),
            },
            "data": { "metrics": [], "params": [], "tags": body["tags"] },
            "inputs": { "dataset_inputs": [] },
            "outputs": { "model_outputs": [] },
        });
        self.runs.push(run.clone());
        Reply::json(200, &json!({ "run": run }))
    }

    fn log_batch(&mut self, body: &Value) -> Reply {
        for kind in ["metrics", "params", "tags"] {
            for entry in body[kind].as_array().unwrap() {
                let run = self.run(&body["run_id"]);
                let entries = run["data"][kind].as_array_mut().unwrap();
                // The newest of each key, as the search answers.
                entries.retain(|old| old["key"] != entry["key"]);
                entries.push(entry.clone());
            }
        }
        let metrics = body["metrics"].as_array().unwrap();
        for metric in metrics
            .iter()
            .filter(|metric| metric["model_id"].is_string())
        {
            let model = self.model(&metric["model_id"]);
            let known = model["data"]["metrics"].as_array_mut().unwrap();
            known.push(metric.clone());
        }
        Reply::json(200, &json!({}))
    }

    fn add(&mut self, run_id: &Value, place: &str, entries: &Value) -> Reply {
        let list = self.run(run_id).pointer_mut(place).unwrap();
        let entries = entries.as_array().unwrap();
        list.as_array_mut().unwrap().extend(entries.iter().cloned());
        Reply::json(200, &json!({}))
    }

    fn add_outputs(&mut self, body: &Value) -> Reply {
        let run = self.run(&body["run_id"]);
        let outputs = run["outputs"]["model_outputs"].as_array().unwrap();
        if outputs
            .iter()
            .any(|output| output["model_id"] == body["models"][0]["model_id"])
        {
            return error(400, "BAD_REQUEST", "UNIQUE constraint failed");
        }
        self.add(&body["run_id"], "/outputs/model_outputs", &body["models"])
    }

    fn create_model(&mut self, body: &Value) -> Reply {
        let id = format!("m-{}", self.models.len());
        let model = json!({ "info": {
            "model_id": id,
            "name": body["name"],
            "tags": body["tags"],
            "status": "LOGGED_MODEL_PENDING",
            "artifact_uri": format!("mlflow-artifacts:/1/models/{id}/artifacts"),
        }, "data": { "metrics": [] } });
        self.models.push(model.clone());
        Reply::json(200, &json!({ "model": model }))
    }

    fn model(&mut self, id: &Value) -> &mut Value {
        let mut models = self.models.iter_mut();
        models
            .find(|model| model["info"]["model_id"] == *id)
            .unwrap()
    }

    fn finish_model(&mut self, id: &Value, body: &Value) -> Reply {
        let model = self.model(id);
        model["info"]["status"] = body["status"].clone();
        Reply::json(200, &json!({ "model": model }))
    }

    fn create_registered(&mut self, body: &Value) -> Reply {
        let name = body["name"].as_str().unwrap().to_owned();
        if self.registered.contains(&name) {
            return error(400, "RESOURCE_ALREADY_EXISTS", "it exists");
        }
        self.registered.push(name);
        Reply::json(200, &json!({}))
    }

    fn create_version(&mut self, body: &Value) -> Reply {
        let mut version = body.clone();
        version["version"] = json!((self.versions.len() + 1).to_string());
        self.versions.push(version.clone());
        Reply::json(200, &json!({ "model_version": version }))
    }

    fn version(&self, number: &str) -> Reply {
        match self
            .versions
            .iter()
            .find(|version| version["version"] == number)
        {
            Some(version) => Reply::json(200, &json!({ "model_version": version })),
            None => missing(),
        }
    }

    fn uri_of(&self, request: &Request) -> String {
        let number = request.query("version").unwrap();
        let mut versions = self.versions.iter();
        let version = versions
            .find(|version| version["version"] == number)
            .unwrap();
        let source = version["source"].as_str().unwrap();
        match source.strip_prefix("models:/") {
            Some(id) => format!("mlflow-artifacts:/1/models/{id}/artifacts"),
            None => source.to_owned(),
        }
    }

    fn file(&mut self, request: &Request, name: &str) -> Reply {
        if request.method == "PUT" {
            self.files.insert(name.to_owned(), request.body.clone());
            return Reply::json(200, &json!({}));
        }
        match self.files.get(name) {
            Some(bytes) => Reply::bytes(200, "application/octet-stream", bytes.clone()),
            None => missing(),
        }
    }

    fn list(&self, folder: &str) -> Reply {
        let names = self.files.keys().filter_map(|name| {
            let name = name.strip_prefix(folder)?.strip_prefix('/')?;
            (!name.contains('/')).then(|| json!({ "path": name, "is_dir": false }))
        });
        Reply::json(200, &json!({ "files": names.collect::<Vec<_>>() }))
    }
}

pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({ "error_code": code, "message": message }))
}

pub(crate) fn missing() -> Reply {
    error(404, "RESOURCE_DOES_NOT_EXIST", "it does not exist")
}

fn experiment(name: &str) -> Value {
    json!({ "experiment": { "experiment_id": "1", "name": name, "lifecycle_stage": "active" } })
}

/// An answer to a search; as MLflow does, without the list when there is nothing in it.
fn found(key: &str, entries: Vec<Value>) -> Reply {
    if entries.is_empty() {
        return Reply::json(200, &json!({}));
    }
    Reply::json(200, &json!({ key: entries }))
}

/// The entries with the tag of a filter that ends in "tags.`key` = 'value'".
fn tagged(entries: &[Value], place: &str, filter: &Value) -> Vec<Value> {
    let condition = filter.as_str().unwrap().split("tags.`").nth(1).unwrap();
    let (key, value) = condition.split_once("` = '").unwrap();
    let wanted = json!({ "key": key, "value": value.trim_end_matches('\'') });
    let has = |entry: &&Value| {
        let tags = entry.pointer(place).unwrap().as_array().unwrap();
        tags.contains(&wanted)
    };
    entries.iter().filter(has).cloned().collect()
}
