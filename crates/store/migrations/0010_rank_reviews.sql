-- How sure it is that the two of a review are one, so that the obvious come first: minus log2 of the odds, in 1/256.
-- Pairs that are there already are even odds until `doorstep rebuild` says better.
alter table review add column doubt {int} not null default 0;
create index review_by_doubt on review (tenant_id, doubt, id);
