//! What pages tell beside what was asked for: the business by whose clock and country everything is told, the names of
//! colleagues, and how many pairs wait. Read in one transaction, mostly the one that reads the rest.

use std::collections::BTreeMap;

use doorstep_core::id::UserId;
use doorstep_core::tenant::{Actor, Tenant};
use doorstep_core::{Scope, Timestamp};
use doorstep_store::{Tx, tenant, user};

use crate::Engine;
use crate::error::Result;

/// Open reviews that are counted: whether there are a few or many; counting them all costs more than it tells.
pub const MAX_OPEN_REVIEWS: i64 = 100;

/// What stands around an answer for people.
#[derive(Debug, Clone)]
pub struct Around {
    /// The business.
    pub tenant: Tenant,
    /// What those are called whom the answer names.
    pub colleagues: Colleagues,
    /// Pairs that wait for a decision, counted up to [`MAX_OPEN_REVIEWS`].
    pub open_reviews: i64,
    /// When all of it was read.
    pub now: Timestamp,
}

impl Engine {
    /// What stands around an answer that names these actors. There is nothing in it that needs a permission: whoever
    /// has a scope is one of the business.
    #[crate::boxed]
    pub async fn around(&self, scope: &Scope, actors: &[&Actor]) -> Result<Around> {
        let mut tx = self.db.read(scope).await?;
        Around::read(&mut tx, actors).await
    }
}

impl Around {
    #[crate::boxed]
    pub(crate) async fn read(tx: &mut Tx, actors: &[&Actor]) -> Result<Self> {
        let (tenant, open_reviews) = tenant::get_with_reviews(tx, MAX_OPEN_REVIEWS).await?;
        let colleagues = Colleagues::read(tx, actors).await?;
        Ok(Self { tenant, colleagues, open_reviews, now: tx.now() })
    }
}

/// Who did something, by the names that colleagues use.
#[derive(Default, Clone)]
pub struct Colleagues(BTreeMap<UserId, String>);

doorstep_core::masked_debug!(Colleagues:);

impl Colleagues {
    /// The users among these actors; each is read once.
    async fn read(tx: &mut Tx, actors: &[&Actor]) -> Result<Self> {
        let mut names = BTreeMap::new();
        for actor in actors {
            if let Actor::User(id) = *actor
                && !names.contains_key(id)
                && let Some(user) = user::get(tx, *id).await?
            {
                names.insert(*id, user.name);
            }
        }
        Ok(Self(names))
    }

    /// An actor in a word or two.
    pub fn name(&self, actor: &Actor) -> String {
        match actor {
            Actor::User(id) => self.0.get(id).cloned().unwrap_or_else(|| "a user".to_owned()),
            Actor::Operator(name) => format!("{name} (operator)"),
            Actor::ApiKey(_) => "an API key".to_owned(),
            Actor::Visitor => "a visitor".to_owned(),
            Actor::Worker => "Doorstep".to_owned(),
        }
    }
}
