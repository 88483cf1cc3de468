//! Cookies: named so that a browser keeps them to this host and to https, where there is https.

use axum::http::{HeaderMap, HeaderValue, header};

/// How cookies are named and marked on this server.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    https: bool,
}

impl Cookies {
    /// For a server that people reach by https, or for one on this machine by plain http: there a browser takes no
    /// cookie whose name begins with `__Host-`.
    pub fn new(https: bool) -> Self {
        Self { https }
    }

    /// The whole name of a cookie of ours.
    pub fn name(self, noun: &str) -> String {
        format!("{}doorstep_{noun}", if self.https { "__Host-" } else { "" })
    }

    /// What a browser sent; `None` if it sent nothing, or two that differ: one of them is somebody else's.
    pub fn get<'a>(self, headers: &'a HeaderMap, noun: &str) -> Option<&'a str> {
        let name = self.name(noun);
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
        let first = values.next()?;
        values.all(|value| value == first).then_some(first)
    }

    /// A cookie that scripts cannot read and other sites cannot send along with what changes something. `value` is one
    /// of ours (letters, digits, `-`, `_`); it ends after `seconds`, or with the browser.
    pub fn set(self, noun: &str, value: &str, seconds: Option<u64>) -> HeaderValue {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.https { "; Secure" } else { "" };
        let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{age}{secure}", self.name(noun));
        // Only a value with a line break in it could fail, and then no cookie is better than a broken header.
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("doorstep_nothing=; Max-Age=0"))
    }

    /// Takes a cookie back.
    pub fn remove(self, noun: &str) -> HeaderValue {
        self.set(noun, "", Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn by_https_it_is_bound_to_the_host_and_by_http_it_has_a_plain_name() {
        let by_https = Cookies::new(true).set("session", "abc", Some(60));
        assert_eq!(
            by_https.to_str().unwrap(),
            "__Host-doorstep_session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        let by_http = Cookies::new(false).set("session", "abc", None);
        assert_eq!(by_http.to_str().unwrap(), "doorstep_session=abc; Path=/; HttpOnly; SameSite=Lax");
        assert!(Cookies::new(true).remove("session").to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn what_was_sent_is_read_and_what_is_doubtful_is_not() {
        let https = Cookies::new(true);
        let check = |lines: &[&str], expected: Option<&str>| {
            assert_eq!(https.get(&sent(lines), "session"), expected, "{lines:?}");
        };
        check(&["a=b; __Host-doorstep_session=x1; c=d"], Some("x1"));
        check(&["a=b", "__Host-doorstep_session=x1"], Some("x1"));
        check(&["doorstep_session=x1"], None);
        check(&["x__Host-doorstep_session=x1"], None);
        check(&["__Host-doorstep_session=x1; __Host-doorstep_session=x2"], None);
        check(&["__Host-doorstep_session=x1; __Host-doorstep_session=x1"], Some("x1"));
        check(&[], None);
    }

    #[test]
    fn a_value_cannot_break_out_of_its_header() {
        let odd = Cookies::new(false).set("session", "a\r\nset-cookie: b=c", None);
        assert!(!odd.to_str().unwrap().contains("b=c"));
    }
}
