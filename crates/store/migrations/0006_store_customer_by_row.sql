-- SQLite only (src/migrate.rs). Without a rowid the inner pages of a table hold whole rows, and of rows as wide as a
-- customer's only six: among a million a look-up went through seven pages, most of them on the disk. By rowid the inner
-- pages hold numbers, and the key is an index beside the table.
create table wide_customer (
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
    sort_name {key} not null default '',
    version {int} not null default 0,
    source_count {int} not null default 0,
    last_seen_at {time},
    primary key (tenant_id, id)
){wide_table};
insert into wide_customer select tenant_id, id, display_name, company, phone, email, address, notes, first_seen_at,
    provenance, updated_at, sort_name, version, source_count, last_seen_at from customer order by tenant_id, id;
drop table customer;
alter table wide_customer rename to customer;
create index customer_by_name on customer (tenant_id, sort_name, id);
