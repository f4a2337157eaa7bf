//! Sources on a local server and on disk: retries, limits, digests and the order of sources.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use flate2::Compression;
use flate2::write::GzEncoder;
use hp_core::config::{DataConfig, Download, Location, Source};
use hp_core::fingerprint::Fingerprint;
use hp_data::{
    Batches, DataSet, FetchError, FetchEvent, FetchRequest, Fetched, Layout, Purpose, ReadOptions,
    SourceError, fetch, overridden, shown, validate,
};
use hp_testkit::test_data;
use jiff::Timestamp;
use std::cell::RefCell;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What the server does with one connection.
#[derive(Clone)]
enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes, then nothing for a while.
    Stall(Vec<u8>),
}

/// A server on a free local port that answers with `replies` in turn, the last one for ever.
struct Server {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for (index, stream) in listener.incoming().enumerate() {
                let reply = replies[index.min(replies.len() - 1)].clone();
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || answer(stream.unwrap(), &reply, &seen));
            }
        });
        Self { address, requests }
    }

    fn always(reply: Vec<u8>) -> Self {
        Self::start(vec![Reply::Bytes(reply)])
    }

    fn count(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

fn answer(mut stream: TcpStream, reply: &Reply, seen: &Mutex<Vec<String>>) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
        request.push(byte[0]);
    }
    seen.lock()
        .unwrap()
        .push(String::from_utf8(request).unwrap());
    match reply {
        Reply::Bytes(bytes) => stream.write_all(bytes).unwrap(),
        Reply::Stall(bytes) => {
            stream.write_all(bytes).unwrap();
            std::thread::sleep(Duration::from_secs(5));
        }
    }
}

fn response(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn ok(body: &[u8]) -> Vec<u8> {
    response("200 OK", "", body)
}

fn url(text: &str, sha256: Option<Fingerprint>) -> Source {
    Source {
        location: Location::Url(text.to_owned()),
        sha256,
    }
}

fn path(path: &Path, sha256: Option<Fingerprint>) -> Source {
    Source {
        location: Location::Path(path.to_owned()),
        sha256,
    }
}

const LIMITS: Download = Download {
    max_bytes: 1 << 20,
    connect_timeout: 2.0,
    idle_timeout: 0.3,
    retries: 2,
};

/// Fetches, and returns what the observer was told too.
fn run(
    sources: &[Source],
    limits: Download,
    offline: bool,
) -> (Result<Fetched, FetchError>, String) {
    let folder = tempfile::tempdir().unwrap();
    let log = RefCell::new(String::new());
    let observer = |event: FetchEvent<'_>| {
        let line = match event {
            FetchEvent::Trying { .. } | FetchEvent::Received { .. } => return,
            FetchEvent::Retrying { error, wait, .. } => format!("retry after {wait:?}: {error}\n"),
            FetchEvent::Unusable { error, .. } => format!("unusable: {error}\n"),
        };
        log.borrow_mut().push_str(&line);
    };
    let request = FetchRequest {
        sources,
        limits: &limits,
        offline,
        folder: &folder.path().join("data"),
        now: &|| Timestamp::UNIX_EPOCH,
        jitter: &|| 0.0,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(fetch(&request, &observer));
    let left = fs::read_dir(folder.path().join("data")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "a temporary file is visible");
    (result, log.into_inner())
}

fn fetched(sources: &[Source]) -> (Vec<u8>, String) {
    let (result, log) = run(sources, LIMITS, false);
    let mut bytes = Vec::new();
    result.unwrap().file.read_to_end(&mut bytes).unwrap();
    (bytes, log)
}

/// Why the only source could not be used.
fn failure(source: Source) -> (SourceError, String) {
    let (result, log) = run(&[source], LIMITS, false);
    match result {
        Err(FetchError::NoSource(mut failures)) => (failures.remove(0).error, log),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_download_is_recorded_with_its_digest() {
    let server = Server::always(ok(b"content"));
    let address = format!("{}/file.csv", server.address);
    let sha256 = Fingerprint::of(b"content");
    let (result, log) = run(&[url(&address, Some(sha256))], LIMITS, false);
    let mut result = result.unwrap();
    let mut bytes = String::new();
    result.file.read_to_string(&mut bytes).unwrap();
    assert_eq!((bytes.as_str(), log.as_str()), ("content", ""));
    assert_eq!(result.origin.source, address);
    assert_eq!((result.origin.sha256, result.origin.bytes), (sha256, 7));
    assert_eq!(result.origin.fetched_at, Timestamp::UNIX_EPOCH);
    let request = server.requests.lock().unwrap()[0].to_lowercase();
    assert!(
        request.starts_with("get /file.csv http/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("\r\naccept-encoding: identity\r\n"),
        "{request}"
    );
    assert!(request.contains("\r\nuser-agent: hp/"), "{request}");
}

#[test]
fn the_bundled_copy_and_the_network_give_one_fingerprint() {
    let bundled = test_data(env!("CARGO_MANIFEST_DIR"), "boston_raw.csv");
    let raw = fs::read(&bundled).unwrap();
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(&raw).unwrap();
    let zipped = zipped.finish().unwrap();
    let text = test_data(env!("CARGO_MANIFEST_DIR"), "boston.yaml");
    let config = DataConfig::parse("boston.yaml", &fs::read_to_string(text).unwrap()).unwrap();
    let layout = Layout::of(&config);
    let (plain, gzip) = (Server::always(ok(&raw)), Server::always(ok(&zipped)));
    let sources = [
        path(&bundled, config.sources[1].sha256),
        url(
            &format!("{}/boston.csv", plain.address),
            config.sources[0].sha256,
        ),
        url(&format!("{}/boston.csv.gz?raw=1", gzip.address), None),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut fingerprints = sources.map(|source| {
        let fetched = run(&[source], LIMITS, false).0.unwrap();
        let options = ReadOptions::validating(&config);
        let name = &fetched.origin.source;
        let batches = Batches::from_file(fetched.file, name, &layout, &options).unwrap();
        let validated = validate(batches, &layout, Purpose::Labelled, &mut |_| ()).unwrap();
        let data_set = DataSet::new(folder.path(), "boston");
        let manifest = data_set
            .publish(&validated, &config, &fetched.origin)
            .unwrap();
        assert_eq!(manifest.origin, fetched.origin);
        manifest.fingerprint.to_string()
    });
    fingerprints.sort();
    assert_eq!(fingerprints[0], fingerprints[2]);
}

#[test]
fn passing_faults_are_tried_again_and_waited_for() {
    for status in ["500 Oops", "503 Busy", "408 Late", "429 Slow Down"] {
        let replies = [response(status, "", b"no"), ok(b"yes")];
        let server = Server::start(replies.map(Reply::Bytes).to_vec());
        let (bytes, log) = fetched(&[url(&server.address, None)]);
        assert_eq!(bytes, b"yes", "{status}");
        let code = &status[..3];
        assert_eq!(
            log,
            format!("retry after 250ms: the server answered {code}\n")
        );
    }
}

#[test]
fn a_server_says_when_to_come_back() {
    let busy = response("429 Slow Down", "Retry-After: 1\r\n", b"");
    let date = "Retry-After: Thu, 01 Jan 1970 00:00:01 GMT\r\n";
    let dated = response("503 Busy", date, b"");
    let server = Server::start([busy, dated, ok(b"yes")].map(Reply::Bytes).to_vec());
    let start = Instant::now();
    let (bytes, log) = fetched(&[url(&server.address, None)]);
    assert_eq!(bytes, b"yes");
    assert_eq!(
        log,
        "retry after 1s: the server answered 429\nretry after 1s: the server answered 503\n"
    );
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[test]
fn a_server_that_asks_for_too_long_a_wait_is_given_up() {
    let busy = response("429 Slow Down", "Retry-After: 61\r\n", b"");
    let server = Server::start([busy, ok(b"yes")].map(Reply::Bytes).to_vec());
    let (error, _) = failure(url(&server.address, None));
    assert_eq!(
        error.to_string(),
        "the server answered 429 and asks to wait for 61 s"
    );
    assert_eq!(server.count(), 1);
}

#[test]
fn retries_are_counted_and_come_to_an_end() {
    let server = Server::always(response("502 Bad Gateway", "", b""));
    let (error, log) = failure(url(&server.address, None));
    assert!(matches!(error, SourceError::Status { status: 502, .. }));
    assert_eq!(log.lines().count(), 3);
    assert_eq!(server.count(), 3);
}

#[test]
fn lasting_faults_are_not_tried_again() {
    for status in ["404 Not Found", "403 Forbidden", "410 Gone"] {
        let server = Server::always(response(status, "", b""));
        let (error, log) = failure(url(&server.address, None));
        let code = &status[..3];
        assert_eq!(error.to_string(), format!("the server answered {code}"));
        assert_eq!(log, format!("unusable: the server answered {code}\n"));
        assert_eq!(server.count(), 1);
    }
}

#[test]
fn a_refused_connection_and_an_unknown_name_are_final() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let (error, log) = failure(url(&address, None));
    assert!(matches!(error, SourceError::Refused), "{error}");
    assert_eq!(log.lines().count(), 1);

    let (error, log) = failure(url("http://no-such-name.invalid/file.csv", None));
    assert!(matches!(error, SourceError::NameNotResolved), "{error}");
    assert_eq!(log.lines().count(), 1);

    let (error, _) = failure(url("http://", None));
    assert!(matches!(error, SourceError::BadAddress), "{error}");
}

#[test]
fn a_server_without_tls_is_no_secure_one() {
    let server = Server::always(ok(b"plain"));
    let secure = server.address.replace("http://", "https://");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || answer_garbage(&listener));
    for address in [secure, silent] {
        let (error, log) = failure(url(&address, None));
        assert!(
            matches!(error, SourceError::Connect(_) | SourceError::TimedOut),
            "{error}"
        );
        assert!(!log.contains("unusable: the server answered"), "{log}");
    }
}

fn answer_garbage(listener: &TcpListener) {
    for stream in listener.incoming() {
        let garbage = stream.unwrap().write_all(b"garbage, and no handshake");
        garbage.unwrap();
    }
}

#[test]
fn a_stalled_download_times_out_and_is_tried_again() {
    let mut half = response("200 OK", "", b"0123456789");
    half.truncate(half.len() - 5);
    let silent = Reply::Stall(Vec::new());
    let server = Server::start(vec![Reply::Stall(half), silent, Reply::Bytes(ok(b"whole"))]);
    let (bytes, log) = fetched(&[url(&server.address, None)]);
    assert_eq!(bytes, b"whole");
    assert_eq!(
        log,
        "retry after 250ms: no answer in time\nretry after 500ms: no answer in time\n"
    );
}

#[test]
fn a_truncated_body_is_no_success() {
    let mut half = ok(b"0123456789");
    half.truncate(half.len() - 5);
    let server = Server::start([half.clone(), ok(b"whole")].map(Reply::Bytes).to_vec());
    let (bytes, log) = fetched(&[url(&server.address, None)]);
    assert_eq!(bytes, b"whole");
    assert!(
        log.starts_with("retry after 250ms: the connection broke: "),
        "{log}"
    );
    let (error, _) = failure(url(&Server::always(half).address, None));
    assert!(matches!(error, SourceError::Broken(_)), "{error}");
    let (error, _) = failure(url(&Server::always(Vec::new()).address, None));
    assert!(matches!(error, SourceError::Broken(_)), "{error}");
}

#[test]
fn redirects_are_followed_ten_times() {
    let moved = |to: &str| response("302 Found", &format!("Location: {to}\r\n"), b"");
    let target = Server::always(ok(b"there"));
    let chain = std::iter::repeat_n(Reply::Bytes(moved("/next")), 9);
    let last = Reply::Bytes(moved(&target.address));
    let server = Server::start(chain.chain([last]).collect());
    assert_eq!(fetched(&[url(&server.address, None)]).0, b"there");

    let server = Server::always(moved("/again"));
    let (error, _) = failure(url(&server.address, None));
    assert_eq!(error.to_string(), "it redirects more than 10 times");
    assert_eq!(server.count(), 11);
}

#[test]
fn too_many_bytes_are_refused_announced_or_not() {
    let limits = Download {
        max_bytes: 1000,
        ..LIMITS
    };
    let body = vec![b'x'; 1001];
    let unannounced = [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &body[..]].concat();
    for reply in [ok(&body), unannounced.clone()] {
        let server = Server::always(reply);
        let (result, log) = run(&[url(&server.address, None)], limits, false);
        assert!(result.unwrap_err().is_network());
        assert!(log.starts_with("unusable: more than 1000 bytes"), "{log}");
        assert_eq!(server.count(), 1);
    }
    let server = Server::always(unannounced[..unannounced.len() - 1].to_vec());
    assert!(run(&[url(&server.address, None)], limits, false).0.is_ok());

    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.csv");
    fs::write(&large, &body).unwrap();
    let (result, log) = run(&[path(&large, None)], limits, false);
    assert!(log.starts_with("unusable: more than 1000 bytes"), "{log}");
    let error = result.unwrap_err();
    assert!(!error.is_network());
    assert!(error.hint().unwrap().contains("max_mebibytes"));
}

#[test]
fn a_file_known_to_be_too_large_is_not_copied() {
    let folder = tempfile::tempdir().unwrap();
    let large = folder.path().join("large.csv");
    fs::write(&large, [b'x'; 1001]).unwrap();
    let limits = Download {
        max_bytes: 1000,
        ..LIMITS
    };
    let request = FetchRequest {
        sources: &[path(&large, None)],
        limits: &limits,
        offline: false,
        folder: folder.path(),
        now: &|| Timestamp::UNIX_EPOCH,
        jitter: &|| 0.0,
    };
    let copied = |event: FetchEvent<'_>| {
        assert!(!matches!(event, FetchEvent::Received { .. }), "{event:?}");
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(fetch(&request, &copied)).unwrap_err();
}

#[test]
fn other_bytes_than_promised_end_it_all() {
    let folder = tempfile::tempdir().unwrap();
    let good = folder.path().join("good.csv");
    fs::write(&good, "good").unwrap();
    let expected = Fingerprint::of(b"good");
    let server = Server::always(ok(b"evil"));
    for bad in [url(&server.address, Some(expected)), {
        let evil = folder.path().join("evil.csv");
        fs::write(&evil, "evil").unwrap();
        path(&evil, Some(expected))
    }] {
        let location = bad.location.to_string();
        let error = run(&[bad, path(&good, Some(expected))], LIMITS, false)
            .0
            .unwrap_err();
        assert!(error.is_network());
        assert_eq!(
            error.to_string(),
            format!(
                "`{location}` has sha256 {}, expected {expected}",
                Fingerprint::of(b"evil")
            )
        );
    }
}

#[test]
fn bytes_are_hashed_as_they_were_sent() {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(b"content").unwrap();
    let zipped = zipped.finish().unwrap();
    let server = Server::always(response("200 OK", "Content-Encoding: gzip\r\n", &zipped));
    assert_eq!(fetched(&[url(&server.address, None)]).0, zipped);
}

#[test]
fn the_next_source_is_used_when_one_cannot_be_reached() {
    let folder = tempfile::tempdir().unwrap();
    let bundled = folder.path().join("bundled.csv");
    fs::write(&bundled, "bundled").unwrap();
    let gone = Server::always(response("404 Not Found", "", b""));
    let sources = [
        url(&gone.address, None),
        path(&folder.path().join("missing.csv"), None),
        path(folder.path(), None),
        path(&bundled, Some(Fingerprint::of(b"bundled"))),
    ];
    let (bytes, log) = fetched(&sources);
    assert_eq!(bytes, b"bundled");
    let reasons: Vec<_> = log
        .lines()
        .map(|line| line.split(" (os").next().unwrap())
        .collect();
    assert_eq!(
        reasons,
        [
            "unusable: the server answered 404",
            "unusable: cannot read it: No such file or directory",
            "unusable: cannot read it: Is a directory",
        ]
    );
    let (result, log) = run(&sources, LIMITS, true);
    assert!(result.is_ok());
    assert!(
        log.starts_with("unusable: skipped because of `--offline`\n"),
        "{log}"
    );
    assert_eq!(gone.count(), 1);
}

#[test]
fn without_a_usable_source_every_reason_is_given() {
    let server = Server::always(response("404 Not Found", "", b""));
    let missing = Path::new("/missing/file.csv");
    let sources = [url(&server.address, None), path(missing, None)];
    let error = run(&sources, LIMITS, false).0.unwrap_err();
    assert!(error.is_network());
    let text = error.to_string();
    let expected = format!(
        "no source could be used: `{}`: the server answered 404; `/missing/file.csv`: cannot read it: ",
        server.address
    );
    assert!(text.starts_with(&expected), "{text}");
    let error = run(&sources[1..], LIMITS, false).0.unwrap_err();
    assert!(!error.is_network());
    let error = run(&sources[..1], LIMITS, true).0.unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("skipped because of `--offline`"),
        "{error}"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let request = FetchRequest {
        sources: &[],
        limits: &LIMITS,
        offline: true,
        folder: Path::new("/proc/hp"),
        now: &|| Timestamp::UNIX_EPOCH,
        jitter: &|| 0.0,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime
        .block_on(fetch(&request, &|_: FetchEvent<'_>| ()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot write a temporary file in `/proc/hp`"
    );
    assert!(!error.is_network());
}

#[test]
fn a_password_is_used_and_not_shown() {
    let server = Server::always(ok(b"secret content"));
    let secret = server.address.replace("http://", "http://user:pass@");
    let (result, _) = run(&[url(&secret, None)], LIMITS, false);
    let source = result.unwrap().origin.source;
    assert_eq!(source, format!("{}/", server.address));
    let request = server.requests.lock().unwrap()[0].to_lowercase();
    assert!(request.contains("authorization: basic "), "{request}");
    let plain = Location::Url("https://example.org/a b".to_owned());
    assert_eq!(shown(&plain), "https://example.org/a b");
}

#[test]
fn an_override_keeps_the_digest_of_a_configured_source_only() {
    let text = test_data(env!("CARGO_MANIFEST_DIR"), "boston.yaml");
    let config = DataConfig::parse("boston.yaml", &fs::read_to_string(text).unwrap()).unwrap();
    let bundled = overridden(&config, Location::parse("data/raw/boston.csv"));
    assert_eq!(bundled, config.sources[1]);
    let other = overridden(&config, Location::parse("https://example.org/other.csv"));
    assert_eq!(other.sha256, None);
}
