//! What was told a moment ago, told again where nothing of it can have changed: a conversation asks for its customer's
//! context with every turn.
//!
//! Whether anything has changed is asked of the store each time, in one statement ([`doorstep_store::stand`]): who is meant,
//! which version their context has, up to when their sources are known, in which zone the tenant is. What hangs on the time
//! of day is looked at as well ([`Known::is_steady`]). If any of it is otherwise, the long way is gone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use doorstep_core::context::{Assurance, CustomerContext, Known};
use doorstep_core::id::{CustomerId, ReceiptId};
use doorstep_core::identifier::Identifier;
use doorstep_core::phone::Region;
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_core::time::Zone;
use doorstep_core::{Scope, Timestamp};
use doorstep_store::stand::{self, Stand};

use super::gather::Look;
use super::receipt::Telling;
use super::whom::{identifier, may_name};
use super::{Answer, Form, Found, Whom, fresh};
use crate::Engine;
use crate::error::Result;

/// How it stands with somebody, and when.
pub(super) type Stood = Option<(Stand, Timestamp)>;

/// What an answer was made from.
#[derive(Clone)]
pub(super) struct Basis {
    pub(super) known: Arc<Known>,
    pub(super) zone: Zone,
    pub(super) country: Region,
}

impl fmt::Debug for Basis {
    /// Names nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basis")
    }
}

/// What was told of a customer.
pub(super) struct Ready {
    pub(super) level: Assurance,
    pub(super) form: Form,
    pub(super) told: Telling,
    /// What it weighs in memory, about.
    pub(super) bytes: usize,
    context: CustomerContext,
    told_at: Timestamp,
    basis: Basis,
}

impl Ready {
    /// Whether the same would be told now.
    fn is_so(&self, stand: &Stand, now: Timestamp) -> bool {
        let Basis { known, zone, country } = &self.basis;
        let read_at: &BTreeMap<Source, Timestamp> = &known.read_at;
        *zone == stand.zone
            && *country == stand.country
            && *read_at == stand.read_at
            && known.is_steady(self.told_at, now, zone)
    }
}

impl Engine {
    /// The answer that was given before to the same question, told now; `None` where it has to be made.
    #[crate::boxed]
    pub(super) async fn told_before(
        &self,
        scope: &Scope,
        whom: &Whom,
        level: Assurance,
        form: Form,
    ) -> Result<Option<(Answer, Arc<Ready>)>> {
        scope.require(Permission::Read)?;
        let began = std::time::Instant::now();
        // At this level nobody is looked for.
        if level == Assurance::None {
            return Ok(None);
        }
        let Some((stand, now)) = self.stand(scope, whom).await? else { return Ok(None) };
        let ready = self.contexts.ready((scope.tenant(), stand.customer), stand.version, level, form);
        let Some(ready) = ready.filter(|ready| ready.is_so(&stand, now)) else { return Ok(None) };
        self.contexts.note_load(true, began.elapsed());
        let answer = Answer {
            context: ready.context.told_again(ready.told_at, now),
            told_at: now,
            customer: Some(stand.customer),
            version: Some(stand.version),
            known_at: fresh::known_at(&ready.basis.known),
            is_cached: true,
            found: Some(Found::One { was: None }),
            receipt: ReceiptId::from_uuid(Default::default()),
            text: None,
            hash: None,
            as_of: None,
            basis: None,
        };
        Ok(Some((answer, ready)))
    }

    /// How it stands with the only one whom somebody can mean, and when; `None` where that takes another look.
    async fn stand(&self, scope: &Scope, whom: &Whom) -> Result<Stood> {
        let (contexts, tenant) = (&self.contexts, scope.tenant());
        match whom {
            // Whether a code proved anything is asked with who they are.
            Whom::WebUser(_) | Whom::AtSource(..) => Ok(None),
            Whom::Customer(id) if !contexts.has_ready((tenant, *id)) => Ok(None),
            Whom::Customer(id) => {
                let look = |ids: Vec<CustomerId>| -> Look<'_, Stood> {
                    Box::pin(async move {
                        let mut tx = self.db.glance(scope).await?;
                        let stands = stand::of_customers(&mut tx, &ids).await?;
                        Ok(stands.into_iter().map(|stand| Some((stand?, tx.now()))).collect())
                    })
                };
                Ok(contexts.customers.ask(tenant, *id, look).await?.flatten())
            }
            Whom::Phone(_) | Whom::Email(_) => {
                let Some(country) = contexts.country(tenant) else { return Ok(None) };
                let identifier = identifier(country, whom)?;
                if !may_name(&identifier) {
                    return Ok(None);
                }
                let look = |identifiers: Vec<Identifier>| -> Look<'_, Stood> {
                    Box::pin(async move {
                        let mut tx = self.db.glance(scope).await?;
                        let stands = stand::of_identifiers(&mut tx, &identifiers).await?;
                        Ok(stands.into_iter().map(|stand| Some((stand?, tx.now()))).collect())
                    })
                };
                let stood = contexts.identifiers.ask(tenant, identifier, look).await?.flatten();
                // A number that was read as another country's may be somebody else's.
                Ok(stood.filter(|(stand, _)| stand.country == country))
            }
        }
    }

    /// Keeps what is told, for whoever asks the same next.
    pub(super) fn keep_told(&self, scope: &Scope, level: Assurance, form: Form, answer: &Answer, told: &Telling) {
        let (Some(customer), Some(version), Some(basis)) = (answer.customer, answer.version, &answer.basis) else {
            return;
        };
        // Of a web user whom no code proved less is told than was asked for.
        if answer.context.assurance != level {
            return;
        }
        let ready = Ready {
            level,
            form,
            told: told.clone(),
            bytes: told.bytes(),
            context: answer.context.clone(),
            told_at: answer.told_at,
            basis: basis.clone(),
        };
        self.contexts.keep((scope.tenant(), customer), version, Arc::new(ready));
        self.contexts.note_country(scope.tenant(), basis.country);
    }
}
