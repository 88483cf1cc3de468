//! What a tenant knows of itself, within its own scope.

use doorstep_core::TenantId;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Tenant;
use doorstep_core::time::Zone;
use uuid::Uuid;

use crate::args;
use crate::change::Subject;
use crate::dialect::Dialect;
use crate::error::{Error, Result, word};
use crate::review::open_up_to;
use crate::tx::Tx;
use crate::value::{At, Value};

#[derive(sqlx::FromRow)]
pub(crate) struct TenantRow {
    tenant_name: String,
    time_zone: String,
    country: String,
    tenant_created_at: At,
    own_numbers: Option<String>,
    open_reviews: i64,
}

impl TenantRow {
    /// The columns, of a tenant `t`; open reviews are counted as [`open_up_to`] does.
    pub(crate) fn columns(nil: &str, most: &str) -> String {
        let (phones, open) = (Dialect::joined("phone"), open_up_to(nil, most));
        format!(
            "t.name as tenant_name, t.time_zone, t.country, t.created_at as tenant_created_at, ({open}) as open_reviews, \
             (select {phones} from own_number where tenant_id = $1) as own_numbers"
        )
    }

    /// The tenant, whose number the transaction knows, and how many reviews are open.
    pub(crate) fn read(self, id: TenantId) -> Result<(Tenant, i64)> {
        let mut own_numbers: Vec<&str> = self.own_numbers.iter().flat_map(|phones| phones.split(' ')).collect();
        own_numbers.sort_unstable();
        let tenant = Tenant {
            id,
            name: self.tenant_name,
            time_zone: word::<Zone>("tenant.time_zone", &self.time_zone)?,
            country: word::<Region>("tenant.country", &self.country)?,
            own_numbers: own_numbers.into_iter().map(|phone| Phone::from_normal(phone.to_owned())).collect(),
            created_at: self.tenant_created_at.0,
        };
        Ok((tenant, self.open_reviews))
    }
}

/// The transaction's tenant.
#[crate::boxed]
pub async fn get(tx: &mut Tx) -> Result<Tenant> {
    get_with_reviews(tx, 0).await.map(|(tenant, _)| tenant)
}

/// The transaction's tenant, and how many reviews are open, counted no further than `most`: what every page shows beside
/// its own, in one statement.
#[crate::boxed]
pub async fn get_with_reviews(tx: &mut Tx, most: i64) -> Result<(Tenant, i64)> {
    let sql = format!("select {} from tenant t where t.tenant_id = $1", TenantRow::columns("$2", "$3"));
    let row: TenantRow = tx.fetch_one(&sql, args![Uuid::nil(), most]).await?;
    row.read(tx.tenant())
}

/// Whether a number is one of those the business itself calls and texts from.
#[crate::boxed]
pub async fn has_own_number(tx: &mut Tx, phone: &str) -> Result<bool> {
    let sql = "select cast(1 as bigint) from own_number where tenant_id = $1 and phone = $2";
    let row: Option<(i64,)> = tx.fetch_optional(sql, args![phone]).await?;
    Ok(row.is_some())
}

/// Says anew what the transaction's tenant is: its name, zone, country and own numbers. Its number stays.
///
/// # Errors
/// [`Error::Conflict`] if another tenant has that name.
#[crate::boxed]
pub async fn put(tx: &mut Tx, tenant: &Tenant) -> Result<()> {
    let sql = "update tenant set name = $2, time_zone = $3, country = $4 where tenant_id = $1";
    let args = args![tenant.name.as_str(), tenant.time_zone.name(), tenant.country.as_str()];
    tx.execute(sql, args).await.map_err(|error| match error {
        Error::Conflict(_) => Error::Conflict(format!("tenant `{}`", tenant.name)),
        other => other,
    })?;
    tx.execute("delete from own_number where tenant_id = $1", args![]).await?;
    let phones: Vec<Value> = tenant.own_numbers.iter().map(|phone| Value::from(phone.as_str())).collect();
    tx.insert_many("insert into own_number (tenant_id, phone)", "on conflict do nothing", 1, phones).await?;
    let number = tx.tenant().number().unsigned_abs();
    tx.announce(Subject::Tenant, Uuid::from_u128(u128::from(number)));
    Ok(())
}
