//! The environment variables of MLflow's own client, and its credentials file.

mod credentials;

use super::error::MlflowError;
use credentials::Credentials;
pub(super) use credentials::Login;
use reqwest::Url;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

const TRACKING_URI: &str = "MLFLOW_TRACKING_URI";
const REGISTRY_URI: &str = "MLFLOW_REGISTRY_URI";
const EXPERIMENT_NAME: &str = "MLFLOW_EXPERIMENT_NAME";
const EXPERIMENT_ID: &str = "MLFLOW_EXPERIMENT_ID";
const INSECURE_TLS: &str = "MLFLOW_TRACKING_INSECURE_TLS";
pub(super) const SERVER_CERT_PATH: &str = "MLFLOW_TRACKING_SERVER_CERT_PATH";
pub(super) const CLIENT_CERT_PATH: &str = "MLFLOW_TRACKING_CLIENT_CERT_PATH";
const AWS_SIGV4: &str = "MLFLOW_TRACKING_AWS_SIGV4";
const MAX_RETRIES: &str = "MLFLOW_HTTP_REQUEST_MAX_RETRIES";
const TIMEOUT: &str = "MLFLOW_HTTP_REQUEST_TIMEOUT";
const BACKOFF_FACTOR: &str = "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR";
const BACKOFF_JITTER: &str = "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER";
const WORKSPACE: &str = "MLFLOW_WORKSPACE";

/// Which tracking server there is and how it is spoken to.
///
/// `MLFLOW_RUN_ID` and the variables about uploads in several parts have no meaning here: a run of
/// hp has its own run on the server, and its files are sent in one piece each.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The server, with its path but neither credentials nor a final slash.
    pub(super) uri: Url,
    pub(super) experiment: Experiment,
    pub(super) login: Option<Login>,
    pub(super) tls: Tls,
    pub(super) workspace: Option<String>,
    pub(super) patience: Patience,
}

/// The experiment that runs belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Experiment {
    Id(String),
    /// Created when it does not exist.
    Name(String),
}

/// How far the server is trusted, and how it trusts the caller.
#[derive(Debug, Clone, Default)]
pub(super) struct Tls {
    pub(super) insecure: bool,
    pub(super) server_certificate: Option<PathBuf>,
    pub(super) client_certificate: Option<PathBuf>,
}

/// How often and how long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) retries: u32,
    /// Retries when not even a connection can be made. The server is probably down then, and
    /// nobody is to wait for it unless the environment says so.
    pub(super) connection_retries: u32,
    pub(super) timeout: Duration,
    /// Seconds before the first retry; doubled for every further one.
    pub(super) backoff_factor: f64,
    /// At most this many seconds are added at random.
    pub(super) jitter: f64,
    pub(super) seed: u64,
}

impl Settings {
    /// Reads the settings from environment variables and the text of `~/.mlflow/credentials`;
    /// `None` without `MLFLOW_TRACKING_URI`. An empty variable is none.
    ///
    /// # Errors
    /// A variable has a value that cannot be used or is not supported.
    pub fn read(
        variable: &dyn Fn(&str) -> Option<String>,
        credentials: Option<&str>,
    ) -> Result<Option<Self>, MlflowError> {
        let variables = Variables(variable);
        let Some(text) = variables.get(TRACKING_URI) else {
            return Ok(None);
        };
        let mut uri = server(&text)?;
        if let Some(registry) = variables.get(REGISTRY_URI)
            && registry.trim_end_matches('/') != text.trim_end_matches('/')
        {
            let problem = "names another server than `MLFLOW_TRACKING_URI`, which is not \
                           supported; leave it out";
            return Err(wrong(REGISTRY_URI, problem));
        }
        if variables.flag(AWS_SIGV4)? {
            let problem = "asks for AWS signatures, which are not supported; leave it out and use \
                           a token or a password";
            return Err(wrong(AWS_SIGV4, problem));
        }
        let login = Credentials::read(&variables, credentials)?.login(&uri)?;
        // Neither is refused by an address that has a host.
        let _ = uri.set_username("");
        let _ = uri.set_password(None);
        Ok(Some(Self {
            uri,
            experiment: experiment(&variables)?,
            login,
            tls: tls(&variables)?,
            workspace: workspace(&variables)?,
            patience: patience(&variables)?,
        }))
    }

    /// The address of the server, without credentials.
    #[must_use]
    pub fn tracking_uri(&self) -> &str {
        self.uri.as_str().trim_end_matches('/')
    }

    /// Tries a call that failed only this many times again, whatever the environment says.
    #[must_use]
    pub fn with_retries(mut self, retries: u32) -> Self {
        self.patience.retries = retries;
        self.patience.connection_retries = retries;
        self
    }

    /// Draws the random part of waits from this seed, so that several callers do not come at once.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.patience.seed = seed;
        self
    }
}

impl fmt::Display for Experiment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(text) | Self::Name(text) => f.pad(text),
        }
    }
}

/// The environment.
struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    fn flag(&self, name: &'static str) -> Result<bool, MlflowError> {
        match self.get(name).map(|text| text.to_lowercase()).as_deref() {
            None | Some("false" | "0") => Ok(false),
            Some("true" | "1") => Ok(true),
            Some(_) => Err(wrong(name, "is neither `true` nor `false`")),
        }
    }

    /// A number from 0 to `most`, or `default`.
    fn number<N: FromStr + PartialOrd + Default + fmt::Display>(
        &self,
        name: &'static str,
        default: N,
        most: N,
    ) -> Result<N, MlflowError> {
        let Some(text) = self.get(name) else {
            return Ok(default);
        };
        let number = text.parse().ok();
        let number = number.filter(|number| *number >= N::default() && *number <= most);
        number.ok_or_else(|| wrong(name, format!("is not a number from 0 to {most}")))
    }
}

fn wrong(variable: &'static str, problem: impl Into<String>) -> MlflowError {
    MlflowError::Setting {
        variable,
        problem: problem.into(),
    }
}

fn server(text: &str) -> Result<Url, MlflowError> {
    let expected = "is not the address of a tracking server like `http://127.0.0.1:5000`";
    // The text may hold a password, so it is not repeated.
    let mut uri = match Url::parse(text) {
        Ok(uri) if matches!(uri.scheme(), "http" | "https") => uri,
        Ok(uri) if matches!(uri.scheme(), "databricks" | "file" | "sqlite") => {
            let problem = format!(
                "begins with `{}:`; only a server is supported: start one with `mlflow server` \
                 and give its `http://` or `https://` address",
                uri.scheme()
            );
            return Err(wrong(TRACKING_URI, problem));
        }
        _ => return Err(wrong(TRACKING_URI, expected)),
    };
    uri.set_query(None);
    uri.set_fragment(None);
    let path = uri.path().trim_end_matches('/').to_owned();
    uri.set_path(&path);
    Ok(uri)
}

fn experiment(variables: &Variables<'_>) -> Result<Experiment, MlflowError> {
    if let Some(id) = variables.get(EXPERIMENT_ID) {
        if id.len() > 64 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong(EXPERIMENT_ID, "is not the id of an experiment"));
        }
        return Ok(Experiment::Id(id));
    }
    let name = variables.get(EXPERIMENT_NAME);
    let name = name.unwrap_or_else(|| "hp".to_owned());
    if name.len() > 500 {
        return Err(wrong(EXPERIMENT_NAME, "has more than 500 characters"));
    }
    Ok(Experiment::Name(name))
}

fn tls(variables: &Variables<'_>) -> Result<Tls, MlflowError> {
    let tls = Tls {
        insecure: variables.flag(INSECURE_TLS)?,
        server_certificate: variables.get(SERVER_CERT_PATH).map(PathBuf::from),
        client_certificate: variables.get(CLIENT_CERT_PATH).map(PathBuf::from),
    };
    if tls.insecure && tls.server_certificate.is_some() {
        let problem = "trusts every certificate and `MLFLOW_TRACKING_SERVER_CERT_PATH` only one; \
                       set one of them";
        return Err(wrong(INSECURE_TLS, problem));
    }
    Ok(tls)
}

fn workspace(variables: &Variables<'_>) -> Result<Option<String>, MlflowError> {
    let workspace = variables.get(WORKSPACE);
    let printable = |name: &String| name.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if workspace.as_ref().is_none_or(printable) {
        Ok(workspace)
    } else {
        Err(wrong(
            WORKSPACE,
            "holds characters that a header cannot carry",
        ))
    }
}

fn patience(variables: &Variables<'_>) -> Result<Patience, MlflowError> {
    let timeout: f64 = variables.number(TIMEOUT, 120.0, 86_400.0)?;
    if timeout == 0.0 {
        return Err(wrong(TIMEOUT, "is 0, which leaves no time to answer"));
    }
    Ok(Patience {
        retries: variables.number(MAX_RETRIES, 7, 100)?,
        connection_retries: variables.number(MAX_RETRIES, 0, 100)?,
        timeout: Duration::from_secs_f64(timeout),
        backoff_factor: variables.number(BACKOFF_FACTOR, 2.0, 120.0)?,
        jitter: variables.number(BACKOFF_JITTER, 1.0, 120.0)?,
        seed: 0,
    })
}
