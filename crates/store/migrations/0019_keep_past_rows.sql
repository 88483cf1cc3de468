-- What stood in a row before it was overwritten or taken away, since when and until when: from it a context is told as it
-- was. One table for all kinds, because they are written, forgotten and looked for alike: of a `record` whose it was, of a
-- `customer` all that it said, of a `property` and so on the same, of a `remark` the record that it hung on, and of a
-- `review` (under each customer that it named) only that there was one. Rows of one instant to the next are kept once: what
-- stood for no time at all is not.
create table past_row (
    tenant_id {int} not null references tenant (tenant_id),
    kind {key} not null check (kind in ('record', 'customer', 'property', 'equipment', 'job', 'membership', 'remark', 'review')),
    id {id} not null,
    until_at {time} not null,
    since_at {time} not null,
    hangs_on_id {id},
    property_record_id {id},
    said {json} not null,
    primary key (tenant_id, kind, id, until_at, since_at)
){wide_table};
create index past_row_hanging on past_row (tenant_id, kind, hangs_on_id, until_at) where hangs_on_id is not null;
create index past_row_by_end on past_row (tenant_id, until_at);

-- Who had an identifier that they have no more, until when: leads to the past rows of those customers.
create table past_identity (
    tenant_id {int} not null references tenant (tenant_id),
    kind {key} not null,
    value {key} not null,
    customer_id {id} not null,
    until_at {time} not null,
    primary key (tenant_id, kind, value, customer_id, until_at)
){table};
create index past_identity_of_customer on past_identity (tenant_id, customer_id);
create index past_identity_by_end on past_identity (tenant_id, until_at);

-- Since when a derived row says what it says; unsaid where that was before this step.
alter table property add column since_at {time};
alter table equipment add column since_at {time};
alter table job add column since_at {time};
alter table membership add column since_at {time};
-- From when on past rows are kept; unsaid where that is from the tenant's first day on.
alter table tenant add column past_since_at {time};
