//! A connection of which a test says every byte.

use std::time::Duration;

use serde_json::Value;
use tests::Server;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long a test waits for what must happen; nothing that goes well takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open connection.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    /// Opens one.
    pub async fn open(server: &Server) -> Self {
        let address = server.url().strip_prefix("http://").unwrap();
        Self { stream: TcpStream::connect(address).await.unwrap(), read: Vec::new() }
    }

    /// Sends a text, and does not care whether the server still listens.
    pub async fn send(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes()).await;
    }

    /// Sends a text bit by bit until the server closes the connection, which it must; answers what the server said.
    pub async fn drip_until_closed(self, text: &str, pause: Duration) -> String {
        let (mut reading, mut writing) = self.stream.into_split();
        let mut said = self.read;
        let drip = async {
            for byte in text.as_bytes().iter().cycle() {
                let _ = writing.write_all(&[*byte]).await;
                tokio::time::sleep(pause).await;
            }
        };
        let listen = async {
            let mut bytes = Vec::new();
            // A reset is as good an end as any.
            let _ = reading.read_to_end(&mut bytes).await;
            bytes
        };
        let closed = async {
            tokio::select! {
                () = drip => unreachable!("it goes on for ever"),
                bytes = listen => bytes,
            }
        };
        said.extend(timeout(PATIENCE, closed).await.expect("the server does not close the connection"));
        String::from_utf8(said).unwrap()
    }

    /// Sends a text again and again, and reads nothing, until the server closes the connection, which it must.
    pub async fn ask_until_closed(mut self, text: &str) {
        let closed = async { while self.stream.write_all(text.as_bytes()).await.is_ok() {} };
        timeout(PATIENCE, closed).await.expect("the server does not close the connection");
    }

    /// What the server says until it closes the connection, which it must.
    pub async fn until_closed(mut self) -> String {
        let all = async { while self.hear().await {} };
        timeout(PATIENCE, all).await.expect("the server does not close the connection");
        String::from_utf8(self.read).unwrap()
    }

    /// The next answer, which must have a length.
    pub async fn answer(&mut self) -> Answer {
        let whole = async {
            loop {
                if let Some((answer, length)) = Answer::parse(&self.read) {
                    self.read.drain(..length);
                    return answer;
                }
                assert!(self.hear().await, "closed after {:?}", String::from_utf8_lossy(&self.read));
            }
        };
        timeout(PATIENCE, whole).await.expect("the server does not answer")
    }

    /// Reads more; false at the end.
    async fn hear(&mut self) -> bool {
        matches!(self.stream.read_buf(&mut self.read).await, Ok(count) if count > 0)
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The answer at the beginning of some bytes, and how many bytes it takes.
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let text = std::str::from_utf8(bytes).ok()?;
        let (head, rest) = text.split_once("\r\n\r\n")?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        })?;
        let body = rest.get(..length)?.to_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((Self { status, head: head.to_owned(), body }, head.len() + 4 + length))
    }

    /// The answer that a text begins with.
    #[track_caller]
    pub fn first_of(text: &str) -> Self {
        Self::parse(text.as_bytes()).unwrap_or_else(|| panic!("no answer in {text:?}")).0
    }

    /// The code of the problem that it must be.
    #[track_caller]
    pub fn problem_code(&self) -> String {
        assert!(self.head.to_ascii_lowercase().contains("content-type: application/problem+json"), "{self:?}");
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["code"].as_str().unwrap().to_owned()
    }
}
