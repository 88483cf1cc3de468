-- A connection that is taken away with its records: how many there were, and how many are still there; both are unsaid where
-- they stay. And by which version of its source's mapping its words are read, with how far a newer one has come; 1 where a
-- program older than this step stored it.
alter table connection add column records_total {int};
alter table connection add column records_left {int};
alter table connection add column mapping_version {int};
alter table connection add column mapping_stream {key};
alter table connection add column mapping_after {id};
