//! A server of DynamoDB and stores in it.

use crate::suite::Fresh;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Credentials, Region};
use dynoxide::Database;
use hp_store::dynamodb::{Created, DynamoDbStore, create_with_client};
use hp_store::{DynamoDbUri, StoreError};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::net::TcpListener;

/// The secret of the tests' credentials, which no message may hold.
pub(crate) const SECRET: &str = "very-secret-key";

/// A server, and a name for a table that it does not have yet.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) uri: DynamoDbUri,
}

impl Server {
    /// The server that the environment names, or one within this process.
    pub(crate) async fn start() -> Self {
        static TABLES: AtomicU32 = AtomicU32::new(0);
        let number = TABLES.fetch_add(1, Ordering::Relaxed);
        let address = if let Ok(endpoint) = std::env::var("HP_TEST_DYNAMODB_ENDPOINT") {
            endpoint.trim_start_matches("http://").parse().unwrap()
        } else {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let address = listener.local_addr().unwrap();
            let database = Database::memory().unwrap();
            tokio::spawn(dynoxide::server::serve_on(listener, database));
            address
        };
        let uri = DynamoDbUri {
            table: format!("hp_test_{}_{number}", std::process::id()),
            region: Some("eu-west-1".to_owned()),
            endpoint: Some(format!("http://{address}")),
            model: "hp".to_owned(),
            shards: 1,
            ttl_days: None,
        };
        Self { address, uri }
    }

    /// A server that has the table.
    pub(crate) async fn with_table() -> Self {
        let server = Self::start().await;
        assert!(server.create().await.unwrap().new);
        server
    }

    pub(crate) async fn create(&self) -> Result<Created, StoreError> {
        create_with_client(&client(self.address), &self.uri).await
    }

    /// Opens the table as `uri` says, with a clock that shows the time of the test.
    pub(crate) async fn open(&self, uri: &DynamoDbUri) -> Result<DynamoDbStore, StoreError> {
        open_at(self.address, uri).await
    }
}

/// A client of the server at `address`, with the time that a busy machine may take.
pub(crate) fn client(address: SocketAddr) -> Client {
    let limits = TimeoutConfig::builder().operation_timeout(Duration::from_mins(1));
    Client::from_conf(config(address).timeout_config(limits.build()).build())
}

/// A client with the time limits of the store.
pub(crate) fn impatient_client(address: SocketAddr) -> Client {
    Client::from_conf(config(address).build())
}

fn config(address: SocketAddr) -> Builder {
    let credentials = Credentials::new("accesskey", SECRET, None, None, "test");
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .endpoint_url(format!("http://{address}"))
}

/// Opens the table of `uri` at `address`.
pub(crate) async fn open_at(
    address: SocketAddr,
    uri: &DynamoDbUri,
) -> Result<DynamoDbStore, StoreError> {
    open_with(&client(address), uri).await
}

/// Opens the table of `uri` with a client.
pub(crate) async fn open_with(
    client: &Client,
    uri: &DynamoDbUri,
) -> Result<DynamoDbStore, StoreError> {
    DynamoDbStore::with_client(client, uri, Arc::new(Timestamp::now)).await
}

/// An empty store with so many shards.
pub(crate) async fn fresh(shards: u32) -> Fresh {
    let mut server = Server::start().await;
    server.uri.shards = shards;
    server.create().await.unwrap();
    Fresh {
        store: Arc::new(server.open(&server.uri).await.unwrap()),
        _keep: Box::new(()),
    }
}
