//! Customers as lists show them: pages by keyset in both directions, each in one statement.

use doorstep_core::Timestamp;
use doorstep_core::id::CustomerId;
use doorstep_core::position::Way;
use serde::Serialize;
use serde::de::SeqAccess;
use uuid::Uuid;

use crate::args;
use crate::error::Result;
use crate::packed::{Column, FromList, next};
use crate::tx::Tx;
use crate::value::{At, Value};

/// In which order customers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first: by id, backwards.
    Newest,
    /// By the name shown, as [`doorstep_core::survivorship::sort_name`] folds it; those of one name by age.
    Name,
}

/// Where a page of customers begins: beside this one. By [`Order::Newest`] only the id counts.
pub type Beside = (String, CustomerId);

/// A customer as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id.
    pub id: CustomerId,
    /// The name shown.
    pub display_name: String,
    /// The company.
    pub company: Option<String>,
    /// The phone to call first.
    pub phone: Option<String>,
    /// The e-mail address to write to first.
    pub email: Option<String>,
    /// Earliest sight of any record.
    pub first_seen_at: Timestamp,
    /// Latest sight of any phone or e-mail address, as sources say; `None` where there is neither.
    pub last_seen_at: Option<Timestamp>,
    /// How many sources its records come from.
    pub sources: i64,
    /// Whether a review asks about it.
    pub in_review: bool,
    /// See [`crate::customer::put`].
    pub version: i64,
    /// What it is sorted by: for positions, not for people.
    #[serde(skip)]
    pub sort_name: String,
}

#[derive(sqlx::FromRow)]
pub(crate) struct RowRow {
    id: Uuid,
    display_name: String,
    company: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    first_seen_at: At,
    last_seen_at: Option<At>,
    sources: i64,
    in_review: bool,
    version: i64,
    sort_name: String,
}

impl RowRow {
    pub(crate) fn id(&self) -> CustomerId {
        CustomerId::from_uuid(self.id)
    }
}

impl FromList for RowRow {
    fn from_list<'de, A: SeqAccess<'de>>(list: &mut A) -> std::result::Result<Self, A::Error> {
        Ok(Self {
            id: next(list)?,
            display_name: next(list)?,
            company: next(list)?,
            phone: next(list)?,
            email: next(list)?,
            first_seen_at: next(list)?,
            last_seen_at: next(list)?,
            sources: next(list)?,
            // SQLite keeps yes and no as numbers.
            in_review: next::<i64, A>(list)? != 0,
            version: next(list)?,
            sort_name: next(list)?,
        })
    }
}

impl From<RowRow> for Row {
    fn from(row: RowRow) -> Self {
        Self {
            id: CustomerId::from_uuid(row.id),
            display_name: row.display_name,
            company: row.company,
            phone: row.phone,
            email: row.email,
            first_seen_at: row.first_seen_at.0,
            last_seen_at: row.last_seen_at.map(|at| at.0),
            sources: row.sources,
            in_review: row.in_review,
            version: row.version,
            sort_name: row.sort_name,
        }
    }
}

/// The columns of a [`Row`], of a customer `c`: its own row and no other, but for the reviews, which are few and change
/// without the customer.
pub(crate) const ROW: &[Column] = &[
    Column::Id("c.id", "id"),
    Column::Plain("c.display_name", "display_name"),
    Column::Plain("c.company", "company"),
    Column::Plain("c.phone", "phone"),
    Column::Plain("c.email", "email"),
    Column::Plain("c.first_seen_at", "first_seen_at"),
    Column::Plain("c.last_seen_at", "last_seen_at"),
    Column::Plain("c.source_count", "sources"),
    Column::Plain(
        "((select 1 from review v where v.tenant_id = $1 and v.a_customer_id = c.id limit 1) is not null \
         or (select 1 from review v where v.tenant_id = $1 and v.b_customer_id = c.id limit 1) is not null)",
        "in_review",
    ),
    Column::Plain("c.version", "version"),
    Column::Plain("c.sort_name", "sort_name"),
];

/// Customers beside `beside`, at most `limit`: after it in the order of the list, or before it and then in the opposite
/// order.
#[crate::boxed]
pub async fn page(tx: &mut Tx, order: Order, beside: Option<&(Way, Beside)>, limit: i64) -> Result<Vec<Row>> {
    let back = matches!(beside, Some((Way::Back, _)));
    let descends = (order == Order::Newest) != back;
    let (sign, turn) = if descends { ("<", " desc") } else { (">", "") };
    // The first page begins beside a key that no customer has.
    let end = if descends { Uuid::max() } else { Uuid::nil() };
    let (name, id) = beside.map_or(("", end), |(_, (name, id))| (name.as_str(), id.uuid()));
    let from = match order {
        Order::Newest => {
            format!("from (select * from customer where tenant_id = $1 and id {sign} $2 order by id{turn} limit $3) c")
        }
        Order::Name => format!(
            "from (select * from customer where tenant_id = $1 and (sort_name, id) {sign} ($2, $3) \
             order by sort_name{turn}, id{turn} limit $4) c"
        ),
    };
    let args = match order {
        Order::Newest => args![id, limit],
        Order::Name => args![name, id, limit],
    };
    let mut rows: Vec<RowRow> = tx.fetch_packed(ROW, &from, args).await?;
    match order {
        Order::Newest => in_order(&mut rows, descends, |row| row.id),
        Order::Name => in_order(&mut rows, descends, |row| (row.sort_name.clone(), row.id)),
    }
    Ok(rows.into_iter().map(Row::from).collect())
}

/// Puts rows in the order of their keys, or in the opposite one.
pub(crate) fn in_order<T, K: Ord>(rows: &mut [T], descends: bool, key: impl Fn(&T) -> K) {
    rows.sort_by_cached_key(&key);
    if descends {
        rows.reverse();
    }
}

/// Customers as lists show them, in no order; those that do not exist are left out.
#[crate::boxed]
pub async fn rows(tx: &mut Tx, ids: &[CustomerId]) -> Result<Vec<Row>> {
    let keys: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let from = "from customer c where c.tenant_id = $1 and c.id in (values {set})";
    let rows: Vec<RowRow> = tx.fetch_columns_in(ROW, from, &keys).await?;
    Ok(rows.into_iter().map(Row::from).collect())
}
