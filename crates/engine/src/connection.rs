//! Connecting live sources: what every door shares. Reading them is [`crate::sync`].

use std::collections::BTreeSet;

use doorstep_core::audit::{Act, Details};
use doorstep_core::connection::{Connection, MAX_CONNECTIONS, MAX_NAME_CHARS, Settings};
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_core::schedule::Schedule;
use doorstep_core::source::SourceSpec;
use doorstep_core::sync::State;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId};
use doorstep_store::{Tx, connection, sync, task as task_table, tenant};
use doorstep_upstream::source::{Checked, Mapping, Source, mapping};

use crate::Engine;
use crate::error::{Error, Result};
use crate::seal::Place;
use crate::task::Key;

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

/// Settings with secrets among them. Its `Debug` shows names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Said(pub Settings);

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Engine {
    /// Connects a source. Nothing is asked of it: [`Engine::check_settings`] does that.
    ///
    /// # Errors
    /// [`Error::Unfit`] for what the source does not want to know, or not in this form; [`Error::NoKey`].
    pub async fn add_connection(&self, scope: &Scope, new: &NewConnection) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let spec = mapping_of(new.source)?.spec();
        let said = complete(spec, &new.settings)?;
        let now = self.db.clock().now();
        let id: ConnectionId = self.ids.make(now);
        self.sources.open(scope.tenant(), id, new.source, &said)?;
        let (open, sealed) = self.seal(scope.tenant(), id, spec, said)?;
        let name = new.name.as_deref().map_or_else(|| new.source.label(), str::trim);
        if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
            return Err(Error::Unfit(format!("a connection's name has 1 to {MAX_NAME_CHARS} characters on one line")));
        }
        let mut tx = self.db.write(scope).await?;
        let others = connection::list(&mut tx, MAX_CONNECTIONS).await?;
        if others.len() as i64 >= MAX_CONNECTIONS {
            return Err(Error::Unfit(format!("there are {MAX_CONNECTIONS} connections already: take one away first")));
        }
        if others.iter().any(|other| other.name.to_lowercase() == name.to_lowercase()) {
            return Err(Error::Unfit(format!("there is a connection `{name}` already: give this one another name")));
        }
        let zone = tenant::get(&mut tx).await?.time_zone;
        let connection = Connection {
            id,
            source: new.source,
            name: name.to_owned(),
            settings: open.0,
            schedule: new.schedule,
            next_run_at: new.schedule.next_run(now, &zone, None, id.uuid()),
            next_try_at: None,
            last_run_at: None,
            failures: 0,
            is_parked: false,
            reason: None,
            created_by: scope.actor().clone(),
            created_at: now,
            removed_at: None,
        };
        connection::insert(&mut tx, &connection, &sealed).await?;
        self.wake_at_next(&mut tx, &connection).await?;
        let details = Details::none().with("source", new.source.as_str()).with("name", name);
        self.note_act(&mut tx, scope.actor(), Act::ConnectionCreated, Some(id.to_string()), details).await?;
        tx.commit().await?;
        Ok(connection)
    }

    /// Asks a source whether it can be read with these settings; stores nothing.
    pub async fn check_settings(&self, scope: &Scope, source: record::Source, settings: &Said) -> Result<Checked> {
        scope.require(Permission::Administer)?;
        let said = complete(mapping_of(source)?.spec(), settings)?;
        let id: ConnectionId = self.ids.make(self.db.clock().now());
        Ok(self.sources.open(scope.tenant(), id, source, &said)?.check().await?)
    }

    /// Asks a connected source whether it can be read.
    pub async fn check_connection(&self, scope: &Scope, id: ConnectionId) -> Result<Checked> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let connection = connected(&mut tx, id).await?;
        let sealed = connection::credentials(&mut tx, id).await?;
        drop(tx);
        Ok(self.open_source(scope.tenant(), &connection, sealed)?.check().await?)
    }

    /// The connections that were not taken away, oldest first.
    pub async fn connections(&self, scope: &Scope) -> Result<Vec<Connection>> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        Ok(connection::list(&mut tx, MAX_CONNECTIONS).await?)
    }

    /// One connection, also one that was taken away.
    ///
    /// # Errors
    /// [`Error::NoConnection`].
    pub async fn connection(&self, scope: &Scope, id: ConnectionId) -> Result<Connection> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))
    }

    /// Says when a connection is read by itself; switched on, it is read when it is due by that.
    pub async fn set_schedule(&self, scope: &Scope, id: ConnectionId, schedule: &Schedule) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        let mut connection = connected(&mut tx, id).await?;
        if connection.schedule == *schedule {
            return Ok(connection);
        }
        let zone = tenant::get(&mut tx).await?.time_zone;
        connection.schedule = *schedule;
        connection.next_run_at = schedule.next_run(tx.now(), &zone, connection.last_run_at, id.uuid());
        connection::set_schedule(&mut tx, id, schedule, connection.next_run_at).await?;
        self.wake_at_next(&mut tx, &connection).await?;
        let hours = schedule.window.map(|window| window.to_string());
        let details = Details::none().with("enabled", schedule.enabled).with("hours", hours);
        let details = details.with("interval_seconds", schedule.interval_seconds);
        self.note_act(&mut tx, scope.actor(), Act::ConnectionChanged, Some(id.to_string()), details).await?;
        tx.commit().await?;
        Ok(connection)
    }

    /// Switches reading by itself off or on. A run under way goes on: [`Engine::cancel_run`] stops it.
    pub async fn set_enabled(&self, scope: &Scope, id: ConnectionId, enabled: bool) -> Result<Connection> {
        let schedule = self.connection(scope, id).await?.schedule;
        self.set_schedule(scope, id, &Schedule { enabled, ..schedule }).await
    }

    /// Says what connects a source, in place of what was said before; what is not named stays. A connection that was
    /// parked is tried again at once.
    ///
    /// # Errors
    /// As [`Engine::add_connection`].
    pub async fn set_settings(&self, scope: &Scope, id: ConnectionId, settings: &Said) -> Result<Connection> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        let mut connection = connected(&mut tx, id).await?;
        let spec = mapping_of(connection.source)?.spec();
        let mut said = settings.clone();
        // Where every secret is said anew, the old ones need not be opened: that is how a lost key is got over.
        let secrets: BTreeSet<&str> = spec.settings.iter().filter(|it| it.is_secret).map(|it| it.name).collect();
        if !secrets.iter().all(|name| said.0.contains_key(*name)) {
            let sealed = connection::credentials(&mut tx, id).await?;
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
        connection::set_settings(&mut tx, id, &open.0, &sealed).await?;
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
            connection::set_standing(&mut tx, id, &standing).await?;
            (connection.next_try_at, connection.is_parked) = (Some(now), false);
            self.wake_at_next(&mut tx, &connection).await?;
        }
        let names: Vec<&String> = settings.0.keys().collect();
        let details = Details::none().with("settings", names);
        self.note_act(&mut tx, scope.actor(), Act::ConnectionChanged, Some(id.to_string()), details).await?;
        tx.commit().await?;
        Ok(connection)
    }

    /// Takes a connection away: a run under way is stopped and the credentials are forgotten. What it said stays.
    pub async fn remove_connection(&self, scope: &Scope, id: ConnectionId) -> Result<()> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        connected(&mut tx, id).await?;
        if let Some(run) = sync::open(&mut tx, id).await? {
            sync::finish(&mut tx, run.id, State::Canceled, Some("the connection was taken away")).await?;
        }
        connection::remove(&mut tx, id).await?;
        self.note_act(&mut tx, scope.actor(), Act::ConnectionRemoved, Some(id.to_string()), Details::none()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sees to it that the connection's task runs when it is due.
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
pub(crate) async fn connected(tx: &mut Tx, id: ConnectionId) -> Result<Connection> {
    let found = connection::get(tx, id).await?.filter(|connection| connection.removed_at.is_none());
    found.ok_or(Error::NoConnection(id))
}

pub(crate) fn mapping_of(source: record::Source) -> Result<&'static dyn Mapping> {
    mapping(source).ok_or_else(|| Error::Unfit(format!("`{source}` is no source that can be connected")))
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
