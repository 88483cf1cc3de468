//! Reviews: pairs of customers waiting for a person's decision. Derived: deciding one stores a decision, and
//! resolving again takes the review away.

use doorstep_core::Timestamp;
use doorstep_core::id::{CustomerId, ReviewId};
use doorstep_core::linkage::probability;
use doorstep_core::matching::Evidence;
use doorstep_core::position::Way;
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::error::Result;
use crate::past;
use crate::tx::Tx;
use crate::value::{At, Value};

/// An open review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// The older customer.
    pub a: CustomerId,
    /// The younger customer.
    pub b: CustomerId,
    /// What they share and what speaks against.
    pub evidence: Vec<Evidence>,
    /// When the pair was found.
    pub created_at: Timestamp,
    /// How sure it is that they are one: log2 of the odds, in 1/256.
    #[serde(rename = "probability", serialize_with = "as_share")]
    pub score: i64,
}

/// A score as programs read it.
fn as_share<S: serde::Serializer>(score: &i64, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_f32(share(*score))
}

/// A score, in 1/256 bits, as a share from 0 to 1.
pub fn share(score: i64) -> f32 {
    probability(score as f32 / SCORES_PER_BIT)
}

/// The least score, in 1/256 bits, of a share from 0 to 1.
pub fn score_of(share: f32) -> i64 {
    if share <= 0.0 { i64::MIN } else { ((share / (1.0 - share)).log2() * SCORES_PER_BIT).round() as i64 }
}

/// Scores of one bit.
const SCORES_PER_BIT: f32 = 256.0;

#[derive(sqlx::FromRow)]
struct ReviewRow {
    id: Uuid,
    a_customer_id: Uuid,
    b_customer_id: Uuid,
    evidence: Json<Vec<Evidence>>,
    created_at: At,
    doubt: i64,
}

impl From<ReviewRow> for Review {
    fn from(row: ReviewRow) -> Self {
        Self {
            id: ReviewId::from_uuid(row.id),
            a: CustomerId::from_uuid(row.a_customer_id),
            b: CustomerId::from_uuid(row.b_customer_id),
            evidence: row.evidence.0,
            created_at: row.created_at.0,
            score: -row.doubt,
        }
    }
}

/// Opens reviews.
#[crate::boxed]
pub async fn insert(tx: &mut Tx, reviews: &[Review]) -> Result<()> {
    let mut rows = Vec::with_capacity(reviews.len() * 6);
    for review in reviews {
        tx.announce(Subject::Review, review.id.uuid());
        tx.touched.customers.extend([review.a.uuid(), review.b.uuid()]);
        rows.extend(args![review.id, review.a, review.b]);
        rows.extend([Value::json(&review.evidence)?, review.created_at.into(), (-review.score).into()]);
    }
    let head = "insert into review (tenant_id, id, a_customer_id, b_customer_id, evidence, created_at, doubt)";
    tx.insert_many(head, "on conflict do nothing", 6, rows).await?;
    Ok(())
}

/// Says anew how sure reviews are, each with its score; a review stays the one it is.
#[crate::boxed]
pub async fn rate(tx: &mut Tx, scores: &[(ReviewId, i64)]) -> Result<()> {
    for (id, score) in scores {
        tx.announce(Subject::Review, id.uuid());
        let sql = "update review set doubt = $3 where tenant_id = $1 and id = $2";
        tx.execute(sql, args![*id, -*score]).await?;
    }
    Ok(())
}

/// Takes reviews away.
#[crate::boxed]
pub async fn remove(tx: &mut Tx, ids: &[ReviewId]) -> Result<()> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let sql = "select a_customer_id, b_customer_id from review where tenant_id = $1 and id in (values {set})";
    for (a, b) in tx.fetch_in::<(Uuid, Uuid)>(sql, 1, &keys).await? {
        tx.touched.customers.extend([a, b]);
    }
    past::keep_reviews(tx, &keys).await?;
    tx.execute_in("delete from review where tenant_id = $1 and id in (values {set})", 1, &keys).await?;
    for id in ids {
        tx.announce(Subject::Review, id.uuid());
    }
    Ok(())
}

const REVIEW: &str =
    "select id, a_customer_id, b_customer_id, evidence, created_at, doubt from review where tenant_id = $1";

/// The open reviews that name any of these customers.
#[crate::boxed]
pub async fn touching(tx: &mut Tx, customers: &[CustomerId]) -> Result<Vec<Review>> {
    let keys: Vec<Value> = customers.iter().map(|id| Value::from(*id)).collect();
    let mut found: Vec<Review> = Vec::new();
    for column in ["a_customer_id", "b_customer_id"] {
        let sql = format!(
            "with wanted (id) as (values {{set}}) \
             select v.id, v.a_customer_id, v.b_customer_id, v.evidence, v.created_at, v.doubt \
             from wanted cross join review v where v.tenant_id = $1 and v.{column} = wanted.id"
        );
        let rows: Vec<ReviewRow> = tx.fetch_in(&sql, 1, &keys).await?;
        found.extend(rows.into_iter().map(Review::from));
    }
    found.sort_by_key(|review| review.id);
    found.dedup_by_key(|review| review.id);
    Ok(found)
}

/// One review.
#[crate::boxed]
pub async fn get(tx: &mut Tx, id: ReviewId) -> Result<Option<Review>> {
    let row: Option<ReviewRow> = tx.fetch_optional(&format!("{REVIEW} and id = $2"), args![id]).await?;
    Ok(row.map(Review::from))
}

/// Open reviews after `after`, oldest first, at most `limit`.
#[crate::boxed]
pub async fn list(tx: &mut Tx, after: Option<ReviewId>, limit: i64) -> Result<Vec<Review>> {
    let after = after.map_or(Uuid::nil(), ReviewId::uuid);
    let sql = format!("{REVIEW} and id > $2 order by id limit $3");
    let rows: Vec<ReviewRow> = tx.fetch_all(&sql, args![after, limit]).await?;
    Ok(rows.into_iter().map(Review::from).collect())
}

/// Open reviews beside `from`, at most `limit`: those after it, oldest first; or back to those before it, and then
/// newest first.
#[crate::boxed]
pub async fn page(tx: &mut Tx, from: Option<(Way, ReviewId)>, limit: i64) -> Result<Vec<Review>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { ("<", " desc") } else { (">", "") };
    let id = from.map_or(Uuid::nil(), |(_, id)| id.uuid());
    let sql = format!("{REVIEW} and id {sign} $2 order by id{turn} limit $3");
    let rows: Vec<ReviewRow> = tx.fetch_all(&sql, args![id, limit]).await?;
    Ok(rows.into_iter().map(Review::from).collect())
}

/// Where a review stands in the order of how sure it is: minus its score, and its id.
pub type Place = (i64, ReviewId);

/// The place of a review among those by how sure they are.
pub fn place(review: &Review) -> Place {
    (-review.score, review.id)
}

/// Open reviews, the surest first, beside `from`, at most `limit` and none below the score `least`: those after it; or
/// back to those before it, and then the least sure first.
#[crate::boxed]
pub async fn page_by_score(tx: &mut Tx, from: Option<(Way, Place)>, least: i64, limit: i64) -> Result<Vec<Review>> {
    let back = matches!(from, Some((Way::Back, _)));
    let (sign, turn) = if back { ("<", " desc") } else { (">", "") };
    let (doubt, id) = from.map_or((i64::MIN, Uuid::nil()), |(_, (doubt, id))| (doubt, id.uuid()));
    let sql =
        format!("{REVIEW} and (doubt, id) {sign} ($2, $3) and doubt <= $4 order by doubt{turn}, id{turn} limit $5");
    let rows: Vec<ReviewRow> = tx.fetch_all(&sql, args![doubt, id, least.saturating_neg(), limit]).await?;
    Ok(rows.into_iter().map(Review::from).collect())
}

/// How many are open: from `nil`, the nil id, on, counted no further than `most`. In the order of an index, or all other
/// tenants' might be read to find as many.
pub(crate) fn open_up_to(nil: &str, most: &str) -> String {
    format!(
        "select count(*) from (select 1 from review where tenant_id = $1 and b_customer_id > {nil} \
         order by b_customer_id limit {most}) v"
    )
}

/// How many are open, counted no further than `most`.
#[crate::boxed]
pub async fn count_up_to(tx: &mut Tx, most: i64) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one(&open_up_to("$2", "$3"), args![Uuid::nil(), most]).await?;
    Ok(count)
}

/// How many are open.
#[crate::boxed]
pub async fn count(tx: &mut Tx) -> Result<i64> {
    let (count,): (i64,) = tx.fetch_one("select count(*) from review where tenant_id = $1", args![]).await?;
    Ok(count)
}
