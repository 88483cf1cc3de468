//! Whom the program may talk to.

use std::net::IpAddr;

use reqwest::Url;

/// A scheme, a host and a port. Credentials never go to another one than they are meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

/// Why a text is no address of an upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadOrigin {
    /// No scheme, no host, or something behind the host.
    #[error("not an address like `https://api.example.com`")]
    NotAnAddress,
    /// Everybody on the way could read the credentials.
    #[error("without TLS (`http://`) only this machine itself is talked to")]
    NotEncrypted,
}

impl Origin {
    /// Reads `https://host` or `https://host:port`; `http` only for this machine itself.
    ///
    /// # Errors
    /// [`BadOrigin`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let url: Url = text.trim().parse().map_err(|_| BadOrigin::NotAnAddress)?;
        let is_bare = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let origin = Self::of(&url).filter(|_| is_bare).ok_or(BadOrigin::NotAnAddress)?;
        match origin.scheme.as_str() {
            "https" => Ok(origin),
            "http" if origin.is_this_machine() => Ok(origin),
            "http" => Err(BadOrigin::NotEncrypted),
            _ => Err(BadOrigin::NotAnAddress),
        }
    }

    /// The origin of an address.
    pub(crate) fn of(url: &Url) -> Option<Self> {
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        Some(Self { scheme: url.scheme().to_owned(), host: host.to_owned(), port })
    }

    fn is_this_machine(&self) -> bool {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// An address at this origin. `path` begins with a slash.
    pub(crate) fn url(&self, path: &str) -> Option<Url> {
        let mut url: Url = self.to_string().parse().ok()?;
        url.set_path(path);
        Some(url)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_this_machine_is_an_origin() {
        let check = |text: &str, expected: Result<&str, BadOrigin>| {
            let found = Origin::parse(text).map(|origin| origin.to_string());
            assert_eq!(found, expected.map(str::to_owned), "{text}");
        };
        check("https://api.servicetitan.io", Ok("https://api.servicetitan.io:443"));
        check(" https://API.servicetitan.io:8443/ ", Ok("https://api.servicetitan.io:8443"));
        check("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        check("http://[::1]:8080", Ok("http://[::1]:8080"));
        check("http://localhost", Ok("http://localhost:80"));
        check("http://10.0.0.1", Err(BadOrigin::NotEncrypted));
        check("http://127.0.0.1.example.com", Err(BadOrigin::NotEncrypted));
        for bad in ["", "api.servicetitan.io", "ftp://a", "https://u:p@a", "https://a/x", "https://a?x", "file:///etc"]
        {
            check(bad, Err(BadOrigin::NotAnAddress));
        }
    }

    #[test]
    fn another_port_is_another_origin() {
        let url = |text: &str| Origin::of(&text.parse().unwrap());
        assert_eq!(url("https://a/x?y"), Origin::parse("https://a").ok());
        assert_ne!(url("https://a:444/x"), Origin::parse("https://a").ok());
        assert_ne!(url("https://a.b/x"), Origin::parse("https://a").ok());
    }
}
