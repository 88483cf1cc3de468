//! What there is to be connected, and what people look at in a connected source beside what is read from it: an object as
//! it was said, a customer as the source has it now, pages of a feed. Looking stores nothing.

use std::time::Duration;

use doorstep_core::Scope;
use doorstep_core::audit::{Act, Details};
use doorstep_core::id::ConnectionId;
use doorstep_core::record;
use doorstep_core::source::{Cursor, SourceSpec};
use doorstep_core::tenant::Permission;
use doorstep_store::connection;
use doorstep_store::live_record::{self, Object, Version};
use doorstep_upstream::source::{Answer, Failure, SOURCES, Source, mapping};

pub use doorstep_upstream::source::{Checked, CheckedStream, Noted, Page, RawCustomer, Row};

use crate::Engine;
use crate::connection::connected;
use crate::error::{Error, Result};

/// The longest that somebody who looks is kept waiting: whoever sits before a page has gone by then.
pub const LOOK_LIMIT: Duration = Duration::from_secs(60);
/// Earlier words of one object that are shown.
const MAX_VERSIONS: i64 = 20;

/// What can be connected.
pub fn specs() -> impl Iterator<Item = &'static SourceSpec> {
    SOURCES.iter().map(|mapping| mapping.spec())
}

/// What a source declares about itself; `None` for what is no live source.
pub fn spec(source: record::Source) -> Option<&'static SourceSpec> {
    mapping(source).map(|mapping| mapping.spec())
}

/// An object as its source said it, and what it said before.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its newest word.
    pub object: Object,
    /// Earlier ones, newest first.
    pub before: Vec<Version>,
}

/// Waits for an answer of a source that somebody waits for.
///
/// # Errors
/// What the source answers, or that it does not.
pub async fn within_limit<T>(answer: impl Future<Output = Result<T>>) -> Result<T> {
    match tokio::time::timeout(LOOK_LIMIT, answer).await {
        Ok(answer) => answer,
        Err(_) => {
            let why = "the source has not answered for a minute; try again in a while".to_owned();
            Err(Failure::Retry { after: None, why }.into())
        }
    }
}

impl Engine {
    /// What a source said of one object, word for word; `None` where it never did, or it was taken out.
    ///
    /// # Errors
    /// [`Error::NoConnection`].
    #[crate::boxed]
    pub async fn told(&self, scope: &Scope, id: ConnectionId, stream: &str, key: &str) -> Result<Option<Told>> {
        scope.require(Permission::EditCustomer)?;
        let mut tx = self.db.read(scope).await?;
        connection::get(&mut tx, id).await?.ok_or(Error::NoConnection(id))?;
        let Some(object) = live_record::by_keys(&mut tx, id, stream, &[key]).await?.pop() else { return Ok(None) };
        let before = live_record::versions(&mut tx, object.id, MAX_VERSIONS).await?;
        Ok(Some(Told { object, before }))
    }

    /// A customer as the source has it now, word for word; `None` where it has none of this key.
    ///
    /// # Errors
    /// [`Error::NoConnection`], [`Error::Source`], [`Error::Unfit`] where the source shows nothing of the kind.
    #[crate::boxed]
    pub async fn raw_customer(&self, scope: &Scope, id: ConnectionId, key: &str) -> Result<Option<RawCustomer>> {
        scope.require(Permission::Administer)?;
        let source = self.opened(scope, id).await?;
        let look = source.diagnose().ok_or_else(no_look)?;
        asked(look.raw_customer(key)).await
    }

    /// Writes a note to a customer at the source, which nobody can take back from here. `None` where there is no such
    /// customer.
    ///
    /// # Errors
    /// As [`Engine::raw_customer`].
    #[crate::boxed]
    pub async fn add_test_note(&self, scope: &Scope, id: ConnectionId, key: &str, text: &str) -> Result<Option<Noted>> {
        scope.require(Permission::Administer)?;
        let source = self.opened(scope, id).await?;
        let look = source.diagnose().ok_or_else(no_look)?;
        // First the entry: it stands also where nobody will ever know whether the note arrived.
        let mut tx = self.db.write(scope).await?;
        let details = Details::none().with("key", key.chars().take(MAX_KEY_CHARS).collect::<String>());
        self.note_act(&mut tx, scope.actor(), Act::ConnectionTried, Some(id.to_string()), details).await?;
        tx.commit().await?;
        asked(look.add_note(key, text)).await
    }

    /// A page of a stream as the source gives it, stored nowhere.
    ///
    /// # Errors
    /// As [`Engine::raw_customer`].
    #[crate::boxed]
    pub async fn walk(&self, scope: &Scope, id: ConnectionId, stream: &str, from: Option<&Cursor>) -> Result<Page> {
        scope.require(Permission::Administer)?;
        let source = self.opened(scope, id).await?;
        asked(source.page(stream, from)).await
    }

    async fn opened(&self, scope: &Scope, id: ConnectionId) -> Result<Box<dyn Source>> {
        let mut tx = self.db.read(scope).await?;
        let connection = connected(&mut tx, id).await?;
        let sealed = connection::credentials(&mut tx, id).await?;
        drop(tx);
        self.open_source(scope.tenant(), &connection, sealed)
    }
}

/// How much of a key an audit entry repeats.
const MAX_KEY_CHARS: usize = 40;

async fn asked<T>(answer: Answer<'_, T>) -> Result<T> {
    within_limit(async { Ok(answer.await?) }).await
}

fn no_look() -> Error {
    Error::Unfit("this source shows nothing beside what is read from it".to_owned())
}
