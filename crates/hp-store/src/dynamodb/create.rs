//! Creates and checks the table itself.

use super::connect::connect;
use super::item::EXPIRY;
use super::keys::{PARTITION, SORT};
use super::table::Table;
use crate::error::StoreError;
use crate::uri::DynamoDbUri;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::create_table::CreateTableError;
use aws_sdk_dynamodb::operation::describe_table::DescribeTableError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, ScalarAttributeType, TableDescription, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use serde_json::json;
use std::time::Duration;

/// The IAM actions that [`create`] needs on the table beside [`ACTIONS`](super::ACTIONS).
pub const SETUP_ACTIONS: &[&str] = &[
    "dynamodb:CreateTable",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTimeToLive",
];

/// What [`create`] found or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Whether the table was not there before.
    pub new: bool,
    /// What is not as it should be, such as backups that are off, one sentence each.
    pub notes: Vec<String>,
}

const POLL: Duration = Duration::from_millis(250);
const POLLS: u32 = 480;

/// Creates the table of `uri`: paid per request, with point-in-time recovery, expiry and deletion
/// protection. One that is there stays as it is; what differs is in the notes.
///
/// # Errors
/// DynamoDB cannot be reached or refuses; there is another kind of table with this name.
pub async fn create(uri: &DynamoDbUri) -> Result<Created, StoreError> {
    let (client, address) = connect(uri).await?;
    create_with(&Table::new(client, address, uri)).await
}

/// The table of `uri` as a template of CloudFormation, in JSON.
#[must_use]
pub fn template(uri: &DynamoDbUri) -> String {
    let string = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    let key = |name: &str, kind: &str| json!({"AttributeName": name, "KeyType": kind});
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The prediction log of hp",
        "Resources": {"PredictionLog": {
            "Type": "AWS::DynamoDB::Table",
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "TableName": uri.table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [string(PARTITION), string(SORT)],
                "KeySchema": [key(PARTITION, "HASH"), key(SORT, "RANGE")],
                "TimeToLiveSpecification": {"AttributeName": EXPIRY, "Enabled": true},
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
                "DeletionProtectionEnabled": true,
            },
        }},
    });
    format!("{template:#}\n")
}

pub(super) async fn create_with(table: &Table) -> Result<Created, StoreError> {
    let new = table.create().await?;
    let description = table.wait_until_active().await?;
    let mut notes = Vec::new();
    if new {
        notes.extend(table.expire().await);
        notes.extend(table.back_up().await);
    } else {
        notes.extend(differences(&description));
        notes.extend(table.expiry_note().await);
        notes.extend(table.backup_note().await);
    }
    table.agree().await?;
    Ok(Created { new, notes })
}

impl Table {
    /// Fails unless the table is there, has the right keys and takes requests.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let Some(description) = self.describe("opened").await? else {
            return Err(self.address.no_table());
        };
        match description.table_status() {
            Some(TableStatus::Active | TableStatus::Updating) => Ok(()),
            status => {
                let status = status.map_or("in no known state", TableStatus::as_str);
                let problem = format!("the table is {status}");
                Err(self.address.not_set_up(problem))
            }
        }
    }

    /// Creates the table, unless it is there.
    async fn create(&self) -> Result<bool, StoreError> {
        let call = self.client.create_table().table_name(&self.address.table);
        let mut call = call
            .billing_mode(BillingMode::PayPerRequest)
            .deletion_protection_enabled(true);
        for (name, kind) in [(PARTITION, KeyType::Hash), (SORT, KeyType::Range)] {
            let attribute = AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build();
            let key = KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build();
            let wrong = |error| self.address.request("opened", error);
            call = call
                .attribute_definitions(attribute.map_err(wrong)?)
                .key_schema(key.map_err(wrong)?);
        }
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(CreateTableError::ResourceInUseException(_)) => Ok(false),
                _ => Err(self.address.sdk("opened", error)),
            },
        }
    }

    async fn wait_until_active(&self) -> Result<TableDescription, StoreError> {
        for _ in 0..POLLS {
            if let Some(description) = self.describe("opened").await?
                && let Some(TableStatus::Active | TableStatus::Updating) =
                    description.table_status()
            {
                return Ok(description);
            }
            tokio::time::sleep(POLL).await;
        }
        Err(StoreError::TimedOut {
            store: self.address.text(),
            deadline: POLL * POLLS,
        })
    }

    /// The description of the table, which has the right keys; `None` if there is no table.
    async fn describe(
        &self,
        operation: &'static str,
    ) -> Result<Option<TableDescription>, StoreError> {
        let call = self.client.describe_table().table_name(&self.address.table);
        let description = match call.send().await {
            Ok(answer) => answer.table,
            Err(error) => match error.as_service_error() {
                Some(DescribeTableError::ResourceNotFoundException(_)) => None,
                _ => return Err(self.address.sdk(operation, error)),
            },
        };
        match &description {
            Some(description) if !has_keys(description) => {
                let problem = format!("its keys are not `{PARTITION}` and `{SORT}`, both strings");
                Err(self.address.foreign(problem))
            }
            _ => Ok(description),
        }
    }

    /// Lets items expire, or gives a note why not.
    async fn expire(&self) -> Option<String> {
        let specification = TimeToLiveSpecification::builder()
            .attribute_name(EXPIRY)
            .enabled(true)
            .build();
        let call = self
            .client
            .update_time_to_live()
            .table_name(&self.address.table);
        let result = call
            .time_to_live_specification(specification.ok()?)
            .send()
            .await;
        let error = result.err()?;
        Some(format!("expiry is not on: {}", reason(&error)))
    }

    /// Turns point-in-time recovery on, or gives a note why not.
    async fn back_up(&self) -> Option<String> {
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(true)
            .build();
        let specification = specification.ok()?;
        for _ in 0..POLLS {
            let call = self.client.update_continuous_backups();
            let call = call.table_name(&self.address.table);
            let call = call.point_in_time_recovery_specification(specification.clone());
            let error = call.send().await.err()?;
            // For some seconds after a table was created.
            if error.code() != Some("ContinuousBackupsUnavailableException") {
                return Some(format!(
                    "point-in-time recovery is not on: {}",
                    reason(&error)
                ));
            }
            tokio::time::sleep(POLL).await;
        }
        Some("point-in-time recovery is not on: DynamoDB is not ready for it".to_owned())
    }

    async fn expiry_note(&self) -> Option<String> {
        let call = self
            .client
            .describe_time_to_live()
            .table_name(&self.address.table);
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return Some(format!("expiry is unknown: {}", reason(&error))),
        };
        let found = answer.time_to_live_description?;
        let on = [
            Some(TimeToLiveStatus::Enabled),
            Some(TimeToLiveStatus::Enabling),
        ];
        let right =
            found.attribute_name() == Some(EXPIRY) && on.contains(&found.time_to_live_status);
        (!right).then(|| format!("expiry by the attribute `{EXPIRY}` is off"))
    }

    async fn backup_note(&self) -> Option<String> {
        let call = self.client.describe_continuous_backups();
        let answer = match call.table_name(&self.address.table).send().await {
            Ok(answer) => answer,
            Err(error) => {
                return Some(format!(
                    "point-in-time recovery is unknown: {}",
                    reason(&error)
                ));
            }
        };
        let found = answer.continuous_backups_description;
        let recovery = found.and_then(|found| found.point_in_time_recovery_description);
        let status = recovery.and_then(|recovery| recovery.point_in_time_recovery_status);
        let on = status == Some(PointInTimeRecoveryStatus::Enabled);
        (!on).then(|| "point-in-time recovery is off".to_owned())
    }
}

/// What of a table with the right keys differs from one that [`create`] makes.
fn differences(description: &TableDescription) -> Vec<String> {
    let mut notes = Vec::new();
    let billing = description.billing_mode_summary();
    let billing = billing.and_then(|summary| summary.billing_mode());
    if billing != Some(&BillingMode::PayPerRequest) {
        notes.push("its capacity is provisioned, not paid per request".to_owned());
    }
    if description.deletion_protection_enabled() != Some(true) {
        notes.push("deletion protection is off".to_owned());
    }
    notes
}

fn has_keys(description: &TableDescription) -> bool {
    let is_key = |name: &str, kind: &KeyType| {
        let keys = description.key_schema().iter();
        let mut keys = keys.map(|key| (key.attribute_name(), key.key_type()));
        let attributes = description.attribute_definitions();
        let string = attributes.iter().any(|attribute| {
            attribute.attribute_name() == name
                && attribute.attribute_type() == &ScalarAttributeType::S
        });
        string && keys.any(|key| key == (name, kind))
    };
    is_key(PARTITION, &KeyType::Hash) && is_key(SORT, &KeyType::Range)
}

fn reason(error: &impl ProvideErrorMetadata) -> String {
    let code = error.code().unwrap_or("no answer");
    match error.message() {
        Some(message) => format!("{code}: {message}"),
        None => code.to_owned(),
    }
}
