-- What each entry of the audit log is about: the thing itself, and the others that the act touched, as both customers
-- of a merge. A card shows the entries about its customer by it.
create table audit_subject (
    tenant_id {int} not null,
    subject_id {key} not null,
    entry_id {id} not null,
    primary key (tenant_id, subject_id, entry_id),
    foreign key (tenant_id, entry_id) references audit_entry (tenant_id, id)
){table};
create index audit_subject_of_entry on audit_subject (tenant_id, entry_id);
