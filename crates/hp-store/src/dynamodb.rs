//! The prediction log in a table of DynamoDB.
//!
//! One table holds the logs of any number of models, without a secondary index. `Query` and
//! `GetItem` answer every question from computed keys, never `Scan`:
//!
//! | item | `pk` | `sk` | attributes |
//! |---|---|---|---|
//! | record | `P#<model>#<YYYY-MM-DD>#<shard>` | `<id>` | `v` version, `dv` data fingerprint, `ts` time in ms, `lo` `p` `hi` limits and prediction, `w` width, `over` outside its limits, `xn` names and `x` values of the features in the schema's order, `src` source, `lat_us` latency in µs, `y` true value, `y_ts` when it came in ms, `ttl` expiry in seconds |
//! | sums of an hour | `A#<model>#<shard>` | `<YYYY-MM-DDTHH>#<version>#<source>` | `n`, `n_over`, `sum_w`, `sum_p`, `n_y`, `n_cov`, `sum_abs_err`, `sum_sq_err` |
//! | layout | `M#<model>` | `layout` | `format`, `shards` |
//!
//! Days and hours are of UTC. A record's day follows from its id, and its shard is the 64-bit
//! FNV-1a hash of the id's 16 bytes modulo the number of shards, in two digits. A partition of
//! DynamoDB takes 1,000 write units a second, which are 500 records of 1 KB; `shards=N` multiplies that, and cannot be changed later because records could not be found again.
//!
//! A record and the sums of its hour are written in one transaction, so that a record that is put
//! again is not counted again, unless it was pruned or removed after it had expired. Numbers that an N of DynamoDB cannot hold are texts.

mod aggregate;
mod attach;
mod backoff;
mod calendar;
mod connect;
mod create;
mod item;
mod keys;
mod layout;
mod list;
mod number;
mod prune;
mod refusal;
mod sums;
mod table;
mod transact;
mod write;

pub use create::{Created, SETUP_ACTIONS, create, template};
pub use refusal::Refusal;
pub use table::ACTIONS;

use crate::Clock;
use crate::error::StoreError;
use crate::id::PredictionId;
use crate::query::{Aggregate, AggregateQuery, Page, RecordQuery};
use crate::record::{Actual, PredictionRecord};
use crate::store::{Attached, PredictionStore};
use crate::uri::DynamoDbUri;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use connect::OPERATION_TIMEOUT;
use jiff::Timestamp;
use refusal::Address;
use std::fmt;
use std::sync::Arc;
use table::Table;
use write::Writer;

/// Keeps predictions in a table of DynamoDB.
pub struct DynamoDbStore {
    table: Arc<Table>,
    writer: Writer,
    clock: Clock,
}

impl DynamoDbStore {
    /// Opens the table of `uri` with the credentials of the environment: variables, profile, web
    /// identity, container or machine role. `AWS_ENDPOINT_URL_DYNAMODB` names another server, and
    /// the address's `endpoint` comes before it. `clock` decides what has expired.
    ///
    /// It is called within a runtime of tokio, which writes as long as the store is open.
    ///
    /// # Errors
    /// Credentials, region or table are missing; DynamoDB cannot be reached or refuses; the table
    /// was written with another number of shards.
    pub async fn open(uri: &DynamoDbUri, clock: Clock) -> Result<Self, StoreError> {
        let (client, address) = connect::connect(uri).await?;
        Self::start(Table::new(client, address, uri), clock).await
    }

    /// Opens the table of `uri` with a client that is set up already: region, endpoint and
    /// credentials are the client's, and so is the time limit of a call if it has one.
    ///
    /// # Errors
    /// See [`open`](Self::open).
    pub async fn with_client(
        client: &Client,
        uri: &DynamoDbUri,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        Self::start(table_of(client, uri), clock).await
    }

    async fn start(table: Table, clock: Clock) -> Result<Self, StoreError> {
        table.agree().await?;
        let table = Arc::new(table);
        Ok(Self {
            writer: Writer::start(&table),
            table,
            clock,
        })
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Does what [`create()`] does, with a client that is set up already.
///
/// # Errors
/// See [`create()`].
pub async fn create_with_client(client: &Client, uri: &DynamoDbUri) -> Result<Created, StoreError> {
    create::create_with(&table_of(client, uri)).await
}

fn table_of(client: &Client, uri: &DynamoDbUri) -> Table {
    let config = client.config();
    let region = config.region();
    let limits = config.timeout_config();
    let deadline = limits.and_then(TimeoutConfig::operation_timeout);
    let address = Address {
        table: uri.table.clone(),
        region: region.map_or_else(|| "unknown".to_owned(), ToString::to_string),
        deadline: deadline.unwrap_or(OPERATION_TIMEOUT),
    };
    let config = connect::patience(config.to_builder(), config.timeout_config());
    Table::new(Client::from_conf(config.build()), address, uri)
}

#[async_trait]
impl PredictionStore for DynamoDbStore {
    async fn put(&self, records: Arc<[PredictionRecord]>) -> Result<(), StoreError> {
        self.writer.put(&self.table, records).await
    }

    async fn get(&self, id: PredictionId) -> Result<Option<PredictionRecord>, StoreError> {
        self.table.record(id, self.now()).await
    }

    async fn attach(&self, id: PredictionId, actual: Actual) -> Result<Attached, StoreError> {
        self.table.attach(id, actual, self.now()).await
    }

    async fn list(&self, query: &RecordQuery) -> Result<Page, StoreError> {
        let records = self.table.list(query, self.now()).await?;
        Ok(query.page(records))
    }

    async fn aggregate(&self, query: &AggregateQuery) -> Result<Vec<Aggregate>, StoreError> {
        self.table.aggregate(query).await
    }

    async fn prune(&self, time: Timestamp) -> Result<u64, StoreError> {
        self.table.prune(PredictionId::not_before(time)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.table.check().await
    }
}

impl fmt::Debug for DynamoDbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynamoDbStore")
            .field(&self.table.address)
            .finish()
    }
}
