//! Making our rows of the stored words of connections again, without asking their sources: by a newer mapping after an
//! upgrade, and for a rebuild.
//!
//! What makes no more sense to a mapping takes nothing away that an older one had made of it for a person (I-04); whoever
//! wants to know why sees it in the next run that reads the object.

use std::collections::HashSet;
use std::sync::Mutex;

use doorstep_core::Scope;
use doorstep_core::connection::Connection;
use doorstep_core::id::{ConnectionId, RecordId};
use doorstep_core::phone::Region;
use doorstep_core::source::{Makes, StreamSpec};
use doorstep_store::connection::Mapped;
use doorstep_store::live_record::{self, Object};
use doorstep_store::task::{self, Claim};
use doorstep_store::{Tx, connection, consent, system, tenant};

use super::deriving::{Deriving, in_order};
use super::people::People;
use crate::Engine;
use crate::error::{Error, Result};
use crate::task::Key;

/// Objects whose rows are made again in one transaction.
const PAGE: i64 = 500;
/// Connections that are looked at together.
const CONNECTIONS: i64 = 50;

/// The stored words of a connection.
pub(crate) struct Words<'a>(Deriving<'a>);

impl<'a> Words<'a> {
    /// Those of a connection; `None` where its source is none that this process knows.
    pub(crate) fn of(engine: &'a Engine, connection: Connection, region: Region) -> Option<Self> {
        let mapping = engine.mapping_of(connection.source).ok()?;
        Some(Self(Deriving { engine, connection, spec: mapping.spec(), mapping, region, missing: Mutex::default() }))
    }

    /// The streams whose words come to something of ours, those first on which others hang.
    pub(crate) fn streams(&self) -> Vec<&'static StreamSpec> {
        let mut streams = in_order(self.0.spec);
        streams.retain(|stream| stream.makes.iter().any(|makes| *makes != Makes::Name));
        streams
    }

    /// The objects of a stream after `after`, at most `limit`; without those whose rows wait to be made again anyway.
    #[crate::boxed]
    pub(crate) async fn page(
        &self,
        tx: &mut Tx,
        stream: &StreamSpec,
        after: Option<RecordId>,
        limit: i64,
    ) -> Result<Vec<Object>> {
        Ok(live_record::after(tx, self.0.connection.id, stream.name, after, limit).await?)
    }

    /// The objects from which something else follows than is stored.
    #[crate::boxed]
    pub(crate) async fn wrong(
        &self,
        tx: &mut Tx,
        stream: &'static StreamSpec,
        objects: &[Object],
    ) -> Result<HashSet<RecordId>> {
        let mut wrong = self.unheard(tx, stream, objects).await?;
        if stream.makes.contains(&Makes::Contact) {
            let contacts = self.0.contacts(tx, stream, objects).await?;
            let differs = |(object, contact): (&Object, std::result::Result<_, _>)| match contact {
                Ok(contact) if contact != object.contact => Some(object.id),
                Ok(_) | Err(_) => None,
            };
            wrong.extend(contacts.into_iter().filter_map(differs));
        } else if let Some(worked_out) = self.0.work_out(tx, stream, objects).await? {
            wrong.extend(self.0.differing(tx, objects, &worked_out).await?);
        }
        Ok(wrong)
    }

    /// The objects whose word that a number must not be texted is not noted.
    async fn unheard(&self, tx: &mut Tx, stream: &StreamSpec, objects: &[Object]) -> Result<HashSet<RecordId>> {
        if !stream.makes.contains(&Makes::DoNotText) {
            return Ok(HashSet::new());
        }
        let said = |it: &Object| Some((it.id, self.0.mapping.do_not_text(stream.name, &it.payload, self.0.region)?));
        let said: Vec<_> = objects.iter().filter_map(said).collect();
        let phones: Vec<&str> = said.iter().map(|(_, it)| it.phone.as_str()).collect();
        let noted = consent::forbidden(tx, &phones).await?;
        let is_noted = |(id, it): &(RecordId, doorstep_core::consent::DoNotText)| {
            noted.iter().any(|(by, noted)| by == id && noted.phone == it.phone)
        };
        Ok(said.iter().filter(|one| !is_noted(one)).map(|(id, _)| *id).collect())
    }

    /// Makes again what follows from objects. Whoever calls has the lock of identity.
    #[crate::boxed]
    pub(crate) async fn remake(&self, tx: &mut Tx, stream: &'static StreamSpec, objects: Vec<Object>) -> Result<()> {
        self.0.forbid(tx, stream, objects.iter().map(|object| (object.id, &object.payload))).await?;
        if stream.makes.contains(&Makes::Contact) {
            let keys = objects.iter().map(|object| object.key.clone()).collect();
            self.0.people(tx, stream, People { keys, ..People::default() }).await?;
        } else {
            self.0.derive(tx, stream, objects, &HashSet::new()).await?;
        }
        Ok(())
    }
}

impl Engine {
    /// Wakes the task of every connection whose words are read by an older mapping than this program has, those of
    /// connections included that were taken away and whose records stayed.
    ///
    /// # Errors
    /// The database does not answer.
    #[crate::boxed]
    pub async fn wake_mappings(&self) -> Result<()> {
        for tenant in system::tenants(&self.db).await? {
            let scope = Scope::worker(tenant.id);
            let mut after = None;
            loop {
                let mut tx = self.db.read(&scope).await?;
                let page = connection::with_records(&mut tx, after, CONNECTIONS).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                let mut older = Vec::new();
                for it in &page {
                    if self.is_mapping_raised(&mut tx, it).await? {
                        older.push(it.id);
                    }
                }
                drop(tx);
                for id in older {
                    let mut tx = self.db.write(&scope).await?;
                    wake(&mut tx, id).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }

    /// Whether the words of a connection are read by an older mapping than this program has. One by a newer is another
    /// program's matter, which runs beside this one for a while.
    #[crate::boxed]
    pub(super) async fn is_mapping_raised(&self, tx: &mut Tx, connection: &Connection) -> Result<bool> {
        let Ok(mapping) = self.mapping_of(connection.source) else { return Ok(false) };
        let mapped = connection::mapped(tx, connection.id).await?;
        Ok(mapped.is_some_and(|mapped| mapped.version < mapping.spec().mapping_version))
    }
}

/// Wakes the task of one connection.
#[crate::boxed]
pub(super) async fn wake(tx: &mut Tx, id: ConnectionId) -> Result<()> {
    let now = tx.now();
    Ok(task::wake(tx, &Key::Mapping(id).to_string(), now).await?)
}

/// The task that reads the words of a connection by a newer mapping, a page to a transaction; how far it is stands in each.
#[crate::boxed]
pub(crate) async fn run_task(engine: &Engine, claim: &Claim, id: ConnectionId) -> Result<()> {
    let scope = Scope::worker(claim.tenant);
    let mut tx = engine.db.read(&scope).await?;
    let region = tenant::get(&mut tx).await?.country;
    let Some(found) = connection::get(&mut tx, id).await? else { return Ok(()) };
    let mapped = connection::mapped(&mut tx, id).await?.unwrap_or_default();
    drop(tx);
    let Some(words) = Words::of(engine, found, region) else { return Ok(()) };
    let version = words.0.spec.mapping_version;
    if mapped.version >= version {
        return Ok(());
    }
    let streams = words.streams();
    let begun = mapped.place.as_ref().and_then(|(name, _)| streams.iter().position(|stream| stream.name == *name));
    for (place, stream) in streams.iter().enumerate().skip(begun.unwrap_or_default()) {
        let after = mapped.place.as_ref().filter(|_| begun == Some(place)).map(|(_, after)| *after);
        if !stream_again(&words, &scope, claim, stream, (mapped.version, after)).await? {
            return Ok(());
        }
    }
    let mut tx = engine.db.write(&scope).await?;
    task::hold(&mut tx, claim).await?;
    connection::set_mapped(&mut tx, id, &Mapped { version, place: None }).await?;
    tx.commit().await?;
    Ok(())
}

/// Reads the words of a stream again from a record on; whether the connection still has any.
async fn stream_again(
    words: &Words<'_>,
    scope: &Scope,
    claim: &Claim,
    stream: &'static StreamSpec,
    (version, mut after): (i64, Option<RecordId>),
) -> Result<bool> {
    let (engine, id) = (words.0.engine, words.0.connection.id);
    let mut size = PAGE;
    loop {
        let mut tx = engine.db.write(scope).await?;
        task::hold(&mut tx, claim).await?;
        tx.lock_connection(id).await?;
        if connection::get(&mut tx, id).await?.is_none_or(|it| it.removal.is_some()) {
            return Ok(false);
        }
        tx.lock_identity().await?;
        let objects = words.page(&mut tx, stream, after, size).await?;
        let Some(last) = objects.last().map(|object| object.id) else { return Ok(true) };
        let is_one = objects.len() == 1;
        match words.remake(&mut tx, stream, objects).await {
            // Many neighbourhoods together may be too large where each is not.
            Err(Error::TooConnected { .. }) if !is_one => {
                size = (size / 2).max(1);
                continue;
            }
            // One that hangs together with half the town stays as it is.
            Err(Error::TooConnected { .. }) => {
                drop(tx);
                tx = engine.db.write(scope).await?;
                task::hold(&mut tx, claim).await?;
            }
            made => made?,
        }
        (after, size) = (Some(last), (size * 2).min(PAGE));
        let place = Some((stream.name.to_owned(), last));
        connection::set_mapped(&mut tx, id, &Mapped { version, place }).await?;
        tx.commit().await?;
    }
}
