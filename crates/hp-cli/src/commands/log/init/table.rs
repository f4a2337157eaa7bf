//! The table of DynamoDB.

use crate::failure::Failure;
use crate::output;
use hp_store::DynamoDbUri;
use hp_store::dynamodb::{create, template};

/// Creates or checks the table, or prints what would be created.
pub(super) async fn make(uri: &DynamoDbUri, dry_run: bool) -> Result<(), Failure> {
    if dry_run {
        return output::print_text(&template(uri));
    }
    let created = create(uri).await?;
    output::say(if created.new {
        format!("created the table {}", uri.table)
    } else {
        format!("the table {} is there", uri.table)
    });
    for note in created.notes {
        output::say(format!("note: {note}"));
    }
    Ok(())
}
