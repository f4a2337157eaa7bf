//! What was logged.

use std::fmt::Write;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The events of this thread, each as `level field=value …`, until it is dropped.
pub(crate) struct Events {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Events {
    pub(crate) fn record() -> Self {
        let lines = Arc::default();
        let subscriber = tracing_subscriber::registry().with(Recorder(Arc::clone(&lines)));
        let guard = tracing::subscriber::set_default(subscriber);
        Self {
            lines,
            _guard: guard,
        }
    }

    /// Those that contain all of `parts`.
    pub(crate) fn with(&self, parts: &[&str]) -> Vec<String> {
        let lines = self.lines.lock().unwrap();
        let found = lines
            .iter()
            .filter(|line| parts.iter().all(|part| line.contains(part)));
        found.cloned().collect()
    }
}

struct Recorder(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber> Layer<S> for Recorder {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("hp_http") {
            let mut line = Line(event.metadata().level().to_string());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}
