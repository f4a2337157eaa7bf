//! `hp serve`: from the start to the end of a server, and what keeps it from starting.

use crate::support::{Api, Project, ROW, receive};
use insta::assert_snapshot;
use serde_json::json;
use std::io::Write;
use std::net::TcpListener;

/// Adds the version `v1.1.0` to `v1.0.0`.
fn train_next(project: &Project) {
    project.replace("configs/model_config.yaml", "v1.0.0", "v1.1.0");
    project.hp("train").expect(0);
}

#[test]
fn the_published_request_gets_the_published_answer() {
    let project = Project::trained();
    let api = Api::start(&project);
    let answer = api.post("/v1/predict", ROW);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    let expected = project.hp("predict --json input.json").json();
    for field in [
        "input_data",
        "prediction",
        "interval_width",
        "is_uncertain",
        "model_version",
    ] {
        assert_eq!(answer[field], expected[field], "{field}");
    }
    assert_eq!(answer["response"], "Success add data to database!");

    let local = api.post("/predict/", ROW).json();
    assert_eq!(local["prediction"], expected["prediction"]);

    let id = answer["id"].as_str().unwrap();
    let logged = project
        .hp(&format!("log show {id} --format json"))
        .expect(0)
        .json();
    assert_eq!(logged["prediction"], answer["prediction"]["Prediction"]);
    for (name, value) in answer["input_data"].as_object().unwrap() {
        assert_eq!(logged["inputs"][name].as_f64(), value.as_f64(), "{name}");
    }
    assert_eq!(logged["source"], "api");
    assert_eq!(api.stop(), Some(0));
}

#[test]
fn it_says_where_it_listens_and_what_it_serves() {
    let project = Project::trained();
    let mut serve = project.command();
    serve.args(["serve", "--port", "0", "--store", "none"]);
    let said = |api: &Api| format!("serving v1.0.0 on {}, log: none", api.url());
    // In the form of the log, of which nobody's rules silence it.
    let (api, line) = Api::with_line(serve.args(["--log-level", "off"]));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["message"], said(&api));
    assert_eq!(line["level"], "INFO");
    assert_eq!(api.post("/v1/predict", ROW).status, 200);
    api.signal("INT");
    assert_eq!(api.wait(), Some(0));
    assert!(!project.path("data/predictions.db").exists());

    let (api, line) = Api::with_line(serve.args(["--log-format", "text"]));
    assert_eq!(line, said(&api));
    assert_eq!(api.stop(), Some(0));
}

#[test]
fn a_start_that_hangs_can_be_ended() {
    let project = Project::trained();
    // Reading it waits for someone to write.
    project.shell("mkfifo data/predictions.spool").expect(0);
    for signal in ["INT", "TERM"] {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut serve = project.command();
        serve.args(["serve", "--port", &port.to_string()]);
        let api = Api::starting(&mut serve, port);
        api.signal(signal);
        assert_eq!(api.wait(), Some(0), "{signal}");
    }
}

#[test]
fn its_log_has_one_object_per_request() {
    let project = Project::trained();
    let api = Api::start(&project);
    api.get("/v1/model");
    let line = api.line_with("/v1/model");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["status"], 200, "{line}");
}

#[test]
fn sighup_switches_to_the_newest_version() {
    let project = Project::trained();
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0"])
            .env("MODEL_VERSION", "latest"),
    );
    let version = || api.post("/v1/predict", ROW).json()["model_version"].clone();
    assert_eq!(version(), "v1.0.0");
    train_next(&project);
    assert_eq!(version(), "v1.0.0");
    api.signal("HUP");
    api.line_with("reloaded");
    assert_eq!(version(), "v1.1.0");

    // A version that is not whole does not serve.
    let manifest = project.read("artifacts/v1.1.0/manifest.json");
    project.write("artifacts/v1.2.0/manifest.json", &manifest[..100]);
    api.signal("HUP");
    api.line_with("still serves");
    assert_eq!(version(), "v1.1.0");
    assert_eq!(api.stop(), Some(0));
}

#[test]
fn a_version_that_is_named_stays() {
    let project = Project::trained();
    train_next(&project);
    let api =
        Api::with(
            project
                .command()
                .args(["serve", "--port", "0", "--model-version", "v1.0.0"]),
        );
    let answer = api.post("/v1/reload", "").json();
    assert_eq!(answer["model_version"], "v1.0.0");
}

#[test]
fn sigterm_finishes_what_was_accepted() {
    let project = Project::trained();
    let api = Api::start(&project);
    let mut stream = api.connect().unwrap();
    let head = api.head("POST", "/v1/predict", ROW.len());
    let (first, rest) = ROW.split_at(10);
    stream.write_all((head + first).as_bytes()).unwrap();
    // The server has begun to read when it has answered another request.
    api.get("/livez");
    api.signal("TERM");
    while api.connect().is_some() {}
    stream.write_all(rest.as_bytes()).unwrap();
    let answer = receive(&mut stream).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(api.wait(), Some(0));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    project.hp(&format!("log show {id}")).expect(0);
}

#[test]
fn keys_are_asked_for() {
    let project = Project::trained();
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0"])
            .env("HP_API_KEYS", "geheim"),
    );
    assert_eq!(api.post("/v1/predict", ROW).status, 401);
    assert_eq!(api.get("/docs/").status, 401);
    assert_eq!(api.get("/readyz").status, 200);
    let url = api.url();
    project
        .hp(&format!("simulate --url {url}"))
        .refused(1, &["answered 401", "HP_API_KEY"]);
    let outcome = project.run(
        project
            .command()
            .args(["simulate", "--url", &url])
            .env("HP_API_KEY", "geheim"),
    );
    assert!(!outcome.expect(0).stdout.contains("geheim"));
}

#[test]
fn the_docs_can_be_open_to_all() {
    let project = Project::trained();
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0", "--open-docs"])
            .env("HP_API_KEYS", "geheim"),
    );
    assert_eq!(api.get("/docs/").status, 200);
    assert_eq!(api.get("/openapi.json").status, 200);
    assert_eq!(api.post("/v1/predict", ROW).status, 401);
}

#[test]
fn other_machines_are_kept_out_unless_told_otherwise() {
    let project = Project::trained();
    assert_snapshot!(project.hp("serve --host 0.0.0.0 --port 0"), @"
    exit code 2
    --- stderr
    error: `0.0.0.0:0` can be reached from other machines and no key is asked for: set `HP_API_KEYS`, listen on 127.0.0.1, or pass `--insecure`
    ");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let project = Project::trained();
    project
        .hp("serve --port 0 --store postgres://x")
        .refused(2, &["it begins with `sqlite://`"]);
    project
        .hp("serve --port 0 --store sqlite://configs")
        .refused(1, &["`sqlite://configs` cannot be opened"]);
    project
        .hp("serve --port 0 --store sqlite://input.json")
        .refused(1, &["sqlite://input.json"]);
    project.hp("serve --port 0 --model-version v9.0.0").refused(
        1,
        &["there is no version v9.0.0", "hint: choose from `v1.0.0`"],
    );
    for width in ["NaN", "-1", "wide"] {
        project
            .hp(&format!("serve --port 0 --width-threshold={width}"))
            .refused(2, &["a width of 0 or more is expected"]);
    }
    project
        .hp("serve --port 0 --log-level very=loud")
        .refused(2, &["`very=loud` is no log level"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    project
        .hp(&format!("serve --port {port}"))
        .refused(1, &["cannot listen on 127.0.0.1:", "--port"]);
    Project::fetched()
        .hp("serve --port 0")
        .refused(1, &["there is no version in", "hint: run `hp train`"]);
}

#[test]
fn a_healthcheck_is_quiet_and_knows_two_answers() {
    let project = Project::trained();
    let api = Api::start(&project);
    let port = api.port().to_owned();
    let check = || project.run(project.command().arg("healthcheck").env("HP_PORT", &port));
    let healthy = check().expect(0);
    assert_eq!(
        (healthy.stdout, healthy.stderr),
        (String::new(), String::new())
    );
    project
        .run(
            project
                .command()
                .args(["healthcheck", "--port", &port])
                .env("HP_HOST", "0.0.0.0"),
        )
        .expect(0);
    project
        .hp(&format!("healthcheck --port {port} --host 127.0.0.2"))
        .refused(1, &["`http://127.0.0.2:"]);
    project
        .hp(&format!("healthcheck --url {}/nothing", api.url()))
        .refused(1, &["answered 404"]);
    project
        .hp("healthcheck --url nothing")
        .refused(1, &["`nothing` is not the address"]);
    project.write(".env", "nothing");
    check().refused(1, &["`.env` line 1"]);
    project.write(".env", "");
    assert_eq!(api.stop(), Some(0));
    check().refused(1, &["cannot be reached"]);
}

#[test]
fn predictions_outside_a_range_can_be_let_through() {
    let project = Project::trained();
    let row = ROW.replace("65.2", "165.2");
    assert_ne!(row, ROW);
    assert_eq!(Api::start(&project).post("/v1/predict", &row).status, 422);
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0", "--allow-out-of-range"]),
    );
    let answer = api.post("/v1/predict", &row);
    assert_eq!(answer.json()["input_data"]["AGE"], json!(165.2));
}

#[test]
fn what_only_looks_like_aws_lambda_is_no_panic() {
    let project = Project::trained();
    let run = |address: &str| {
        let mut hp = project.command();
        project.run(hp.env("AWS_LAMBDA_RUNTIME_API", address))
    };
    let outcome = run("127.0.0.1:9");
    outcome.refused(1, &["`AWS_LAMBDA_FUNCTION_NAME` is not", "hint: "]);
    // Without a value it is as if it were not there: no command was given.
    assert!(run("").expect(2).stderr.contains("Usage: hp <COMMAND>"));
}

#[test]
fn variables_without_a_value_say_nothing() {
    let project = Project::trained();
    let names = [
        "HP_HOST",
        "HP_THREADS",
        "HP_STORE",
        "HP_SPOOL",
        "HP_SPOOL_BYTES",
        "HP_API_KEYS",
        "HP_INSECURE",
        "HP_OPEN_DOCS",
        "HP_WIDTH_THRESHOLD",
        "HP_ARTIFACTS",
        "MODEL_VERSION",
        "RUST_LOG",
    ];
    project.write(".env", names.map(|name| format!("{name}=\n")).concat());
    let api = Api::start(&project);
    let answer = api.post("/v1/predict", ROW);
    assert_eq!(answer.status, 200, "{}", answer.body);
    api.line_with("/v1/predict");
    assert!(project.path("data/predictions.db").exists());
    let mut simulate = project.command();
    simulate.args(["simulate", "--url", &api.url()]);
    project.run(simulate.env("HP_API_KEY", "")).expect(0);
}

/// The port 1 of this machine answers nobody.
#[cfg(feature = "dynamodb")]
#[test]
fn a_database_that_is_down_keeps_no_server_from_starting() {
    let project = Project::trained();
    let api = Api::with(
        project
            .command()
            .args(["serve", "--port", "0", "--store"])
            .arg("dynamodb://hp_log?region=eu-west-1&endpoint=http://127.0.0.1:1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test"),
    );
    let answer = api.post("/v1/predict", ROW);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let response = answer.json()["response"].as_str().unwrap().to_owned();
    assert!(response.contains("database is down"), "{response}");
}
