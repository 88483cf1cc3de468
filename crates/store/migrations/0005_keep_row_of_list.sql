-- What the list shows of a customer stands in its row: read from what hangs on it, a page of a million customers cost
-- three more visits to the disk for each of its rows. Written with the golden record (src/customer.rs).
alter table customer add column source_count {int} not null default 0;
alter table customer add column last_seen_at {time};
