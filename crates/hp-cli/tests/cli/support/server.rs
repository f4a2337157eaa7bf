//! A web server on a free local port.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Answers every request in the same way as long as the tests run.
pub(crate) struct Server {
    address: String,
}

impl Server {
    /// Sends `body`.
    pub(crate) fn with(body: impl Into<Vec<u8>>) -> Self {
        Self::start("200 OK", body.into(), None)
    }

    /// Answers with an error such as `404 Not Found`.
    pub(crate) fn failing(status: &'static str) -> Self {
        Self::start(status, Vec::new(), None)
    }

    /// Promises a body but never sends it.
    pub(crate) fn silent() -> Self {
        Self::start("200 OK", Vec::new(), Some(1000))
    }

    /// The address of a file there.
    pub(crate) fn url(&self, file: &str) -> String {
        format!("{}/{file}", self.address)
    }

    fn start(status: &'static str, body: Vec<u8>, promised: Option<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let length = promised.unwrap_or(body.len());
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                answer(
                    stream,
                    &[head.as_bytes(), &body].concat(),
                    promised.is_some(),
                );
            }
        });
        Self { address }
    }
}

fn answer(mut stream: TcpStream, response: &[u8], stay: bool) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
        request.push(byte[0]);
    }
    // A client that has gone is the business of the test.
    let _ = stream.write_all(response);
    if stay {
        thread::sleep(Duration::from_secs(20));
    }
}
