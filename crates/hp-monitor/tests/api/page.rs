//! The page, its files, and who may see what.

use crate::sample::{Known, QUESTIONS, Sample, record};

#[tokio::test]
async fn the_page_runs_its_own_scripts_only() {
    let sample = Sample::new(Vec::new()).await;
    let page = sample.get("/").await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"));
    assert!(!policy.contains("unsafe-"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-cache");
    // Links are relative, so that a prefix does not matter.
    for absolute in ["=\"/", "=\"http", "='/"] {
        assert!(
            !page.text().contains(absolute),
            "{absolute} in {}",
            page.text()
        );
    }
    let again = sample
        .get_with("/", &[("if-none-match", page.header("etag"))])
        .await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

#[tokio::test]
async fn files_are_compressed_and_kept_for_ever_by_their_digest() {
    let sample = Sample::new(Vec::new()).await;
    let page = sample.get("/").await;
    let link = page.text().split("assets/app.js?v=").nth(1).unwrap();
    let link = format!("/assets/app.js?v={}", link.split('"').next().unwrap());
    let plain = sample.get(&link).await;
    assert_eq!(
        plain.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        plain.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    let gzip = sample
        .get_with(&link, &[("accept-encoding", "gzip, br")])
        .await;
    assert_eq!(gzip.header("content-encoding"), "gzip");
    assert!(gzip.body.starts_with(&[0x1f, 0x8b]));
    for path in ["/assets/app.js", "/assets/app.js?v=old"] {
        assert_eq!(sample.get(path).await.header("cache-control"), "no-cache");
    }
    let plotly = sample
        .get_with("/assets/plotly.min.js", &[("accept-encoding", "gzip")])
        .await;
    assert!((500_000..2_000_000).contains(&plotly.body.len()));
    for path in [
        "/assets/none.js",
        "/assets/../Cargo.toml",
        "/assets/index.html/x",
        "/assets/",
    ] {
        assert_eq!(sample.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn figures_need_a_key_and_the_page_does_not() {
    let sample = Sample::with(vec![record(1, 6.0, 0.0)], Known(vec![]), "geheim").await;
    for open in [
        "/",
        "/assets/app.js",
        "/assets/style.css",
        "/assets/plotly.min.js",
        "/livez",
    ] {
        assert_eq!(sample.get(open).await.status, 200, "{open}");
    }
    let closed = QUESTIONS.into_iter().chain([
        "/api/settings",
        "/api/newest",
        "/api/export",
        "/api/records/01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "/metrics",
    ]);
    for path in closed {
        assert_eq!(sample.get(path).await.status, 401, "{path}");
        let in_url = sample.get(&format!("{path}?key=geheim")).await;
        assert_eq!(in_url.status, 401, "{path}");
        let key = [("authorization", "Bearer geheim")];
        assert_ne!(sample.get_with(path, &key).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn long_answers_are_compressed() {
    let records = (0..200).map(|minute| record(minute, 6.0, 0.0)).collect();
    let sample = Sample::new(records).await;
    let gzip = [("accept-encoding", "gzip")];
    let series = sample.get_with("/api/series", &gzip).await;
    assert_eq!(series.header("content-encoding"), "gzip");
    let plain = sample.get("/api/series").await;
    assert!(plain.body.len() > 5 * series.body.len());
    let overview = sample.get_with("/api/overview", &gzip).await;
    assert_eq!(overview.header("content-encoding"), "");
}
