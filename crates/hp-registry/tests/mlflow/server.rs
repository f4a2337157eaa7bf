//! A server on this machine that answers as it is told, also badly.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Bytes of the body after which the connection ends.
    cut: Option<usize>,
    silent: bool,
    delay: Duration,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(found, _)| found == name)?;
        Some(&header.1)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    /// The decoded value of a parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let url = reqwest::Url::parse(&format!("http://x{}", self.target)).unwrap();
        let found = url.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }
}

impl Reply {
    pub(crate) fn bytes(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            cut: None,
            silent: false,
            delay: Duration::ZERO,
        }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string())
    }

    pub(crate) fn html(status: u16) -> Self {
        Self::bytes(status, "text/html", "<!doctype html><title>Log in</title>")
    }

    /// The connection ends without an answer.
    pub(crate) fn nothing() -> Self {
        Self {
            silent: true,
            ..Self::html(200)
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub(crate) fn cut(mut self, after: usize) -> Self {
        self.cut = Some(after);
        self
    }

    pub(crate) fn late(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// A server that lives as long as the process.
pub(crate) struct Server {
    pub(crate) uri: String,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers every request with what `answer` says of it and of how many came before it.
    pub(crate) fn start(answer: impl FnMut(&Request, usize) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let uri = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let answer = Arc::new(Mutex::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, answer) = (Arc::clone(&noted), Arc::clone(&answer));
                let reply = move |request: Request| {
                    let before = note(&noted, &request);
                    let mut answer = answer.lock().unwrap_or_else(PoisonError::into_inner);
                    answer(&request, before)
                };
                // A client that waits no longer is no fault.
                thread::spawn(move || serve(&stream, reply));
            }
        });
        Self { uri, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }
}

/// Keeps a request and gives how many came before it.
fn note(asked: &Mutex<Vec<Request>>, request: &Request) -> usize {
    let mut asked = asked.lock().unwrap();
    asked.push(request.clone());
    asked.len() - 1
}

/// Answers one request of a connection after the other, until one is not answered whole.
fn serve(stream: &TcpStream, mut reply: impl FnMut(Request) -> Reply) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let reply = reply(read(&mut reader)?);
        thread::sleep(reply.delay);
        if reply.silent {
            return Ok(());
        }
        write(stream, &reply)?;
        if reply.cut.is_some() {
            return Ok(());
        }
    }
}

fn read(reader: &mut impl BufRead) -> io::Result<Request> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(':') else {
            break;
        };
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    let length = request.header("content-length").unwrap_or("0");
    request.body = vec![0; length.parse().unwrap()];
    reader.read_exact(&mut request.body)?;
    Ok(request)
}

fn write(mut stream: impl Write, reply: &Reply) -> io::Result<()> {
    let mut bytes = Vec::new();
    write!(bytes, "HTTP/1.1 {} X\r\n", reply.status)?;
    for (name, value) in &reply.headers {
        write!(bytes, "{name}: {value}\r\n")?;
    }
    write!(bytes, "content-length: {}\r\n\r\n", reply.body.len())?;
    let end = reply.cut.unwrap_or(usize::MAX).min(reply.body.len());
    bytes.extend_from_slice(&reply.body[..end]);
    stream.write_all(&bytes)
}
