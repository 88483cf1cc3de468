//! `doorstep healthcheck`: asks a server on this machine whether it can work, for containers without another program
//! that could. A few lines of HTTP by hand are less than a library.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};

use crate::config::Flags;
use crate::failure::Failure;
use crate::hub::Program;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first line of an answer is all that is read.
const FIRST_LINE: u64 = 64;

const EXAMPLE: &str = "\
Examples:
  doorstep healthcheck && echo ready";

/// Ask the server at `server.listen` whether it can work; the exit code says it.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub struct Args {
    /// The server to ask [env: DOORSTEP_SERVER_LISTEN] [default: 127.0.0.1:7878].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Args {
    /// Those that are settings, by name.
    pub fn as_flags(&self) -> Flags {
        self.listen.iter().map(|listen| ("--listen", listen.clone())).collect()
    }
}

pub async fn run(_: &Args, program: &Program) -> Result<(), Failure> {
    let listen = &program.config.server.listen;
    let asked = tokio::time::timeout(PATIENCE, ask(listen)).await;
    match asked {
        Ok(Ok(200)) => program.out.print("ready"),
        Ok(Ok(status)) => Err(Failure::failed(format!("the server at `{listen}` is not ready (status {status})"))
            .hint("its log says why")),
        Ok(Err(error)) => Err(Failure::failed(format!("no server answers at `{listen}`: {error}"))
            .hint("`doorstep serve` starts one; `--listen ADDRESS` asks another")),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Err(Failure::failed(format!("the server at `{listen}` did not answer within {seconds} s")))
        }
    }
}

/// The status of the answer.
async fn ask(listen: &str) -> std::io::Result<u16> {
    let unreadable = |what: &str| std::io::Error::new(std::io::ErrorKind::InvalidData, what.to_owned());
    let listen = lookup_host(listen).await?.next().ok_or_else(|| unreadable("no address"))?;
    let mut stream = TcpStream::connect(reachable(listen)).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut line = String::new();
    stream.take(FIRST_LINE).read_to_string(&mut line).await?;
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| unreadable("that is no answer"))
}

/// "Every address of this machine" is one to listen at, not one to ask.
fn reachable(mut listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(match listen.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    listen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_asked_at_this_machine() {
        let check = |listen: &str, expected: &str| {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), expected);
        };
        check("0.0.0.0:7878", "127.0.0.1:7878");
        check("[::]:7878", "[::1]:7878");
        check("192.0.2.7:80", "192.0.2.7:80");
    }
}
