-- References stand where ground state hangs on ground state. What is derived has none: `doorstep rebuild --check`
-- proves it whole, and checking every word of a million would cost more than writing it.
--
-- One text for both databases. Types and table endings in braces are placeholders:
-- SQLite gets blob, integer microseconds and text; PostgreSQL uuid, timestamptz and jsonb
-- (see src/migrate.rs). Row-level security and grants are added by the runner for every table
-- in src/schema.rs.

create table tenant (
    tenant_id {int} not null primary key,
    name {text} not null unique,
    time_zone {text} not null,
    country {text} not null,
    created_at {time} not null
){table};

-- The numbers the business itself calls and texts from.
create table own_number (
    tenant_id {int} not null references tenant (tenant_id),
    phone {key} not null,
    primary key (tenant_id, phone)
){table};

-- The head of a tenant's change feed. Updating this row takes the lock that puts the commits of one
-- tenant in the order of their numbers: a reader who sees number n sees everything before it.
create table feed (
    tenant_id {int} not null primary key references tenant (tenant_id),
    last_number {int} not null
){table};

create table change (
    tenant_id {int} not null,
    number {int} not null,
    subject {key} not null,
    subject_id {id} not null,
    changed_at {time} not null,
    primary key (tenant_id, number)
){table};

-- One row per key; the key is all that a task takes.
create table task (
    tenant_id {int} not null references tenant (tenant_id),
    key {key} not null,
    state {key} not null check (state in ('waiting', 'running', 'parked')),
    due_at {time} not null,
    wakes {int} not null,
    attempts {int} not null,
    holder {id},
    lease_until {time},
    reason {text},
    created_at {time} not null,
    primary key (tenant_id, key)
){table};
create index task_due on task (tenant_id, state, due_at);
create index task_lease on task (state, lease_until);

create table import (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    source {key} not null,
    state {key} not null,
    file_name {text} not null,
    archive_hash {key} not null,
    notes {text},
    actor {json} not null,
    plan {json} not null,
    digest {key} not null,
    feed_number {int} not null,
    summary {json} not null,
    problem_count {int} not null,
    rows_done {int} not null,
    rows_total {int} not null,
    created_at {time} not null,
    applied_at {time},
    undone_at {time},
    primary key (tenant_id, id)
){table};

create table import_problem (
    tenant_id {int} not null,
    import_id {id} not null,
    position {int} not null,
    file {text} not null,
    line {int} not null,
    reason {text} not null,
    primary key (tenant_id, import_id, position),
    foreign key (tenant_id, import_id) references import (tenant_id, id)
){table};

-- Ground state: what a source said, as said. `contact` is the normal form of the payload.
-- A record taken out by an undo stays as a marker (removed_at) so that ids handed out still resolve.
create table record (
    tenant_id {int} not null,
    id {id} not null,
    source {key} not null,
    stream {key} not null,
    key {key} not null,
    hash {bytes} not null,
    import_id {id},
    payload {json} not null,
    contact {json} not null,
    customer_id {id},
    created_at {time} not null,
    removed_at {time},
    primary key (tenant_id, id)
){table};
create unique index record_said on record (tenant_id, source, stream, key, hash) where removed_at is null;
create index record_of_customer on record (tenant_id, customer_id, id);
create index record_of_import on record (tenant_id, import_id, id);

-- What the records can be found by; `value` is the match key (an e-mail's differs from its normal form).
create table record_identifier (
    tenant_id {int} not null,
    kind {key} not null,
    value {key} not null,
    record_id {id} not null,
    primary key (tenant_id, kind, value, record_id),
    foreign key (tenant_id, record_id) references record (tenant_id, id)
){table};
create index record_identifier_of_record on record_identifier (tenant_id, record_id);

-- Derived: golden records. The id is that of the customer's oldest record.
create table customer (
    tenant_id {int} not null,
    id {id} not null,
    display_name {text} not null,
    company {text},
    phone {key},
    email {key},
    address {text},
    notes {text},
    first_seen_at {time} not null,
    provenance {json} not null,
    updated_at {time} not null,
    primary key (tenant_id, id)
){table};

-- Derived: identifiers as belonging to customers.
create table identity (
    tenant_id {int} not null,
    customer_id {id} not null,
    kind {key} not null,
    value {key} not null,
    source {key} not null,
    record_id {id} not null,
    first_seen_at {time} not null,
    last_seen_at {time} not null,
    verified {bool} not null,
    primary key (tenant_id, customer_id, kind, value)
){table};
create index identity_by_value on identity (tenant_id, kind, value, customer_id);

-- Derived: normalised words for search by prefix. Kept by customer, so that a customer's words go in and out
-- together; found by the index.
create table customer_word (
    tenant_id {int} not null,
    customer_id {id} not null,
    word {key} not null,
    primary key (tenant_id, customer_id, word)
){table};
create index customer_word_by_word on customer_word (tenant_id, word, customer_id);

-- Ground state: what people decided about identity, between records.
create table decision (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    verb {key} not null check (verb in ('link', 'keep_apart')),
    a_record_id {id} not null,
    b_record_id {id} not null,
    reason {text},
    actor {json} not null,
    decided_at {time} not null,
    retracted_at {time},
    retracted_by {json},
    primary key (tenant_id, id),
    check (a_record_id <> b_record_id)
){table};
create index decision_a on decision (tenant_id, a_record_id);
create index decision_b on decision (tenant_id, b_record_id);

-- Derived: pairs of customers waiting for a person.
create table review (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    a_customer_id {id} not null,
    b_customer_id {id} not null,
    evidence {json} not null,
    created_at {time} not null,
    primary key (tenant_id, id)
){table};
create unique index review_a on review (tenant_id, a_customer_id, b_customer_id);
create index review_b on review (tenant_id, b_customer_id);

create table conversation (
    tenant_id {int} not null,
    id {id} not null,
    source {key} not null,
    key {key} not null,
    channel {key} not null,
    started_at {time},
    last_message_at {time},
    message_count {int} not null,
    import_id {id},
    primary key (tenant_id, id)
){table};
create unique index conversation_by_key on conversation (tenant_id, source, key);
create index conversation_of_import on conversation (tenant_id, import_id, id);

-- Who takes part: a record where the source names one, else an identifier. Which customer that is
-- follows at the moment of reading, so that merge, unmerge and undo need not touch these rows.
create table participant (
    tenant_id {int} not null,
    conversation_id {id} not null,
    position {int} not null,
    kind {key} not null,
    value {key} not null,
    record_id {id},
    primary key (tenant_id, conversation_id, position),
    foreign key (tenant_id, conversation_id) references conversation (tenant_id, id)
){table};
create index participant_by_value on participant (tenant_id, kind, value, conversation_id);
create index participant_by_record on participant (tenant_id, record_id, conversation_id) where record_id is not null;

create table message (
    tenant_id {int} not null,
    id {id} not null,
    conversation_id {id} not null,
    direction {key} not null,
    from_address {text},
    to_address {text},
    body {text} not null,
    sent_at {time} not null,
    status {text},
    attachments {json},
    external_id {key},
    row_key {bytes} not null,
    import_id {id},
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversation (tenant_id, id)
){table};
create unique index message_by_key on message (tenant_id, row_key);
create index message_in_conversation on message (tenant_id, conversation_id, sent_at, id);
create index message_of_import on message (tenant_id, import_id, id);

create table call (
    tenant_id {int} not null,
    id {id} not null,
    kind {key} not null,
    value {key} not null,
    record_id {id},
    direction {key} not null,
    from_address {text},
    to_address {text},
    started_at {time} not null,
    duration_seconds {int},
    status {text},
    voicemail_text {text},
    external_id {key},
    row_key {bytes} not null,
    import_id {id},
    primary key (tenant_id, id)
){table};
create unique index call_by_key on call (tenant_id, row_key);
create index call_by_value on call (tenant_id, kind, value, started_at);
create index call_by_record on call (tenant_id, record_id, started_at) where record_id is not null;
create index call_of_import on call (tenant_id, import_id, id);
