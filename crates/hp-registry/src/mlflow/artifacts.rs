//! Where files are in the server's store: `mlflow-artifacts:/1/<run>/artifacts`.

use super::error::MlflowError;
use reqwest::Url;

const SCHEME: &str = "mlflow-artifacts:";

/// The path in the server's store that `uri` means, without slashes at its ends.
///
/// # Errors
/// The file is not in the store of the server `tracking`, or the path leads out of it.
pub(super) fn store_path(uri: &str, tracking: &Url) -> Result<String, MlflowError> {
    let elsewhere = || MlflowError::Storage {
        uri: without_secrets(uri),
    };
    let rest = uri.strip_prefix(SCHEME).ok_or_else(elsewhere)?;
    let path = match rest.strip_prefix("//") {
        // `mlflow-artifacts:///1/…` names no server, `mlflow-artifacts://host/1/…` one.
        Some(rest) => {
            let (authority, path) = rest.split_once('/').ok_or_else(elsewhere)?;
            if !authority.is_empty() && authority != tracking.authority() {
                return Err(elsewhere());
            }
            path
        }
        None => rest,
    };
    let path = path.trim_matches('/');
    let plain = |part: &str| {
        let odd = |c: char| c.is_control() || matches!(c, '\\' | '?' | '#' | '%');
        !part.is_empty() && part != "." && part != ".." && !part.contains(odd)
    };
    if path.split('/').all(plain) {
        Ok(path.to_owned())
    } else {
        Err(elsewhere())
    }
}

/// The beginning of `uri` without the password that may be in it.
fn without_secrets(uri: &str) -> String {
    let visible = uri.split(['?', '#']).next().unwrap_or_default();
    let visible = match visible.split_once("://") {
        Some((scheme, rest)) => {
            let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
            format!("{scheme}://{rest}")
        }
        None => visible.to_owned(),
    };
    visible
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::store_path;
    use reqwest::Url;

    fn path(uri: &str) -> Result<String, String> {
        let tracking = Url::parse("http://tracking:5000/base").unwrap();
        store_path(uri, &tracking).map_err(|error| error.to_string())
    }

    #[test]
    fn the_store_of_the_server_is_found() {
        for uri in [
            "mlflow-artifacts:/1/abc/artifacts",
            "mlflow-artifacts:///1/abc/artifacts/",
            "mlflow-artifacts://tracking:5000/1/abc/artifacts",
        ] {
            assert_eq!(path(uri).as_deref(), Ok("1/abc/artifacts"));
        }
    }

    #[test]
    fn what_is_elsewhere_is_refused() {
        for uri in [
            "file:///tmp/x",
            "s3://bucket/x",
            "mlflow-artifacts://other/1/x",
            "mlflow-artifacts:/1/../../etc",
            "mlflow-artifacts:/1/%2e%2e/x",
            "mlflow-artifacts:/",
            "",
        ] {
            assert!(path(uri).is_err(), "{uri}");
        }
        let error = path("s3://key:secret@bucket/x?token=secret").unwrap_err();
        assert!(
            !error.contains("secret") && error.contains("s3://bucket/x"),
            "{error}"
        );
    }
}
