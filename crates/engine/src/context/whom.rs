//! Who is meant: by a phone, an e-mail address, a web user, a source's own id, or a customer id of any age.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use doorstep_core::Timestamp;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, ImportId};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::matching::{Rules, Verdict};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::record::Source;
use doorstep_core::source::{Makes, Parent};
use doorstep_core::tenant::Tenant;
use doorstep_core::verification::WebUser;
use doorstep_store::record::Resolved;
use doorstep_store::{Tx, connection, customer, live_record, mark, past, record};

use super::Unknown;
use crate::error::{Error, Result};
use crate::source;

/// Customers that share an identifier and are candidates at most.
pub(super) const MAX_CANDIDATES: i64 = 20;
/// Connections in which a source's id is looked for; a business has one or two.
const MAX_CONNECTIONS: i64 = 100;
/// Longest id of a source that is looked for, in bytes; theirs are numbers, or 32 letters.
const MAX_KEY_BYTES: usize = 200;

/// By what somebody is named.
#[derive(Clone, PartialEq, Eq)]
pub enum Whom {
    /// A phone number in any spelling, read as in the tenant's country.
    Phone(String),
    /// An e-mail address in any spelling.
    Email(String),
    /// A web user.
    WebUser(WebUser),
    /// A source's own id of a customer, in whichever of its connections.
    AtSource(Source, String),
    /// A customer id, whether it is in use or was once handed out.
    Customer(CustomerId),
}

impl fmt::Debug for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:***", self.kind().as_str())
    }
}

/// Which of them, as callers say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Kind {
    Phone,
    Email,
    WebUserId,
    ServiceTitanId,
    HousecallProId,
    CustomerId,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Phone, Self::Email, Self::WebUserId, Self::ServiceTitanId, Self::HousecallProId, Self::CustomerId];

    /// The name in addresses, in JSON and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::WebUserId => "web_user_id",
            Self::ServiceTitanId => "servicetitan_id",
            Self::HousecallProId => "housecall_pro_id",
            Self::CustomerId => "customer_id",
        }
    }

    /// Whom a text of this kind names.
    ///
    /// # Errors
    /// [`Error::BadName`] with what is wrong with it; what was said is not repeated.
    pub fn whom(self, text: &str) -> Result<Whom> {
        let unfit = |why: String| Error::BadName(why);
        Ok(match self {
            Self::Phone => Whom::Phone(text.to_owned()),
            Self::Email => Whom::Email(text.to_owned()),
            Self::WebUserId => Whom::WebUser(text.parse().map_err(|bad| unfit(format!("web user: {bad}")))?),
            Self::ServiceTitanId if text.is_empty() || text.len() > MAX_KEY_BYTES => {
                return Err(unfit("this cannot be an id of ServiceTitan: those are numbers".to_owned()));
            }
            Self::ServiceTitanId => Whom::AtSource(Source::ServiceTitan, text.to_owned()),
            Self::HousecallProId => {
                let why =
                    "no Housecall Pro is connected, and this version cannot connect one yet: ask by phone or e-mail";
                return Err(unfit(why.to_owned()));
            }
            Self::CustomerId => Whom::Customer(text.parse().map_err(|bad| unfit(format!("{bad}")))?),
        })
    }
}

/// A way of naming somebody that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a way to name a customer (phone, email, web_user_id, servicetitan_id, housecall_pro_id, customer_id)"
)]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| UnknownKind(text.chars().take(64).collect()))
    }
}

impl Whom {
    /// What it is named by.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Phone(_) => Kind::Phone,
            Self::Email(_) => Kind::Email,
            Self::WebUser(_) => Kind::WebUserId,
            Self::AtSource(..) => Kind::ServiceTitanId,
            Self::Customer(_) => Kind::CustomerId,
        }
    }
}

/// Who is meant.
pub(super) enum Meant {
    /// This customer.
    One {
        id: CustomerId,
        /// The id asked for, where it is another one.
        was: Option<CustomerId>,
        /// For a web user: whether a code proved that they are this customer.
        is_proven: Option<bool>,
    },
    Several(Vec<CustomerId>),
    Nobody(Unknown),
    TakenOut(Option<ImportId>),
}

/// Who is meant, as it stands in this transaction.
#[crate::boxed]
pub(super) async fn find(tx: &mut Tx, tenant: &Tenant, whom: &Whom) -> Result<Meant> {
    match whom {
        Whom::Phone(_) | Whom::Email(_) | Whom::WebUser(_) => {
            by_identifier(tx, tenant, identifier(tenant.country, whom)?).await
        }
        Whom::AtSource(at, key) => at_source(tx, *at, key).await,
        Whom::Customer(id) => Ok(match record::resolve(tx, *id).await? {
            None => Meant::Nobody(Unknown::NoSuchId),
            Some(Resolved::TakenOut(import)) => Meant::TakenOut(import),
            Some(Resolved::Customer(current)) => {
                Meant::One { id: current, was: (current != *id).then_some(*id), is_proven: None }
            }
        }),
    }
}

/// The identifier that names somebody in a country.
pub(super) fn identifier(country: Region, whom: &Whom) -> Result<Identifier> {
    let unfit = |what: &str, why: String| Error::BadName(format!("{what}: {why}"));
    Ok(match whom {
        Whom::Phone(text) => {
            let phone = Phone::parse(text, country).map_err(|bad| unfit("phone", bad.to_string()))?;
            Identifier::from(&phone)
        }
        Whom::Email(text) => {
            let email = Email::parse(text).map_err(|bad| unfit("e-mail", bad.to_string()))?;
            Identifier::from(&email)
        }
        Whom::WebUser(web_user) => Identifier::from(web_user),
        Whom::AtSource(..) | Whom::Customer(_) => {
            return Err(Error::BadName("an id is no phone number, no e-mail address and no web user".to_owned()));
        }
    })
}

async fn by_identifier(tx: &mut Tx, tenant: &Tenant, identifier: Identifier) -> Result<Meant> {
    let marks = mark::find(tx, std::slice::from_ref(&identifier)).await?;
    let verdict = marks.first().map(|mark| mark.verdict);
    if !identifies(tenant, &identifier, verdict) {
        return Ok(Meant::Nobody(Unknown::IdentifiesNobody));
    }
    let candidates = customer::find_by_identifier(tx, &identifier, MAX_CANDIDATES).await?;
    let is_proven = match candidates.as_slice() {
        [only] if identifier.kind == IdentifierKind::WebUser => {
            Some(customer::is_verified(tx, *only, &identifier).await?)
        }
        _ => None,
    };
    Ok(among(identifier, candidates, verdict, is_proven))
}

/// Whether an identifier of that verdict can name anybody.
pub(super) fn identifies(tenant: &Tenant, identifier: &Identifier, verdict: Option<Verdict>) -> bool {
    let is_own = |phone: &Phone| phone.as_str() == identifier.value;
    if identifier.kind == IdentifierKind::Phone && tenant.own_numbers.iter().any(is_own) {
        return false;
    }
    may_name(identifier) && !matches!(verdict, Some(Verdict::Placeholder | Verdict::Mine))
}

/// Whether an identifier can name anybody by what it is.
pub(super) fn may_name(identifier: &Identifier) -> bool {
    Rules::default().identifies(identifier)
}

/// Who of those that have an identifier is meant.
pub(super) fn among(
    identifier: Identifier,
    candidates: Vec<CustomerId>,
    verdict: Option<Verdict>,
    is_proven: Option<bool>,
) -> Meant {
    match (candidates.as_slice(), verdict) {
        ([], _) => Meant::Nobody(Unknown::New(identifier)),
        ([only], None) => Meant::One { id: *only, was: None, is_proven },
        // The only one who is known on a line that several use need not be the one who uses it now.
        _ => Meant::Several(candidates),
    }
}

/// Whoever a source's own id names, over all connections of that source.
async fn at_source(tx: &mut Tx, at: Source, key: &str) -> Result<Meant> {
    let Some(stream) = people_of(at) else { return Ok(Meant::Nobody(Unknown::NotAtTheSource)) };
    let mut found: BTreeSet<CustomerId> = BTreeSet::new();
    for connection in connection::list(tx, MAX_CONNECTIONS).await?.iter().filter(|it| it.source == at) {
        let objects = live_record::by_keys(tx, connection.id, stream, &[key]).await?;
        found.extend(objects.into_iter().filter_map(|object| object.customer));
    }
    Ok(among_sources(found))
}

/// Whom a source's own id named at an instant, over all connections of that source that there are.
#[crate::boxed]
pub(super) async fn at_source_then(tx: &mut Tx, source: Source, key: &str, at: Timestamp) -> Result<Meant> {
    let Some(stream) = people_of(source) else { return Ok(Meant::Nobody(Unknown::NotAtTheSource)) };
    let mut records = Vec::new();
    for connection in connection::list(tx, MAX_CONNECTIONS).await?.iter().filter(|it| it.source == source) {
        let heads = live_record::heads(tx, connection.id, stream, &[key]).await?;
        records.extend(heads.into_values().map(|head| head.id));
    }
    Ok(among_sources(past::owners(tx, &records, at).await?.into_values().collect()))
}

/// The stream of a source that says who its customers are.
fn people_of(source: Source) -> Option<&'static str> {
    let of_people = |stream: &&doorstep_core::source::StreamSpec| {
        stream.makes.contains(&Makes::Contact) && stream.parent == Parent::None
    };
    source::spec(source).and_then(|spec| spec.streams.iter().find(of_people)).map(|stream| stream.name)
}

fn among_sources(found: BTreeSet<CustomerId>) -> Meant {
    let found: Vec<CustomerId> = found.into_iter().collect();
    match found.as_slice() {
        [] => Meant::Nobody(Unknown::NotAtTheSource),
        [only] => Meant::One { id: *only, was: None, is_proven: None },
        _ => Meant::Several(found),
    }
}
