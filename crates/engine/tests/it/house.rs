//! A store with an engine, and archives to bring in.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::audit::Act;
use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::id::{CustomerId, ImportId, RecordId};
use doorstep_core::identity::{Cluster, cluster};
use doorstep_core::name::Name;
use doorstep_core::password::Password;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::user::{Label, User};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::import::{Applied, NewImport};
use doorstep_engine::rule_set::rules;
use doorstep_engine::session::{SignIn, SignedIn};
use doorstep_engine::task::Tasks;
use doorstep_engine::user::NewUser;
use doorstep_engine::worker::Worker;
use doorstep_engine::{Engine, Result};
use doorstep_store::audit::Filter;
use doorstep_store::import::Stored;
use doorstep_store::testing::TestStore;
use doorstep_store::{decision, record};

pub const PASSWORD: &str = "boiler and otter";

pub fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@acehvac.com")).unwrap()
}

pub fn password(text: &str) -> Password {
    Password::parse(text, &email("nobody")).unwrap()
}

pub fn new_user(name: &str, role: Role) -> NewUser {
    NewUser { email: email(name), name: Label::parse(name).unwrap(), role, password: Some(password(PASSWORD)) }
}

pub struct House {
    pub store: TestStore,
    pub engine: Engine,
}

impl House {
    pub fn new(store: TestStore) -> Self {
        let spool = store.dir.path().join("imports");
        let engine = Engine::new(store.db.clone(), Arc::new(IdMaker::seeded(7)), spool);
        Self { store, engine }
    }

    /// A user with that role and the password [`PASSWORD`].
    pub async fn user(&self, name: &str, role: Role) -> User {
        self.engine.add_user(&self.scope(), &new_user(name, role)).await.unwrap()
    }

    /// That user's scope.
    pub fn scope_of(&self, user: &User) -> Scope {
        Scope::new(self.store.tenant.id, Actor::User(user.id), user.role)
    }

    pub async fn try_sign_in(&self, name: &str, password: &str) -> Result<SignedIn> {
        let email = email(name);
        let source = "203.0.113.7".parse().unwrap();
        let attempt = SignIn { email: email.as_str(), password, source, user_agent: "Lynx", tenant: None };
        self.engine.sign_in(&attempt).await
    }

    pub async fn sign_in(&self, name: &str) -> SignedIn {
        self.try_sign_in(name, PASSWORD).await.unwrap()
    }

    /// Whether that cookie still opens the door.
    pub async fn is_in(&self, signed_in: &SignedIn) -> bool {
        self.engine.authenticate_session(&signed_in.token.reveal()).await.unwrap().is_some()
    }

    /// The acts of the audit log, oldest first.
    pub async fn acts(&self) -> Vec<Act> {
        let entries = self.engine.audit_entries(&self.scope(), &Filter::default(), None, 1_000).await.unwrap();
        entries.into_iter().rev().map(|entry| entry.act).collect()
    }

    pub fn scope(&self) -> Scope {
        self.store.scope()
    }

    pub async fn plan(&self, file: &Path) -> Result<Stored> {
        self.plan_for(&self.scope(), file).await
    }

    pub async fn plan_for(&self, scope: &Scope, file: &Path) -> Result<Stored> {
        let new = NewImport {
            file,
            file_name: "history.zip".to_owned(),
            notes: None,
            aliases: BTreeMap::new(),
            limits: Default::default(),
        };
        self.engine.plan_import(scope, &new, &|_| {}).await
    }

    pub async fn settle(&self) {
        Worker::new(self.engine.clone(), Tasks).run_due().await.unwrap();
    }

    pub async fn apply(&self, id: ImportId) {
        assert_eq!(self.engine.apply_import(&self.scope(), id, &|_| {}).await.unwrap(), Applied::Started);
        self.settle().await;
    }

    pub async fn import(&self, files: &[(&str, &str)]) -> Stored {
        let planned = self.plan(&self.archive(files)).await.unwrap();
        self.apply(planned.import.id).await;
        let stored = self.engine.import(&self.scope(), planned.import.id).await.unwrap();
        assert_eq!(stored.import.state.as_str(), "applied", "{:?}", self.tasks().await);
        stored
    }

    pub async fn undo(&self, id: ImportId) {
        self.engine.undo_import(&self.scope(), id).await.unwrap();
        self.settle().await;
    }

    /// But for the one that forgets how things stood: that waits for a year wherever anything was changed.
    pub async fn tasks(&self) -> Vec<doorstep_store::task::Task> {
        let mut tx = self.store.db.read(&self.scope()).await.unwrap();
        let mut tasks = doorstep_store::task::list(&mut tx, 10).await.unwrap();
        tasks.retain(|task| task.key != doorstep_store::past::TASK);
        tasks
    }

    /// Writes an archive into the store's directory.
    pub fn archive(&self, files: &[(&str, &str)]) -> PathBuf {
        let path = self.store.dir.path().join("history.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (name, text) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    /// Everything that the tenant's customers show, ids left out: equal for equal hubs.
    pub async fn picture(&self) -> Vec<String> {
        let mut tx = self.store.db.read(&self.scope()).await.unwrap();
        let listed = doorstep_store::customer::list(&mut tx, None, 10_000).await.unwrap();
        drop(tx);
        let mut picture = Vec::new();
        for customer in listed {
            picture.push(self.card(customer.id).await);
        }
        picture.sort();
        picture
    }

    pub async fn card(&self, id: CustomerId) -> String {
        let card = self.engine.card(&self.scope(), id, 100, 100).await.unwrap().unwrap();
        let identities: Vec<&str> =
            card.customer.identities.iter().map(|identity| identity.identifier.value.as_str()).collect();
        let mut text = format!("{} [{}]", card.customer.display_name, identities.join(" "));
        for conversation in &card.conversations {
            // Messages of one second have no order among them.
            let mut messages: Vec<_> = conversation.messages.iter().collect();
            messages.sort_by(|a, b| (b.sent_at, &b.body).cmp(&(a.sent_at, &a.body)));
            let bodies: Vec<&str> = messages.into_iter().map(|message| message.body.as_str()).collect();
            text.push_str(&format!(" | {}: {}", conversation.conversation.message_count, bodies.join(" / ")));
        }
        for call in &card.calls {
            text.push_str(&format!(" | call {}", call.started_at));
        }
        text
    }

    /// What is stored is what looking around every record gives, and what all records give at once.
    pub async fn assert_rebuilt_the_same(&self) {
        let rebuilt = self.engine.rebuild(&self.scope(), true, |_| {}).await.unwrap();
        assert_eq!(rebuilt.different, 0, "{rebuilt:?}");
        self.assert_clustered_at_once().await;
    }

    async fn assert_clustered_at_once(&self) {
        let scope = self.scope();
        let mut tx = self.engine.db.read(&scope).await.unwrap();
        let ids = record::ids_after(&mut tx, None, 1_000_000).await.unwrap();
        let stored = record::get_many(&mut tx, &ids).await.unwrap();
        let held: BTreeMap<RecordId, Option<CustomerId>> =
            stored.iter().map(|stored| (stored.record.id, stored.customer)).collect();
        let records: Vec<_> = stored.into_iter().map(|stored| stored.record).collect();
        let decisions = decision::touching(&mut tx, &ids).await.unwrap();
        let partition = cluster(&records, &decisions, &rules(&mut tx).await.unwrap());
        let of = |cluster: &Cluster| {
            let id = cluster.id;
            cluster.records.iter().map(move |record| (*record, Some(id))).collect::<Vec<_>>()
        };
        let at_once: BTreeMap<RecordId, Option<CustomerId>> = partition.clusters.iter().flat_map(of).collect();
        assert_eq!(held, at_once);
        let open = self.engine.reviews(&scope, None, 100_000).await.unwrap();
        let open: BTreeMap<_, _> = open.into_iter().map(|review| ((review.a, review.b), review.evidence)).collect();
        let wanted: BTreeMap<_, _> =
            partition.reviews.into_iter().map(|pair| ((pair.a, pair.b), pair.evidence)).collect();
        assert_eq!(open, wanted);
    }
}

pub fn contact(name: Option<&str>, phone: &str) -> Contact {
    Contact {
        name: name.and_then(Name::parse),
        phones: vec![Phone::parse(phone, Region::US).unwrap()],
        ..Contact::default()
    }
}

const CONTACTS: &str = "contact_id,display_name,phone_number,email,company,notes,first_seen,last_seen
c1,John Smith,(617) 471-0117,john@quincy.example.net,,,2019-04-01,2024-03-02
c2,Mary Smith,617-471-0117,,,,2019-04-01,2024-03-01
c3,Jack Smyth,617.471.0118 (cell),,,,2019-04-01,2024-03-01
c4,,N/A,,,,,
c5,Johnny Smith,+16174710117,john.smith@quincy.example.net,,,2019-04-01,2024-03-01
";
const CONVERSATIONS: &str = "conversation_id,contact_id,participants,channel,started_at,last_message_at,message_count
t1,c1,+16174710117,sms,2024-03-01T10:00:00Z,2024-03-01T10:05:00Z,3
t2,,+16174710118;+16174710120,sms,2024-03-01T10:00:00Z,2024-03-01T10:05:00Z,1
t3,c9,,sms,,,0
";
const MESSAGES: &str = "message_id,conversation_id,from_number,to_number,direction,body,sent_at,status,attachments
,t1,+16174710117,+16174712000,inbound,ok,2024-03-01T10:00:00Z,,
,t1,+16174710117,+16174712000,inbound,ok,2024-03-01T10:00:00Z,,
,t1,+16174712000,+16174710117,,On my way,2024-03-01 05:05:00,,
m4,t2,+16174710120,+16174712000,,\"two
lines\",1709287200,,
m5,,+17818430141,+16174712000,,new here,1709287200000,,
m6,t9,,,,lost,1709287200,,
m7,t1,+16174710117,+16174712000,,bad time,yesterday,,
";
const CALLS: &str =
    "call_id,contact_id,from_number,to_number,direction,started_at,duration_seconds,status,voicemail_text
k1,c3,617-471-0118,+16174712000,,2024-03-01T11:00:00Z,61,completed,
k2,,781-843-0140,+16174712000,,2024-03-01T12:00:00Z,0,missed,Call me back
";

/// A small archive with a bit of everything, some of it wrong.
pub fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("contacts.csv", CONTACTS),
        ("conversations.csv", CONVERSATIONS),
        ("messages.csv", MESSAGES),
        ("calls.csv", CALLS),
        ("manifest.json", r#"{"contacts": 5, "messages": 99}"#),
    ]
}

/// contacts.csv and messages.csv of a larger house: households, shared numbers, numbers in no contact.
pub fn many_files(contacts: u32, messages: u32) -> (String, String) {
    const GIVEN: [&str; 8] = ["John", "Mary", "José", "Ann", "Kim", "Bill", "William", "Zoë"];
    const FAMILY: [&str; 7] = ["Smith", "Lee", "O'Brien", "Pereira", "Nguyen", "García", "Jones"];
    let mut people = "contact_id,display_name,phone_number,email,last_seen\n".to_owned();
    for n in 0..contacts {
        let name = format!("{} {}", GIVEN[(n * 5 % 8) as usize], FAMILY[(n * 3 % 7) as usize]);
        let phone = 4_710_000 + n * 7 % (contacts * 3 / 4).max(1);
        let email = if n % 3 == 0 { format!("p{n}@quincy.example.net") } else { String::new() };
        people.push_str(&format!("c{n},{name},+1617{phone},{email},2024-01-{:02}\n", n % 28 + 1));
    }
    let mut texts = "from_number,to_number,direction,body,sent_at\n".to_owned();
    for n in 0..messages {
        let phone = 4_710_000 + n % (contacts + 40);
        texts.push_str(&format!("+1617{phone},+16174712000,inbound,text {} ünd 🚿,{}\n", n / 3, 1_709_287_200 + n / 2));
    }
    (people, texts)
}
