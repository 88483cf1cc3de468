//! Connecting live sources: what every door shares. Reading them is [`crate::sync`].

use std::collections::BTreeSet;

use doorstep_core::audit::{Act, Details};
use doorstep_core::connection::{Connection, MAX_CONNECTIONS, MAX_NAME_CHARS, Settings};
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_core::schedule::Schedule;
use doorstep_core::source::SourceSpec;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId};
use doorstep_store::{Tx, connection, removal, task as task_table, tenant};
use doorstep_upstream::source::{Checked, Mapping, Source};

use crate::Engine;
use crate::error::{Error, Result};
use crate::idempotency::{self, Keep};
use crate::seal::Place;
use crate::task::Key;

/// Connections that were taken away among which the same books are looked for: a business has connected a few in all its
/// years, and one that comes again takes no further row.
const MAX_TAKEN_AWAY: i64 = 500;

/// What a person says to connect a source.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The source.
    pub source: record::Source,
    /// What to call it; the source's own name without.
    pub name: Option<String>,
    /// What the source wants to know, secrets included.
    pub settings: Said,
    /// When to read it.
    pub schedule: Schedule,
}

/// What is to be otherwise about a connection; what is not said stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// What to call it.
    pub name: Option<String>,
    /// What connects it; of these, too, what is not named stays.
    pub settings: Option<Said>,
    /// When to read it.
    pub schedule: Option<Schedule>,
}

/// A source that was connected, and what a check of it found before, where one was asked for.
#[derive(Debug, Clone)]
pub struct Connected {
    /// The connection.
    pub connection: Connection,
    /// What the check found.
    pub checked: Option<Checked>,
}

/// Settings with secrets among them. Its `Debug` shows names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Said(pub Settings);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Engine {
    /// Connects a source. Nothing is asked of it: [`Engine::check_settings`] does that. Where the same books were connected
    /// before and their records stayed, that connection goes on as itself, so that nobody is there twice.
    ///
    /// # Errors
    /// [`Error::Unfit`] for what the source does not want to know, or not in this form, and for books that are connected
    /// already; [`Error::NoKey`].
    #[crate::boxed]
    pub async fn add_connection(&self, scope: &Scope, new: &NewConnection) -> Result<Connection> {
        self.add_connection_and(scope, new, None, None).await
    }

    #[crate::boxed]
    pub(crate) async fn add_connection_and(
        &self,
        scope: &Scope,
        new: &NewConnection,
        checked: Option<Checked>,
        keep: Option<&Keep<'_, Connected>>,
    ) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let spec = self.mapping_of(new.source)?.spec();
        let said = complete(spec, &new.settings)?;
        let mut tx = self.db.write(scope).await?;
        let now = tx.now();
        let others = connection::list(&mut tx, MAX_CONNECTIONS).await?;
        let before = again(&mut tx, spec, &said).await?;
        let id: ConnectionId = before.as_ref().map_or_else(|| self.ids.make(now), |before| before.id);
        self.sources.open(scope.tenant(), id, new.source, &said)?;
        let (open, sealed) = self.seal(scope.tenant(), id, spec, said)?;
        if others.len() as i64 >= MAX_CONNECTIONS {
            return Err(Error::Unfit(format!("there are {MAX_CONNECTIONS} connections already: take one away first")));
        }
        let name = new.name.as_deref().map_or_else(|| new.source.label(), str::trim);
        free_name(&others, name)?;
        free_account(&others, spec, &open)?;
        let zone = tenant::get(&mut tx).await?.time_zone;
        let is_again = before.is_some();
        let fresh = Connection {
            id,
            source: new.source,
            name: String::new(),
            settings: Settings::new(),
            schedule: new.schedule,
            next_run_at: None,
            next_try_at: None,
            last_run_at: None,
            failures: 0,
            is_parked: false,
            reason: None,
            created_by: scope.actor().clone(),
            created_at: now,
            removed_at: None,
            removal: None,
        };
        let connection = Connection {
            name: name.to_owned(),
            settings: open.0,
            schedule: new.schedule,
            next_run_at: new.schedule.next_run(now, &zone, None, id.uuid()),
            next_try_at: None,
            failures: 0,
            is_parked: false,
            reason: None,
            removed_at: None,
            ..before.unwrap_or(fresh)
        };
        match is_again {
            true => connection::connect_again(&mut tx, &connection, &sealed).await?,
            false => connection::insert(&mut tx, &connection, &sealed, spec.mapping_version).await?,
        }
        self.wake_at_next(&mut tx, &connection).await?;
        let details = Details::none().with("source", new.source.as_str()).with("name", name);
        let details = details.with("again", is_again.then_some(true));
        self.note_act(&mut tx, scope.actor(), Act::ConnectionCreated, Some(id.to_string()), details).await?;
        let connected = Connected { connection, checked };
        idempotency::put(&mut tx, scope, keep, &connected).await?;
        tx.commit().await?;
        Ok(connected.connection)
    }

    /// Asks a source whether it can be read with these settings; stores nothing.
    #[crate::boxed]
    pub async fn check_settings(&self, scope: &Scope, source: record::Source, settings: &Said) -> Result<Checked> {
        scope.require(Permission::Administer)?;
        let said = complete(self.mapping_of(source)?.spec(), settings)?;
        let id: ConnectionId = self.ids.make(self.db.clock().now());
        Ok(self.sources.open(scope.tenant(), id, source, &said)?.check().await?)
    }

    /// Asks a connected source whether it can be read.
    #[crate::boxed]
    pub async fn check_connection(&self, scope: &Scope, id: ConnectionId) -> Result<Checked> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let connection = connected(&mut tx, id).await?;
        let sealed = connection::credentials(&mut tx, id).await?;
        drop(tx);
        Ok(self.open_source(scope.tenant(), &connection, sealed)?.check().await?)
    }

    /// The connections that were not taken away, oldest first.
    #[crate::boxed]
    pub async fn connections(&self, scope: &Scope) -> Result<Vec<Connection>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(connection::list(&mut tx, MAX_CONNECTIONS).await?)
    }

    /// One connection, also one that was taken away.
    ///
    /// # Errors
    /// [`Error::NoConnection`].
    #[crate::boxed]
    pub async fn connection(&self, scope: &Scope, id: ConnectionId) -> Result<Connection> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))
    }

    /// Changes a connection, all of what is said or nothing of it.
    ///
    /// # Errors
    /// As [`Engine::add_connection`]; [`Error::Unfit`] also for settings of other books than those that it has records of.
    #[crate::boxed]
    pub async fn change_connection(&self, scope: &Scope, id: ConnectionId, change: &Change) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        let mut connection = connected(&mut tx, id).await?;
        if let Some(name) = change.name.as_deref().map(str::trim).filter(|name| *name != connection.name) {
            self.rename(&mut tx, scope, &mut connection, name).await?;
        }
        if let Some(settings) = &change.settings {
            self.set_settings_in(&mut tx, scope, &mut connection, settings).await?;
        }
        if let Some(schedule) = change.schedule.filter(|schedule| *schedule != connection.schedule) {
            self.set_schedule_in(&mut tx, scope, &mut connection, schedule).await?;
        }
        tx.commit().await?;
        Ok(connection)
    }

    async fn rename(&self, tx: &mut Tx, scope: &Scope, connection: &mut Connection, name: &str) -> Result<()> {
        let mut others = connection::list(tx, MAX_CONNECTIONS).await?;
        others.retain(|other| other.id != connection.id);
        free_name(&others, name)?;
        connection::rename(tx, connection.id, name).await?;
        let details = Details::none().with("name", name).with("name_before", connection.name.as_str());
        name.clone_into(&mut connection.name);
        let subject = Some(connection.id.to_string());
        self.note_act(tx, scope.actor(), Act::ConnectionChanged, subject, details).await
    }

    async fn set_schedule_in(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        connection: &mut Connection,
        schedule: Schedule,
    ) -> Result<()> {
        let (id, zone) = (connection.id, tenant::get(tx).await?.time_zone);
        connection.schedule = schedule;
        connection.next_run_at = schedule.next_run(tx.now(), &zone, connection.last_run_at, id.uuid());
        connection::set_schedule(tx, id, &schedule, connection.next_run_at).await?;
        self.wake_at_next(tx, connection).await?;
        let hours = schedule.window.map(|window| window.to_string());
        let details = Details::none().with("enabled", schedule.enabled).with("hours", hours);
        let details = details.with("interval_seconds", schedule.interval_seconds);
        self.note_act(tx, scope.actor(), Act::ConnectionChanged, Some(id.to_string()), details).await
    }

    async fn set_settings_in(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        connection: &mut Connection,
        settings: &Said,
    ) -> Result<()> {
        let (id, spec) = (connection.id, self.mapping_of(connection.source)?.spec());
        let mut said = settings.clone();
        // Where every secret is said anew, the old ones need not be opened: that is how a lost key is got over.
        let secrets: BTreeSet<&str> = spec.settings.iter().filter(|it| it.is_secret).map(|it| it.name).collect();
        if !secrets.iter().all(|name| said.0.contains_key(*name)) {
            let sealed = connection::credentials(tx, id).await?;
            for (name, value) in self.unseal(scope.tenant(), id, sealed)? {
                said.0.entry(name).or_insert(value);
            }
        }
        for (name, value) in &connection.settings {
            said.0.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let said = complete(spec, &said)?;
        self.sources.open(scope.tenant(), id, connection.source, &said)?;
        let (open, sealed) = self.seal(scope.tenant(), id, spec, said)?;
        if !is_one_account(spec, &open.0, &connection.settings) {
            self.refuse_other_books(tx, spec, connection, &open).await?;
        }
        connection::set_settings(tx, id, &open.0, &sealed).await?;
        connection.settings = open.0;
        let now = tx.now();
        if connection.failures > 0 {
            let standing = connection::Standing {
                next_run_at: connection.next_run_at,
                next_try_at: Some(now),
                last_run_at: connection.last_run_at,
                failures: connection.failures,
                is_parked: false,
                reason: connection.reason.clone(),
            };
            connection::set_standing(tx, id, &standing).await?;
            (connection.next_try_at, connection.is_parked) = (Some(now), false);
            self.wake_at_next(tx, connection).await?;
        }
        let names: Vec<&String> = settings.0.keys().collect();
        let details = Details::none().with("settings", names);
        self.note_act(tx, scope.actor(), Act::ConnectionChanged, Some(id.to_string()), details).await
    }

    /// What one business said must not be taken for what another does: their keys are numbers that both have.
    async fn refuse_other_books(&self, tx: &mut Tx, spec: &SourceSpec, of: &Connection, open: &Said) -> Result<()> {
        if removal::count(tx, of.id).await? > 0 {
            return Err(Error::Unfit(format!(
                "these settings are of other books than those that `{}` has records of: connect them as a source of \
                 their own, and take this one away if it is not wanted any more",
                of.name
            )));
        }
        let mut others = connection::list(tx, MAX_CONNECTIONS).await?;
        others.retain(|other| other.id != of.id);
        free_account(&others, spec, open)
    }

    /// Says when a connection is read by itself; switched on, it is read when it is due by that.
    #[crate::boxed]
    pub async fn set_schedule(&self, scope: &Scope, id: ConnectionId, schedule: &Schedule) -> Result<Connection> {
        self.change_connection(scope, id, &Change { schedule: Some(*schedule), ..Change::default() }).await
    }

    /// Switches reading by itself off or on. A run under way goes on: [`Engine::cancel_run`] stops it.
    #[crate::boxed]
    pub async fn set_enabled(&self, scope: &Scope, id: ConnectionId, enabled: bool) -> Result<Connection> {
        let schedule = self.connection(scope, id).await?.schedule;
        self.set_schedule(scope, id, &Schedule { enabled, ..schedule }).await
    }

    /// Says what connects a source, in place of what was said before; what is not named stays. A connection that was
    /// parked is tried again at once.
    ///
    /// # Errors
    /// As [`Engine::change_connection`].
    #[crate::boxed]
    pub async fn set_settings(&self, scope: &Scope, id: ConnectionId, settings: &Said) -> Result<Connection> {
        self.change_connection(scope, id, &Change { settings: Some(settings.clone()), ..Change::default() }).await
    }

    /// Calls a connection otherwise.
    ///
    /// # Errors
    /// As [`Engine::change_connection`].
    #[crate::boxed]
    pub async fn rename_connection(&self, scope: &Scope, id: ConnectionId, name: &str) -> Result<Connection> {
        self.change_connection(scope, id, &Change { name: Some(name.to_owned()), ..Change::default() }).await
    }

    /// Sees to it that the connection's task runs when it is due.
    #[crate::boxed]
    pub(crate) async fn wake_at_next(&self, tx: &mut Tx, connection: &Connection) -> Result<()> {
        if let Some(at) = connection.next_at() {
            task_table::wake(tx, &Key::Sync(connection.id).to_string(), at).await?;
        }
        Ok(())
    }

    /// Opens a connected source with its credentials.
    pub(crate) fn open_source(
        &self,
        tenant: TenantId,
        connection: &Connection,
        sealed: Option<Vec<u8>>,
    ) -> Result<Box<dyn Source>> {
        let mut said = Said(connection.settings.clone());
        said.0.extend(self.unseal(tenant, connection.id, sealed)?);
        Ok(self.sources.open(tenant, connection.id, connection.source, &said)?)
    }

    /// How the words of a source become ours.
    pub(crate) fn mapping_of(&self, source: record::Source) -> Result<&'static dyn Mapping> {
        let unfit = || Error::Unfit(format!("`{source}` is no source that can be connected"));
        self.sources.mapping(source).ok_or_else(unfit)
    }

    fn unseal(&self, tenant: TenantId, id: ConnectionId, sealed: Option<Vec<u8>>) -> Result<Settings> {
        let sealed = sealed.ok_or(Error::NoConnection(id))?;
        let open = self.seal_keys.open(&place(tenant, id), &sealed)?;
        serde_json::from_slice(&open).map_err(|_| Error::Unsealable)
    }

    /// What may be read by anybody, and the rest sealed.
    fn seal(&self, tenant: TenantId, id: ConnectionId, spec: &SourceSpec, said: Said) -> Result<(Said, Vec<u8>)> {
        let is_secret = |name: &String| spec.settings.iter().any(|it| it.is_secret && it.name == name);
        let (secret, open): (Settings, Settings) = said.0.into_iter().partition(|(name, _)| is_secret(name));
        let text = serde_json::to_vec(&secret).map_err(|_| Error::Unsealable)?;
        Ok((Said(open), self.seal_keys.seal(&place(tenant, id), &text)?))
    }
}

fn place(tenant: TenantId, id: ConnectionId) -> Place {
    Place { tenant, table: "connection", column: "credentials", row: id.uuid() }
}

/// A connection that was not taken away.
#[crate::boxed]
pub(crate) async fn connected(tx: &mut Tx, id: ConnectionId) -> Result<Connection> {
    let found = connection::get(tx, id).await?.filter(|connection| connection.removed_at.is_none());
    found.ok_or(Error::NoConnection(id))
}

/// The connection of the same books that was taken away and whose records stayed.
async fn again(tx: &mut Tx, spec: &SourceSpec, said: &Said) -> Result<Option<Connection>> {
    let gone = connection::taken_away(tx, spec.source, MAX_TAKEN_AWAY).await?;
    Ok(gone.into_iter().find(|gone| is_one_account(spec, &gone.settings, &said.0)))
}

/// Whether two sets of settings are of the same books.
fn is_one_account(spec: &SourceSpec, a: &Settings, b: &Settings) -> bool {
    spec.account.iter().all(|name| a.get(*name) == b.get(*name))
}

fn free_account(others: &[Connection], spec: &SourceSpec, open: &Said) -> Result<()> {
    let same = others.iter().find(|it| it.source == spec.source && is_one_account(spec, &it.settings, &open.0));
    match same {
        Some(same) => Err(Error::Unfit(format!(
            "these books are connected already, as `{}`: read twice, everything in them would be here twice",
            same.name
        ))),
        None => Ok(()),
    }
}

fn free_name(others: &[Connection], name: &str) -> Result<()> {
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Error::Unfit(format!("a connection's name has 1 to {MAX_NAME_CHARS} characters on one line")));
    }
    match others.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
        true => Err(Error::Unfit(format!("there is a connection `{name}` already: give this one another name"))),
        false => Ok(()),
    }
}

/// The settings with defaults in them.
fn complete(spec: &SourceSpec, said: &Said) -> Result<Said> {
    let known: Vec<&str> = spec.settings.iter().map(|it| it.name).collect();
    if let Some(unknown) = said.0.keys().find(|name| !known.contains(&name.as_str())) {
        let unknown: String = unknown.chars().take(64).collect();
        return Err(Error::Unfit(format!(
            "`{unknown}` is no setting of {}: there is {}",
            spec.source,
            known.join(", ")
        )));
    }
    let mut complete = Settings::new();
    for it in spec.settings {
        let value = said.0.get(it.name).map(|value| value.trim()).filter(|value| !value.is_empty()).or(it.default);
        if let Some(value) = value {
            complete.insert(it.name.to_owned(), value.to_owned());
        }
    }
    Ok(Said(complete))
}
