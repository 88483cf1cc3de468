-- Ground state: what people and agents said of customers by hand. A remark hangs on a record, the one that the customer was
-- named by, so that merging and unmerging touch none of them; one that was taken back stays readable.
create table remark (
    tenant_id {int} not null,
    id {id} not null,
    record_id {id} not null,
    kind {key} not null check (kind in ('note', 'preference', 'address')),
    topic {key},
    text {text} not null,
    channel {key},
    said_by {json} not null,
    said_at {time} not null,
    retracted_at {time},
    retracted_by {json},
    primary key (tenant_id, id),
    foreign key (tenant_id, record_id) references record (tenant_id, id)
){table};
create index remark_of_record on remark (tenant_id, record_id, kind, id);
