//! Tenants are invisible to each other (I-13), whatever ids a call is given. C1, C2, D2: elsewhere a key or a filter
//! without its tenant served one business' data to another.

use std::collections::BTreeSet;
use std::path::Path;

use doorstep_core::api_key::ApiKey;
use doorstep_core::audit::AuditEntry;
use doorstep_core::connection::Removal;
use doorstep_core::id::UserId;
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::import::State;
use doorstep_core::record::Source;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::{IdMaker, Scope, Timestamp};
use doorstep_store::change::Subject;
use doorstep_store::dialect::Dialect;
use doorstep_store::listing::Order;
use doorstep_store::schema::TABLES;
use doorstep_store::testing::{START, TestStore, create_tenant, owner_of};
use doorstep_store::{
    Db, Error, Location, Tx, api_key, audit, call, change, changeover, connection, consent, context_receipt,
    conversation, customer, decision, equipment, idempotency, identifier, import, job, listing, live_record, mark,
    membership, message, on_both, one_time_link, pin, property, record, refresh, remark, removal, review, rule_set,
    search, session, stand, stream_cursor, sync, system, task, tenant, timeline, user, verification,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

use crate::live::{
    self, CUSTOMERS, LOCATIONS, do_not_text, new_connection, new_equipment, new_job, new_membership, new_property,
    new_run, problem, progress, word,
};
use crate::raw::Raw;
use crate::said::{self, renamed};
use crate::world::{
    PASSWORD_HASH, STREAM, TASK, World, actor, answer, fill, new_api_key, new_call, new_changeover, new_conversation,
    new_entry, new_import, new_link, new_message, new_pin, new_receipt, new_remark, new_rules, new_session, new_user,
    new_verification, phone, secret, shared,
};

/// How much each reading call finds when it is asked for the things of `w`.
async fn ask(tx: &mut Tx, w: &World) -> Vec<(&'static str, usize)> {
    let (one, customers) = (&w.people[0], w.people.iter().map(|p| p.customer).collect::<Vec<_>>());
    let (records, everyones): (Vec<_>, Vec<_>) = w.people.iter().map(|p| (p.record, p.phone.clone())).unzip();
    let (phones, identifiers) = ([one.phone.value.as_str()], [one.phone.clone()]);
    let shared = record::sharing(tx, &identifiers, |_| 10).await.unwrap();
    let hubs = record::sharing(tx, &identifiers, |_| 0).await.unwrap();
    let by_actor = audit::Filter { actor: Some(Actor::User(w.user).key()), ..Default::default() };
    let about = audit::Filter { about: vec!["cus_1".to_owned()], ..Default::default() };
    let key = w.idempotency_key.as_str();
    let mut found = vec![
        ("api_key::count", api_key::count(tx).await.unwrap() as usize),
        ("api_key::find", usize::from(api_key::find(tx, w.api_key).await.unwrap().is_some())),
        ("api_key::list", api_key::list(tx, None, 100).await.unwrap().len()),
        ("audit::list", audit::list(tx, &audit::Filter::default(), None, 100).await.unwrap().len()),
        ("audit::list by actor", audit::list(tx, &by_actor, None, 100).await.unwrap().len()),
        ("audit::list about", audit::list(tx, &about, None, 100).await.unwrap().len()),
        ("call::any", usize::from(call::any(tx).await.unwrap())),
        ("call::known", call::known(tx, &[w.call]).await.unwrap().len()),
        ("call::of_customer", call::of_customer(tx, one.customer, 10).await.unwrap().len()),
        ("change::any_since", usize::from(change::any_since(tx, 0, Subject::Customer).await.unwrap())),
        ("change::head", change::head(tx).await.unwrap() as usize),
        ("change::list", change::list(tx, 0, 100).await.unwrap().len()),
        ("changeover::get", usize::from(changeover::get(tx).await.unwrap().is_some())),
        ("conversation::by_keys", conversation::by_keys(tx, Source::PhoneHistory, &[&w.key]).await.unwrap().len()),
        ("conversation::of_customer", conversation::of_customer(tx, one.customer, 10).await.unwrap().len()),
        ("conversation::of_customer by phone", conversation::of_customer(tx, customers[1], 10).await.unwrap().len()),
        ("conversation::get", usize::from(conversation::get(tx, w.conversation).await.unwrap().is_some())),
        ("conversation::page", conversation::page(tx, one.customer, None, 10).await.unwrap().len()),
        ("conversation::participants", conversation::participants(tx, &[w.conversation]).await.unwrap().len()),
        ("customer::known_by", usize::from(customer::known_by(tx, &one.phone, 10).await.unwrap().is_some())),
        ("customer::count", customer::count(tx).await.unwrap() as usize),
        ("customer::find_by_identifier", customer::find_by_identifier(tx, &one.phone, 10).await.unwrap().len()),
        ("customer::get", usize::from(customer::get(tx, one.customer).await.unwrap().is_some())),
        ("customer::get_many", customer::get_many(tx, &customers).await.unwrap().len()),
        ("customer::is_verified", usize::from(customer::is_verified(tx, one.customer, &one.phone).await.unwrap())),
        ("customer::known_phones", customer::known_phones(tx, &phones).await.unwrap().len()),
        ("customer::list", customer::list(tx, None, 100).await.unwrap().len()),
        ("customer::version", usize::from(customer::version(tx, one.customer).await.unwrap().is_some())),
        ("customer::search", customer::search(tx, &one.words, 10).await.unwrap().len()),
        (
            "decision::count_since",
            decision::count_since(tx, "edits", START.plus_seconds(-9), 100).await.unwrap() as usize,
        ),
        ("decision::get", usize::from(decision::get(tx, "edits", w.decision).await.unwrap().is_some())),
        ("decision::get_many", decision::get_many(tx, &[w.decision]).await.unwrap().len()),
        ("decision::list", decision::list(tx, 100).await.unwrap().len()),
        ("decision::page", decision::page(tx, "edits", None, 100).await.unwrap().len()),
        ("decision::touching", decision::touching(tx, &records).await.unwrap().len()),
        ("idempotency::find", usize::from(idempotency::find(tx, &actor(), key).await.unwrap().is_some())),
        ("identifier::of_records", identifier::of_records(tx, &records).await.unwrap().len()),
        ("identifier::records_of", identifier::records_of(tx, &one.phone, 10).await.unwrap().len()),
        ("import::get", usize::from(import::get(tx, w.import).await.unwrap().is_some())),
        ("import::in_state", import::in_state(tx, State::Planned, LATER, 100).await.unwrap().len()),
        ("import::list", import::list(tx, None, 100).await.unwrap().len()),
        ("import::problems_of", import::problems_of(tx, &[w.import]).await.unwrap().len()),
        ("import::problems", import::problems(tx, w.import, 0, 100).await.unwrap().len()),
        ("listing::page by age", listing::page(tx, Order::Newest, None, 100).await.unwrap().len()),
        ("listing::page by name", listing::page(tx, Order::Name, None, 100).await.unwrap().len()),
        ("listing::page back", listing::page(tx, Order::Name, Some(&w.beside_last()), 100).await.unwrap().len()),
        ("listing::rows", listing::rows(tx, &customers).await.unwrap().len()),
        ("mark::count", mark::count(tx).await.unwrap() as usize),
        ("mark::find", mark::find(tx, &identifiers).await.unwrap().len()),
        ("mark::get", usize::from(mark::get(tx, w.mark).await.unwrap().is_some())),
        ("mark::in_force", mark::in_force(tx).await.unwrap().len()),
        ("mark::page", mark::page(tx, None, 100).await.unwrap().len()),
        ("message::any", usize::from(message::any(tx).await.unwrap())),
        ("message::known", message::known(tx, &[w.messages[0].1]).await.unwrap().len()),
        ("message::list", message::list(tx, w.conversation, None, 100).await.unwrap().len()),
        ("one_time_link::find", usize::from(one_time_link::find(tx, w.link).await.unwrap().is_some())),
        ("pin::count_of_import", pin::count_of_import(tx, w.import).await.unwrap() as usize),
        ("pin::on", pin::on(tx, &records).await.unwrap().len()),
        ("message::page", message::page(tx, w.conversation, None, 100).await.unwrap().len()),
        ("record::any", usize::from(record::any(tx).await.unwrap())),
        ("record::count", record::count(tx).await.unwrap() as usize),
        ("record::customers_of", record::customers_of(tx, &records).await.unwrap().len()),
        ("record::get_many", record::get_many(tx, &records).await.unwrap().len()),
        ("record::ids_after", record::ids_after(tx, None, 100).await.unwrap().len()),
        ("record::ids_of_customers", record::ids_of_customers(tx, &customers).await.unwrap().len()),
        ("record::last_stored_at", usize::from(said::last_stored_at(tx).await.is_some())),
        ("record::of_customers", record::of_customers(tx, &customers).await.unwrap().len()),
        ("record::of_import", record::of_import(tx, w.import, 100).await.unwrap().len()),
        ("record::resolve", usize::from(record::resolve(tx, one.customer).await.unwrap().is_some())),
        ("record::said", said(tx, w).await),
        ("record::sharing", shared.links.len()),
        ("record::sharing hubs", hubs.hubs.len()),
        ("review::count", review::count(tx).await.unwrap() as usize),
        ("review::count_up_to", review::count_up_to(tx, 100).await.unwrap() as usize),
        ("review::get", usize::from(review::get(tx, w.review).await.unwrap().is_some())),
        ("review::list", review::list(tx, None, 100).await.unwrap().len()),
        ("review::page", review::page(tx, None, 100).await.unwrap().len()),
        ("review::page_by_score", review::page_by_score(tx, None, i64::MIN, 100).await.unwrap().len()),
        ("review::touching", review::touching(tx, &customers).await.unwrap().len()),
        ("rule_set::get", usize::from(rule_set::get(tx, w.rules).await.unwrap().is_some())),
        ("rule_set::list", said::rules_of(tx, w).await),
        ("session::find", usize::from(session::find(tx, w.session, 9).await.unwrap().is_some())),
        ("session::of_user", session::of_user(tx, w.user).await.unwrap().len()),
        ("tenant::get_with_reviews", tenant::get_with_reviews(tx, 100).await.unwrap().1 as usize),
        ("timeline::page", timeline::page(tx, one.customer, None, 10).await.unwrap().len()),
        ("timeline::page by phone", timeline::page(tx, customers[1], None, 10).await.unwrap().len()),
        ("search::place_of", usize::from(search::place_of(tx, &one.words, one.customer).await.unwrap().is_some())),
        ("search::page", search::page(tx, &one.words, None, 10).await.unwrap().rows.len()),
        ("task::count_of_kind", task::count_of_kind(tx, "sync:", 9).await.unwrap() as usize),
        ("stand::of_customers", stand::of_customers(tx, &customers).await.unwrap().iter().flatten().count()),
        ("stand::of_identifiers", stand::of_identifiers(tx, &everyones).await.unwrap().iter().flatten().count()),
        ("task::get", usize::from(task::get(tx, TASK).await.unwrap().is_some())),
        ("task::list", task::list(tx, 100).await.unwrap().len()),
        ("user::count", user::count(tx).await.unwrap() as usize),
        ("user::find_by_email", usize::from(user::find_by_email(tx, &w.email).await.unwrap().is_some())),
        ("user::get", usize::from(user::get(tx, w.user).await.unwrap().is_some())),
        ("user::list", user::list(tx, None, 100).await.unwrap().len()),
        ("user::owners_besides", user::owners_besides(tx, UserId::from_uuid(Uuid::nil())).await.unwrap() as usize),
        ("user::password_hash", usize::from(user::password_hash(tx, w.user).await.unwrap().is_some())),
        ("verification::find", usize::from(verification::find(tx, &w.web_user).await.unwrap().is_some())),
        ("verification::newest", verification::newest(tx, START.plus_seconds(-1), 9).await.unwrap().len()),
        ("verification::requests", {
            let found = verification::requests(tx, &w.web_user, &one.phone, 9).await.unwrap();
            found.of_web_user.len() + found.of_identifier.len()
        }),
        ("tenant::has_own_number", usize::from(tenant::has_own_number(tx, "+16174712000").await.unwrap())),
    ];
    found.extend(live::ask(tx, &w.live, one).await);
    found.extend(said::ask(tx, w).await);
    found.extend(crate::context::ask(tx, w).await);
    found
}

/// After everything that the worlds hold.
const LATER: Timestamp = START.plus_seconds(1_000_000);

async fn said(tx: &mut Tx, w: &World) -> usize {
    let one = &w.people[0];
    record::said(tx, Source::PhoneHistory, STREAM, &[(&one.key, one.hash)]).await.unwrap().len()
}

/// Calls everything that changes something with the ids of `w`, each in a transaction of its own; refusals are
/// fine. How many went through.
async fn act(db: &Db, scope: &Scope, w: &World, claim: &task::Claim) -> usize {
    let maker = IdMaker::seeded(99);
    let (one, import, conversation, live) = (&w.people[0], w.import, w.conversation, &w.live);
    let customers: Vec<_> = w.people.iter().map(|p| p.customer).collect();
    let review = review::Review {
        id: w.review,
        a: customers[0],
        b: customers[2],
        evidence: vec![],
        created_at: START,
        score: 0,
    };
    let decision = Decision { id: w.decision, verb: Verb::Link, a: w.people[1].record, b: w.people[2].record };
    let mut went = 0;
    macro_rules! each {
        ($($tx:ident: $call:expr;)*) => {$({
            let mut tx = db.write(scope).await.unwrap();
            let $tx = &mut tx;
            let ended = $call.await.map(|_| ());
            if ended.is_ok() && tx.commit().await.is_ok() {
                went += 1;
            }
        })*};
    }
    each! {
        tx: task::hold(tx, claim);
        tx: task::extend(tx, claim, START.plus_seconds(600));
        tx: task::retry(tx, claim, START, "later");
        tx: task::park(tx, claim, "no");
        tx: task::finish_until(tx, claim, START);
        tx: task::finish(tx, claim);
        tx: task::wake(tx, TASK, START.plus_seconds(-5));
        tx: import::set_state(tx, import, &[State::Planned], State::Applying);
        tx: import::set_progress(tx, import, 5);
        tx: import::insert(tx, &new_import(import), &[]);
        tx: call::insert(tx, vec![new_call(&maker, one, Some(import), 1)]);
        tx: message::insert(tx, vec![new_message(&maker, conversation, Some(import), 1)]);
        tx: conversation::insert(tx, vec![new_conversation(conversation, &w.key, Some(import), vec![])]);
        tx: conversation::count_messages(tx, &[conversation]);
        tx: record::insert(tx, vec![one.record(Some(import))]);
        tx: record::assign(tx, &[(one.record, customers[2])]);
        tx: record::forward(tx, customers[0], None);
        tx: customer::put(tx, &[one.customer()], &[one.customer()]);
        tx: review::insert(tx, &[review]);
        tx: review::rate(tx, &[(w.review, 512)]);
        tx: review::remove(tx, &[w.review]);
        tx: decision::put(tx, &decision, None, &actor());
        tx: decision::retract(tx, &[w.decision], &actor());
        tx: mark::retract(tx, w.mark, &actor());
        tx: mark::put(tx, w.mark, &shared(&one.phone), None, &actor());
        tx: customer::touch(tx, &customers);
        tx: context_receipt::insert(tx, &[new_receipt(maker.make(START), one, "Bo").0], &[new_receipt(w.receipt, one, "Bo").1]);
        tx: context_receipt::insert(tx, &[new_receipt(w.receipt, one, "Anna").0], &[new_receipt(w.receipt, one, "Anna").1]);
        tx: context_receipt::prune(tx, LATER, 9);
        tx: crate::past::act(tx, w);
        tx: pin::put(tx, &[new_pin(&maker, w.people[1].record)]);
        tx: pin::retract(tx, &[w.pin], &actor());
        tx: remark::insert(tx, &new_remark(maker.make(START), w.people[1].record));
        tx: remark::retract(tx, &[w.remark], &actor());
        tx: message::remove_of_import(tx, import, 100);
        tx: call::remove_of_import(tx, import, 100);
        tx: conversation::remove_of_import(tx, import, 100);
        tx: record::remove(tx, &[one.record]);
        tx: customer::remove(tx, &customers);
        tx: session::touch(tx, &[w.session]);
        tx: session::revoke(tx, w.session);
        tx: session::revoke_of_user(tx, w.user, None);
        tx: session::insert(tx, &new_session(maker.make(START), w.user));
        tx: one_time_link::use_up(tx, w.link);
        tx: one_time_link::insert(tx, &new_link(maker.make(START), w.user), &secret().hash());
        tx: one_time_link::remove_of_user(tx, w.user);
        tx: api_key::touch(tx, &[w.api_key]);
        tx: api_key::revoke(tx, w.api_key);
        tx: api_key::revoke_of_creator(tx, w.user, None);
        tx: api_key::insert(tx, &ApiKey { id: w.api_key, ..new_api_key(&maker).0 }, &secret().hash());
        tx: audit::insert(tx, &AuditEntry { id: w.entry, ..new_entry(&maker, actor()) });
        tx: audit::insert(tx, &new_entry(&maker, actor()));
        tx: audit::relate(tx, w.entry, &["cus_2".to_owned()]);
        tx: idempotency::insert(tx, &actor(), &w.idempotency_key, &answer());
        tx: idempotency::insert(tx, &actor(), "another", &answer());
        tx: user::insert(tx, &user::New { id: w.user, ..new_user(&maker, 1) });
        tx: user::lock(tx);
        tx: user::set_role(tx, w.user, Role::Staff);
        tx: user::set_disabled(tx, w.user, Some(START));
        tx: user::rehash(tx, w.user, PASSWORD_HASH, "another");
        tx: user::set_password(tx, w.user, "yet another");
        tx: identifier::insert(tx, vec![(one.record, phone(9_999))]);
        tx: identifier::remove(tx, &[(w.people[1].record, w.people[1].phone.clone())]);
        tx: tenant::get(tx);
        tx: tenant::put(tx, &renamed(scope));
        tx: import::applied_after(tx, import);
        tx: rule_set::in_force(tx);
        tx: rule_set::put_in_force(tx, w.rules);
        tx: rule_set::insert(tx, &new_rules());
        tx: changeover::set_progress(tx, Some(one.record), 7);
        tx: changeover::put(tx, &new_changeover(1));
        tx: verification::take_attempt(tx, w.verification);
        tx: verification::verify(tx, w.verification);
        tx: verification::insert(tx, &new_verification(w.verification, &w.web_user, &one.phone), "a hash");
        tx: verification::prune(tx, LATER);
        tx: stream_cursor::put(tx, live.connection, CUSTOMERS, &progress(LATER));
        tx: stream_cursor::met(tx, live.connection, CUSTOMERS, &["another".to_owned()]);
        tx: stream_cursor::forget_met(tx, live.connection, LOCATIONS);
        tx: live_record::mark_referring(tx, live.connection, LOCATIONS, &[&live.referred]);
        tx: live_record::mark_children(tx, live.connection, CUSTOMERS, &[&live.parent]);
        tx: live_record::set_fresh(tx, &[live.merged]);
        tx: live_record::set_modified(tx, &[(live.object, LATER)]);
        tx: live_record::set_contacts(tx, &[(live.object, Default::default())]);
        tx: live_record::keep_versions(tx, &[live.merged]);
        tx: live_record::replace(tx, &[word(live.object, &live.key, Some("another"), None)]);
        tx: live_record::insert(tx, live.connection, Source::ServiceTitan, LOCATIONS, &[word(maker.make(START), "1", None, None)]);
        tx: live_record::set_references(tx, live.connection, &[live.object], &[]);
        tx: property::put(tx, &[new_property(live.merged, one.record)]);
        tx: property::remove(tx, &[live.object]);
        tx: equipment::put(tx, &[new_equipment(live.merged, one.record)]);
        tx: equipment::remove(tx, &[live.object]);
        tx: job::put(tx, &[new_job(live.merged, one.record, 7)]);
        tx: job::remove(tx, &[live.object]);
        tx: membership::put(tx, &[new_membership(live.merged, one.record)]);
        tx: membership::remove(tx, &[live.object]);
        tx: consent::forbid(tx, &[(live.merged, do_not_text(&one.phone))]);
        tx: refresh::begin(tx, &[live.object]);
        tx: refresh::fail(tx, &[live.read], "no");
        tx: refresh::succeed(tx, &[live.read], LATER);
        tx: tx.lock_connection(live.connection);
        tx: live_record::take_out(tx, &[live.object]);
        tx: sync::begin(tx, live.run);
        tx: sync::set_progress(tx, live.run, Some(LOCATIONS), &Default::default());
        tx: sync::add_problems(tx, live.run, &[problem()]);
        tx: sync::finish(tx, live.run, doorstep_core::sync::State::Canceled, Some("by hand"));
        tx: sync::insert(tx, &new_run(maker.make(START), live.connection));
        tx: sync::prune(tx, live.connection, 1, 9);
        tx: connection::set_schedule(tx, live.connection, &new_connection(live.connection, "x").schedule, Some(LATER));
        tx: connection::set_standing(tx, live.connection, &Default::default());
        tx: connection::set_settings(tx, live.connection, &Default::default(), b"other");
        tx: connection::insert(tx, &new_connection(live.connection, "x"), b"sealed", 1);
        tx: connection::rename(tx, live.connection, "another");
        tx: connection::set_mapped(tx, live.connection, &Default::default());
        tx: connection::remove(tx, live.connection);
        tx: connection::connect_again(tx, &new_connection(live.connection, "again"), b"sealed");
        tx: connection::remove(tx, live.connection);
        tx: connection::set_removal(tx, live.connection, Removal { left: 1, total: 2 });
        tx: removal::take_out(tx, &[live.object]);
        tx: removal::forget_streams(tx, live.connection);
        tx: tx.lock_identity();
    }
    went
}

/// A claim on the task of a tenant, as its holder has it.
async fn claim_of(db: &Db, scope: &Scope) -> task::Claim {
    let now = db.clock().now();
    let claims = system::claim_tasks(db, Uuid::from_u128(1), now, now.plus_seconds(60), 10).await.unwrap();
    claims.into_iter().find(|claim| claim.tenant == scope.tenant()).expect("its task is due")
}

on_both! {
    /// A tenant with nothing asks every question with the ids, keys, phones and words of another: nothing comes back.
    async fn a_stranger_finds_nothing(store: TestStore) {
        let stranger = create_tenant(&store.db, "Quincy Roofing", "+16174712001").await;
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut own = store.db.read(&store.scope()).await.unwrap();
        let nothing: Vec<_> = ask(&mut own, &world).await.into_iter().filter(|(_, found)| *found == 0).collect();
        assert_eq!(nothing, [], "the owner must find something, or the question proves nothing");
        let mut tx = store.db.read(&owner_of(&stranger)).await.unwrap();
        let leaks: Vec<_> = ask(&mut tx, &world).await.into_iter().filter(|(_, found)| *found > 0).collect();
        assert_eq!(leaks, [], "found by a stranger");
        assert_eq!(tenant::get(&mut tx).await.unwrap().own_numbers, stranger.own_numbers);
        assert_eq!(import::applied_after(&mut tx, world.import).await.unwrap(), []);
    }

    /// Two tenants with the very same ids, keys and data: what one does changes no row of the other.
    async fn a_twin_changes_nothing(store: TestStore) {
        let twin = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        let world = fill(&store.db, &store.scope(), 1).await;
        fill(&store.db, &twin, 1).await;
        let claim = claim_of(&store.db, &store.scope()).await;
        let (mine, theirs) = (Some(store.tenant.id.number()), Some(twin.tenant().number()));
        let mut raw = Raw::of(&store).await;
        let before = (raw.dump(mine).await, raw.dump(theirs).await);
        assert!(act(&store.db, &store.scope(), &world, &claim).await > 20, "most calls must go through");
        assert_eq!(raw.dump(theirs).await, before.1);
        let changed = raw.dump(mine).await;
        let same: Vec<_> = changed.iter().filter(|(table, rows)| before.0[*table] == **rows).map(|(t, _)| *t).collect();
        assert_eq!(same, ["import_problem"], "tables that no call changed prove nothing");
    }

    /// A tenant that is given another's ids, keys and even its claim on a task can do nothing with them.
    async fn a_thief_changes_nothing(store: TestStore) {
        let thief = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        fill(&store.db, &thief, 2).await;
        let world = fill(&store.db, &store.scope(), 1).await;
        let claim = claim_of(&store.db, &store.scope()).await;
        let victim = Some(store.tenant.id.number());
        let mut raw = Raw::of(&store).await;
        let before = raw.dump(victim).await;
        act(&store.db, &thief, &world, &claim).await;
        assert_eq!(raw.dump(victim).await, before);
    }

    /// An error about a row that is there already names the rule, not what the row says.
    async fn an_error_names_no_value(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let secrets = [&world.people[0].key, &world.people[0].phone.value, &world.key, &world.email.as_str().to_owned()];
        let mut texts = Vec::new();
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        texts.push(record::insert(&mut tx, vec![world.people[0].record(None)]).await.unwrap_err());
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let doubled = new_conversation(IdMaker::seeded(5).make(START), &world.key, None, vec![]);
        texts.push(conversation::insert(&mut tx, vec![doubled]).await.unwrap_err());
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let orphan = new_message(&world.maker, world.maker.make(START), None, 1);
        texts.push(message::insert(&mut tx, vec![orphan]).await.unwrap_err());
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let namesake = user::New { email: world.email.clone(), ..new_user(&IdMaker::seeded(5), 9) };
        texts.push(user::insert(&mut tx, &namesake).await.unwrap_err());
        drop(tx);
        for error in texts {
            assert!(matches!(error, Error::Conflict(_)), "{error:?}");
            let said = format!("{error} {error:?}");
            assert!(!secrets.iter().any(|secret| said.contains(secret.as_str())), "{said}");
        }
    }
}

/// The calls that touch a tenant's rows, read from the source: each must be in this file. The list of what is not
/// may only get shorter, and it is empty.
#[test]
fn every_call_is_asked() {
    let here = concat!(
        include_str!("isolation.rs"),
        include_str!("live.rs"),
        include_str!("context.rs"),
        include_str!("past.rs"),
        include_str!("said.rs")
    );
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let Some(noun) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let text = std::fs::read_to_string(&path).unwrap_or_default().replace("(\n    tx: &mut Tx", "(tx: &mut Tx");
        for line in text.lines().filter(|line| line.starts_with("pub async fn ") && line.contains("(tx: &mut Tx")) {
            let name = line["pub async fn ".len()..].split('(').next().unwrap();
            seen += 1;
            if !here.contains(&format!("{noun}::{name}(")) {
                missing.insert(format!("{noun}::{name}"));
            }
        }
    }
    assert!(seen > 50, "only {seen} calls found: is this test still reading the right files?");
    assert_eq!(missing, BTreeSet::new());
}

async fn as_application(store: &TestStore) -> PgConnection {
    let Location::Postgres { url, .. } = &store.location else { panic!("PostgreSQL it is") };
    PgConnection::connect(url).await.unwrap()
}

async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    let sql = format!("select count(*) from {table}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(connection).await.unwrap()
}

async fn two_worlds() -> (TestStore, Scope) {
    let store = TestStore::new(Dialect::Postgres).await;
    let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
    fill(&store.db, &store.scope(), 1).await;
    fill(&store.db, &other, 2).await;
    (store, other)
}

/// Rule 10: a statement that forgot to say whose it is sees nothing, also after a transaction that did say.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_tenant_the_wall_shows_nothing() {
    let (store, _) = two_worlds().await;
    let mut connection = as_application(&store).await;
    for said in ["select 1", "begin; select set_config('app.tenant', '1', true); commit"] {
        sqlx::raw_sql(said).execute(&mut connection).await.unwrap();
        for table in TABLES {
            assert_eq!(count(&mut connection, table.name).await, 0, "{} after `{said}`", table.name);
        }
    }
    sqlx::raw_sql("begin; select set_config('app.system', 'on', true)").execute(&mut connection).await.unwrap();
    for table in TABLES {
        let open = ["tenant", "task", "own_number", "feed", "app_user"].contains(&table.name);
        assert_eq!(count(&mut connection, table.name).await > 0, open, "{} through the worker's door", table.name);
    }
}

/// The second wall, for the day when a query forgets its `tenant_id`: nothing of another tenant is read, changed or
/// made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_forgets_its_tenant_meets_the_wall() {
    let (store, other) = two_worlds().await;
    let mut raw = Raw::of(&store).await;
    let theirs = Some(other.tenant().number());
    let before = raw.dump(theirs).await;
    let mut connection = as_application(&store).await;
    let begin = format!("begin; select set_config('app.tenant', '{}', true)", store.tenant.id.number());
    sqlx::raw_sql(AssertSqlSafe(begin.clone())).execute(&mut connection).await.unwrap();
    for table in TABLES {
        let mine = raw.rows(table, Some(store.tenant.id.number())).await.len() as i64;
        assert_eq!(count(&mut connection, table.name).await, mine, "{}", table.name);
    }
    for sql in TABLES.iter().rev().map(|table| format!("delete from {}", table.name)) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
    sqlx::raw_sql("commit").execute(&mut connection).await.unwrap();
    assert_eq!(raw.dump(theirs).await, before, "another tenant's rows went with ours");
    for (table, values) in [("feed", "7"), ("own_number", "'+1'"), ("customer_word", "gen_random_uuid(), 'a'")] {
        sqlx::raw_sql(AssertSqlSafe(begin.clone())).execute(&mut connection).await.unwrap();
        let sql = format!("insert into {table} values ({}, {values})", other.tenant().number());
        let error = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap_err();
        assert!(error.to_string().contains("row-level security"), "{table}: {error}");
        sqlx::raw_sql("rollback").execute(&mut connection).await.unwrap();
    }
}
