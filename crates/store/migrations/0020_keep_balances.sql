-- What a customer owes, by the books of all sources that say it together; unsaid where none does.
alter table customer add column balance_cents {int};
