//! Calls that people and imports wait for go by an index, on both databases (L1: elsewhere a contact search took
//! 50 s). What is explained is what the calls really send.

use std::fmt::Write;

use doorstep_core::api_key::ApiKey;
use doorstep_core::audit::Act;
use doorstep_core::id::{ConversationId, CustomerId, RecordId};
use doorstep_core::import::Problem;
use doorstep_core::job::Which;
use doorstep_core::position::Way;
use doorstep_core::record::Source;
use doorstep_core::remark::Kind;
use doorstep_core::sync::State;
use doorstep_core::tenant::Actor;
use doorstep_core::verification::WebUser;
use doorstep_core::{IdMaker, Scope};
use doorstep_store::dialect::Dialect;
use doorstep_store::listing::Order;
use doorstep_store::testing::trace::{explain, explain_as_planned, statements};
use doorstep_store::testing::{START, TestStore, create_tenant, owner_of};
use doorstep_store::{
    Tx, api_key, audit, call, change, connection, consent, context, context_receipt, conversation, customer, decision,
    equipment, idempotency, identifier, import, job, listing, live_record, mark, membership, message, on_both,
    one_time_link, pin, property, record, refresh, remark, review, rule_set, search, session, stand, stream_cursor,
    sync, system, task, timeline, user, verification,
};
use uuid::Uuid;

use crate::live::{
    CUSTOMERS, LOCATIONS, do_not_text, new_equipment, new_job, new_membership, new_property, new_run, word,
};
use crate::past::{call_past, crowd_before};
use crate::raw::Raw;
use crate::world::{
    PASSWORD_HASH, Person, STREAM, World, actor, answer, fill, new_api_key, new_call, new_conversation, new_entry,
    new_import, new_link, new_message, new_pin, new_receipt, new_remark, new_review, new_rules, new_session, new_user,
    new_verification, person, row_key, secret,
};

/// Enough that reading a table from end to end is dearer than its index.
const PEOPLE: u32 = 3_000;
const CONVERSATIONS: u32 = 2_500;
const MESSAGES_EACH: i64 = 4;
const PROBLEMS: u64 = 2_000;
const USERS: u32 = 1_000;

/// Tables that stay small, or whose rows number the tenants: reading them whole is no harm.
const SMALL: &[&str] = &[
    "tenant",
    "own_number",
    "feed",
    "import",
    "decision",
    "rule_set",
    "identifier_mark",
    "connection",
    "stream_cursor",
    "run_problem",
];

async fn crowd(store: &TestStore, scope: &Scope, seed: u32) -> (World, Vec<Person>, ConversationId) {
    let world = fill(&store.db, scope, seed).await;
    let maker = IdMaker::seeded(u64::from(seed) + 50);
    let base = 100_000 * seed;
    let people: Vec<Person> = (base..base + PEOPLE).map(|number| person(&maker, number)).collect();
    let mut tx = store.db.write(scope).await.unwrap();
    record::insert(&mut tx, people.iter().map(|p| p.record(None)).collect()).await.unwrap();
    customer::put(&mut tx, &people.iter().map(Person::customer).collect::<Vec<_>>(), &[]).await.unwrap();
    let mut conversations = Vec::new();
    let mut messages = Vec::new();
    let mut last = maker.make(START);
    for (place, person) in (0..CONVERSATIONS).zip(&people) {
        last = maker.make(START);
        let identifier = person.phone.clone();
        let participant = conversation::Participant { identifier, record: (place % 2 == 0).then_some(person.record) };
        conversations.push(new_conversation(last, &format!("k{place}"), None, vec![participant]));
        let first = 1_000_000 + i64::from(place) * MESSAGES_EACH;
        messages.extend((first..first + MESSAGES_EACH).map(|number| new_message(&maker, last, None, number)));
    }
    let (receipts, told): (Vec<_>, Vec<_>) =
        people.iter().map(|person| new_receipt(maker.make(START), person, &person.key)).unzip();
    context_receipt::insert(&mut tx, &receipts, &told).await.unwrap();
    conversation::insert(&mut tx, conversations).await.unwrap();
    message::insert(&mut tx, messages).await.unwrap();
    let problem = |line| Problem { file: "contacts.csv".to_owned(), line, reason: "no phone in it".to_owned() };
    import::insert(&mut tx, &new_import(maker.make(START)), &(0..PROBLEMS).map(problem).collect::<Vec<_>>())
        .await
        .unwrap();
    let calls = people.iter().zip(1_000_000..).map(|(person, number)| new_call(&maker, person, None, number));
    call::insert(&mut tx, calls.collect()).await.unwrap();
    user::insert(&mut tx, &new_user(&maker, base + 7)).await.unwrap();
    for number in 0..USERS {
        let user = new_user(&maker, base + 10_000 + number);
        user::insert(&mut tx, &user).await.unwrap();
        session::insert(&mut tx, &new_session(maker.make(START), user.id)).await.unwrap();
        one_time_link::insert(&mut tx, &new_link(maker.make(START), user.id), &secret().hash()).await.unwrap();
        api_key::insert(
            &mut tx,
            &ApiKey { created_by: Actor::User(user.id), ..new_api_key(&maker).0 },
            &secret().hash(),
        )
        .await
        .unwrap();
        audit::insert(&mut tx, &new_entry(&maker, Actor::User(user.id))).await.unwrap();
        idempotency::insert(&mut tx, &Actor::User(user.id), "k", &answer()).await.unwrap();
        let (id, web_user) = (maker.make(START), WebUser::from_normal(format!("w{base}-{number}")));
        let new = new_verification(id, &web_user, &people[number as usize].phone);
        verification::insert(&mut tx, &new, PASSWORD_HASH).await.unwrap();
    }
    pin::put(&mut tx, &people.iter().map(|person| new_pin(&maker, person.record)).collect::<Vec<_>>()).await.unwrap();
    let pairs = people.chunks_exact(2).map(|pair| new_review(maker.make(START), &pair[0], &pair[1]));
    review::insert(&mut tx, &pairs.collect::<Vec<_>>()).await.unwrap();
    for person in &people {
        remark::insert(&mut tx, &new_remark(maker.make(START), person.record)).await.unwrap();
    }
    for _ in 0..500 {
        rule_set::insert(&mut tx, &new_rules()).await.unwrap();
    }
    for number in 0..500 {
        task::wake(&mut tx, &format!("task {number}"), START).await.unwrap();
    }
    for page in people.chunks(500) {
        let objects: Vec<RecordId> = page.iter().map(|_| maker.make(START)).collect();
        let words = page.iter().zip(&objects).map(|(person, id)| word(*id, &person.key, Some(&person.key), None));
        let words: Vec<_> = words.collect();
        live_record::insert(&mut tx, world.live.connection, Source::ServiceTitan, LOCATIONS, &words).await.unwrap();
        let hanging = || page.iter().zip(&objects).map(|(person, id)| (*id, person.record));
        property::put(&mut tx, &hanging().map(|(a, b)| new_property(a, b)).collect::<Vec<_>>()).await.unwrap();
        equipment::put(&mut tx, &hanging().map(|(a, b)| new_equipment(a, b)).collect::<Vec<_>>()).await.unwrap();
        job::put(&mut tx, &hanging().map(|(a, b)| new_job(a, b, 1)).collect::<Vec<_>>()).await.unwrap();
        membership::put(&mut tx, &hanging().map(|(a, b)| new_membership(a, b)).collect::<Vec<_>>()).await.unwrap();
        let forbidden: Vec<_> = page.iter().zip(&objects).map(|(one, id)| (*id, do_not_text(&one.phone))).collect();
        consent::forbid(&mut tx, &forbidden).await.unwrap();
        let keys: Vec<String> = page.iter().map(|person| person.key.clone()).collect();
        stream_cursor::met(&mut tx, world.live.connection, LOCATIONS, &keys).await.unwrap();
        live_record::keep_versions(&mut tx, &objects).await.unwrap();
        refresh::begin(&mut tx, &objects).await.unwrap();
        let references: Vec<_> = objects.iter().zip(&keys).map(|(id, key)| (*id, CUSTOMERS, key.clone())).collect();
        live_record::set_references(&mut tx, world.live.connection, &objects, &references).await.unwrap();
    }
    for _ in 0..600 {
        let id = maker.make(START);
        sync::finish(&mut tx, world.live.run, State::Finished, None).await.unwrap();
        sync::insert(&mut tx, &new_run(id, world.live.connection)).await.unwrap();
        sync::finish(&mut tx, id, State::Finished, None).await.unwrap();
    }
    tx.commit().await.unwrap();
    crowd_before(store, scope, &people).await;
    (world, people, last)
}

/// Calls everything that somebody waits for.
async fn call_all(tx: &mut Tx, world: &World, people: &[Person], conversation: ConversationId) {
    let some = &people[1_500..1_503];
    let customers: Vec<CustomerId> = some.iter().map(|p| p.customer).collect();
    let records: Vec<_> = some.iter().map(|p| p.record).collect();
    let identifiers: Vec<_> = some.iter().map(|p| p.phone.clone()).collect();
    let one = &some[0];
    let words = [one.words[0].clone(), one.words[1].clone()];
    let key = row_key("messages", 1_000_007);
    search::page(tx, &words, None, 20).await.unwrap();
    search::page(tx, &words[..1], None, 20).await.unwrap();
    // As somebody is called, and the other way round.
    let turned = [words[1].clone(), words[0].clone()];
    search::page(tx, &turned, None, 20).await.unwrap();
    for (way, words) in [Way::Forward, Way::Back].into_iter().flat_map(|way| [(way, &words), (way, &turned)]) {
        let beside = search::place_of(tx, words, one.customer).await.unwrap().unwrap();
        assert_eq!(matches!(beside, search::Beside::Name { .. }), words != &turned);
        search::page(tx, words, Some(&(way, beside)), 20).await.unwrap();
    }
    call_past(tx, some).await;
    rule_set::in_force(tx).await.unwrap();
    rule_set::get(tx, 200).await.unwrap().unwrap();
    rule_set::list(tx, 20).await.unwrap();
    customer::search(tx, &words, 20).await.unwrap();
    customer::search(tx, &words[..1], 20).await.unwrap();
    customer::list(tx, Some(one.customer), 50).await.unwrap();
    let beside = (one.words.join(" "), one.customer);
    for way in [Way::Forward, Way::Back] {
        for order in [Order::Newest, Order::Name] {
            listing::page(tx, order, Some(&(way, beside.clone())), 50).await.unwrap();
        }
    }
    listing::page(tx, Order::Newest, None, 50).await.unwrap();
    listing::page(tx, Order::Name, None, 50).await.unwrap();
    listing::rows(tx, &customers).await.unwrap();
    customer::find_by_identifier(tx, &one.phone, 10).await.unwrap();
    customer::known_phones(tx, &[&one.phone.value]).await.unwrap();
    customer::get_many(tx, &customers).await.unwrap();
    record::sharing(tx, &identifiers, |_| 50).await.unwrap();
    record::said(tx, Source::PhoneHistory, STREAM, &[(&one.key, one.hash)]).await.unwrap();
    conversation::participants(tx, &[conversation]).await.unwrap();
    record::get_many(tx, &records).await.unwrap();
    record::of_customers(tx, &customers).await.unwrap();
    record::of_import(tx, world.import, 50).await.unwrap();
    identifier::of_records(tx, &records).await.unwrap();
    identifier::remove(tx, &[(one.record, one.phone.clone())]).await.unwrap();
    record::ids_after(tx, Some(one.record), 50).await.unwrap();
    record::resolve(tx, one.customer).await.unwrap();
    message::list(tx, conversation, Some((START.plus_seconds(500_004), one.record_as_message())), 50).await.unwrap();
    message::known(tx, &[key]).await.unwrap();
    conversation::by_keys(tx, Source::PhoneHistory, &["k7"]).await.unwrap();
    conversation::of_customer(tx, one.customer, 20).await.unwrap();
    for (way, at) in [(Way::Forward, START.plus_seconds(500_004)), (Way::Back, START)] {
        let id = one.record.uuid();
        timeline::page(tx, one.customer, Some((way, (at, id))), 51).await.unwrap();
        timeline::page(tx, customers[1], Some((way, (at, id))), 51).await.unwrap();
        message::page(tx, conversation, Some((way, (at, one.record_as_message()))), 51).await.unwrap();
        conversation::page(tx, one.customer, Some((way, (at, conversation))), 51).await.unwrap();
    }
    timeline::page(tx, one.customer, None, 51).await.unwrap();
    conversation::get(tx, conversation).await.unwrap();
    call::of_customer(tx, one.customer, 20).await.unwrap();
    call::known(tx, &[key]).await.unwrap();
    change::list(tx, 1_500, 100).await.unwrap();
    // From where the feed stood a while ago, as it is asked.
    let head = change::head(tx).await.unwrap();
    change::any_since(tx, head - 100, change::Subject::Tenant).await.unwrap();
    review::page(tx, Some((Way::Forward, world.review)), 50).await.unwrap();
    review::count_up_to(tx, 100).await.unwrap();
    for way in [Way::Forward, Way::Back] {
        review::page_by_score(tx, Some((way, (700, world.review))), 0, 50).await.unwrap();
    }
    decision::count_since(tx, "edits", START, 100).await.unwrap();
    for way in [Way::Forward, Way::Back] {
        decision::page(tx, "edits", Some((way, world.decision)), 50).await.unwrap();
    }
    for way in [Way::Forward, Way::Back] {
        mark::page(tx, Some((way, world.mark)), 50).await.unwrap();
    }
    mark::in_force(tx).await.unwrap();
    mark::find(tx, &identifiers).await.unwrap();
    customer::known_by(tx, &identifiers[0], 20).await.unwrap();
    stand::of_identifiers(tx, &identifiers).await.unwrap();
    stand::of_customers(tx, &[one.customer]).await.unwrap();
    mark::get(tx, world.mark).await.unwrap().unwrap();
    verification::find(tx, &world.web_user).await.unwrap().unwrap();
    verification::requests(tx, &world.web_user, &one.phone, 5).await.unwrap();
    verification::newest(tx, START.plus_seconds(5), 5).await.unwrap();
    verification::take_attempt(tx, world.verification).await.unwrap();
    verification::verify(tx, world.verification).await.unwrap();
    verification::prune(tx, START.plus_seconds(-5)).await.unwrap();
    identifier::records_of(tx, &one.phone, 50).await.unwrap();
    review::touching(tx, &customers).await.unwrap();
    decision::touching(tx, &records).await.unwrap();
    import::problems(tx, world.import, 0, 50).await.unwrap();
    import::problems_of(tx, &[world.import]).await.unwrap();
    record::last_stored_at(tx, Source::PhoneHistory, STREAM).await.unwrap();
    customer::version(tx, one.customer).await.unwrap();
    pin::on(tx, &records).await.unwrap();
    task::get(tx, "task 7").await.unwrap();
    // With every page of a live source.
    // As many as a page has: of a few SQLite begins a join elsewhere than of many. PostgreSQL knows how small the tables
    // here are, and rightly reads them whole for so many.
    let many = if tx.dialect() == Dialect::Sqlite { 300 } else { 0 };
    let unknown: Vec<String> = (0..many).map(|number| format!("unknown {number}")).collect();
    let known = [one.key.as_str(), some[1].key.as_str()];
    let keys: Vec<&str> = known.into_iter().chain(unknown.iter().map(String::as_str)).collect();
    let connection = world.live.connection;
    let heads = live_record::heads(tx, connection, LOCATIONS, &keys).await.unwrap();
    let objects: Vec<RecordId> = heads.values().map(|head| head.id).collect();
    assert_eq!(objects.len(), 2);
    live_record::by_keys(tx, connection, LOCATIONS, &keys).await.unwrap();
    live_record::get_many(tx, &objects).await.unwrap();
    live_record::of_parents(tx, connection, LOCATIONS, &keys).await.unwrap();
    live_record::heads_of_parents(tx, connection, LOCATIONS, &keys).await.unwrap();
    live_record::stale_among(tx, &objects).await.unwrap();
    refresh::of_customer(tx, one.customer, 9).await.unwrap();
    refresh::of_records(tx, &objects).await.unwrap();
    refresh::read_at(tx, one.customer).await.unwrap();
    task::count_of_kind(tx, "refresh:", 9).await.unwrap();
    live_record::merged_into(tx, connection, LOCATIONS, &keys).await.unwrap();
    live_record::stale(tx, connection, LOCATIONS, 50).await.unwrap();
    live_record::versions(tx, objects[0], 5).await.unwrap();
    live_record::set_modified(tx, &[(objects[0], START)]).await.unwrap();
    live_record::mark_children(tx, connection, LOCATIONS, &keys).await.unwrap();
    live_record::mark_referring(tx, connection, CUSTOMERS, &keys).await.unwrap();
    live_record::set_fresh(tx, &objects).await.unwrap();
    live_record::set_references(tx, connection, &objects, &[]).await.unwrap();
    live_record::set_contacts(tx, &[(objects[0], Default::default())]).await.unwrap();
    live_record::replace(tx, &[word(objects[0], &one.key, None, None)]).await.unwrap();
    property::of_records(tx, &objects).await.unwrap();
    property::of_customer(tx, one.customer, 50).await.unwrap();
    equipment::of_customer(tx, one.customer, 50).await.unwrap();
    job::of_customer(tx, one.customer, 50).await.unwrap();
    for which in [Which::All, Which::Open, Which::Recent] {
        job::page(tx, one.customer, which, (None, None), None, 50).await.unwrap();
    }
    assert_eq!(remark::count(tx, one.customer, Kind::Note).await.unwrap(), 1);
    let remarks = remark::of_customer(tx, one.customer, Kind::Note, 50).await.unwrap();
    remark::page(tx, one.customer, Kind::Note, None, 50).await.unwrap();
    remark::get(tx, remarks[0].id).await.unwrap();
    remark::retract(tx, &[remarks[0].id], &actor()).await.unwrap();
    remark::insert(tx, &new_remark(world.maker.make(START), one.record)).await.unwrap();
    timeline::messages(tx, one.customer, None, 250).await.unwrap();
    assert_eq!(job::totals(tx, one.customer).await.unwrap().completed, 1);
    membership::of_customer(tx, one.customer, 50).await.unwrap();
    consent::forbidden(tx, &[&one.phone.value]).await.unwrap();
    stream_cursor::of_connection(tx, connection).await.unwrap();
    sync::open(tx, connection).await.unwrap();
    sync::get(tx, world.live.run).await.unwrap();
    sync::list(tx, connection, Some(world.live.run), 20).await.unwrap();
    sync::problems(tx, world.live.run, 0, 20).await.unwrap();
    connection::get(tx, connection).await.unwrap();
    // With every context.
    context::version(tx, one.customer).await.unwrap().unwrap();
    context::read_at(tx).await.unwrap();
    context::sources_of_records(tx, &objects).await.unwrap();
    context::sources_of_conversations(tx, &[conversation]).await.unwrap();
    context::sources_of_calls(tx, &[world.maker.make(START)]).await.unwrap();
    customer::is_verified(tx, one.customer, &one.phone).await.unwrap();
    job::open_of_customer(tx, one.customer, 50).await.unwrap();
    context_receipt::get(tx, world.receipt).await.unwrap().unwrap();
    context_receipt::of_customer(tx, one.customer, START, 5).await.unwrap();
    context_receipt::told(tx, one.customer, [7; 32]).await.unwrap();
    // At every request.
    session::find(tx, world.session, 9).await.unwrap();
    api_key::find(tx, world.api_key).await.unwrap();
    one_time_link::find(tx, world.link).await.unwrap();
    idempotency::find(tx, &Actor::User(world.user), "k").await.unwrap();
    session::touch(tx, &[world.session]).await.unwrap();
    api_key::touch(tx, &[world.api_key]).await.unwrap();
    // And what concerns users.
    user::get(tx, world.user).await.unwrap();
    user::find_by_email(tx, &world.email).await.unwrap();
    user::list(tx, Some(world.user), 50).await.unwrap();
    session::of_user(tx, world.user).await.unwrap();
    session::insert(tx, &new_session(world.maker.make(START), world.user)).await.unwrap();
    session::revoke_of_user(tx, world.user, None).await.unwrap();
    one_time_link::use_up(tx, world.link).await.unwrap();
    one_time_link::remove_of_user(tx, world.user).await.unwrap();
    api_key::revoke_of_creator(tx, world.user, None).await.unwrap();
    api_key::list(tx, Some(world.api_key), 50).await.unwrap();
    for (actor, act) in [(None, None), (Some(world.user), None), (None, Some(Act::UserCreated))] {
        let filter = audit::Filter { actor: actor.map(|id| Actor::User(id).key()), act, ..Default::default() };
        audit::list(tx, &filter, Some(world.entry), 50).await.unwrap();
        // And of those the ones about certain things.
        let about: Vec<String> = (0..20).map(|number| format!("cus_{number}")).collect();
        let few = audit::Filter { about: about[..2].to_vec(), ..filter.clone() };
        assert_eq!(audit::list(tx, &few, Some(world.entry), 50).await.unwrap().len(), 0);
        audit::list(tx, &audit::Filter { about, ..filter }, None, 5).await.unwrap();
    }
    decision::get(tx, "edits", world.decision).await.unwrap().unwrap();
    assert_eq!(decision::get_many(tx, &[world.decision]).await.unwrap().len(), 1);
    idempotency::insert(tx, &Actor::Worker, "k", &answer()).await.unwrap();
    // And what an import and its undoing send.
    conversation::count_messages(tx, &[conversation]).await.unwrap();
    record::assign(tx, &[(records[0], customers[0])]).await.unwrap();
    record::forward(tx, customers[0], None).await.unwrap();
    message::remove_of_import(tx, world.import, 50).await.unwrap();
    call::remove_of_import(tx, world.import, 50).await.unwrap();
    conversation::remove_of_import(tx, world.import, 50).await.unwrap();
    pin::put(tx, &[new_pin(&world.maker, one.record)]).await.unwrap();
    pin::retract(tx, &[world.pin], &actor()).await.unwrap();
    record::remove(tx, &records).await.unwrap();
    customer::touch(tx, &customers).await.unwrap();
    // And what each commit asks.
    assert!(tx.touched_customers().await.unwrap() > 2);
    customer::remove(tx, &customers).await.unwrap();
}

impl Person {
    fn record_as_message(&self) -> doorstep_core::id::MessageId {
        doorstep_core::id::MessageId::from_uuid(self.record.uuid())
    }
}

/// Which large table a statement reads whole, or all of a tenant's rows of it; `None` if none.
fn reads_whole<'p>(dialect: Dialect, sql: &str, plan: &'p [String]) -> Option<&'p str> {
    let mut lines = plan.iter().enumerate();
    let is_bad = |(place, line): &(usize, &String)| {
        let table = table_of(dialect, sql, plan, *place);
        if table.is_none_or(|table| SMALL.contains(&table)) {
            return false;
        }
        match dialect {
            Dialect::Sqlite => line.starts_with("SCAN ") || line.ends_with("(tenant_id=?)"),
            // An index condition on nothing but the tenant, or none at all.
            Dialect::Postgres => {
                let is_tenant_alone = line.contains("tenant_id") && !line.contains(" AND ");
                line.contains("Seq Scan on") || (line.trim().starts_with("Index Cond:") && is_tenant_alone)
            }
        }
    };
    lines.find(|found| is_bad(found)).map(|(_, line)| line.as_str())
}

/// The table that a line of a plan is about, through its alias.
fn table_of<'s>(dialect: Dialect, sql: &'s str, plan: &'s [String], place: usize) -> Option<&'s str> {
    let line = &plan[place];
    if dialect == Dialect::Postgres {
        // A condition stands under the line that names the table or its index.
        let named = plan[..=place].iter().rev().find(|line| line.contains("Scan"))?;
        let (_, name) = named.split_once(" on ")?;
        let name = name.split(' ').next()?;
        let listed = doorstep_store::schema::TABLES.iter().map(|table| table.name);
        return listed.filter(|table| name.starts_with(*table)).max_by_key(|table| table.len());
    }
    let name = line.strip_prefix("SCAN ").or_else(|| line.strip_prefix("SEARCH "))?.split(' ').next()?;
    let listed = || doorstep_store::schema::TABLES.iter().map(|table| table.name);
    // `from customer_word w`, `join record r`: the word before the alias is the table.
    let words: Vec<&str> = sql.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let aliased = words.windows(2).find(|pair| pair[1] == name && listed().any(|table| table == pair[0]));
    listed().find(|table| *table == name).or(aliased.map(|pair| pair[0]))
}

async fn check(store: &TestStore, (world, people, conversation): &(World, Vec<Person>, ConversationId), when: &str) {
    let scope = store.scope();
    let calls = async {
        let mut tx = store.db.write(&scope).await.unwrap();
        call_all(&mut tx, world, people, *conversation).await;
        drop(tx);
        let now = store.db.clock().now();
        system::users_by_email(&store.db, &world.email.match_key()).await.unwrap();
        system::claim_tasks(&store.db, Uuid::from_u128(1), now, now.plus_seconds(5), 2).await.unwrap();
    };
    let ((), sent) = statements(calls).await;
    assert!(sent.len() > 45, "only {} statements: does the trace still work?", sent.len());
    let mut bad = String::new();
    for statement in &sent {
        if statement.sql.starts_with("insert") || statement.sql.contains("set_config") {
            continue;
        }
        let mut plans = vec![explain(&store.db, &scope, statement).await.unwrap()];
        // What a search by one word asks is planned once.
        if ["found_word", "limit 1 offset"].iter().any(|part| statement.sql.contains(part)) {
            plans.push(explain_as_planned(&store.db, &scope, statement).await.unwrap());
        }
        for plan in plans {
            if let Some(line) = reads_whole(store.db.dialect(), &statement.sql, &plan) {
                writeln!(bad, "\n{}\n    reads too much: {line}\n    {}", statement.sql, plan.join("\n    ")).unwrap();
            }
        }
    }
    assert!(bad.is_empty(), "{when}:{bad}");
}

on_both! {
    /// No call reads a large table, or a tenant's whole share of one.
    async fn hot_calls_go_by_an_index(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        crowd(&store, &other, 2).await;
        let crowd = crowd(&store, &store.scope(), 1).await;
        if store.db.dialect() == Dialect::Sqlite {
            check(&store, &crowd, "as in a fresh store").await;
        }
        Raw::of(&store).await.run("analyze").await;
        check(&store, &crowd, "with statistics of its own rows").await;
    }
}

/// The reader of plans finds what it is meant to find.
#[test]
fn a_plan_that_reads_a_table_whole_is_recognised() {
    let check = |dialect, sql: &str, plan: &[&str], expected: bool| {
        let plan: Vec<String> = plan.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(reads_whole(dialect, sql, &plan).is_some(), expected, "{plan:?}");
    };
    let (lite, pg) = (Dialect::Sqlite, Dialect::Postgres);
    check(lite, "select 1 from message m", &["SCAN m"], true);
    check(lite, "select 1 from message", &["SCAN message USING COVERING INDEX x"], true);
    check(lite, "select 1 from message", &["SEARCH message USING PRIMARY KEY (tenant_id=?)"], true);
    check(lite, "select 1 from message", &["SEARCH message USING PRIMARY KEY (tenant_id=? AND id=?)"], false);
    check(lite, "select 1 from tenant t", &["SCAN t"], false);
    check(lite, "select 1", &["SCAN CONSTANT ROW"], false);
    check(pg, "", &["  ->  Seq Scan on message m  (cost=0)"], true);
    check(pg, "", &["Seq Scan on tenant t  (cost=0)"], false);
    check(
        pg,
        "",
        &["Index Scan using message_pkey on message  (cost=0)", "  Index Cond: (tenant_id = '1'::bigint)"],
        true,
    );
    let fine = "  Index Cond: ((tenant_id = '1'::bigint) AND (id = 'x'::uuid))";
    check(pg, "", &["Index Scan using message_pkey on message  (cost=0)", fine], false);
    check(pg, "", &["  ->  Bitmap Index Scan on task_due  (cost=0)", "  Index Cond: (tenant_id = '1'::bigint)"], true);
}
