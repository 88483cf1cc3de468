-- Ground state: what people said about single fields of customers. A pin hangs on a record and goes where it goes;
-- one that was taken back stays readable.
create table pin (
    tenant_id {int} not null,
    id {id} not null,
    record_id {id} not null,
    field {key} not null check (field in ('name', 'company', 'phone', 'email', 'address', 'notes')),
    value {text},
    actor {json} not null,
    pinned_at {time} not null,
    retracted_at {time},
    retracted_by {json},
    primary key (tenant_id, id),
    foreign key (tenant_id, record_id) references record (tenant_id, id)
){table};
create index pin_of_record on pin (tenant_id, record_id);

-- `sort_name` is the name shown, folded: the order of the list by name. `version` goes up with every committed change
-- of what a card shows of the customer itself (src/customer.rs).
alter table customer add column sort_name {key} not null default '';
alter table customer add column version {int} not null default 0;
create index customer_by_name on customer (tenant_id, sort_name, id);

-- A timeline takes the newest calls of each number and record: the id puts those of one instant in order.
-- A call that names a record is found by that record only.
drop index call_by_value;
drop index call_by_record;
create index call_by_value on call (tenant_id, kind, value, started_at, id) where record_id is null;
create index call_by_record on call (tenant_id, record_id, started_at, id) where record_id is not null;
