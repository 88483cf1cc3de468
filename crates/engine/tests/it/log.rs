//! Nothing personal is logged (I-27): a whole life of a hub, with everything that goes wrong in it, is told to a log
//! that is told every word of every library, and none of what the people in it are or say is there.

use std::process::Command;

use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::import::State;
use doorstep_engine::customer::Found;
use doorstep_engine::merge::Answer;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use doorstep_store::testing::broken::{self, allow_progress, refuse_progress_beyond};
use doorstep_store::testing::postgres::ADDRESS_VARIABLE;

use crate::house::{House, contact};

/// Set in the process that the test starts, which is this program again: a log is of a whole process, and here other
/// tests run beside.
const CHILD_VARIABLE: &str = "DOORSTEP_TEST_LOG_CHILD";

/// What the people of the story are and say. Each is in the input and nowhere else; a word that is in them in any
/// spelling stands for the whole.
const PERSONAL: &[&str] = &[
    "Quillfeather",
    "quillfeather",
    "Philippa",
    "philippa",
    "Ottoline",
    "ottoline",
    "Ümlautson",
    "umlautson",
    "mlautson",
    "6174719317",
    "471-9317",
    "471 9317",
    "6174719318",
    "471-9318",
    "7818439319",
    "843-9319",
    "pq@plumesandsons.com",
    "plumes",
    "fig tree",
    "fig-tree",
    "Mulberry",
    "mulberry",
    "boiler sings",
    "ring after nine",
    "nineish",
    "gate code",
    "same laugh",
    "cousins, not twins",
    "the notes of the owner",
];

const CONTACTS: &str = "contact_id,display_name,phone_number,email,company,address,notes,last_seen
c1,Philippa Quillfeather,(617) 471-9317,pq@plumesandsons.com,,12 Mulberry Row,gate code 8812,2024-03-02
c2,Ottoline Quillfeather,617.471.9317,,,,,2024-03-01
c3,Ümlautson,617 471 9318,,,,,2024-03-01
c4,ask Philippa,471-9317 ext Philippa,pq@plumes,,,,nineish
c1,Philippa Quillfeather,(617) 471-9317,pq@plumesandsons.com,,12 Mulberry Row,gate code 8812,2024-03-02
c5,Ottoline,\"617 471 9318
";
const MESSAGES: &str = "message_id,conversation_id,from_number,to_number,direction,body,sent_at
m1,t1,(617) 471-9317,+16174712000,inbound,the key is under the fig tree\0,2024-03-01T10:00:00Z
m2,t1,617-471-9317,+16174712000,inbound,the boiler sings,nineish
m3,Philippa,Quillfeather,fig-tree,sideways,the boiler sings,2024-03-01T10:00:00Z
m4,,781 843 9319,+16174712000,inbound,the boiler sings,2024-03-01T10:00:00Z
m4,,781 843 9319,+16174712000,inbound,the boiler sings,2024-03-01T10:00:00Z
";
const CALLS: &str = "call_id,contact_id,from_number,to_number,started_at,duration_seconds,voicemail_text
k1,c1,617-471-9317,+16174712000,2024-03-01T11:00:00Z,61,please ring after nine
k2,Ottoline,Quillfeather,,2024-03-01T11:00:00Z,nineish,please ring after nine
";

#[test]
fn nothing_personal_is_logged() {
    let story = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "log::child_of_the_log_test"])
        .env(CHILD_VARIABLE, "1")
        .env("RUST_BACKTRACE", "0")
        // The tests beside would lose the template of their databases to it.
        .env_remove(ADDRESS_VARIABLE)
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&story.stdout), String::from_utf8_lossy(&story.stderr));
    assert!(story.status.success(), "{told}");
    for expected in ["insert into record", "a task failed", "DEBUG", "told to whoever asked", "no progress", "damaged"]
    {
        assert!(told.contains(expected), "the log does not tell of `{expected}`: this proves nothing\n{told}");
    }
    let leaks: Vec<&str> = told.lines().filter(|line| PERSONAL.iter().any(|one| line.contains(one))).collect();
    assert!(leaks.is_empty(), "{} lines tell of people:\n{}", leaks.len(), leaks[..leaks.len().min(40)].join("\n"));
}

/// The other process of the test above; on its own it has nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_of_the_log_test() {
    if std::env::var_os(CHILD_VARIABLE).is_none() {
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .try_init()
        .unwrap();
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let house = House::new(TestStore::new(dialect).await);
        people_come_and_go(&house).await;
        imports_go_wrong(&house).await;
        rows_are_damaged(&house).await;
    }
}

/// An error as somebody would log it who does not know better: what it says and how it shows itself.
fn tell<T>(refused: doorstep_engine::Result<T>) {
    let Err(error) = refused else { panic!("it must be refused") };
    tracing::error!(%error, ?error, "told to whoever asked");
}

async fn people_come_and_go(house: &House) {
    let (engine, scope) = (&house.engine, house.scope());
    let mut ids = Vec::new();
    for (name, phone) in [("Philippa Quillfeather", "617 471 9317"), ("Ümlautson", "(617) 471-9318")] {
        let mut new = contact(Some(name), phone);
        new.emails = vec![Email::parse("pq@plumesandsons.com").unwrap()];
        new.notes = Some("gate code 8812".to_owned());
        engine.find_or_create(&scope, &new, true).await.unwrap();
        let Found::Created { customer: Some(id), .. } = engine.find_or_create(&scope, &new, false).await.unwrap()
        else {
            panic!("somebody new");
        };
        ids.push(id);
    }
    for known in ["617-471-9317", "+16174719318"] {
        engine.find_or_create(&scope, &contact(None, known), false).await.unwrap();
    }
    let several = Contact { emails: vec![Email::parse("PQ@plumesandsons.com").unwrap()], ..Contact::default() };
    tracing::info!(found = ?engine.find_or_create(&scope, &several, false).await.unwrap(), "by e-mail");
    for query in ["quillfeather", "6174719317", "pq@plumesandsons.com", "ümlautson fig-tree"] {
        engine.search(&scope, query, 10).await.unwrap();
    }
    let review = engine.reviews(&scope, None, 10).await.unwrap().remove(0);
    tracing::info!(?review, "to be decided");
    engine.decide_review(&scope, review.id, Answer::Apart, Some("cousins, not twins")).await.unwrap();
    engine.merge(&scope, ids[0], ids[1], Some("same laugh")).await.unwrap();
    let card = engine.card(&scope, ids[0], 10, 10).await.unwrap();
    tracing::info!(?card, "looked at");
    tell(engine.merge(&scope, ids[0], ids[1], Some("same laugh")).await);
    engine.unmerge(&scope, ids[1], Some("cousins, not twins")).await.unwrap();
    tell(engine.unmerge(&scope, ids[1], Some("cousins, not twins")).await);
    tell(engine.find_or_create(&scope, &contact(Some("Philippa"), "617 471 2000"), false).await);
    house.assert_rebuilt_the_same().await;
}

async fn imports_go_wrong(house: &House) {
    let (engine, scope) = (&house.engine, house.scope());
    // A folder of the archive named for somebody; what is wrong with a file in it is told by its name.
    let files = [
        ("Philippa Quillfeather/contacts.csv", CONTACTS),
        ("Philippa Quillfeather/messages.csv", MESSAGES),
        ("Philippa Quillfeather/calls.csv", CALLS),
        ("Philippa Quillfeather/fig-tree.jpg", "gate code"),
        ("Philippa Quillfeather/manifest.json", "{\"Ottoline\": \"plumes\", }"),
    ];
    let archive = house.archive(&files);
    let planned = house.plan(&archive).await.unwrap();
    let id = planned.import.id;
    tracing::info!(problems = planned.import.problem_count, "planned");
    let problems = engine.import_problems(&scope, id, 0, 1_000).await.unwrap();
    assert!(problems.iter().any(|problem| problem.reason.contains("nineish")), "{problems:?}");
    engine.apply_import(&scope, id, &|_| {}).await.unwrap();
    // The database fails, then the copy of the archive is damaged.
    refuse_progress_beyond(&house.store, 0).await;
    house.settle().await;
    allow_progress(&house.store).await;
    let kept = engine.spool_dir.join(format!("{id}.zip"));
    let whole = std::fs::read(&kept).unwrap();
    let mut damaged = whole.clone();
    // Within the packed bytes of the first file, behind its name.
    let at = 30 + files[0].0.len() + 20;
    damaged[at..at + 40].fill(0xAA);
    std::fs::write(&kept, damaged).unwrap();
    go_on(house, &planned).await;
    let reason = house.tasks().await[0].reason.clone().unwrap();
    assert!(reason.contains("Philippa Quillfeather/contacts.csv"), "the owner is told: {reason}");
    std::fs::write(&kept, whole).unwrap();
    go_on(house, &planned).await;
    let done = engine.import(&scope, id).await.unwrap();
    assert_eq!(done.import.state, State::Applied, "{:?}", house.tasks().await);
    tracing::info!(?done.import, "done");
    house.assert_rebuilt_the_same().await;
    tell(engine.apply_import(&scope, id, &|_| {}).await);
    house.undo(id).await;
    std::fs::write(&archive, "Philippa Quillfeather (617) 471-9317").unwrap();
    tell(house.plan(&archive).await);
    tell(house.plan(&house.store.dir.path().join("nobody.zip")).await);
}

async fn go_on(house: &House, planned: &doorstep_store::import::Stored) {
    house.engine.resume_import(&house.scope(), planned.import.id).await.unwrap();
    house.store.clock.turn_seconds(3_600);
    house.settle().await;
}

/// What the database holds is not what it should be: whoever reads it says so and quotes nothing.
async fn rows_are_damaged(house: &House) {
    let (engine, scope) = (&house.engine, house.scope());
    let damages = [
        "update record set contact = '{\"phones\": \"+16174719317\"}' where removed_at is null",
        "update record set contact = '{\"name\": {\"Philippa\": \"Quillfeather\"}, \"phones\": [\"(617) 471-9317\"]}' \
         where removed_at is null",
        "update record set contact = '\"Philippa Quillfeather\"' where removed_at is null",
    ];
    for damage in damages {
        broken::run(&house.store, damage).await;
        tell(engine.find_or_create(&scope, &contact(Some("Philippa"), "617 471 9317"), false).await);
        tell(engine.rebuild(&scope, true, |_| {}).await);
    }
    broken::run(&house.store, "update customer set provenance = '{\"Ottoline\": \"+16174719317\"}'").await;
    let listed = engine.search(&scope, "quillfeather", 10).await.unwrap();
    tell(engine.card(&scope, listed[0].id, 10, 10).await);
}
