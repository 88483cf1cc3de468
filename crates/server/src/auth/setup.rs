//! The first start: whoever has the link that the server printed makes the first owner. The link's secret is in this
//! process' memory alone, and opens nothing as soon as there is a user.

use doorstep_core::email::Email;
use doorstep_core::password::Password;
use doorstep_core::phone::Region;
use doorstep_core::tenant::{Actor, Tenant};
use doorstep_core::time::Zone;
use doorstep_core::user::Label;
use doorstep_engine::Error;
use doorstep_store::system::{FirstTenant, NewTenant};

use super::Caller;
use super::entry::{Entry, Wanted, sign_in};
use crate::App;

/// Where the first owner is made; the secret follows, as `?secret=…`.
pub const SETUP_PATH: &str = "/setup";

/// Who is to be the first owner, and of what.
#[derive(Clone)]
pub struct FirstOwner {
    /// The name of the business, where there is none yet.
    pub business: String,
    /// Its zone, where there is none yet.
    pub time_zone: Zone,
    /// Its country, where there is none yet.
    pub country: Region,
    /// What the owner signs in with.
    pub email: Email,
    /// What colleagues call them.
    pub name: Label,
    /// Their password.
    pub password: Password,
}

impl std::fmt::Debug for FirstOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstOwner(…)")
    }
}

/// Whether whoever says `secret` may make the first owner, and then the business that is there already, if any: the
/// operator may have made it at the command line. `None` if they may not, or if somebody could sign in by now.
///
/// # Errors
/// Those of the store.
pub async fn set_up_at(app: &App, secret: &str) -> doorstep_engine::Result<Option<Option<Tenant>>> {
    let may = app.settings.setup_secret.as_ref().is_some_and(|ours| ours.is(secret));
    if may { app.engine.to_set_up().await } else { Ok(None) }
}

/// Makes the first owner, with the business where there is none, and signs them in.
///
/// # Errors
/// [`Error::DeadLink`] if the secret is not ours or somebody was quicker; [`Error::Unfit`] for a business without a
/// name.
pub async fn set_up(app: &App, caller: &Caller, secret: &str, owner: &FirstOwner) -> doorstep_engine::Result<Entry> {
    let existing = set_up_at(app, secret).await?.ok_or(Error::DeadLink)?;
    let tenant = match existing {
        Some(tenant) => FirstTenant::Existing(tenant.id),
        None => FirstTenant::New(NewTenant {
            name: Label::parse(&owner.business)
                .map_err(|bad| Error::Unfit(format!("the name of the business: {bad}")))?
                .as_str()
                .to_owned(),
            time_zone: owner.time_zone.clone(),
            country: owner.country,
            own_numbers: Vec::new(),
        }),
    };
    let made = app.engine.create_first_owner(&Actor::Visitor, &tenant, &owner.email, &owner.name, &owner.password);
    let (scope, _) = made.await?.ok_or(Error::DeadLink)?;
    let wanted =
        Wanted { email: owner.email.as_str(), password: owner.password.reveal(), tenant: Some(scope.tenant()) };
    sign_in(app, caller, &wanted).await
}
