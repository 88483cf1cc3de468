//! Which statements a call sends, and how the database would run them: the tests of query plans ask here, so
//! that what is explained is what is really sent.

use std::cell::RefCell;

use doorstep_core::Scope;

use crate::args;
use crate::db::{Db, set_tenant};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::value::Value;

/// A statement as it was sent.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    args: Vec<Value>,
}

tokio::task_local! {
    static NOTED: RefCell<Vec<Statement>>;
}

/// Called by the seam for every statement; does nothing outside [`statements`].
pub(crate) fn note(sql: &str, args: &[Value]) {
    super::crash::note();
    // Outside of a trace there is no list, which is the usual case and no error.
    let _ = NOTED.try_with(|noted| noted.borrow_mut().push(Statement { sql: sql.to_owned(), args: args.to_vec() }));
}

/// Runs `call`; what it returns and the statements that it sent.
pub async fn statements<T>(call: impl Future<Output = T>) -> (T, Vec<Statement>) {
    let noted = async {
        let returned = call.await;
        (returned, NOTED.with(RefCell::take))
    };
    NOTED.scope(RefCell::default(), noted).await
}

/// The database's plan for a statement of that scope, a step a line.
pub async fn explain(db: &Db, scope: &Scope, statement: &Statement) -> Result<Vec<String>> {
    let mut native = db.begin(false).await?;
    set_tenant(&mut native, scope.tenant()).await?;
    if native.dialect() == Dialect::Sqlite {
        let sql = format!("explain query plan {}", statement.sql);
        let steps: Vec<(i64, i64, i64, String)> = native.fetch_all(&sql, statement.args.clone()).await?;
        return Ok(steps.into_iter().map(|(_, _, _, step)| step).collect());
    }
    native.execute("select set_config('app.system', 'on', true)", args![]).await?;
    let lines: Vec<(String,)> = native.fetch_all(&format!("explain {}", statement.sql), statement.args.clone()).await?;
    Ok(lines.into_iter().map(|(line,)| line).collect())
}

/// As [`explain`], for values that the planner does not know: the plan that is made once. SQLite has no other.
pub async fn explain_as_planned(db: &Db, scope: &Scope, statement: &Statement) -> Result<Vec<String>> {
    if db.dialect() == Dialect::Sqlite {
        return explain(db, scope, statement).await;
    }
    let mut native = db.begin(false).await?;
    set_tenant(&mut native, scope.tenant()).await?;
    // A prepared statement stays with its connection; the name of this one is free again at the end.
    let sql = format!("set local plan_cache_mode = force_generic_plan; prepare explained as {}", statement.sql);
    native.run_script(&sql).await?;
    let values = vec!["null"; statement.args.len()].join(", ");
    let lines: Vec<(String,)> = native.fetch_all(&format!("explain execute explained({values})"), args![]).await?;
    native.run_script("deallocate explained").await?;
    Ok(lines.into_iter().map(|(line,)| line).collect())
}
