//! Where the prediction log is kept, as one text.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The place of a prediction log:
/// `sqlite://PATH` (relative or absolute, `?synchronous=normal`), `memory:`,
/// `dynamodb://TABLE?region=…&endpoint=…&model=…&shards=N&ttl_days=N`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreUri {
    /// A file of SQLite.
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Whether each commit waits for the disk, so that it outlasts a power failure.
        full_sync: bool,
    },
    /// Memory, for tests and trying out.
    Memory,
    /// A table of DynamoDB.
    DynamoDb(DynamoDbUri),
}

/// A table of DynamoDB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamoDbUri {
    /// The table's name.
    pub table: String,
    /// The region; otherwise that of the environment.
    pub region: Option<String>,
    /// Another address than that of AWS.
    pub endpoint: Option<String>,
    /// The name of the model, `hp` by default: a table may hold the logs of several.
    pub model: String,
    /// Number of partitions that the records of one day are spread over.
    pub shards: u32,
    /// Days after which a record expires; `None` keeps it for ever.
    pub ttl_days: Option<u32>,
}

/// The text names no store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{uri}` is not the address of a prediction log: {problem}")]
pub struct StoreUriError {
    uri: String,
    problem: String,
}

impl FromStr for StoreUri {
    type Err = StoreUriError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |problem: &str| StoreUriError {
            uri: text.chars().take(200).collect(),
            problem: problem.to_owned(),
        };
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let parameters = Parameters::parse(query).map_err(|problem| wrong(&problem))?;
        let uri = if place == "memory:" {
            parameters.only(&[]).map(|()| Self::Memory)
        } else if let Some(path) = place.strip_prefix("sqlite://") {
            sqlite(path, &parameters)
        } else if let Some(table) = place.strip_prefix("dynamodb://") {
            dynamodb(table, &parameters).map(Self::DynamoDb)
        } else {
            Err("it begins with `sqlite://`, `dynamodb://` or `memory:`".to_owned())
        };
        uri.map_err(|problem| wrong(&problem))
    }
}

fn sqlite(path: &str, parameters: &Parameters<'_>) -> Result<StoreUri, String> {
    parameters.only(&["synchronous"])?;
    if path.is_empty() {
        return Err("the path of the file is missing".to_owned());
    }
    let full_sync = match parameters.get("synchronous") {
        None | Some("full") => true,
        Some("normal") => false,
        Some(_) => return Err("`synchronous` is `full` or `normal`".to_owned()),
    };
    let path = path.into();
    Ok(StoreUri::Sqlite { path, full_sync })
}

fn dynamodb(table: &str, parameters: &Parameters<'_>) -> Result<DynamoDbUri, String> {
    const MOST_SHARDS: u32 = 100;
    parameters.only(&["region", "endpoint", "model", "shards", "ttl_days"])?;
    let plain = |text: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        (1..=255).contains(&text.len()) && text.chars().all(allowed)
    };
    if !plain(table) || table.len() < 3 {
        return Err("a table is named with 3 to 255 of `a-z A-Z 0-9 _ . -`".to_owned());
    }
    let model = parameters.get("model").unwrap_or("hp");
    if !plain(model) {
        return Err("`model` consists of `a-z A-Z 0-9 _ . -`".to_owned());
    }
    let number = |name: &str| match parameters.get(name).map(str::parse::<u32>) {
        None => Ok(None),
        Some(Ok(number)) if number > 0 => Ok(Some(number)),
        Some(_) => Err(format!("`{name}` is a whole number above 0")),
    };
    let shards = number("shards")?.unwrap_or(1);
    if shards > MOST_SHARDS {
        return Err(format!("`shards` is at most {MOST_SHARDS}"));
    }
    let owned = |name: &str| parameters.get(name).map(str::to_owned);
    Ok(DynamoDbUri {
        table: table.to_owned(),
        region: owned("region"),
        endpoint: owned("endpoint"),
        model: model.to_owned(),
        shards,
        ttl_days: number("ttl_days")?,
    })
}

/// What follows the question mark.
struct Parameters<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parameters<'a> {
    fn parse(query: &'a str) -> Result<Self, String> {
        let mut parameters = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| format!("`{part}` is not name=value"))?;
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(format!("`{name}` is given more than once"));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    /// Refuses parameters that are not `known`.
    fn only(&self, known: &[&str]) -> Result<(), String> {
        match self.0.iter().find(|(name, _)| !known.contains(name)) {
            Some((name, _)) => Err(format!("it has no parameter `{name}`")),
            None => Ok(()),
        }
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    }
}

impl fmt::Display for StoreUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path, .. } => write!(f, "sqlite://{}", path.display()),
            Self::Memory => f.write_str("memory:"),
            Self::DynamoDb(uri) => write!(f, "dynamodb://{}", uri.table),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DynamoDbUri, StoreUri};

    #[test]
    fn names_the_place() {
        assert_eq!(
            "sqlite://data/predictions.db".parse(),
            Ok(StoreUri::Sqlite {
                path: "data/predictions.db".into(),
                full_sync: true
            })
        );
        assert_eq!(
            "sqlite:///var/log/p.db?synchronous=normal".parse(),
            Ok(StoreUri::Sqlite {
                path: "/var/log/p.db".into(),
                full_sync: false
            })
        );
        assert_eq!("memory:".parse(), Ok(StoreUri::Memory));
        let uri =
            "dynamodb://hp_predictions?region=eu-west-1&endpoint=http://127.0.0.1:8001&shards=4";
        assert_eq!(
            uri.parse(),
            Ok(StoreUri::DynamoDb(DynamoDbUri {
                table: "hp_predictions".to_owned(),
                region: Some("eu-west-1".to_owned()),
                endpoint: Some("http://127.0.0.1:8001".to_owned()),
                model: "hp".to_owned(),
                shards: 4,
                ttl_days: None,
            }))
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let problem = |text: &str| text.parse::<StoreUri>().unwrap_err().to_string();
        let cases = [
            ("postgres://x", "begins with"),
            ("sqlite://", "path of the file is missing"),
            ("sqlite://x?sync=1", "no parameter `sync`"),
            ("sqlite://x?synchronous=off", "`full` or `normal`"),
            ("dynamodb://", "3 to 255"),
            (
                "dynamodb://table?shards=0",
                "`shards` is a whole number above 0",
            ),
            ("dynamodb://table?shards=1000", "at most 100"),
            ("dynamodb://table?region=a&region=b", "more than once"),
            ("dynamodb://table?region", "not name=value"),
        ];
        for (text, expected) in cases {
            assert!(
                problem(text).contains(expected),
                "{text}: {}",
                problem(text)
            );
        }
    }
}
