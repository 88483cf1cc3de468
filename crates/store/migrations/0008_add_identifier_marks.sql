-- Ground state: what people said of single phones and e-mail addresses, in the form in which identifiers are compared.
-- A mark that was taken back stays readable; in force is at most one of an identifier.
create table identifier_mark (
    tenant_id {int} not null references tenant (tenant_id),
    id {id} not null,
    kind {key} not null check (kind in ('phone', 'email')),
    value {key} not null,
    verdict {key} not null check (verdict in ('shared', 'placeholder', 'mine')),
    reason {text},
    actor {json} not null,
    marked_at {time} not null,
    retracted_at {time},
    retracted_by {json},
    primary key (tenant_id, id)
){table};
create unique index identifier_mark_in_force on identifier_mark (tenant_id, kind, value) where retracted_at is null;
