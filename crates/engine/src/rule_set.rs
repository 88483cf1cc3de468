//! The rules of a tenant: which version is in force, and making further ones.
//!
//! A tenant keeps the weights that its customers stand on, whatever the program ships by now, until somebody applies
//! another version ([`crate::changeover`]).

use std::sync::{Mutex, PoisonError};

use doorstep_core::audit::{Act, Details};
use doorstep_core::linkage::{Observed, Rate, SHIPPED_VERSION, Weights, train};
use doorstep_core::matching::Rules;
use doorstep_core::rule_set::{Origin, RuleSet, hash_of, with_thresholds};
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, planted};
use doorstep_store::rule_set::{self, InForce, New};
use doorstep_store::{Tx, mark, record, tenant};
use serde::Serialize;

use crate::Engine;
use crate::changeover::rates;
use crate::error::{Error, Result};
use crate::resolve::Walk;

/// Versions that are listed, the newest.
const LISTED: i64 = 100;
/// Versions that a tenant may have: somebody who tries thresholds all day makes dozens.
const MAX_VERSIONS: i64 = 10_000;
/// Weights that are kept read. Most tenants have the shipped ones, which are one.
const KEPT: usize = 64;

/// Weights by their hash. What is kept is named by what it is, so that it cannot be stale, whoever writes; which of them
/// counts is read from the store each time.
static READ: Mutex<Vec<([u8; 32], Weights)>> = Mutex::new(Vec::new());

/// The rules of the transaction's tenant, as everything is resolved by them.
#[crate::boxed]
pub async fn rules(tx: &mut Tx) -> Result<Rules> {
    let InForce { version, hash } = rule_set::in_force(tx).await?;
    if planted!("the-program-knows-better") {
        return with(tx, Weights::default()).await;
    }
    let read = READ.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|(of, _)| *of == hash).cloned();
    let weights = match read {
        Some((_, weights)) => weights,
        None => {
            let weights = get(tx, version).await?.weights;
            let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
            if read.len() >= KEPT {
                read.remove(0);
            }
            read.push((hash_of(&weights), weights.clone()));
            weights
        }
    };
    with(tx, weights).await
}

/// What the rules would be with a version of the weights.
#[crate::boxed]
pub(crate) async fn rules_of(tx: &mut Tx, version: i64) -> Result<Rules> {
    let weights = get(tx, version).await?.weights;
    with(tx, weights).await
}

async fn with(tx: &mut Tx, weights: Weights) -> Result<Rules> {
    let tenant = tenant::get(tx).await?;
    let marks = mark::in_force(tx).await?.into_iter().collect();
    Ok(Rules { own_numbers: tenant.own_numbers.into_iter().collect(), marks, weights, ..Rules::default() })
}

async fn get(tx: &mut Tx, version: i64) -> Result<RuleSet> {
    rule_set::get(tx, version).await?.ok_or(Error::NoRuleSet(version))
}

/// The versions of a tenant's rules.
#[derive(Debug, Clone, Serialize)]
pub struct RuleSets {
    /// The newest, newest first.
    pub versions: Vec<RuleSet>,
    /// The version in force.
    pub in_force: i64,
    /// The number of the weights that this program ships, where the tenant has no version of them yet.
    pub newly_shipped: Option<i64>,
}

/// What a new version is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wanted {
    /// What this program ships.
    Shipped,
    /// Other thresholds for the weights of a version; for those in force unless said otherwise.
    Thresholds {
        /// Which version's.
        of: Option<i64>,
        /// Bits from which a pair links by itself.
        link: f32,
        /// Bits from which a person is to look; as in the version unless said otherwise.
        review: Option<f32>,
    },
}

impl Engine {
    /// The versions of the tenant's rules.
    #[crate::boxed]
    pub async fn rule_sets(&self, scope: &Scope) -> Result<RuleSets> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.read(scope).await?;
        let in_force = rule_set::in_force(&mut tx).await?.version;
        let mut versions = rule_set::list(&mut tx, LISTED).await?;
        let knows = versions.iter().any(|version| version.shipped_version == Some(SHIPPED_VERSION));
        if !versions.iter().any(|version| version.version == in_force) {
            versions.push(get(&mut tx, in_force).await?);
        }
        Ok(RuleSets { versions, in_force, newly_shipped: (!knows).then_some(SHIPPED_VERSION) })
    }

    /// Makes a version. Nothing else changes by that.
    ///
    /// # Errors
    /// [`Error::NoRuleSet`], or [`Error::BadThresholds`].
    #[crate::boxed]
    pub async fn add_rule_set(&self, scope: &Scope, wanted: Wanted) -> Result<RuleSet> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let new = match wanted {
            Wanted::Shipped => New::shipped(scope.actor().clone()),
            Wanted::Thresholds { of, link, review } => {
                let of = of.unwrap_or(rule_set::in_force(&mut tx).await?.version);
                let weights = get(&mut tx, of).await?.weights;
                let weights = with_thresholds(&weights, link, review.unwrap_or(weights.review))?;
                let (actor, based_on) = (scope.actor().clone(), Some(of));
                let (origin, training) = (Origin::Thresholds, None);
                New { origin, shipped_version: None, based_on, weights, training, actor }
            }
        };
        let made = self.keep(&mut tx, scope, &new).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Learns a version from the tenant's own records, starting from the weights of this program and with the thresholds
    /// in force. `progress` hears how many records were looked at. Nothing else changes by that.
    ///
    /// # Errors
    /// [`Error::Unfit`] where there is nothing to learn from.
    pub async fn train_rules(&self, scope: &Scope, mut progress: impl FnMut(u64)) -> Result<RuleSet> {
        scope.require(Permission::Administer)?;
        let (observed, in_force, rules) = {
            let mut tx = self.db.read(scope).await?;
            let in_force = rule_set::in_force(&mut tx).await?.version;
            let rules = rules(&mut tx).await?;
            let (mut walk, mut observed) = (Walk::from(None, self.max_component), Observed::default());
            while let Some(around) = walk.next(&mut tx, &rules).await? {
                around.candidates.observe(&around.inside, &around.beside(&rules), &mut observed);
                progress(walk.seen());
            }
            (observed, in_force, rules)
        };
        if observed.scores.pairs() == 0 {
            let text =
                "no two records share anything yet, so that there is nothing to learn from: bring records in first";
            return Err(Error::Unfit(text.to_owned()));
        }
        let shipped = Weights { link: rules.weights.link, review: rules.weights.review, ..Weights::default() };
        let trained = train(&observed, &shipped, rules.frequencies.people());
        let (weights, training) = (trained.weights, Some(trained.training));
        let (actor, based_on, origin) = (scope.actor().clone(), Some(in_force), Origin::Trained);
        let new = New { origin, shipped_version: None, based_on, weights, training, actor };
        let mut tx = self.db.write(scope).await?;
        tx.lock_identity().await?;
        let made = self.keep(&mut tx, scope, &new).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// The errors to be expected with a version of the weights, with those in force unless said otherwise. `progress` hears
    /// how many records were looked at, and how many there are.
    ///
    /// # Errors
    /// [`Error::NoRuleSet`].
    pub async fn rates(
        &self,
        scope: &Scope,
        version: Option<i64>,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Vec<Rate>> {
        scope.require(Permission::Administer)?;
        let mut tx = self.db.read(scope).await?;
        let rules = match version {
            Some(version) => rules_of(&mut tx, version).await?,
            None => rules(&mut tx).await?,
        };
        let total = record::count(&mut tx).await?;
        let (mut walk, mut observed) = (Walk::from(None, self.max_component), Observed::default());
        while let Some(around) = walk.next(&mut tx, &rules).await? {
            around.candidates.observe(&around.inside, &around.beside(&rules), &mut observed);
            progress(walk.seen(), total);
        }
        Ok(rates(&observed.scores, rules.weights.link))
    }

    async fn keep(&self, tx: &mut Tx, scope: &Scope, new: &New) -> Result<RuleSet> {
        let version = rule_set::insert(tx, new).await?;
        if version > MAX_VERSIONS {
            return Err(Error::Unfit(format!("a tenant may have {MAX_VERSIONS} versions of its rules, and has them")));
        }
        let details = Details::none().with("origin", new.origin).with("based_on", new.based_on);
        self.note_act(tx, scope.actor(), Act::RuleSetCreated, Some(version.to_string()), details).await?;
        get(tx, version).await
    }
}
