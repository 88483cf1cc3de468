//! Those whose name begins with what was asked, by the index of names: as in the list by name.

use doorstep_core::id::CustomerId;
use uuid::Uuid;

use super::{Beside, Read, prefix_end};
use crate::args;
use crate::error::Result;
use crate::listing::{ROW, Row, RowRow, in_order};
use crate::tx::Tx;

/// At most `wanted` of them, from `start` on or from the end of the part that `back` begins at; nobody without a
/// `beginning`.
#[crate::boxed]
pub(super) async fn read(
    tx: &mut Tx,
    beginning: Option<&str>,
    (start, back): (Option<&Beside>, bool),
    wanted: usize,
) -> Result<Read> {
    let Some(beginning) = beginning else { return Ok(Read::default()) };
    let end = prefix_end(beginning);
    let (name, customer) = match (start, back) {
        (Some(Beside::Name { name, customer }), _) => (name.as_str(), customer.uuid()),
        (_, true) => (end.as_str(), Uuid::max()),
        (_, false) => (beginning, Uuid::nil()),
    };
    let (sign, turn) = if back { ("<", " desc") } else { (">", "") };
    // A position may have been made for another name: the part has its bounds beside it.
    let from = format!(
        "from (select * from customer where tenant_id = $1 and sort_name >= $2 and sort_name < $3 \
         and (sort_name, id) {sign} ($4, $5) order by sort_name{turn}, id{turn} limit $6) c"
    );
    let args = args![beginning, end.as_str(), name, customer, wanted as i64];
    let rows: Vec<RowRow> = tx.fetch_packed(ROW, &from, args).await?;
    let mut rows: Vec<Row> = rows.into_iter().map(Row::from).collect();
    in_order(&mut rows, back, |row| (row.sort_name.clone(), row.id));
    let at = |row: &Row| Beside::Name { name: row.sort_name.clone(), customer: row.id };
    let found = rows.into_iter().map(|row| (at(&row), row)).collect();
    Ok(Read { found, looked_to: None })
}

/// Where a customer stands among them, if it does.
#[crate::boxed]
pub(super) async fn place_of(tx: &mut Tx, beginning: Option<&str>, customer: CustomerId) -> Result<Option<Beside>> {
    let Some(beginning) = beginning else { return Ok(None) };
    let sql = "select sort_name from customer where tenant_id = $1 and id = $2 and sort_name >= $3 and sort_name < $4";
    let args = args![customer, beginning, prefix_end(beginning)];
    let row: Option<(String,)> = tx.fetch_optional(sql, args).await?;
    Ok(row.map(|(name,)| Beside::Name { name, customer }))
}
