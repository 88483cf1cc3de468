-- When a customer of a live source was read by itself, beside the runs: one row for the customer's record in a connection.
-- `began_at` is when the newest try began, `read_at` when the newest one began that came to its end: what is known is at least
-- as new as that, also where nothing had changed. `failed_at`, `failures` and `reason` are of the tries since.
create table customer_refresh (
    tenant_id {int} not null,
    record_id {id} not null,
    began_at {time} not null,
    read_at {time},
    failed_at {time},
    failures {int} not null,
    reason {text},
    primary key (tenant_id, record_id)
){table};
