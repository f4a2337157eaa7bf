//! Who calls: user and password, or a token.

use super::{Variables, wrong};
use crate::mlflow::error::MlflowError;
use reqwest::Url;
use std::fmt;

const USERNAME: &str = "MLFLOW_TRACKING_USERNAME";
const PASSWORD: &str = "MLFLOW_TRACKING_PASSWORD";
const TOKEN: &str = "MLFLOW_TRACKING_TOKEN";

/// The section of the credentials file.
const SECTION: &str = "[mlflow]";

/// What is sent with every call. `Debug` keeps the secrets.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::mlflow) enum Login {
    /// A user with a password.
    Basic { username: String, password: String },
    /// Whoever holds the token.
    Bearer(String),
}

/// What is set.
#[derive(Default)]
pub(super) struct Credentials {
    username: Option<String>,
    password: Option<String>,
    token: Option<String>,
}

impl Credentials {
    /// Reads the environment, and from the text of the credentials file what is not set there.
    pub(super) fn read(variables: &Variables<'_>, file: Option<&str>) -> Result<Self, MlflowError> {
        let file = file.map(from_file).unwrap_or_default();
        let read = Self {
            username: variables.get(USERNAME).or(file.username),
            password: variables.get(PASSWORD).or(file.password),
            token: variables.get(TOKEN),
        };
        let plain =
            |text: &Option<String>| !text.iter().any(|text| text.contains(char::is_control));
        for (variable, text) in [
            (USERNAME, &read.username),
            (PASSWORD, &read.password),
            (TOKEN, &read.token),
        ] {
            if !plain(text) {
                let problem = "holds characters that a header cannot carry";
                return Err(wrong(variable, problem));
            }
        }
        if read.token.as_ref().is_some_and(|token| !token.is_ascii()) {
            return Err(wrong(TOKEN, "holds characters that a header cannot carry"));
        }
        Ok(read)
    }

    /// What to send to `uri`, which may carry user and password itself. User and password come
    /// before the token, as in MLflow's client.
    pub(super) fn login(self, uri: &Url) -> Result<Option<Login>, MlflowError> {
        let basic = |username, password| Login::Basic { username, password };
        match (self.username, self.password, self.token) {
            (Some(username), Some(password), _) => Ok(Some(basic(username, password))),
            (_, _, Some(token)) => Ok(Some(Login::Bearer(token))),
            (Some(_), None, None) => Err(wrong(PASSWORD, "is missing beside the user name")),
            (None, Some(_), None) => Err(wrong(USERNAME, "is missing beside the password")),
            (None, None, None) => Ok(uri
                .password()
                .map(|password| basic(decoded(uri.username()), decoded(password)))),
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Basic(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}

/// Reads an INI file as Python's `configparser` does.
fn from_file(text: &str) -> Credentials {
    let mut found = Credentials::default();
    let mut ours = false;
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') {
            ours = line == SECTION;
            continue;
        }
        let Some((key, value)) = line.split_once(['=', ':']).filter(|_| ours) else {
            continue;
        };
        let value = Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        match key.trim().to_ascii_lowercase().as_str() {
            "mlflow_tracking_username" => found.username = value,
            "mlflow_tracking_password" => found.password = value,
            _ => {}
        }
    }
    found
}

/// Undoes the percent-encoding of an address.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
