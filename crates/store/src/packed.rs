//! Rows that come in one answer, for pages that are asked for all day.
//!
//! SQLite's rows come from a thread of their own: each value is copied to memory of its own, and each row is a word to
//! whoever waits for it, which together takes longer than finding it. Such a page comes as one JSON text instead.
//! PostgreSQL sends rows side by side as it is.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::sql::Row;
use crate::tx::Tx;
use crate::value::Value;

/// A column: an expression, and the field that it fills.
pub(crate) enum Column {
    /// A number, a text, an instant, yes or no.
    Plain(&'static str, &'static str),
    /// An id.
    Id(&'static str, &'static str),
    /// All columns of a field that is a row itself.
    Row(&'static [Column]),
}

/// Columns as they stand behind `select`.
fn named(columns: &[Column]) -> String {
    let one = |column: &Column| match column {
        Column::Plain(from, name) | Column::Id(from, name) => format!("{from} as {name}"),
        Column::Row(columns) => named(columns),
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Columns as they stand in one JSON list: a list within a list would cost a third more.
fn listed(columns: &[Column]) -> String {
    let one = |column: &Column| match column {
        Column::Plain(from, _) => (*from).to_owned(),
        Column::Id(from, _) => format!("hex({from})"),
        Column::Row(columns) => listed(columns),
    };
    columns.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A row that can be read from a list of its fields.
pub(crate) trait FromList: Row {
    /// Takes the fields, in the order of the columns.
    fn from_list<'de, A: SeqAccess<'de>>(list: &mut A) -> std::result::Result<Self, A::Error>;
}

/// The next field of a list.
pub(crate) fn next<'de, T: Deserialize<'de>, A: SeqAccess<'de>>(list: &mut A) -> std::result::Result<T, A::Error> {
    list.next_element()?.ok_or_else(|| A::Error::custom("a row is too short"))
}

/// One row of the text.
struct Packed<T>(T);

impl<'de, T: FromList> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: FromList> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of fields")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> std::result::Result<T, A::Error> {
                T::from_list(&mut list)
            }
        }
        deserializer.deserialize_seq(Fields(PhantomData)).map(Self)
    }
}

impl Tx {
    /// Some tens of rows in no order: `columns`, in the order of the fields that they fill, from what `from` says.
    pub(crate) async fn fetch_packed<T: FromList>(
        &mut self,
        columns: &[Column],
        from: &str,
        args: Vec<Value>,
    ) -> Result<Vec<T>> {
        self.fetch_packed_with("", columns, from, args).await
    }

    /// The same of what stands in front: `name as (…)`.
    pub(crate) async fn fetch_packed_with<T: FromList>(
        &mut self,
        before: &str,
        columns: &[Column],
        from: &str,
        args: Vec<Value>,
    ) -> Result<Vec<T>> {
        let with = if before.is_empty() { String::new() } else { format!("with {before} ") };
        if self.dialect() == Dialect::Postgres {
            return self.fetch_all(&format!("{with}select {} {from}", named(columns)), args).await;
        }
        let sql = format!("{with}select json_group_array(json_array({})) {from}", listed(columns));
        let (text,): (String,) = self.fetch_one(&sql, args).await?;
        // What could not be read is quoted by the library that tried: it may be anything that is stored.
        let rows: Vec<Packed<T>> = serde_json::from_str(&text).map_err(|error| Error::Unreadable {
            what: "a row of a list",
            why: format!("{:?} at byte {}", error.classify(), error.column()),
        })?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    /// Rows whose keys are among `keys`, in no order: as [`Tx::fetch_in`], with columns that are packed elsewhere.
    pub(crate) async fn fetch_columns_in<T: Row>(
        &mut self,
        columns: &[Column],
        from: &str,
        keys: &[Value],
    ) -> Result<Vec<T>> {
        self.fetch_in(&format!("select {} {from}", named(columns)), 1, keys).await
    }
}
