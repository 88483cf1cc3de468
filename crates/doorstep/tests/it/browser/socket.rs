//! As much of a WebSocket as the browser's tools need: text to and fro on this machine.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection to the browser's tools.
pub struct Socket(BufReader<TcpStream>);

impl Socket {
    /// Connects to `path` at `host`.
    pub async fn connect(host: &str, path: &str) -> Self {
        let mut stream = BufReader::new(TcpStream::connect(host).await.unwrap());
        let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZG9vcnN0ZXAgdGVzdHMhIQ==";
        let head = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
        );
        stream.get_mut().write_all(head.as_bytes()).await.unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(stream.read_line(&mut line).await.unwrap() > 0, "the browser hung up");
        }
        Self(stream)
    }

    /// Sends one frame, masked with nothing: it stays on this machine.
    pub async fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend((text.len() as u64).to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        self.0.get_mut().write_all(&frame).await.unwrap();
    }

    /// The next message, of one frame or several.
    pub async fn receive(&mut self) -> Value {
        let mut whole = Vec::new();
        loop {
            let mut head = [0; 2];
            self.0.read_exact(&mut head).await.unwrap();
            let length = match head[1] & 127 {
                126 => u64::from(self.0.read_u16().await.unwrap()),
                127 => self.0.read_u64().await.unwrap(),
                short => u64::from(short),
            };
            let mut part = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut part).await.unwrap();
            if head[0] & 0x0f <= 1 {
                whole.extend(part);
                if head[0] & 0x80 != 0 {
                    return serde_json::from_slice(&whole).unwrap();
                }
            }
        }
    }
}
