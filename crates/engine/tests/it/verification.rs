//! A code that goes to a phone or an e-mail address and comes back from a web user: whom it links, and what guessing,
//! waiting, repeating and asking too often come to.

use std::sync::{Arc, Mutex};

use doorstep_core::Scope;
use doorstep_core::audit::Act;
use doorstep_core::email::Email;
use doorstep_core::id::CustomerId;
use doorstep_core::identifier::Identifier;
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::Role;
use doorstep_core::verification::{
    EXPIRES_SECONDS, KEEP_SECONDS, MAX_ATTEMPTS, MAX_REQUESTS, REQUESTS_SECONDS, WebUser,
};
use doorstep_engine::customer::Found;
use doorstep_engine::verification::{CodeMessage, Confirmed, Delivery, NotSent, Sender, Sending};
use doorstep_engine::{Error, Result};
use doorstep_store::on_both;
use doorstep_store::testing::{START, TestStore, create_tenant, owner_of};

use crate::house::{House, contact};

const LINE: &str = "617 471 0117";

/// What would have been sent.
#[derive(Default)]
pub struct Outbox {
    sent: Mutex<Vec<CodeMessage>>,
    is_broken: bool,
}

impl Sender for Outbox {
    fn send<'a>(&'a self, message: &'a CodeMessage) -> Sending<'a> {
        self.sent.lock().unwrap().push(message.clone());
        let done = if self.is_broken { Err(NotSent("the line is down".to_owned())) } else { Ok(Delivery::Sent) };
        Box::pin(std::future::ready(done))
    }
}

impl Outbox {
    fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// The code that was sent last.
    pub fn code(&self) -> String {
        self.sent.lock().unwrap().last().expect("nothing was sent").code.reveal().to_owned()
    }
}

/// A house with a channel for codes.
pub fn open(store: TestStore) -> (House, Arc<Outbox>) {
    let (mut house, outbox) = (House::new(store), Arc::new(Outbox::default()));
    house.engine.sender = outbox.clone();
    (house, outbox)
}

fn phone(text: &str) -> Identifier {
    Identifier::from(&Phone::parse(text, Region::US).unwrap())
}

fn email(text: &str) -> Identifier {
    Identifier::from(&Email::parse(text).unwrap())
}

fn user(text: &str) -> WebUser {
    text.parse().unwrap()
}

async fn create(house: &House, name: &str, phone: &str) -> CustomerId {
    let found = house.engine.find_or_create(&house.scope(), &contact(Some(name), phone), false).await.unwrap();
    let Found::Created { customer: Some(id), .. } = found else { panic!("{found:?}") };
    id
}

async fn request(house: &House, web_user: &str, to: &Identifier) {
    house.engine.request_verification(&house.scope(), &user(web_user), to).await.unwrap();
}

async fn confirm(house: &House, web_user: &str, code: &str) -> Result<Confirmed> {
    house.engine.confirm_verification(&house.scope(), &user(web_user), code).await
}

/// Asks for a code and says it.
async fn verify(house: &House, outbox: &Outbox, web_user: &str, to: &Identifier) -> Confirmed {
    request(house, web_user, to).await;
    confirm(house, web_user, &outbox.code()).await.unwrap()
}

/// A code that is not the one.
fn wrong(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

async fn owners(house: &House, web_user: &str) -> Vec<CustomerId> {
    house.engine.by_identifier(&house.scope(), &Identifier::from(&user(web_user))).await.unwrap()
}

on_both! {
    async fn a_code_links_a_web_user_to_the_one_who_is_known_by_the_number(store: TestStore) {
        let (house, outbox) = open(store);
        let ann = create(&house, "Ann Lee", LINE).await;
        create(&house, "Bob Reed", "617 471 0118").await;
        let agent = house.scope_of(&house.user("al", Role::Agent).await);
        let requested = house.engine.request_verification(&agent, &user("u_1"), &phone(LINE)).await.unwrap();
        assert_eq!((requested.delivery, outbox.count()), (Delivery::Sent, 1));
        let sent = outbox.sent.lock().unwrap()[0].clone();
        assert_eq!((sent.to, sent.verification, sent.tenant), (phone(LINE), requested.verification, house.store.tenant.id));
        assert_eq!(owners(&house, "u_1").await, [], "asking links nobody");
        let (code, reader) = (outbox.code(), house.scope_of(&house.user("ro", Role::ReadOnly).await));
        let denied = house.engine.confirm_verification(&reader, &user("u_1"), &code).await.unwrap_err();
        assert!(matches!(denied, Error::Denied(_)), "{denied:?}");
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        let confirmed = house.engine.confirm_verification(&agent, &user("u_1"), &spaced).await.unwrap();
        assert_eq!((confirmed.customer, confirmed.is_new, confirmed.verification), (ann, false, requested.verification));
        assert_eq!(owners(&house, "u_1").await, [ann]);
        let card = house.engine.card(&house.scope(), ann, 1, 1).await.unwrap().unwrap().customer;
        assert!(card.identities.iter().all(|identity| identity.verified), "{:?}", card.identities);
        assert_eq!(card.display_name, "Ann Lee");
        house.assert_rebuilt_the_same().await;
        let acts: Vec<Act> = house.engine.activity(&house.scope(), ann, None, 9).await.unwrap().rows.into_iter().map(|entry| entry.act).collect();
        assert_eq!(acts[0], Act::VerificationConfirmed);
        // The same again adds nothing.
        let before = house.picture().await;
        assert_eq!(verify(&house, &outbox, "u_1", &phone(LINE)).await.customer, ann);
        assert_eq!(house.picture().await, before);
    }

    async fn asking_says_nothing_of_who_is_known_and_somebody_new_becomes_a_customer(store: TestStore) {
        let (house, outbox) = open(store);
        create(&house, "Ann Lee", LINE).await;
        let ask = async |web_user: &str, to: &str| {
            let requested = house.engine.request_verification(&house.scope(), &user(web_user), &phone(to)).await.unwrap();
            (requested.expires_at, requested.delivery)
        };
        assert_eq!(ask("u_1", LINE).await, ask("u_2", "617 471 0199").await);
        let confirmed = confirm(&house, "u_2", &outbox.code()).await.unwrap();
        assert!(confirmed.is_new);
        assert_eq!(owners(&house, "u_2").await, [confirmed.customer]);
        house.assert_rebuilt_the_same().await;
    }

    async fn guessing_ends_after_five_tries_and_asking_after_five_an_hour(store: TestStore) {
        let (house, outbox) = open(store);
        for round in 0..MAX_REQUESTS {
            request(&house, "u_1", &phone(LINE)).await;
            let code = outbox.code();
            for guess in 1..=MAX_ATTEMPTS as u32 {
                let refused = confirm(&house, "u_1", &wrong(&code, guess)).await.unwrap_err();
                assert!(matches!(refused, Error::WrongCode), "{round}: {refused:?}");
            }
            let refused = confirm(&house, "u_1", &code).await.unwrap_err();
            assert!(matches!(refused, Error::WrongCode), "{round}: the right one, too late");
        }
        let ask = async |web_user: &str, to: &Identifier| house.engine.request_verification(&house.scope(), &user(web_user), to).await;
        for (web_user, to) in [("u_1", phone("617 471 0150")), ("u_2", phone(LINE))] {
            let Err(Error::TooManyTries(wait)) = ask(web_user, &to).await else { panic!("{web_user} may ask") };
            assert_eq!(i64::from(wait.seconds), REQUESTS_SECONDS, "{web_user}");
        }
        assert_eq!(outbox.count(), MAX_REQUESTS);
        ask("u_2", &phone("617 471 0150")).await.unwrap();
        house.store.clock.turn_seconds(REQUESTS_SECONDS);
        ask("u_1", &phone(LINE)).await.unwrap();
        confirm(&house, "u_1", &outbox.code()).await.unwrap();
        assert_eq!(owners(&house, "u_2").await, []);
        house.assert_rebuilt_the_same().await;
    }

    /// One mailbox in many spellings is asked about as one.
    async fn another_spelling_is_the_same_mailbox(store: TestStore) {
        let (house, _outbox) = open(store);
        for round in 0..MAX_REQUESTS {
            request(&house, &format!("u_{round}"), &email(&format!("j.o.e+{round}@gmail.com"))).await;
        }
        let refused = house.engine.request_verification(&house.scope(), &user("u_9"), &email("joe@googlemail.com")).await;
        assert!(matches!(refused, Err(Error::TooManyTries(_))), "{refused:?}");
    }

    async fn a_code_is_good_for_ten_minutes_once_and_only_the_last_one(store: TestStore) {
        let (house, outbox) = open(store);
        let refused = async |code: &str| matches!(confirm(&house, "u_1", code).await, Err(Error::WrongCode));
        assert!(refused("123456").await, "none was sent");
        request(&house, "u_1", &phone(LINE)).await;
        let first = outbox.code();
        house.store.clock.turn_seconds(EXPIRES_SECONDS);
        assert!(refused(&first).await, "too late");
        request(&house, "u_1", &phone(LINE)).await;
        let second = outbox.code();
        request(&house, "u_1", &phone(LINE)).await;
        let third = outbox.code();
        assert!(second == third || refused(&second).await, "another was sent since");
        house.store.clock.turn_seconds(EXPIRES_SECONDS - 1);
        assert!(refused("12345").await && refused("nonsense").await, "no code at all costs no try");
        confirm(&house, "u_1", &third).await.unwrap();
        assert!(refused(&third).await, "once");
        house.assert_rebuilt_the_same().await;
    }

    async fn of_many_at_once_one_is_right_and_five_are_tried(store: TestStore) {
        let (house, outbox) = open(store);
        let ann = create(&house, "Ann Lee", LINE).await;
        let at_once = async |codes: Vec<String>| {
            let all: Vec<_> = codes.into_iter().map(|code| {
                let (engine, scope) = (house.engine.clone(), house.scope());
                tokio::spawn(async move { engine.confirm_verification(&scope, &user("u_1"), &code).await })
            }).collect();
            let mut right = Vec::new();
            for one in all {
                match one.await.unwrap() {
                    Ok(confirmed) => right.push(confirmed.customer),
                    Err(Error::WrongCode | Error::Overloaded) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            right
        };
        request(&house, "u_1", &phone(LINE)).await;
        let code = outbox.code();
        assert_eq!(at_once(vec![code; 10]).await, [ann]);
        assert_eq!(owners(&house, "u_1").await, [ann]);
        request(&house, "u_1", &email("ann@quincyplumbing.com")).await;
        let code = outbox.code();
        assert_eq!(at_once((1..=20).map(|by| wrong(&code, by)).collect()).await, []);
        assert!(matches!(confirm(&house, "u_1", &code).await, Err(Error::WrongCode)), "more than five were tried");
        house.assert_rebuilt_the_same().await;
    }

    async fn another_tenants_codes_are_not_there(store: TestStore) {
        let (house, outbox) = open(store);
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        request(&house, "u_1", &phone(LINE)).await;
        let code = outbox.code();
        let theirs = async |scope: &Scope| house.engine.confirm_verification(scope, &user("u_1"), &code).await;
        assert!(matches!(theirs(&stranger).await, Err(Error::WrongCode)));
        // Nor do their requests count here.
        for _ in 0..MAX_REQUESTS {
            house.engine.request_verification(&stranger, &user("u_1"), &phone(LINE)).await.unwrap();
        }
        request(&house, "u_2", &phone(LINE)).await;
        theirs(&house.scope()).await.unwrap();
    }

    /// A code shows who is reached there, not which of several it is.
    async fn on_a_number_of_several_nobody_is_guessed(store: TestStore) {
        let (house, outbox) = open(store);
        let couple = [create(&house, "John Smith", LINE).await, create(&house, "Mary Smith", LINE).await];
        let confirmed = verify(&house, &outbox, "u_1", &phone(LINE)).await;
        assert!(confirmed.is_new && !couple.contains(&confirmed.customer), "{confirmed:?}");
        let reviews = house.engine.reviews(&house.scope(), None, 9).await.unwrap();
        assert!(reviews.iter().any(|review| review.a == confirmed.customer || review.b == confirmed.customer), "{reviews:?}");
        let carl = create(&house, "Carl Ives", "617 471 0150").await;
        let line = IdentifierMark { identifier: phone("617 471 0150"), verdict: Verdict::Shared };
        house.engine.mark_identifier(&house.scope(), &line, None).await.unwrap();
        assert_ne!(verify(&house, &outbox, "u_2", &phone("617 471 0150")).await.customer, carl);
        house.assert_rebuilt_the_same().await;
    }

    async fn what_one_web_user_verifies_belongs_together(store: TestStore) {
        let (house, outbox) = open(store);
        let ann = create(&house, "Ann Lee", LINE).await;
        assert_eq!(verify(&house, &outbox, "u_1", &phone(LINE)).await.customer, ann);
        assert_eq!(verify(&house, &outbox, "u_1", &email("ann@quincyplumbing.com")).await.customer, ann);
        let card = house.engine.card(&house.scope(), ann, 1, 1).await.unwrap().unwrap().customer;
        assert_eq!(card.email.as_deref(), Some("ann@quincyplumbing.com"));
        house.assert_rebuilt_the_same().await;
        // Somebody else's number does not make the two one.
        let bob = create(&house, "Robert Kowalski", "617 471 0118").await;
        verify(&house, &outbox, "u_1", &phone("617 471 0118")).await;
        let names = house.picture().await.iter().filter(|card| card.starts_with("Ann Lee") || card.starts_with("Robert")).count();
        assert_eq!((names, house.engine.reviews(&house.scope(), None, 9).await.unwrap().is_empty()), (2, false), "{bob}");
        house.assert_rebuilt_the_same().await;
    }

    async fn a_merge_and_its_undo_take_the_web_user_along_and_back(store: TestStore) {
        let (house, outbox) = open(store);
        let (ann, al) = (create(&house, "Ann Lee", LINE).await, create(&house, "Al Quist", "617 471 0118").await);
        verify(&house, &outbox, "u_1", &phone("617 471 0118")).await;
        let before = house.picture().await;
        house.engine.merge(&house.scope(), ann, al, None).await.unwrap();
        assert_eq!(owners(&house, "u_1").await, [ann]);
        house.engine.unmerge(&house.scope(), al, None).await.unwrap();
        assert_eq!((owners(&house, "u_1").await, house.picture().await), (vec![al], before));
        house.assert_rebuilt_the_same().await;
    }

    async fn codes_are_kept_hashed_for_a_day_and_go_nowhere_in_vain(store: TestStore) {
        let (mut house, outbox) = open(store);
        for (to, why) in [(phone("617 555 0123"), "placeholder"), (phone("617 471 2000"), "own"), (Identifier::from(&user("u_1")), "address")] {
            let refused = house.engine.request_verification(&house.scope(), &user("u_1"), &to).await.unwrap_err();
            assert!(refused.to_string().contains(why), "{refused}");
        }
        assert_eq!(outbox.count(), 0);
        request(&house, "u_1", &phone(LINE)).await;
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        let (stored, hash) = doorstep_store::verification::find(&mut tx, &user("u_1")).await.unwrap().unwrap();
        drop(tx);
        assert!(hash.starts_with("$argon2id$") && !hash.contains(&outbox.code()), "{hash}");
        assert_eq!((stored.identifier, stored.attempts), (phone(LINE), 0));
        let message = format!("{:?}", outbox.sent.lock().unwrap()[0]);
        assert!(!message.contains(&outbox.code()) && !message.contains("0117"), "{message}");
        request(&house, "u_2", &phone(LINE)).await;
        assert_eq!(house.tasks().await.len(), 1, "one a day forgets them");
        house.store.clock.turn_seconds(KEEP_SECONDS - 1);
        house.settle().await;
        assert_eq!(house.tasks().await.len(), 1, "not yet");
        house.store.clock.turn_seconds(KEEP_SECONDS + 1);
        house.settle().await;
        assert!(house.tasks().await.is_empty());
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        assert_eq!(doorstep_store::verification::newest(&mut tx, START, 9).await.unwrap(), []);
        drop(tx);
        // A channel that fails says so, and the code is good for nobody.
        house.engine.sender = Arc::new(Outbox { is_broken: true, ..Outbox::default() });
        let failed = house.engine.request_verification(&house.scope(), &user("u_1"), &phone(LINE)).await.unwrap_err();
        assert!(matches!(failed, Error::NotSent(_)) && failed.is_passing(), "{failed:?}");
        house.engine.sender = Arc::new(doorstep_engine::verification::LogOnly);
        let asked = house.engine.request_verification(&house.scope(), &user("u_1"), &phone(LINE)).await.unwrap();
        assert_eq!(asked.delivery, Delivery::NoChannel);
    }
}
