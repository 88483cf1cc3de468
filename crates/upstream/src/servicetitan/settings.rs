//! What is to be said to connect ServiceTitan: read, or refused with the reason.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use super::SPEC;
use crate::http::{Origin, SecretText};

/// Longest value of a setting, in characters; theirs have some 60.
const MAX_SETTING_CHARS: usize = 400;
/// What `servicetitan_tenant` is at most, in digits: their numbers are of 64 bits.
const MAX_TENANT_DIGITS: usize = 19;

/// Where an environment's doors are (fact sheet A1).
struct Environment {
    name: &'static str,
    api: &'static str,
    auth: &'static str,
}

const ENVIRONMENTS: [Environment; 2] = [
    Environment { name: "production", api: "https://api.servicetitan.io", auth: "https://auth.servicetitan.io" },
    Environment {
        name: "integration",
        api: "https://api-integration.servicetitan.io",
        auth: "https://auth-integration.servicetitan.io",
    },
];

/// The origins that ServiceTitan itself has.
pub(crate) fn own_origins() -> Vec<Origin> {
    let all = ENVIRONMENTS.iter().flat_map(|environment| [environment.api, environment.auth]);
    all.filter_map(|text| Origin::parse(text).ok()).collect()
}

/// A connection's settings, read. Its `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub api: Origin,
    pub auth: Origin,
    /// Their number of the business; digits.
    pub tenant: String,
    pub client_id: String,
    pub client_secret: SecretText,
    pub app_key: SecretText,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("api", &self.api).field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Why a setting is refused. Holds the setting's name and never its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{setting}`: {why}")]
pub struct Refused {
    /// Which setting.
    pub setting: String,
    /// What is wrong with it, and what it looks like when it is right.
    pub why: String,
}

impl Settings {
    /// Reads settings by name; `may_talk_to` says whether the operator allows an origin.
    pub fn read(said: &BTreeMap<String, String>, may_talk_to: impl Fn(&Origin) -> bool) -> Result<Self, Refused> {
        let refused = |setting: &str, why: &str| Refused { setting: setting.to_owned(), why: why.to_owned() };
        if let Some(name) = said.keys().find(|name| !SPEC.settings.iter().any(|spec| spec.name == **name)) {
            let name = if name.len() <= MAX_SETTING_CHARS { name } else { "a setting" };
            let names: Vec<&str> = SPEC.settings.iter().map(|spec| spec.name).collect();
            return Err(refused(name, &format!("ServiceTitan has no such setting; it has {}", names.join(", "))));
        }
        let optional = |name: &str| {
            let value = said.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
            value.or_else(|| SPEC.settings.iter().find(|spec| spec.name == name)?.default)
        };
        let needed = |name: &str, example: &str| {
            let value =
                optional(name).ok_or_else(|| refused(name, &format!("it is missing; it looks like `{example}`")))?;
            let is_plain = value.chars().all(|c| c.is_ascii_graphic()) && value.len() <= MAX_SETTING_CHARS;
            if is_plain { Ok(value) } else { Err(refused(name, &format!("it is none; it looks like `{example}`"))) }
        };
        let wanted = needed("environment", "production")?;
        let environment = ENVIRONMENTS
            .iter()
            .find(|environment| environment.name.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| refused("environment", "it is `production` or `integration`"))?;
        let origin = |setting: &str, usual: &str| {
            let origin = Origin::parse(optional(setting).unwrap_or(usual));
            let origin = origin.map_err(|error| refused(setting, &error.to_string()))?;
            let why = "is not among the places that this program may talk to; its operator can allow it";
            if may_talk_to(&origin) { Ok(origin) } else { Err(refused(setting, why)) }
        };
        let tenant = needed("servicetitan_tenant", "410000001")?;
        if tenant.len() > MAX_TENANT_DIGITS || !tenant.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused("servicetitan_tenant", "it is a number like `410000001`"));
        }
        let client_id = needed("client_id", "cid.…")?;
        if client_id.starts_with("cs1.") || client_id.starts_with("ak1.") {
            return Err(refused("client_id", "it begins with `cid.`; this is another of the three keys"));
        }
        let client_secret = needed("client_secret", "cs1.…")?;
        if client_secret.starts_with("cid.") || client_secret.starts_with("ak1.") {
            return Err(refused("client_secret", "it begins with `cs1.`; this is another of the three keys"));
        }
        let app_key = needed("app_key", "ak1.…")?;
        if app_key.starts_with("cid.") || app_key.starts_with("cs1.") {
            return Err(refused("app_key", "it begins with `ak1.`; this is another of the three keys"));
        }
        Ok(Self {
            api: origin("api_url", environment.api)?,
            auth: origin("auth_url", environment.auth)?,
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: SecretText::new(client_secret),
            app_key: SecretText::new(app_key),
        })
    }

    /// Equal for connections that share a token and a pace.
    pub fn credential(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for part in [self.api.to_string().as_str(), &self.auth.to_string(), &self.tenant, &self.client_id] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(self.client_secret.digest());
        hash.update(self.app_key.digest());
        hash.finalize().into()
    }
}
