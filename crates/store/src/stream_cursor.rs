//! Where the next read of each stream of a connection begins, and how far its sweep is.

use std::collections::BTreeMap;

use doorstep_core::Timestamp;
use doorstep_core::id::ConnectionId;
use doorstep_core::source::Cursor;

use crate::args;
use crate::error::{Error, Result};
use crate::tx::Tx;
use crate::value::{At, Value};

/// How far a stream is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Where the next page begins; `None` at the very beginning.
    pub cursor: Option<Cursor>,
    /// When it was last read to its end.
    pub read_at: Option<Timestamp>,
    /// Where the next page of the sweep under way begins.
    pub sweep_cursor: Option<Cursor>,
    /// When the sweep under way began; `None` where none is.
    pub sweep_began_at: Option<Timestamp>,
    /// When the last whole sweep was over.
    pub swept_at: Option<Timestamp>,
}

type Row = (String, Option<String>, Option<At>, Option<String>, Option<At>, Option<At>);

/// How far the streams of a connection are, by name.
#[crate::boxed]
pub async fn of_connection(tx: &mut Tx, id: ConnectionId) -> Result<BTreeMap<String, Progress>> {
    let sql = "select stream, cursor, read_at, sweep_cursor, sweep_began_at, swept_at from stream_cursor \
               where tenant_id = $1 and connection_id = $2";
    let rows: Vec<Row> = tx.fetch_all(sql, args![id]).await?;
    let cursor = |text: Option<String>| {
        let unreadable = |_| Error::Unreadable { what: "stream_cursor", why: "it is no cursor".to_owned() };
        text.map(Cursor::new).transpose().map_err(unreadable)
    };
    let read = |(stream, at, read_at, sweep, sweep_began_at, swept_at): Row| {
        let progress = Progress {
            cursor: cursor(at)?,
            read_at: read_at.map(|at| at.0),
            sweep_cursor: cursor(sweep)?,
            sweep_began_at: sweep_began_at.map(|at| at.0),
            swept_at: swept_at.map(|at| at.0),
        };
        Ok((stream, progress))
    };
    rows.into_iter().map(read).collect()
}

/// Says how far a stream is.
#[crate::boxed]
pub async fn put(tx: &mut Tx, id: ConnectionId, stream: &str, progress: &Progress) -> Result<()> {
    let text = |cursor: &Option<Cursor>| cursor.as_ref().map(|cursor| cursor.as_str().to_owned());
    let mut args = args![id, stream, text(&progress.cursor), progress.read_at, text(&progress.sweep_cursor)];
    args.extend(args![progress.sweep_began_at, progress.swept_at]);
    let sql = "insert into stream_cursor \
               (tenant_id, connection_id, stream, cursor, read_at, sweep_cursor, sweep_began_at, swept_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8) \
               on conflict (tenant_id, connection_id, stream) do update set cursor = excluded.cursor, \
               read_at = excluded.read_at, sweep_cursor = excluded.sweep_cursor, \
               sweep_began_at = excluded.sweep_began_at, swept_at = excluded.swept_at";
    tx.execute(sql, args).await?;
    Ok(())
}

/// Notes that a sweep met these keys.
#[crate::boxed]
pub async fn met(tx: &mut Tx, id: ConnectionId, stream: &str, keys: &[String]) -> Result<()> {
    let rows: Vec<Value> = keys.iter().flat_map(|key| args![id, stream, key.as_str()]).collect();
    let head = "insert into sweep_key (tenant_id, connection_id, stream, key)";
    tx.insert_many(head, "on conflict do nothing", 3, rows).await?;
    Ok(())
}

/// Forgets what a sweep met.
#[crate::boxed]
pub async fn forget_met(tx: &mut Tx, id: ConnectionId, stream: &str) -> Result<()> {
    let sql = "delete from sweep_key where tenant_id = $1 and connection_id = $2 and stream = $3";
    tx.execute(sql, args![id, stream]).await?;
    Ok(())
}

/// Keys of objects that a whole sweep did not meet although they were stored before it began and are not taken out, with
/// the keys of what they belong to; in order of their keys, at most `limit`.
#[crate::boxed]
pub async fn unmet(
    tx: &mut Tx,
    id: ConnectionId,
    stream: &str,
    began_at: Timestamp,
    limit: i64,
) -> Result<Vec<(String, Option<String>)>> {
    let sql = "select r.key, r.parent_key from record r where r.tenant_id = $1 and r.connection_id = $2 \
               and r.stream = $3 and r.removed_at is null and r.created_at < $4 and not exists (\
                 select 1 from sweep_key s where s.tenant_id = r.tenant_id and s.connection_id = r.connection_id \
                 and s.stream = r.stream and s.key = r.key) \
               order by r.key limit $5";
    tx.fetch_all(sql, args![id, stream, began_at, limit]).await
}
