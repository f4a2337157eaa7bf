//! Calls of the server: one attempt, or as many as patience allows.

mod answer;
mod transfer;
mod wait;

use super::error::MlflowError;
use super::settings::{CLIENT_CERT_PATH, Login, SERVER_CERT_PATH, Settings, Tls};
use answer::Answer;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, ClientBuilder, Identity, Method, RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;
pub(super) use transfer::Content;
use wait::Waits;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// One attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    // Boxed, so that success is not moved around with room for it.
    pub(super) error: Box<MlflowError>,
    /// Whether the next attempt may succeed.
    again: bool,
    /// Whether there was a connection.
    connected: bool,
    /// How long the server asks to wait before.
    retry_after: Option<Duration>,
}

impl Failure {
    /// A failure that another attempt may mend.
    pub(super) fn passing(error: MlflowError) -> Self {
        Self {
            error: Box::new(error),
            again: true,
            connected: true,
            retry_after: None,
        }
    }
}

impl<E: Into<MlflowError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self {
            error: Box::new(error.into()),
            again: false,
            connected: true,
            retry_after: None,
        }
    }
}

/// Calls one server.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    settings: Settings,
    waits: Waits,
}

impl Client {
    pub(super) fn new(settings: Settings) -> Result<Self, MlflowError> {
        let mut headers = HeaderMap::new();
        if let Some(workspace) = &settings.workspace
            && let Ok(value) = HeaderValue::from_str(workspace)
        {
            headers.insert("x-mlflow-workspace", value);
        }
        let builder = reqwest::Client::builder()
            .user_agent(concat!("hp/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT.min(settings.patience.timeout))
            .redirect(Policy::none())
            .default_headers(headers);
        let http = with_tls(builder, &settings.tls)?;
        Ok(Self {
            http: http.build().map_err(MlflowError::Client)?,
            waits: Waits::new(settings.patience),
            settings,
        })
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Repeats `attempt` as long as it may succeed and patience lasts.
    pub(super) async fn retry<T>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
    ) -> Result<T, MlflowError> {
        let mut tried = 0;
        loop {
            let failure = match attempt().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let patience = &self.settings.patience;
            let retries = if failure.connected {
                patience.retries
            } else {
                patience.connection_retries
            };
            if !failure.again || tried >= retries {
                return Err(*failure.error);
            }
            let wait = self.waits.before(tried, failure.retry_after);
            tracing::debug!(error = %failure.error, ?wait, "the tracking server is asked again");
            tokio::time::sleep(wait).await;
            tried += 1;
        }
    }

    /// Asks for the JSON of a route below `api/2.0`.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        route: &str,
        query: &[(&str, &str)],
    ) -> Result<T, Failure> {
        let call = Call::new(Method::GET, route);
        let request = self.request(&call, self.api(route)).query(query);
        self.json(&call, request).await
    }

    /// Sends JSON to a route below `api/2.0`.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        route: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send(Method::POST, route, body).await
    }

    /// Changes what a route below `api/2.0` means.
    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        route: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.send(Method::PATCH, route, body).await
    }

    /// The text of a page beside the API, `version`.
    pub(super) async fn page(&self, name: &str) -> Result<String, Failure> {
        let call = Call::new(Method::GET, name);
        let request = self.request(&call, self.address([name]));
        let bytes = self.answer(&call, request).await?.read().await?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        route: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let call = Call::new(method, route);
        let request = self.request(&call, self.api(route)).json(body);
        self.json(&call, request).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        call: &Call,
        request: RequestBuilder,
    ) -> Result<T, Failure> {
        let request = request.timeout(self.settings.patience.timeout);
        self.answer(call, request).await?.json().await
    }

    /// Sends `request`; an answer other than success is an error.
    async fn answer<'a>(
        &'a self,
        call: &'a Call,
        request: RequestBuilder,
    ) -> Result<Answer<'a>, Failure> {
        let after = self.settings.patience.timeout;
        let Ok(sent) = tokio::time::timeout(after, request.send()).await else {
            return Err(self.timed_out(call));
        };
        let response = sent.map_err(|error| self.broken(call, error))?;
        Answer::new(self, call, response).successful().await
    }

    fn request(&self, call: &Call, address: Url) -> RequestBuilder {
        let request = self.http.request(call.method.clone(), address);
        match &self.settings.login {
            Some(Login::Basic { username, password }) => {
                request.basic_auth(username, Some(password))
            }
            Some(Login::Bearer(token)) => request.bearer_auth(token),
            None => request,
        }
    }

    fn api(&self, route: &str) -> Url {
        self.address(["api", "2.0"].into_iter().chain(route.split('/')))
    }

    /// The address of a path below that of the server.
    fn address<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Url {
        let mut address = self.settings.uri.clone();
        // An address of http has segments.
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        address
    }

    fn timed_out(&self, call: &Call) -> Failure {
        Failure::passing(MlflowError::TimedOut {
            call: call.to_string(),
            after: self.settings.patience.timeout,
        })
    }

    /// What a request without an answer, or an answer without an end, means.
    fn broken(&self, call: &Call, error: reqwest::Error) -> Failure {
        let connected = !error.is_connect();
        if connected && error.is_timeout() {
            return self.timed_out(call);
        }
        if error.is_body() || error.is_decode() {
            return Failure::passing(MlflowError::Truncated {
                call: call.to_string(),
            });
        }
        let unreachable = MlflowError::Unreachable {
            server: self.settings.tracking_uri().to_owned(),
            problem: first_cause(&error.without_url()),
        };
        Failure {
            connected,
            ..Failure::passing(unreachable)
        }
    }
}

/// The innermost cause of `error`, without the number that the system has for it.
fn first_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// What is asked, for errors.
struct Call {
    method: Method,
    route: String,
}

impl Call {
    fn new(method: Method, route: &str) -> Self {
        Self {
            method,
            route: route.to_owned(),
        }
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.route)
    }
}

fn with_tls(mut builder: ClientBuilder, tls: &Tls) -> Result<ClientBuilder, MlflowError> {
    if tls.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(path) = &tls.server_certificate {
        let bundle = certificate(SERVER_CERT_PATH, path, Certificate::from_pem_bundle)?;
        builder = builder.tls_certs_only(bundle);
    }
    if let Some(path) = &tls.client_certificate {
        let identity = certificate(CLIENT_CERT_PATH, path, Identity::from_pem)?;
        builder = builder.identity(identity);
    }
    Ok(builder)
}

fn certificate<T>(
    variable: &'static str,
    path: &Path,
    read: impl FnOnce(&[u8]) -> reqwest::Result<T>,
) -> Result<T, MlflowError> {
    let pem = std::fs::read(path).map_err(hp_durable::IoError::of("read", path))?;
    read(&pem).map_err(|source| MlflowError::Certificate {
        variable,
        path: path.to_owned(),
        source,
    })
}
