//! `hp log init`: a place for predictions.

#[cfg(feature = "dynamodb")]
mod table;

use crate::failure::Failure;
use crate::output;
use crate::settings::open_store;
use hp_store::StoreUri;
use std::path::Path;

/// Create the file or table of the prediction log, or check the one that is there
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only print what would be made: for DynamoDB a template of CloudFormation
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(args: &Args, uri: &StoreUri) -> Result<(), Failure> {
    match uri {
        StoreUri::Sqlite { path, .. } => file(args, uri, path).await,
        #[cfg(feature = "dynamodb")]
        StoreUri::DynamoDb(table) => table::make(table, args.dry_run).await,
        // Opening it says which feature is missing.
        #[cfg(not(feature = "dynamodb"))]
        StoreUri::DynamoDb(_) => open_store(uri).await.map(|_| ()),
        StoreUri::Memory => {
            output::say("nothing to set up: memory is there");
            Ok(())
        }
    }
}

async fn file(args: &Args, uri: &StoreUri, path: &Path) -> Result<(), Failure> {
    let name = path.display();
    let existed = path.exists();
    if args.dry_run && !existed {
        output::say(format!("would create {name}"));
        return Ok(());
    }
    open_store(uri).await?.check().await?;
    output::say(if existed {
        format!("{name} is a prediction log, ready to use")
    } else {
        format!("created {name}")
    });
    Ok(())
}
