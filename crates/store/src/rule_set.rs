//! The versions of a tenant's rules, and which of them is in force.

use doorstep_core::Timestamp;
use doorstep_core::linkage::{SHIPPED_VERSION, Training, Weights};
use doorstep_core::rule_set::{Origin, RuleSet, hash_of};
use doorstep_core::tenant::Actor;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::{Error, Result, word};
use crate::sql::Native;
use crate::tx::Tx;
use crate::value::{At, Value};

/// The version in force, without its weights: what is asked with every look at who is who.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce {
    /// Its number.
    pub version: i64,
    /// Equal for equal weights, whoever has them.
    pub hash: [u8; 32],
}

/// The version in force.
#[crate::boxed]
pub async fn in_force(tx: &mut Tx) -> Result<InForce> {
    let sql = "select version, hash from rule_set where tenant_id = $1 and in_force_since is not null";
    let (version, hash): (i64, Vec<u8>) = tx.fetch_one(sql, args![]).await?;
    let hash = hash.try_into().map_err(|_| Error::Unreadable { what: "rule_set.hash", why: "not 32 bytes".into() })?;
    Ok(InForce { version, hash })
}

#[derive(sqlx::FromRow)]
struct RuleSetRow {
    version: i64,
    origin: String,
    shipped_version: Option<i64>,
    based_on: Option<i64>,
    weights: Json<Weights>,
    training: Option<Json<Training>>,
    actor: Json<Actor>,
    created_at: At,
    in_force_since: Option<At>,
}

impl RuleSetRow {
    fn read(self) -> Result<RuleSet> {
        Ok(RuleSet {
            version: self.version,
            origin: word::<Origin>("rule_set.origin", &self.origin)?,
            shipped_version: self.shipped_version,
            based_on: self.based_on,
            weights: self.weights.0,
            training: self.training.map(|training| training.0),
            actor: self.actor.0,
            created_at: self.created_at.0,
            in_force_since: self.in_force_since.map(|at| at.0),
        })
    }
}

const RULE_SET: &str = "select version, origin, shipped_version, based_on, weights, training, actor, created_at, \
                        in_force_since from rule_set where tenant_id = $1";

/// One version.
#[crate::boxed]
pub async fn get(tx: &mut Tx, version: i64) -> Result<Option<RuleSet>> {
    let row: Option<RuleSetRow> = tx.fetch_optional(&format!("{RULE_SET} and version = $2"), args![version]).await?;
    row.map(RuleSetRow::read).transpose()
}

/// The newest versions, at most `limit`, newest first.
#[crate::boxed]
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<RuleSet>> {
    let sql = format!("{RULE_SET} order by version desc limit $2");
    let rows: Vec<RuleSetRow> = tx.fetch_all(&sql, args![limit]).await?;
    rows.into_iter().map(RuleSetRow::read).collect()
}

/// A version to be stored.
#[derive(Debug, Clone)]
pub struct New {
    /// Where it comes from.
    pub origin: Origin,
    /// Of shipped weights, which.
    pub shipped_version: Option<i64>,
    /// The version that it was made from.
    pub based_on: Option<i64>,
    /// Weights and thresholds.
    pub weights: Weights,
    /// What training saw.
    pub training: Option<Training>,
    /// Who made it.
    pub actor: Actor,
}

impl New {
    /// The weights of this program.
    pub fn shipped(actor: Actor) -> Self {
        let weights = Weights::default();
        let (origin, shipped_version) = (Origin::Shipped, Some(SHIPPED_VERSION));
        Self { origin, shipped_version, based_on: None, weights, training: None, actor }
    }

    fn values(&self, version: i64, now: Timestamp, in_force_since: Option<Timestamp>) -> Result<Vec<Value>> {
        let mut values = args![version, self.origin.as_str(), self.shipped_version, self.based_on];
        values.push(Value::json(&self.weights)?);
        values.push(hash_of(&self.weights).to_vec().into());
        values.push(match &self.training {
            Some(training) => Value::json(training)?,
            None => Value::Json(None),
        });
        values.push(Value::json(&self.actor)?);
        values.extend(args![now, in_force_since]);
        Ok(values)
    }
}

const INSERT: &str = "insert into rule_set (tenant_id, version, origin, shipped_version, based_on, weights, hash, \
                      training, actor, created_at, in_force_since) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Stores a version; its number. It is in force only when it is put in force. The caller holds the identity lock.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, new: &New) -> Result<i64> {
    let sql = "select coalesce(max(version), 0) from rule_set where tenant_id = $1";
    let (last,): (i64,) = tx.fetch_one(sql, args![]).await?;
    let values = new.values(last + 1, tx.now(), None)?;
    tx.execute(INSERT, values).await?;
    Ok(last + 1)
}

/// Puts a version in force, in place of the one before. Whoever resolves from now on goes by it.
#[crate::boxed]
pub async fn put_in_force(tx: &mut Tx, version: i64) -> Result<()> {
    let sql = "update rule_set set in_force_since = null where tenant_id = $1 and in_force_since is not null";
    tx.execute(sql, args![]).await?;
    let now = tx.now();
    let sql = "update rule_set set in_force_since = $3 where tenant_id = $1 and version = $2";
    if tx.execute(sql, args![version, now]).await? == 0 {
        return Err(Error::Unreadable { what: "a version of the rules", why: format!("there is no {version}") });
    }
    let number = tx.tenant().number().unsigned_abs();
    tx.announce(Subject::Tenant, Uuid::from_u128(u128::from(number)));
    Ok(())
}

/// The first version of a tenant: what this program ships, in force. The transaction is bound to the tenant.
#[crate::boxed]
pub(crate) async fn insert_first(native: &mut Native, tenant: i64, actor: &Actor, now: Timestamp) -> Result<()> {
    let mut values = args![tenant];
    values.extend(New::shipped(actor.clone()).values(1, now, Some(now))?);
    native.execute(INSERT, values).await?;
    Ok(())
}
