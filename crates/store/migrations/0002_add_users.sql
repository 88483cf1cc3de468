-- Who comes in and what they did. Of every secret only its SHA-256 is kept, of a password its Argon2id hash.

-- A person who signs in: a user. The table's name has a prefix because `user` is a reserved word of PostgreSQL.
create table app_user (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    email {key} not null,
    email_key {key} not null,
    name {text} not null,
    role {key} not null check (role in ('read_only', 'agent', 'staff', 'admin', 'owner')),
    password_hash {text},
    created_at {time} not null,
    password_changed_at {time},
    disabled_at {time},
    primary key (tenant_id, id)
){table};
create unique index app_user_by_email on app_user (tenant_id, email_key);
-- Signing in by e-mail address knows no tenant yet (src/system.rs).
create index app_user_to_sign_in on app_user (email_key, tenant_id);

create table session (
    tenant_id {int} not null,
    id {id} not null,
    hash {bytes} not null,
    user_id {id} not null,
    user_agent {text},
    created_at {time} not null,
    last_seen_at {time} not null,
    expires_at {time} not null,
    revoked_at {time},
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references app_user (tenant_id, id)
){table};
create index session_of_user on session (tenant_id, user_id, id);

-- The beginning of a key that people see follows from tenant and id, and is not stored.
create table api_key (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    name {text} not null,
    hash {bytes} not null,
    role {key} not null check (role in ('read_only', 'agent', 'staff', 'admin', 'owner')),
    scopes {json},
    created_by {json} not null,
    creator_id {id},
    created_at {time} not null,
    last_used_at {time},
    expires_at {time},
    revoked_at {time},
    primary key (tenant_id, id)
){table};
create index api_key_of_creator on api_key (tenant_id, creator_id, id);

create table one_time_link (
    tenant_id {int} not null,
    id {id} not null,
    hash {bytes} not null,
    user_id {id} not null,
    purpose {key} not null check (purpose in ('sign_in', 'set_password')),
    created_at {time} not null,
    expires_at {time} not null,
    used_at {time},
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references app_user (tenant_id, id)
){table};
create index one_time_link_of_user on one_time_link (tenant_id, user_id, id);

-- Only ever added to.
create table audit_entry (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    at {time} not null,
    actor {json} not null,
    actor_key {key} not null,
    act {key} not null,
    subject {key} not null,
    subject_id {key},
    details {json} not null,
    primary key (tenant_id, id)
){table};
create index audit_entry_by_actor on audit_entry (tenant_id, actor_key, id);
create index audit_entry_by_act on audit_entry (tenant_id, act, id);

-- What a create answered, so that the same request sent again gets the same answer and creates nothing.
create table idempotency (
    tenant_id {int} not null references tenant (tenant_id),
    actor_key {key} not null,
    key {key} not null,
    request_hash {bytes} not null,
    status {int} not null,
    body {json} not null,
    created_at {time} not null,
    expires_at {time} not null,
    primary key (tenant_id, actor_key, key)
){table};
create index idempotency_ending on idempotency (tenant_id, expires_at);
