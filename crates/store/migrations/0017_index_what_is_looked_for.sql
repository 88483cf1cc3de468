-- A record of a live source is looked for by its connection, not by what it said, and comes with no import: of those there
-- are many to each customer, and each of these indexes was a page more to visit for every one of them.
drop index record_said;
create unique index record_said on record (tenant_id, source, stream, key, hash) where removed_at is null and connection_id is null;
drop index record_of_import;
create index record_of_import on record (tenant_id, import_id, id) where import_id is not null;
drop index record_of_customer;
create index record_of_customer on record (tenant_id, customer_id, id) where customer_id is not null;
