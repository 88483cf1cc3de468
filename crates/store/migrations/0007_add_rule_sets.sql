-- The rules by which customers are resolved, weights and all, one row for each version that a tenant ever had. A
-- version is never changed; one of them is in force. `hash` is that of the weights: equal for equal rules.
create table rule_set (
    tenant_id {int} not null references tenant (tenant_id),
    version {int} not null,
    origin {key} not null check (origin in ('shipped', 'thresholds', 'trained')),
    shipped_version {int},
    based_on {int},
    weights {json} not null,
    hash {bytes} not null,
    training {json},
    actor {json} not null,
    created_at {time} not null,
    in_force_since {time},
    primary key (tenant_id, version)
){table};
create unique index rule_set_in_force on rule_set (tenant_id) where in_force_since is not null;

-- A tenant going over to a version of its rules: first looked at, then applied. One at a time.
create table changeover (
    tenant_id {int} not null primary key,
    version {int} not null,
    from_version {int} not null,
    state {key} not null check (state in ('previewing', 'previewed', 'checking', 'applying', 'applied')),
    digest {key},
    feed_number {int} not null,
    summary {json},
    after_record_id {id},
    records_done {int} not null,
    records_total {int} not null,
    actor {json} not null,
    created_at {time} not null,
    applied_at {time},
    foreign key (tenant_id, version) references rule_set (tenant_id, version)
){table};
create index changeover_to on changeover (tenant_id, version);
