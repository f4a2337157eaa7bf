//! What the items of a model agree on: the number of shards, by which records are found again.

use super::item::counted;
use super::keys::SORT;
use super::number::whole;
use super::table::Table;
use crate::error::StoreError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;

/// The version of this layout of the table.
const FORMAT: u32 = 1;

impl Table {
    /// Checks that the items of the model were written with the same layout, or writes it down when
    /// these are the first.
    pub(super) async fn agree(&self) -> Result<(), StoreError> {
        loop {
            if let Some(item) = self.get(self.keys.layout(), "opened").await? {
                let number = |name| {
                    let number = counted::<u32>(&item, name);
                    number.map_err(|problem| self.unreadable(&item, &problem))
                };
                return self.compare(number("format")?, number("shards")?);
            }
            let mut item = self.keys.layout();
            item.insert("format".to_owned(), whole(FORMAT));
            item.insert("shards".to_owned(), whole(self.keys.shards));
            let call = self.client.put_item().table_name(&self.address.table);
            let call = call
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(#sk)")
                .expression_attribute_names("#sk", SORT);
            match call.send().await {
                Ok(_) => return Ok(()),
                Err(error) => match error.as_service_error() {
                    // Another process was faster; reading it again tells what it wrote.
                    Some(PutItemError::ConditionalCheckFailedException(_)) => {}
                    _ => return Err(self.address.sdk("opened", error)),
                },
            }
        }
    }

    fn compare(&self, format: u32, shards: u32) -> Result<(), StoreError> {
        if format != FORMAT {
            return Err(self.address.foreign(format!(
                "its layout is version {format}, and this hp knows version {FORMAT}"
            )));
        }
        if shards != self.keys.shards {
            return Err(self.address.foreign(format!(
                "the days of model `{}` are spread over {shards} shards, not {}: `shards={shards}` \
                 belongs in its address",
                self.keys.model, self.keys.shards
            )));
        }
        Ok(())
    }
}
