//! A running `hp serve` or `hp monitor`, and requests to it.

use super::Project;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server on a free port; it is killed when the test is over.
pub(crate) struct Api {
    child: Child,
    address: String,
    lines: Mutex<Receiver<String>>,
}

/// An answer of the API.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.body))
    }
}

impl Api {
    /// Serves with the default arguments and a free port.
    pub(crate) fn start(project: &Project) -> Self {
        Self::with(project.command().args(["serve", "--port", "0"]))
    }

    /// Serves the page of the monitor on a free port.
    pub(crate) fn start_monitor(project: &Project) -> Self {
        Self::with(project.command().args(["monitor", "--port", "0"]))
    }

    /// Serves with these arguments.
    pub(crate) fn with(command: &mut Command) -> Self {
        Self::with_line(command).0
    }

    /// Serves with these arguments; gives also the line that says so.
    pub(crate) fn with_line(command: &mut Command) -> (Self, String) {
        let mut api = Self::spawn(command);
        let line = api.line_with("http://");
        let rest = line.split("http://").nth(1).unwrap();
        api.address.push_str(rest.split(',').next().unwrap());
        (api, line)
    }

    /// Begins to serve with these arguments, which may never come to an end, on a port of 127.0.0.1;
    /// waits until it listens.
    pub(crate) fn starting(command: &mut Command, port: u16) -> Self {
        let mut api = Self::spawn(command);
        api.address = format!("127.0.0.1:{port}");
        let begun = Instant::now();
        while api.connect().is_none() {
            assert!(begun.elapsed() < PATIENCE, "it does not listen");
            thread::yield_now();
        }
        api
    }

    fn spawn(command: &mut Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Self {
            child,
            address: String::new(),
            lines: Mutex::new(lines),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }

    /// Waits for a line on stderr that contains `sign`.
    #[track_caller]
    pub(crate) fn line_with(&self, sign: &str) -> String {
        let lines = self.lines.lock().unwrap();
        let mut seen = Vec::new();
        while let Ok(line) = lines.recv_timeout(PATIENCE) {
            if line.contains(sign) {
                return line;
            }
            seen.push(line);
        }
        panic!("`{sign}` is missing in {seen:#?}");
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "").unwrap()
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, body).unwrap()
    }

    /// Sends a request on a connection of its own; `None` when it breaks before the answer is whole.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> Option<Answer> {
        let mut stream = self.connect()?;
        let head = self.head(method, path, body.len());
        stream.write_all((head + body).as_bytes()).ok()?;
        receive(&mut stream)
    }

    pub(crate) fn connect(&self) -> Option<TcpStream> {
        let stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Some(stream)
    }

    /// What comes before the body of a request.
    pub(crate) fn head(&self, method: &str, path: &str, length: usize) -> String {
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n",
            self.address
        )
    }

    /// Sends a signal such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let kill = Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(kill.unwrap().success());
    }

    /// Waits for the end; gives the exit code, `None` after a deadly signal.
    #[track_caller]
    pub(crate) fn wait(mut self) -> Option<i32> {
        // With the program its stderr ends.
        let lines = self.lines.get_mut().unwrap();
        let end = loop {
            if let Err(end) = lines.recv_timeout(PATIENCE) {
                break end;
            }
        };
        assert_eq!(end, RecvTimeoutError::Disconnected, "it does not end");
        self.child.wait().unwrap().code()
    }

    /// Asks it to end and gives its exit code.
    pub(crate) fn stop(self) -> Option<i32> {
        self.signal("TERM");
        self.wait()
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads an answer to its end.
pub(crate) fn receive(stream: &mut TcpStream) -> Option<Answer> {
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))?;
    let whole = length.parse() == Ok(body.len());
    let body = body.to_owned();
    whole.then_some(Answer { status, body })
}
