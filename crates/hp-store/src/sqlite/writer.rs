//! The thread that writes, and the calls that wait for it.

use super::failure::Failure;
use super::file::{DatabaseFile, Opened};
use super::group::Group;
use crate::error::StoreError;
use rusqlite::TransactionBehavior;
use std::io;
use std::slice;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Calls that may wait for the thread; further ones wait for their turn to wait.
const MOST_WAITING: usize = 1_024;

/// Calls that share a commit.
const LARGEST_GROUP: usize = 256;

/// Hands work to the thread that writes. Dropped, it waits until the thread is done.
#[derive(Debug)]
pub(super) struct Writer {
    file: Arc<DatabaseFile>,
    /// `None` tells the thread to end.
    calls: Option<mpsc::Sender<Box<dyn Call>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens the file and starts the thread.
    pub(super) fn start(file: Arc<DatabaseFile>) -> Result<Self, StoreError> {
        let failed = |failure: Failure| failure.of(&file.name, "opened");
        let opened = file.open().map_err(failed)?;
        let (calls, waiting) = mpsc::channel(MOST_WAITING);
        let thread = WriterThread {
            file: Arc::clone(&file),
            opened: Some(opened),
        };
        let thread = thread::Builder::new()
            .name("prediction-log".to_owned())
            .spawn(move || thread.run(waiting))
            .map_err(|error| failed(error.into()))?;
        Ok(Self {
            file,
            calls: Some(calls),
            thread: Some(thread),
        })
    }

    /// Runs `work` in a transaction, perhaps with that of others, and gives its outcome when it is
    /// committed.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Group<'_>) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let call = Waiting {
            work,
            outcome: None,
            reply,
        };
        let sent = match &self.calls {
            Some(calls) => calls.send(Box::new(call)).await.is_ok(),
            None => false,
        };
        let ended = || Failure::from(io::Error::other("the thread that writes has ended"));
        let answer = if sent { answer.await.ok() } else { None };
        let outcome = answer.unwrap_or_else(|| Err(ended()));
        outcome.map_err(|failure| failure.of(&self.file.name, "written"))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.calls = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked, those who waited know.
            let _ = thread.join();
        }
    }
}

/// Work whose outcome somebody waits for.
trait Call: Send {
    fn run(&mut self, group: &mut Group<'_>) -> Result<(), Failure>;

    /// Tells the outcome, now that the work is committed, or the failure.
    fn answer(self: Box<Self>, committed: Result<(), Failure>);
}

struct Waiting<F, T> {
    work: F,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<F, T> Call for Waiting<F, T>
where
    T: Send,
    F: Fn(&mut Group<'_>) -> Result<T, Failure> + Send,
{
    fn run(&mut self, group: &mut Group<'_>) -> Result<(), Failure> {
        self.outcome = Some((self.work)(group)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: Result<(), Failure>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => Ok(outcome),
            (Err(failure), _) => Err(failure),
            // Dropping `reply` says that there is none.
            (Ok(()), None) => return,
        };
        // Whoever asked may have given up.
        let _ = self.reply.send(outcome);
    }
}

struct WriterThread {
    file: Arc<DatabaseFile>,
    /// `None` after a failure: the next group begins with a new connection.
    opened: Option<Opened>,
}

impl WriterThread {
    fn run(mut self, mut waiting: mpsc::Receiver<Box<dyn Call>>) {
        let mut calls = Vec::new();
        while waiting.blocking_recv_many(&mut calls, LARGEST_GROUP) > 0 {
            let committed = self.commit(&mut calls);
            let alone = calls.len() == 1;
            for mut call in calls.drain(..) {
                let committed = match &committed {
                    // Only the call whose own work it was is to blame.
                    Err(Aborted::ByCall(_)) if !alone => self.commit(slice::from_mut(&mut call)),
                    committed => committed.clone(),
                };
                call.answer(committed.map_err(Aborted::failure));
            }
        }
    }

    /// Runs the calls in one transaction: all of them, or none.
    fn commit(&mut self, calls: &mut [Box<dyn Call>]) -> Result<(), Aborted> {
        let committed = self.try_to_commit(calls);
        if committed.is_err() {
            self.opened = None;
        }
        committed
    }

    fn try_to_commit(&mut self, calls: &mut [Box<dyn Call>]) -> Result<(), Aborted> {
        let opened = match self.opened.take_if(|opened| self.file.is_current(opened)) {
            Some(opened) => opened,
            None => self.file.open()?,
        };
        let connection = &mut self.opened.insert(opened).connection;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut group = Group::new(&transaction);
        for call in calls {
            call.run(&mut group).map_err(Aborted::ByCall)?;
        }
        group.finish()?;
        Ok(transaction.commit()?)
    }
}

/// Why nothing of a transaction is written.
#[derive(Debug, Clone)]
enum Aborted {
    /// The work of a call failed.
    ByCall(Failure),
    /// The file cannot be opened, locked or written.
    ByFile(Failure),
}

impl Aborted {
    fn failure(self) -> Failure {
        match self {
            Self::ByCall(failure) | Self::ByFile(failure) => failure,
        }
    }
}

impl<E: Into<Failure>> From<E> for Aborted {
    fn from(error: E) -> Self {
        Self::ByFile(error.into())
    }
}
