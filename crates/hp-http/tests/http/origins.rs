//! Pages of other origins.

use crate::support::{Server, request};
use hp_http::{ApiKeys, Protection};

const PREFLIGHT: [&str; 3] = [
    "origin: https://example.org",
    "access-control-request-method: POST",
    "access-control-request-headers: content-type,x-api-key",
];

#[tokio::test]
async fn no_other_origin_is_allowed_by_default() {
    let server = Server::start(Protection::default()).await;
    let answer = server.ask(request("OPTIONS /echo", &PREFLIGHT)).await;
    answer.assert_error(405, "Method Not Allowed");
    let answer = server.ask(request("GET /livez", &PREFLIGHT[..1])).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_given_origin_is_allowed_and_no_other() {
    let server = Server::start(Protection {
        keys: ApiKeys::parse("secret").unwrap(),
        cors: Some(vec!["https://example.org".parse().unwrap()]),
        ..Protection::default()
    })
    .await;
    let answer = server.ask(request("OPTIONS /echo", &PREFLIGHT)).await;
    assert_eq!(answer.status, 200, "a preflight shows no key");
    let allowed = |name: &str| answer.header(&format!("access-control-allow-{name}"));
    assert_eq!(allowed("origin"), Some("https://example.org"));
    assert_eq!(allowed("methods"), Some("GET,POST"));
    assert_eq!(
        allowed("headers"),
        Some("content-type,authorization,x-api-key,x-request-id")
    );
    assert!(answer.header("x-request-id").is_some());

    // The page can read a refusal, too.
    let refused = server.ask(request("GET /livez", &PREFLIGHT[..1])).await;
    refused.assert_error(401, "Not authenticated");
    let origin = refused.header("access-control-allow-origin");
    assert_eq!(origin, Some("https://example.org"));
    let exposed = refused.header("access-control-expose-headers");
    assert_eq!(exposed, Some("x-request-id,retry-after"));

    let other = server
        .ask(request("GET /livez", &["origin: https://evil.example"]))
        .await;
    assert_eq!(other.header("access-control-allow-origin"), None);
}
