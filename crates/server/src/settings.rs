//! What the operator decides about the server.

use std::fmt;
use std::str::FromStr;

use crate::bounds::Limits;

/// The settings of a server.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The address by which people reach it. Without one, only the address that it listens on is known.
    pub public_url: Option<PublicUrl>,
    /// Who may read `/metrics`: whoever says `Authorization: Bearer` with this; without it, only this machine.
    pub metrics_token: Option<Secret>,
    /// What opens the page that makes the first owner, as long as nobody could sign in; only this process knows it.
    pub setup_secret: Option<Secret>,
    /// The limits.
    pub limits: Limits,
}

impl Settings {
    /// Whether people come by https: cookies and headers are stricter then.
    pub fn is_https(&self) -> bool {
        self.public_url.as_ref().is_some_and(|url| url.https)
    }
}

/// A secret that does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Whether `said` is it; takes the same time wherever the two differ.
    pub fn is(&self, said: &str) -> bool {
        same(self.0.as_bytes(), said.as_bytes())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether two secrets are one, in a time that depends on their lengths alone.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// `https://hub.example.com`: where people find the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    /// Whether it is https.
    pub https: bool,
    /// `hub.example.com` or `hub.example.com:8443`, in lower case, the port left out where it is the scheme's own.
    pub authority: String,
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.authority)
    }
}

/// A text that is not the address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it must look like `https://hub.example.com`: a scheme and a host, without a path")]
pub struct NotPublicUrl;

impl FromStr for PublicUrl {
    type Err = NotPublicUrl;

    fn from_str(text: &str) -> Result<Self, NotPublicUrl> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(NotPublicUrl)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(NotPublicUrl),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let authority: axum::http::uri::Authority = rest.parse().map_err(|_| NotPublicUrl)?;
        if authority.host().is_empty() || rest.contains('@') {
            return Err(NotPublicUrl);
        }
        let own = if https { ":443" } else { ":80" };
        Ok(Self { https, authority: rest.strip_suffix(own).map_or(rest.clone(), str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_and_a_host() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(text.parse::<PublicUrl>().ok().map(|url| url.to_string()).as_deref(), expected, "{text}");
        };
        check("https://Hub.Example.com/", Some("https://hub.example.com"));
        check("https://hub.example.com:443", Some("https://hub.example.com"));
        check("http://192.0.2.7:7878", Some("http://192.0.2.7:7878"));
        check("http://[::1]:80", Some("http://[::1]"));
        check("hub.example.com", None);
        check("ftp://hub.example.com", None);
        check("https://hub.example.com/doorstep", None);
        check("https://ann@hub.example.com", None);
        check("https://", None);
    }

    #[test]
    fn a_secret_is_itself_and_shows_nothing() {
        let secret = Secret::from("s3cret".to_owned());
        assert!(secret.is("s3cret") && !secret.is("s3creT") && !secret.is("s3cre") && !secret.is(""));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
