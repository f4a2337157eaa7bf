//! Which ids are kept, and which are replaced.

use crate::events::Events;
use crate::support::{Server, request};
use hp_http::Protection;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_sane_id_is_kept_everywhere() {
    let events = Events::record();
    let server = Server::start(Protection::default()).await;
    let ids = ["a", "01JCF-x_y.z:1", &"z".repeat(128)];
    for id in ids {
        let header = format!("x-request-id: {id}");
        let answer = server.ask(request("GET /id", &[&header])).await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(answer.body, id);
        let logged = format!("request_id={id:?}");
        assert_eq!(events.with(&["answered", &logged]).len(), 1);
    }
}

#[tokio::test]
async fn an_odd_id_is_replaced() {
    let server = Server::start(Protection::default()).await;
    let odd = [
        "",
        "two words",
        "tab\there",
        "quote\"",
        "a\u{e9}",
        "{$x}",
        &"z".repeat(129),
    ];
    for id in odd {
        let header = format!("x-request-id: {id}");
        let answer = server.ask(request("GET /id", &[&header])).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body.len(), 16, "{id} became {}", answer.body);
        assert_eq!(answer.header("x-request-id"), Some(answer.body.as_str()));
    }
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let server = Server::start(Protection::default()).await;
    let mut ids = BTreeSet::new();
    for what in [
        "GET /id",
        "GET /id",
        "GET /nothing",
        "POST /id",
        "GET /panic",
    ] {
        let answer = server.ask(request(what, &[])).await;
        ids.insert(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(ids.len(), 5);
}
