-- A live source as a tenant has it. `credentials` is sealed under a key that is not here, and bound to its row.
create table connection (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    source {key} not null,
    name {text} not null,
    settings {json} not null,
    credentials {bytes},
    enabled {bool} not null,
    interval_seconds {int} not null,
    open_hours {key},
    next_run_at {time},
    next_try_at {time},
    last_run_at {time},
    failures {int} not null,
    is_parked {bool} not null,
    reason {text},
    created_by {json} not null,
    created_at {time} not null,
    removed_at {time},
    primary key (tenant_id, id)
){table};

-- Where the next read of a stream begins, and how far its sweep is. Written in the transaction that writes the rows before.
create table stream_cursor (
    tenant_id {int} not null,
    connection_id {id} not null,
    stream {key} not null,
    cursor {text},
    read_at {time},
    sweep_cursor {text},
    sweep_began_at {time},
    swept_at {time},
    primary key (tenant_id, connection_id, stream),
    foreign key (tenant_id, connection_id) references connection (tenant_id, id)
){table};

-- What a sweep under way has met, until it is over.
create table sweep_key (
    tenant_id {int} not null,
    connection_id {id} not null,
    stream {key} not null,
    key {key} not null,
    primary key (tenant_id, connection_id, stream, key),
    foreign key (tenant_id, connection_id) references connection (tenant_id, id)
){table};

create table sync_run (
    tenant_id {int} not null,
    id {id} not null,
    connection_id {id} not null,
    cause {key} not null check (cause in ('schedule', 'manual')),
    actor {json} not null,
    state {key} not null check (state in ('waiting', 'running', 'finished', 'incomplete', 'failed', 'canceled')),
    sweeps {bool} not null,
    removes_missing {bool} not null,
    stream {key},
    report {json} not null,
    problem_count {int} not null,
    reason {text},
    created_at {time} not null,
    started_at {time},
    finished_at {time},
    primary key (tenant_id, id),
    foreign key (tenant_id, connection_id) references connection (tenant_id, id)
){table};
create index sync_run_of_connection on sync_run (tenant_id, connection_id, id);
-- One run of a connection at a time (I-06).
create unique index sync_run_open on sync_run (tenant_id, connection_id) where finished_at is null;

create table run_problem (
    tenant_id {int} not null,
    run_id {id} not null,
    position {int} not null,
    stream {key} not null,
    key {text},
    reason {text} not null,
    primary key (tenant_id, run_id, position),
    foreign key (tenant_id, run_id) references sync_run (tenant_id, id)
){table};

-- A record of a live source is one row for each object of it, with the newest word; older ones are record versions.
-- `said_at` is when its contact became what it is, `modified_at` when the source says that it changed. `gone` is how an object
-- stands that is no longer in use. `stale_at` marks one whose derived row is to be made again: what it hangs on came, or
-- what it refers to has another name.
alter table record add column connection_id {id};
alter table record add column parent_key {key};
alter table record add column modified_at {time};
alter table record add column said_at {time};
alter table record add column gone {key};
alter table record add column merged_into {key};
alter table record add column stale_at {time};
create unique index record_of_connection on record (tenant_id, connection_id, stream, key) where connection_id is not null;
create index record_of_parent on record (tenant_id, connection_id, stream, parent_key, id) where parent_key is not null;
create index record_merged_away on record (tenant_id, connection_id, stream, merged_into) where merged_into is not null;
create index record_stale on record (tenant_id, connection_id, stream, id) where stale_at is not null;

-- What a record of a live source said before, until `said_until`.
create table record_version (
    tenant_id {int} not null,
    record_id {id} not null,
    number {int} not null,
    hash {bytes} not null,
    payload {json} not null,
    contact {json} not null,
    gone {key},
    said_until {time} not null,
    primary key (tenant_id, record_id, number),
    foreign key (tenant_id, record_id) references record (tenant_id, id)
){wide_table};

-- The objects whose names a record's derived row shows: when one of them changes, the row is made again.
create table record_reference (
    tenant_id {int} not null,
    connection_id {id} not null,
    stream {key} not null,
    key {key} not null,
    record_id {id} not null,
    primary key (tenant_id, connection_id, stream, key, record_id)
){table};
create index record_reference_of_record on record_reference (tenant_id, record_id);

-- Derived, one row for each record of a live source that becomes one. They hang on the customer's record, not on the
-- customer, so that merging and unmerging touch none of them.
create table property (
    tenant_id {int} not null,
    record_id {id} not null,
    customer_record_id {id} not null,
    property {json} not null,
    primary key (tenant_id, record_id)
){table};
create index property_of_customer on property (tenant_id, customer_record_id, record_id);

create table equipment (
    tenant_id {int} not null,
    record_id {id} not null,
    customer_record_id {id} not null,
    property_record_id {id} not null,
    equipment {json} not null,
    primary key (tenant_id, record_id)
){table};
create index equipment_of_customer on equipment (tenant_id, customer_record_id, record_id);

create table job (
    tenant_id {int} not null,
    record_id {id} not null,
    customer_record_id {id} not null,
    property_record_id {id},
    status {key},
    is_active {bool} not null,
    total_cents {int},
    booked_at {time},
    completed_at {time},
    job {json} not null,
    primary key (tenant_id, record_id)
){wide_table};
create index job_of_customer on job (tenant_id, customer_record_id, record_id);

create table membership (
    tenant_id {int} not null,
    record_id {id} not null,
    customer_record_id {id} not null,
    property_record_id {id},
    membership {json} not null,
    primary key (tenant_id, record_id)
){table};
create index membership_of_customer on membership (tenant_id, customer_record_id, record_id);

-- Numbers that a source said must not be texted. That it stops saying so takes nothing back.
create table do_not_text (
    tenant_id {int} not null,
    phone {key} not null,
    record_id {id} not null,
    said_by {key} not null,
    said_at {time} not null,
    primary key (tenant_id, phone, record_id),
    foreign key (tenant_id, record_id) references record (tenant_id, id)
){table};
create index do_not_text_of_record on do_not_text (tenant_id, record_id);
