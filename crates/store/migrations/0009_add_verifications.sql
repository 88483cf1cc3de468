-- Codes that were sent to phones and e-mail addresses to be said again by web users: for a day, and not restored.
-- `address` is where the code went, `value` the same in the form in which identifiers are compared: requests are counted
-- by it, however somebody spells a mailbox.
create table verification (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    web_user {key} not null,
    kind {key} not null check (kind in ('phone', 'email')),
    value {key} not null,
    address {text} not null,
    hash {text} not null,
    attempts {int} not null,
    created_at {time} not null,
    expires_at {time} not null,
    verified_at {time},
    primary key (tenant_id, id)
){table};
create index verification_of_web_user on verification (tenant_id, web_user, created_at);
create index verification_of_identifier on verification (tenant_id, kind, value, created_at);
create index verification_by_age on verification (tenant_id, created_at);
