//! Runs a transaction, and tells apart why it was cancelled.

use super::backoff::Backoff;
use super::refusal::Refusal;
use super::table::Table;
use crate::error::StoreError;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;

/// The most items of a transaction.
pub(super) const MOST_ITEMS: usize = 100;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it is written.
    Written,
    /// None of it is, because the conditions of these items do not hold.
    Unmet(Vec<usize>),
}

impl Table {
    /// Writes `items` together or not at all, trying again while others change the same items.
    pub(super) async fn transact(
        &self,
        items: &[TransactWriteItem],
        mut backoff: Backoff,
    ) -> Result<Outcome, StoreError> {
        loop {
            // The client makes up a token for each call, which makes its own retries harmless.
            let call = self.client.transact_write_items();
            let call = call.set_transact_items(Some(items.to_vec())).send();
            let Err(error) = call.await else {
                return Ok(Outcome::Written);
            };
            let busy = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    let unmet = unmet(cancelled);
                    if !unmet.is_empty() {
                        return Ok(Outcome::Unmet(unmet));
                    }
                    if has_invalid(cancelled) {
                        return Err(self.address.refused(cancelled.meta()));
                    }
                    busy(cancelled)
                }
                _ => None,
            };
            let Some(refusal) = busy else {
                return Err(self.address.sdk("written", error));
            };
            match backoff.next() {
                Some(delay) => tokio::time::sleep(delay).await,
                None => return Err(self.address.failed("written", refusal)),
            }
        }
    }
}

/// The items whose conditions do not hold.
fn unmet(cancelled: &TransactionCanceledException) -> Vec<usize> {
    let reasons = cancelled.cancellation_reasons().iter().enumerate();
    reasons
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(index, _)| index)
        .collect()
}

/// Whether an item is one that is never going to be written, such as one that is too large.
fn has_invalid(cancelled: &TransactionCanceledException) -> bool {
    let mut reasons = cancelled.cancellation_reasons().iter();
    reasons.any(|reason| reason.code() == Some("ValidationError"))
}

/// The refusal of a transaction that may succeed later.
fn busy(cancelled: &TransactionCanceledException) -> Option<Refusal> {
    let mut refusal = None;
    for reason in cancelled.cancellation_reasons() {
        match reason.code() {
            None | Some("None") => {}
            Some("TransactionConflict") => {
                refusal.get_or_insert(Refusal::Conflict);
            }
            Some(code @ ("ProvisionedThroughputExceeded" | "ThrottlingError")) => {
                refusal = Some(Refusal::Throttled {
                    code: code.to_owned(),
                    message: reason.message().unwrap_or("no message").to_owned(),
                });
            }
            Some(_) => return None,
        }
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::{busy, has_invalid, unmet};
    use crate::dynamodb::refusal::Refusal;
    use aws_sdk_dynamodb::types::CancellationReason;
    use aws_sdk_dynamodb::types::error::TransactionCanceledException;

    fn cancelled(codes: &[&str]) -> TransactionCanceledException {
        let reasons = codes
            .iter()
            .map(|&code| CancellationReason::builder().code(code).build());
        TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build()
    }

    #[test]
    fn reasons_are_told_apart() {
        let known = cancelled(&["ConditionalCheckFailed", "None", "ConditionalCheckFailed"]);
        assert_eq!(unmet(&known), [0, 2]);
        let conflict = cancelled(&["None", "TransactionConflict"]);
        assert!(unmet(&conflict).is_empty());
        assert!(matches!(busy(&conflict), Some(Refusal::Conflict)));
        let throttled = cancelled(&["TransactionConflict", "ThrottlingError"]);
        assert!(matches!(busy(&throttled), Some(Refusal::Throttled { .. })));
        let invalid = cancelled(&["TransactionConflict", "ValidationError"]);
        assert!(busy(&invalid).is_none() && has_invalid(&invalid));
        assert!(!has_invalid(&conflict) && !has_invalid(&throttled));
        assert!(busy(&cancelled(&[])).is_none());
    }
}
