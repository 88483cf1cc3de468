-- The number in the change feed of the last commit that changed what a context of this customer says. Beside the customer,
-- not in its row: every message raises it, and the row is wide. No row: nothing has changed since this table is there. It
-- stays when the customer goes, so that an older number never comes back.
create table context_version (
    tenant_id {int} not null references tenant (tenant_id),
    customer_id {id} not null,
    version {int} not null,
    primary key (tenant_id, customer_id)
){table};

-- What was told of customers, each text once: for one level, without the instant at which it was told.
create table context_told (
    tenant_id {int} not null references tenant (tenant_id),
    customer_id {id} not null,
    hash {bytes} not null,
    model {json} not null,
    primary key (tenant_id, customer_id, hash)
){wide_table};

-- Who was told what, when. Without a customer, and without a hash, nothing of anybody was told.
create table context_receipt (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    told_at {time} not null,
    actor {json} not null,
    customer_id {id},
    assurance {key} not null,
    version {int},
    asked_by {key} not null,
    form {key} not null,
    budget {int},
    tokens {int},
    hash {bytes},
    primary key (tenant_id, id)
){table};
create index context_receipt_of_customer on context_receipt (tenant_id, customer_id, told_at, id) where customer_id is not null;
create index context_receipt_by_time on context_receipt (tenant_id, told_at);
