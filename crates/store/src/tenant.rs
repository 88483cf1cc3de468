//! What a tenant knows of itself, read within its own scope.

use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Tenant;
use doorstep_core::time::Zone;

use crate::args;
use crate::error::{Result, word};
use crate::tx::Tx;
use crate::value::At;

#[derive(sqlx::FromRow)]
struct TenantRow {
    name: String,
    time_zone: String,
    country: String,
    created_at: At,
}

/// The transaction's tenant.
pub async fn get(tx: &mut Tx) -> Result<Tenant> {
    let sql = "select name, time_zone, country, created_at from tenant where tenant_id = $1";
    let row: TenantRow = tx.fetch_one(sql, args![]).await?;
    let sql = "select phone from own_number where tenant_id = $1 order by phone";
    let own: Vec<(String,)> = tx.fetch_all(sql, args![]).await?;
    Ok(Tenant {
        id: tx.tenant(),
        name: row.name,
        time_zone: word::<Zone>("tenant.time_zone", &row.time_zone)?,
        country: word::<Region>("tenant.country", &row.country)?,
        own_numbers: own.into_iter().map(|(phone,)| Phone::from_normal(phone)).collect(),
        created_at: row.created_at.0,
    })
}

/// Whether a number is one of those the business itself calls and texts from.
pub async fn has_own_number(tx: &mut Tx, phone: &str) -> Result<bool> {
    let sql = "select cast(1 as bigint) from own_number where tenant_id = $1 and phone = $2";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![phone]).await?;
    Ok(row.is_some())
}
