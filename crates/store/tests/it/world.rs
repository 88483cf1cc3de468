//! A small business' data, something of every noun: fixed by a seed, so that two tenants can have the same
//! or different ids.

use doorstep_core::api_key::ApiKey;
use doorstep_core::audit::{Act, AuditEntry, Details};
use doorstep_core::changeover::Changeover;
use doorstep_core::contact::Contact;
use doorstep_core::context::Assurance;
use doorstep_core::conversation::{Call, Channel, Direction, Message};
use doorstep_core::customer::{Customer, Field, Identity, Provenance, Rule};
use doorstep_core::email::Email;
use doorstep_core::id::{
    ApiKeyId, AuditEntryId, ConversationId, CustomerId, DecisionId, ImportId, MarkId, MessageId, OneTimeLinkId, PinId,
    ReceiptId, RecordId, RemarkId, ReviewId, SessionId, UserId, VerificationId,
};
use doorstep_core::identifier::{Identifier, IdentifierKind};
use doorstep_core::identity::{Decision, Verb};
use doorstep_core::import::{Import, Problem, RowKey, State, Summary};
use doorstep_core::linkage::Weights;
use doorstep_core::matching::{Evidence, IdentifierMark, Verdict};
use doorstep_core::money::Money;
use doorstep_core::one_time_link::{OneTimeLink, Purpose};
use doorstep_core::pin::Pin;
use doorstep_core::position::Way;
use doorstep_core::record::{Source, payload_hash};
use doorstep_core::remark::{Remark, Said};
use doorstep_core::rule_set::Origin;
use doorstep_core::session::{ABSOLUTE_SECONDS, Session};
use doorstep_core::tenant::{Actor, Permission, Role};
use doorstep_core::token::{Secret, SecretHash};
use doorstep_core::verification::{Verification, WebUser};
use doorstep_core::{IdMaker, Scope, Timestamp};
use doorstep_store::context_receipt::{Receipt, Told};
use doorstep_store::listing::Beside;
use doorstep_store::testing::START;
use doorstep_store::{
    Db, Tx, api_key, audit, call, changeover, context_receipt, conversation, customer, decision, idempotency, import,
    mark, message, one_time_link, pin, record, remark, review, rule_set, session, task, user,
};

use crate::live::{Live, fill_live};
use crate::past::fill_past;

pub const STREAM: &str = "contacts";

/// The ids of what was stored.
pub struct World {
    pub maker: IdMaker,
    pub import: ImportId,
    pub people: Vec<Person>,
    pub conversation: ConversationId,
    /// The conversation's.
    pub key: String,
    pub messages: Vec<(MessageId, RowKey)>,
    pub call: RowKey,
    pub review: ReviewId,
    pub decision: DecisionId,
    pub user: UserId,
    pub email: Email,
    pub session: SessionId,
    pub link: OneTimeLinkId,
    pub api_key: ApiKeyId,
    pub entry: AuditEntryId,
    /// Of a kept answer.
    pub idempotency_key: String,
    pub pin: PinId,
    pub remark: RemarkId,
    /// A version of the rules, not in force.
    pub rules: i64,
    pub mark: MarkId,
    /// Of what was told of the first of the people.
    pub receipt: ReceiptId,
    pub verification: VerificationId,
    pub web_user: WebUser,
    /// A number that the third of the people had before.
    pub was: Identifier,
    pub live: Live,
}

impl World {
    /// Where a page that ends with everybody's name begins.
    pub fn beside_last(&self) -> (Way, Beside) {
        (Way::Back, ("zzz".to_owned(), self.people[2].customer))
    }
}

/// One customer of one record.
#[derive(Clone)]
pub struct Person {
    pub customer: CustomerId,
    pub record: RecordId,
    pub key: String,
    pub hash: [u8; 32],
    pub phone: Identifier,
    pub words: Vec<String>,
}

pub const TASK: &str = "sync:phone_history";

pub fn phone(number: u32) -> Identifier {
    Identifier { kind: IdentifierKind::Phone, value: format!("+1617471{number:04}") }
}

pub fn actor() -> Actor {
    Actor::Operator("jo".to_owned())
}

/// A person with a name of two words and a phone.
pub fn person(maker: &IdMaker, number: u32) -> Person {
    let record: RecordId = maker.make(START);
    let key = format!("c{number}");
    Person {
        customer: CustomerId::from_uuid(record.uuid()),
        record,
        hash: payload_hash(&serde_json::json!({ "contact_id": key })),
        key,
        phone: phone(number),
        words: vec![format!("anna{number}"), format!("smith{}", number % 10)],
    }
}

impl Person {
    pub fn record(&self, import: Option<ImportId>) -> record::New {
        record::New {
            id: self.record,
            source: Source::PhoneHistory,
            stream: STREAM.to_owned(),
            key: self.key.clone(),
            hash: self.hash,
            import,
            payload: serde_json::json!({ "contact_id": self.key, "display_name": "Anna \"Ä\" Smith", "z": 1, "a": [1.5, null] }),
            contact: Contact { company: Some("Smith & Sons".to_owned()), notes: None, ..Contact::default() },
            identifiers: vec![self.phone.clone()],
            customer: self.customer,
        }
    }

    pub fn customer(&self) -> customer::Put {
        let identity = Identity {
            identifier: self.phone.clone(),
            source: Source::PhoneHistory,
            record: self.record,
            first_seen_at: START.plus_seconds(-60),
            last_seen_at: START.plus_micros(1),
            verified: self.words.last().is_some_and(|word| word == "smith1"),
        };
        let said = Provenance {
            record: self.record,
            source: Source::PhoneHistory,
            said_at: START,
            rule: Rule::OnlyValue,
            pin: None,
            pinned_by: None,
        };
        customer::Put {
            customer: Customer {
                id: self.customer,
                display_name: self.words.join(" "),
                company: None,
                phone: Some(self.phone.value.clone()),
                email: None,
                address: Some("12 Elm St, Ünit 4\nBoston".to_owned()),
                notes: None,
                balance: Some(Money::from_cents(-12_345)),
                identities: vec![identity],
                first_seen_at: START.plus_seconds(-60),
                provenance: [(Field::Name, said)].into(),
            },
            words: self.words.clone(),
            source_count: 1,
        }
    }
}

pub fn new_message(
    maker: &IdMaker,
    conversation: ConversationId,
    import: Option<ImportId>,
    number: i64,
) -> message::New {
    let message = Message {
        id: maker.make(START),
        conversation_id: conversation,
        direction: Direction::Inbound,
        from: Some("+16174710001".to_owned()),
        to: None,
        body: format!("no hot water since {number}\n\u{1f4a7}"),
        sent_at: START.plus_seconds(number / 2),
        status: (number % 2 == 0).then(|| "delivered".to_owned()),
        attachments: if number % 3 == 0 { vec!["a.jpg".to_owned()] } else { Vec::new() },
    };
    let row_key = row_key("messages", number);
    message::New { message, external_id: Some(number.to_string()), row_key, import }
}

pub fn new_conversation(
    id: ConversationId,
    key: &str,
    import: Option<ImportId>,
    participants: Vec<conversation::Participant>,
) -> conversation::New {
    conversation::New {
        id,
        source: Source::PhoneHistory,
        key: key.to_owned(),
        channel: Channel::Sms,
        started_at: Some(START.plus_seconds(-3600)),
        last_message_at: None,
        import,
        participants,
    }
}

pub fn new_import(id: ImportId) -> import::Stored {
    let import = Import {
        id,
        state: State::Planned,
        file_name: "history.zip".to_owned(),
        archive_hash: "ab".repeat(32),
        notes: Some("first try".to_owned()),
        actor: actor(),
        created_at: START,
        applied_at: None,
        undone_at: None,
        summary: Summary::default(),
        callers_new: 0,
        problem_count: 1,
        rows_done: 0,
        rows_total: 9,
    };
    import::Stored { import, plan: serde_json::json!({"callers": {"new": 0}}), digest: "d1".to_owned(), feed_number: 0 }
}

/// Stores something of every noun, in one transaction. Worlds of different seeds have no id, key, phone or word in
/// common; those of one seed are equal.
pub async fn fill(db: &Db, scope: &Scope, seed: u32) -> World {
    let mut tx = db.write(scope).await.unwrap();
    let world = fill_tx(&mut tx, seed * 2000).await;
    tx.commit().await.unwrap();
    world
}

async fn fill_tx(tx: &mut Tx, base: u32) -> World {
    let maker = IdMaker::seeded(u64::from(base));
    let import: ImportId = maker.make(START);
    let people: Vec<Person> = (1..=3).map(|number| person(&maker, base + number)).collect();
    let problem = Problem { file: "contacts.csv".to_owned(), line: 7, reason: "no phone in it".to_owned() };
    import::insert(tx, &new_import(import), &[problem]).await.unwrap();
    record::insert(tx, people.iter().map(|p| p.record(Some(import))).collect()).await.unwrap();
    customer::put(tx, &people.iter().map(Person::customer).collect::<Vec<_>>(), &[]).await.unwrap();
    let conversation: ConversationId = maker.make(START);
    let participants = vec![
        conversation::Participant { identifier: people[0].phone.clone(), record: Some(people[0].record) },
        conversation::Participant { identifier: people[1].phone.clone(), record: None },
    ];
    conversation::insert(tx, vec![new_conversation(conversation, &format!("t{base}"), Some(import), participants)])
        .await
        .unwrap();
    let new: Vec<message::New> =
        (1..=5).map(|number| new_message(&maker, conversation, Some(import), i64::from(base) + number)).collect();
    let messages = new.iter().map(|new| (new.message.id, new.row_key)).collect();
    message::insert(tx, new).await.unwrap();
    conversation::count_messages(tx, &[conversation]).await.unwrap();
    let call = new_call(&maker, &people[0], Some(import), i64::from(base) + 1);
    let call_key = call.row_key;
    call::insert(tx, vec![call]).await.unwrap();
    let review: ReviewId = maker.make(START);
    review::insert(tx, &[new_review(review, &people[0], &people[1])]).await.unwrap();
    fill_past(tx, &maker, &people, base).await;
    let decision = Decision { id: maker.make(START), verb: Verb::KeepApart, a: people[0].record, b: people[2].record };
    decision::put(tx, &decision, Some("brothers"), &actor()).await.unwrap();
    let mark: MarkId = maker.make(START);
    mark::put(tx, mark, &shared(&people[0].phone), Some("the front desk"), &actor()).await.unwrap();
    let pin = new_pin(&maker, people[0].record);
    pin::put(tx, std::slice::from_ref(&pin)).await.unwrap();
    let remark = new_remark(maker.make(START), people[0].record);
    remark::insert(tx, &remark).await.unwrap();
    let receipt: ReceiptId = maker.make(START);
    let (given, told) = new_receipt(receipt, &people[0], "Anna");
    context_receipt::insert(tx, &[given], &[told]).await.unwrap();
    task::wake(tx, TASK, START).await.unwrap();
    let rules = rule_set::insert(tx, &new_rules()).await.unwrap();
    changeover::put(tx, &new_changeover(rules)).await.unwrap();
    let (new, session, link, (api_key, hash)) =
        (new_user(&maker, base), maker.make(START), maker.make(START), new_api_key(&maker));
    user::insert(tx, &new).await.unwrap();
    session::insert(tx, &new_session(session, new.id)).await.unwrap();
    one_time_link::insert(tx, &new_link(link, new.id), &hash).await.unwrap();
    let api_key = ApiKey { created_by: Actor::User(new.id), ..api_key };
    api_key::insert(tx, &api_key, &hash).await.unwrap();
    let (verification, web_user) = (maker.make(START), WebUser::from_normal(format!("u{base}")));
    let verifying = new_verification(verification, &web_user, &people[0].phone);
    doorstep_store::verification::insert(tx, &verifying, PASSWORD_HASH).await.unwrap();
    let entry = new_entry(&maker, Actor::User(new.id));
    audit::insert(tx, &entry).await.unwrap();
    let idempotency_key = format!("k{base}");
    idempotency::insert(tx, &actor(), &idempotency_key, &answer()).await.unwrap();
    let live = fill_live(tx, &maker, base, people[0].record, &people[0].phone).await;
    World {
        live,
        user: new.id,
        email: new.email,
        session,
        link,
        api_key: api_key.id,
        entry: entry.id,
        idempotency_key,
        import,
        people,
        conversation,
        key: format!("t{base}"),
        messages,
        call: call_key,
        review,
        decision: decision.id,
        pin: pin.id,
        remark: remark.id,
        rules,
        mark,
        receipt,
        verification,
        web_user,
        was: phone(base + 900),
        maker,
    }
}

pub fn new_rules() -> rule_set::New {
    let weights = Weights { link: 3.5, ..Weights::default() };
    rule_set::New { based_on: Some(1), origin: Origin::Thresholds, weights, ..rule_set::New::shipped(actor()) }
}

pub fn new_changeover(version: i64) -> Changeover {
    Changeover {
        version,
        from_version: 1,
        state: doorstep_core::changeover::State::Previewed,
        digest: Some("d1".to_owned()),
        feed_number: 0,
        summary: Some(Default::default()),
        after: None,
        records_done: 3,
        records_total: 3,
        actor: actor(),
        created_at: START,
        applied_at: None,
    }
}

/// That `text` was told of somebody, and what that was.
pub fn new_receipt(id: ReceiptId, person: &Person, text: &str) -> (Receipt, Told) {
    let (customer, hash) = (person.customer, payload_hash(&serde_json::json!(text)));
    let receipt = Receipt {
        id,
        told_at: START,
        actor: actor(),
        customer: Some(customer),
        assurance: Assurance::Staff,
        version: Some(7),
        asked_by: "phone".to_owned(),
        form: "text".to_owned(),
        budget: Some(1_200),
        tokens: Some(9),
        hash: Some(hash),
    };
    (receipt, Told { customer, hash, model: serde_json::json!({ "who": { "name": text } }).into() })
}

pub fn new_verification(id: VerificationId, web_user: &WebUser, to: &Identifier) -> Verification {
    Verification::new(id, web_user.clone(), to.clone(), START)
}

/// Says that an identifier is several people's.
pub fn shared(identifier: &Identifier) -> IdentifierMark {
    IdentifierMark { identifier: identifier.clone(), verdict: Verdict::Shared }
}

pub fn new_pin(maker: &IdMaker, record: RecordId) -> Pin {
    let (id, value) = (maker.make(START), Some("Smith & Sons".to_owned()));
    Pin { id, record, field: Field::Company, value, actor: actor(), pinned_at: START }
}

/// A pair that waits for a person to decide.
pub fn new_review(id: ReviewId, a: &Person, b: &Person) -> review::Review {
    let evidence =
        vec![Evidence { kind: IdentifierKind::Phone, value: phone(1).value, names: "different names".to_owned() }];
    review::Review { id, a: a.customer, b: b.customer, evidence, created_at: START, score: 0 }
}

pub fn new_remark(id: RemarkId, record: RecordId) -> Remark {
    Remark {
        id,
        record,
        said: Said::note("the \"side\" gate ü").unwrap(),
        channel: Some(Channel::Voice),
        said_by: actor(),
        said_at: START,
        retracted_at: None,
        retracted_by: None,
    }
}

pub fn new_call(maker: &IdMaker, person: &Person, import: Option<ImportId>, number: i64) -> call::New {
    call::New {
        call: Call {
            id: maker.make(START),
            direction: Direction::Inbound,
            from: Some(person.phone.value.clone()),
            to: None,
            started_at: at(number),
            duration_seconds: (number % 2 == 0).then_some(60),
            status: None,
            voicemail_text: Some("please call back".to_owned()),
        },
        identifier: person.phone.clone(),
        record: (number % 2 == 1).then_some(person.record),
        external_id: None,
        row_key: row_key("calls", number),
        import,
    }
}

/// A key of 16 bytes; what goes into the real ones is not the store's business.
pub fn row_key(stream: &str, number: i64) -> RowKey {
    let mut key = [0; 16];
    key[..4].copy_from_slice(&stream.as_bytes()[..4]);
    key[8..].copy_from_slice(&number.to_be_bytes());
    key
}

pub fn at(seconds: i64) -> Timestamp {
    START.plus_seconds(seconds)
}

pub const PASSWORD_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";

pub fn new_user(maker: &IdMaker, number: u32) -> user::New {
    user::New {
        id: maker.make(START),
        email: Email::parse(&format!("jo{number}@quincy.example.net")).unwrap(),
        name: "Jo \"Ä\" Smith".to_owned(),
        role: Role::Owner,
        password_hash: Some(PASSWORD_HASH.to_owned()),
    }
}

pub fn secret() -> Secret {
    Secret::from_random([7; 32])
}

pub fn new_session(id: SessionId, user: UserId) -> session::New {
    let session = Session {
        id,
        user,
        user_agent: Some("Lynx".to_owned()),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus_seconds(ABSOLUTE_SECONDS),
        revoked_at: None,
    };
    session::New { session, hash: secret().hash() }
}

pub fn new_link(id: OneTimeLinkId, user: UserId) -> OneTimeLink {
    let expires_at = START.plus_seconds(Purpose::SetPassword.seconds());
    OneTimeLink { id, user, purpose: Purpose::SetPassword, created_at: START, expires_at, used_at: None }
}

pub fn new_api_key(maker: &IdMaker) -> (ApiKey, SecretHash) {
    let key = ApiKey {
        id: maker.make(START),
        name: "website".to_owned(),
        role: Role::Admin,
        scopes: Some([Permission::Read, Permission::CreateCustomer].into_iter().collect()),
        created_by: actor(),
        created_at: START,
        last_used_at: None,
        expires_at: None,
        revoked_at: None,
    };
    (key, secret().hash())
}

pub fn new_entry(maker: &IdMaker, actor: Actor) -> AuditEntry {
    AuditEntry {
        id: maker.make(START),
        at: START,
        act: Act::CustomersMerged,
        subject: Act::CustomersMerged.subject().to_owned(),
        subject_id: Some("cus_1".to_owned()),
        details: Details::none().with("reason", "the \"same\" ü"),
        actor,
    }
}

pub fn answer() -> idempotency::Answer {
    idempotency::Answer { request_hash: [3; 32], status: 201, body: serde_json::json!({ "id": "cus_1" }) }
}
