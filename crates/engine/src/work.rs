//! What hangs on a customer: where work is done, what stands there, the jobs, the memberships, and who the customer is at
//! each source.

use doorstep_core::Scope;
use doorstep_core::id::{ConnectionId, CustomerId, RecordId};
use doorstep_core::record::Source;
use doorstep_core::tenant::Permission;
use doorstep_store::job::Totals;
use doorstep_store::{Tx, connection, equipment, job, live_record, membership, property, record};

use crate::Engine;
use crate::error::Result;

/// Of each kind that one look shows: a household has a handful, a landlord some dozens.
const SHOWN: i64 = 100;

/// Who a customer is at a live source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which source.
    pub source: Source,
    /// The source's own key of the customer.
    pub key: String,
    /// Which of the source's environments it is connected to, where there are several.
    pub environment: Option<String>,
}

/// What hangs on one customer.
#[derive(Debug, Clone)]
pub struct Work {
    /// Where work is done, the oldest first.
    pub properties: Vec<property::Stored>,
    /// What stands there.
    pub equipment: Vec<equipment::Stored>,
    /// The jobs.
    pub jobs: Vec<job::Stored>,
    /// The memberships.
    pub memberships: Vec<membership::Stored>,
    /// What the completed jobs come to, over all of them.
    pub totals: Totals,
    /// Who the customer is at the live sources.
    pub known: Vec<Known>,
}

impl Engine {
    /// What hangs on a customer, at most a hundred of each kind.
    #[crate::boxed]
    pub async fn work(&self, scope: &Scope, customer: CustomerId) -> Result<Work> {
        scope.require(Permission::Read)?;
        let mut tx = self.db.read(scope).await?;
        let known = known(&mut tx, customer).await?;
        Ok(Work {
            properties: property::of_customer(&mut tx, customer, SHOWN).await?,
            equipment: equipment::of_customer(&mut tx, customer, SHOWN).await?,
            jobs: job::of_customer(&mut tx, customer, SHOWN).await?,
            memberships: membership::of_customer(&mut tx, customer, SHOWN).await?,
            totals: job::totals(&mut tx, customer).await?,
            known,
        })
    }
}

/// Who a customer is at the live sources, by those of its objects that are in use.
async fn known(tx: &mut Tx, customer: CustomerId) -> Result<Vec<Known>> {
    let mut of_connections: Vec<(RecordId, Source, ConnectionId)> = Vec::new();
    for stored in record::of_customers(tx, &[customer]).await? {
        let record = stored.record;
        // The key of an object among all sources names its connection (`connected_key`); that of anything else does not.
        if let Some(Ok(connection)) = record.source_key.split(':').nth(1).map(str::parse) {
            of_connections.push((record.id, record.source, connection));
        }
    }
    of_connections.sort_by_key(|(id, ..)| *id);
    of_connections.truncate(SHOWN as usize);
    let ids: Vec<RecordId> = of_connections.iter().map(|(id, ..)| *id).collect();
    let objects = live_record::get_many(tx, &ids).await?;
    let mut known = Vec::new();
    for (id, source, connection) in of_connections {
        let Some(object) = objects.iter().find(|it| it.id == id && it.gone.is_none()) else { continue };
        let connection = connection::get(tx, connection).await?;
        let environment = connection.and_then(|it| it.settings.get("environment").cloned());
        known.push(Known { source, key: object.key.clone(), environment });
    }
    Ok(known)
}
