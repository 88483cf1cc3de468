//! The version of a context goes up with every commit that changes anything in it (C3: elsewhere a context outlived a
//! merge, an opt-out, the end of a job). Every table is either written to here, or says why nothing of it is in a context.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;

use doorstep_core::id::{ConversationId, CustomerId};
use doorstep_store::conversation::Participant;
use doorstep_store::schema::TABLES;
use doorstep_store::testing::{START, TestStore};
use doorstep_store::{
    Tx, call, consent, context, context_receipt, conversation, customer, decision, equipment, job, mark, membership,
    message, on_both, pin, property, record, remark, review,
};

use crate::live::{do_not_text, new_equipment, new_job, new_membership, new_property};
use crate::raw::Raw;
use crate::world::{World, actor, fill, new_call, new_conversation, new_message, new_pin, new_receipt, new_remark};

/// Tables of which nothing is in a context that is kept, with the reason.
const APART: &[(&str, &str)] = &[
    ("tenant", "its zone and country are read with each context"),
    ("own_number", "read with each context"),
    ("import", "when an archive came in is read with each context"),
    ("connection", "when a source was read is read with each context"),
    ("stream_cursor", "how far a source is read tells nothing of a customer"),
    ("sweep_key", "what a sweep under way has met"),
    ("sync_run", "what became of a run"),
    ("run_problem", "what a run could not read"),
    ("customer_refresh", "when a customer was read by itself is read with each context"),
    ("import_problem", "what an import could not read"),
    ("record_identifier", "what records are found by; the customers that follow are written themselves"),
    ("customer_word", "what customers are found by"),
    ("record_version", "what a record said before"),
    ("record_reference", "which names a derived row shows; the row is written when they change"),
    ("past_row", "how things stood"),
    ("past_identity", "who had what they have no more"),
    ("context_version", "is the version"),
    ("context_told", "what was told"),
    ("context_receipt", "who was told it"),
    ("feed", "numbers"),
    ("change", "what was announced"),
    ("task", "work to be done"),
    ("rule_set", "customers that follow from other rules are written themselves"),
    ("changeover", "the way from one version of the rules to another"),
    ("verification", "what is verified becomes a record"),
    ("app_user", "who signs in"),
    ("session", "who is signed in"),
    ("one_time_link", "how somebody comes in"),
    ("api_key", "how programs come in"),
    ("audit_entry", "who did what"),
    ("audit_subject", "whom that was about"),
    ("idempotency", "kept answers"),
];

type Doing<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A write to a table, and the places among the world's people of those whose contexts it changes.
struct Write {
    table: &'static str,
    what: &'static str,
    whose: &'static [usize],
    does: for<'a> fn(&'a mut Tx, &'a World) -> Doing<'a>,
}

macro_rules! writes {
    ($($table:literal $what:literal $whose:expr => |$tx:ident, $w:ident| $does:expr;)*) => {
        &[$(Write { table: $table, what: $what, whose: &$whose, does: |$tx, $w| Box::pin(async move { $does; }) }),*]
    };
}

/// One after the other, each in a transaction of its own.
const WRITES: &[Write] = writes! {
    "message" "comes in" [0, 1] => |tx, w| message::insert(tx, vec![new_message(&w.maker, w.conversation, None, 70)]).await.unwrap();
    "conversation" "begins" [2] => |tx, w| {
        let participants = vec![Participant { identifier: w.people[2].phone.clone(), record: None }];
        let id: ConversationId = w.maker.make(START);
        conversation::insert(tx, vec![new_conversation(id, "another", None, participants)]).await.unwrap()
    };
    "call" "comes in by number" [2] => |tx, w| call::insert(tx, vec![new_call(&w.maker, &w.people[2], None, 80)]).await.unwrap();
    "call" "comes in by record" [1] => |tx, w| call::insert(tx, vec![new_call(&w.maker, &w.people[1], None, 81)]).await.unwrap();
    "customer" "is written" [2] => |tx, w| {
        let mut put = w.people[2].customer();
        put.customer.notes = Some("two dogs".to_owned());
        customer::put(tx, &[put], &[w.people[2].customer()]).await.unwrap()
    };
    "customer" "is touched" [1] => |tx, w| customer::touch(tx, &[w.people[1].customer]).await.unwrap();
    "identity" "is verified" [2] => |tx, w| {
        let mut put = w.people[2].customer();
        put.customer.identities[0].verified = !put.customer.identities[0].verified;
        customer::put(tx, &[put], &[w.people[2].customer()]).await.unwrap()
    };
    "review" "is closed" [0, 1] => |tx, w| review::remove(tx, &[w.review]).await.unwrap();
    "decision" "is taken back" [0, 2] => |tx, w| decision::retract(tx, &[w.decision], &actor()).await.unwrap();
    "identifier_mark" "is taken back" [0] => |tx, w| mark::retract(tx, w.mark, &actor()).await.unwrap();
    "pin" "is made" [1] => |tx, w| pin::put(tx, &[new_pin(&w.maker, w.people[1].record)]).await.unwrap();
    "pin" "is taken back" [0] => |tx, w| pin::retract(tx, &[w.pin], &actor()).await.unwrap();
    "remark" "is made" [1] => |tx, w| remark::insert(tx, &new_remark(w.maker.make(START), w.people[1].record)).await.unwrap();
    "remark" "is taken back" [0] => |tx, w| remark::retract(tx, &[w.remark], &actor()).await.unwrap();
    "property" "is made" [1] => |tx, w| property::put(tx, &[new_property(w.live.merged, w.people[1].record)]).await.unwrap();
    "property" "goes" [0] => |tx, w| property::remove(tx, &[w.live.object]).await.unwrap();
    "equipment" "is made" [1] => |tx, w| equipment::put(tx, &[new_equipment(w.live.merged, w.people[1].record)]).await.unwrap();
    "equipment" "goes" [0] => |tx, w| equipment::remove(tx, &[w.live.object]).await.unwrap();
    "job" "becomes another's" [0, 1] => |tx, w| job::put(tx, &[new_job(w.live.object, w.people[1].record, 9)]).await.unwrap();
    "job" "goes" [1] => |tx, w| job::remove(tx, &[w.live.object]).await.unwrap();
    "membership" "is made" [2] => |tx, w| membership::put(tx, &[new_membership(w.live.merged, w.people[2].record)]).await.unwrap();
    "membership" "goes" [0] => |tx, w| membership::remove(tx, &[w.live.object]).await.unwrap();
    "do_not_text" "is said" [1] => |tx, w| consent::forbid(tx, &[(w.live.merged, do_not_text(&w.people[1].phone))]).await.unwrap();
    "record" "becomes another's" [1, 2] => |tx, w| record::assign(tx, &[(w.people[1].record, w.people[2].customer)]).await.unwrap();
    "participant" "is named no more" [0, 1] => |tx, w| record::remove(tx, &[w.people[0].record]).await.unwrap();
    "message" "of an import goes" [0, 1] => |tx, w| message::remove_of_import(tx, w.import, 100).await.unwrap();
};

async fn versions(store: &TestStore, world: &World) -> BTreeMap<usize, i64> {
    let mut tx = store.db.read(&store.scope()).await.unwrap();
    let mut found = BTreeMap::new();
    for (place, person) in world.people.iter().enumerate() {
        found.insert(place, context::version(&mut tx, person.customer).await.unwrap().unwrap());
    }
    found
}

#[test]
fn every_table_is_written_to_here_or_says_why_not() {
    let written: BTreeSet<&str> = WRITES.iter().map(|write| write.table).collect();
    let apart: BTreeSet<&str> = APART.iter().map(|(table, _)| *table).collect();
    let all: BTreeSet<&str> = TABLES.iter().map(|table| table.name).collect();
    assert_eq!(written.intersection(&apart).collect::<Vec<_>>(), Vec::<&&str>::new());
    let told: BTreeSet<&str> = written.union(&apart).copied().collect();
    assert_eq!(told, all, "a new table is in contexts or it is not: write to it here, or say why not");
}

on_both! {
    async fn each_write_makes_those_contexts_older_that_it_changes_and_no_others(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut raw = Raw::of(&store).await;
        let tenant = Some(store.tenant.id.number());
        for write in WRITES {
            let name = format!("{} {}", write.table, write.what);
            let (before, rows) = (versions(&store, &world).await, raw.dump(tenant).await);
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            (write.does)(&mut tx, &world).await;
            tx.commit().await.unwrap();
            assert_ne!(raw.dump(tenant).await[write.table], rows[write.table], "{name}: nothing was written");
            let after = versions(&store, &world).await;
            let changed: Vec<usize> = after.iter().filter(|(place, now)| before[place] != **now).map(|(p, _)| *p).collect();
            assert_eq!(changed, write.whose, "{name}");
            assert!(after.iter().all(|(place, now)| before[place] <= *now), "{name}: {before:?} {after:?}");
        }
    }

    async fn what_is_not_kept_changes_no_version_and_what_is_kept_is_in_the_feed(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let before = versions(&store, &world).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::touch(&mut tx, &[world.people[0].customer]).await.unwrap();
        drop(tx);
        assert_eq!(versions(&store, &world).await, before);
        // Nothing but the message: what changed is told by the customers whose contexts it is in.
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        message::insert(&mut tx, vec![new_message(&world.maker, world.conversation, None, 90)]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let head = doorstep_store::change::head(&mut tx).await.unwrap();
        let told = doorstep_store::change::list(&mut tx, head - 2, 10).await.unwrap();
        let told: BTreeSet<CustomerId> = told.iter().map(|change| CustomerId::from_uuid(change.subject_id)).collect();
        assert_eq!(told, [world.people[0].customer, world.people[1].customer].into());
        assert_eq!(context::version(&mut tx, world.people[0].customer).await.unwrap(), Some(head));
    }

    async fn a_customer_that_is_no_more_has_no_version_and_one_that_comes_back_has_a_higher_one(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let (one, before) = (&world.people[2], versions(&store, &world).await[&2]);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::remove(&mut tx, &[one.customer]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        assert_eq!(context::version(&mut tx, one.customer).await.unwrap(), None);
        drop(tx);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        customer::put(&mut tx, &[one.customer()], &[]).await.unwrap();
        tx.commit().await.unwrap();
        assert!(versions(&store, &world).await[&2] > before);
    }
}

/// A message is on its way to somebody's conversation while the number becomes somebody else's: the commit that comes
/// last knows of the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_it_is_is_asked_at_the_commit() {
    let store = TestStore::new(doorstep_store::dialect::Dialect::Postgres).await;
    let world = fill(&store.db, &store.scope(), 1).await;
    let mut writing = store.db.write(&store.scope()).await.unwrap();
    message::insert(&mut writing, vec![new_message(&world.maker, world.conversation, None, 70)]).await.unwrap();
    let mut moving = store.db.write(&store.scope()).await.unwrap();
    let [_, from, to] = [0, 1, 2].map(|place| world.people[place].clone());
    let (mut without, mut with) = (from.customer(), to.customer());
    let mut moved = without.customer.identities.pop().unwrap();
    moved.record = to.record;
    with.customer.identities.push(moved);
    customer::put(&mut moving, &[without, with], &[from.customer(), to.customer()]).await.unwrap();
    moving.commit().await.unwrap();
    let between = versions(&store, &world).await;
    writing.commit().await.unwrap();
    let after = versions(&store, &world).await;
    assert!(after[&0] > between[&0] && after[&2] > between[&2], "{between:?} {after:?}");
    assert_eq!(after[&1], between[&1]);
}

/// How much each reading call about contexts finds when it is asked for the things of `w`.
pub async fn ask(tx: &mut Tx, w: &World) -> Vec<(&'static str, usize)> {
    let one = &w.people[0];
    let records: Vec<_> = w.people.iter().map(|p| p.record).collect();
    let mut found = vec![
        ("context::read_at", context::read_at(tx).await.unwrap().len()),
        ("context::sources_of_calls", sources_of_calls(tx, one.customer).await),
        (
            "context::sources_of_conversations",
            context::sources_of_conversations(tx, &[w.conversation]).await.unwrap().len(),
        ),
        ("context::sources_of_records", context::sources_of_records(tx, &records).await.unwrap().len()),
        ("context_receipt::get", usize::from(context_receipt::get(tx, w.receipt).await.unwrap().is_some())),
        (
            "context_receipt::of_customer",
            context_receipt::of_customer(tx, one.customer, START.plus_seconds(9), 9).await.unwrap().len(),
        ),
        ("context_receipt::told", {
            let hash = new_receipt(w.receipt, one, "Anna").1.hash;
            usize::from(context_receipt::told(tx, one.customer, hash).await.unwrap().is_some())
        }),
        ("context::version", usize::from(context::version(tx, one.customer).await.unwrap().is_some())),
    ];
    found.extend(crate::past::ask(tx, w).await);
    found
}

async fn sources_of_calls(tx: &mut Tx, customer: CustomerId) -> usize {
    let calls = call::of_customer(tx, customer, 10).await.unwrap();
    let calls: Vec<_> = calls.iter().map(|call| call.id).collect();
    context::sources_of_calls(tx, &calls).await.unwrap().len()
}
