//! Signing in, being known, and being kept out.

use doorstep_core::audit::Act;
use doorstep_core::session::{ABSOLUTE_SECONDS, IDLE_SECONDS};
use doorstep_core::tenant::Role;
use doorstep_engine::Error;
use doorstep_engine::session::SignIn;
use doorstep_store::testing::{create_tenant, owner_of};
use doorstep_store::{on_both, user};

use crate::house::{House, PASSWORD, email, new_user};

/// Made with the parameters of an older version (8 MiB, one pass).
const OLDER_HASH: &str = "$argon2id$v=19$m=8192,t=1,p=1$c2l4dGVlbiBieXRlcyBvZg$";

on_both! {
    /// Unknown, wrong, disabled and without a password are one answer.
    async fn whoever_is_not_let_in_learns_nothing(store: TestStore) {
        let house = House::new(store);
        house.user("jo", Role::Staff).await;
        let gone = house.user("gone", Role::Staff).await;
        house.engine.disable_user(&house.scope(), gone.id).await.unwrap();
        let none = doorstep_engine::user::NewUser { password: None, ..new_user("none", Role::Staff) };
        house.engine.add_user(&house.scope(), &none).await.unwrap();
        let mut answers = Vec::new();
        for (name, password) in [("jo", "boiler and otters"), ("nobody", PASSWORD), ("gone", PASSWORD), ("none", ""), ("jo", "")] {
            let error = house.try_sign_in(name, password).await.unwrap_err();
            assert!(matches!(error, Error::WrongSignIn), "{name}: {error}");
            answers.push(error.to_string());
        }
        let source = "203.0.113.7".parse().unwrap();
        for text in ["", "jo", "no address at all", &"x".repeat(100_000), "jo@acehvac.com, al@acehvac.com"] {
            let attempt = SignIn { email: text, password: PASSWORD, source, user_agent: "", tenant: None };
            answers.push(house.engine.sign_in(&attempt).await.unwrap_err().to_string());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert!(!answers[0].contains("acehvac"), "{answers:?}");
        assert!(house.is_in(&house.sign_in("jo").await).await);
    }

    /// A session ends when it is idle for a week, and after a month however much it is used.
    async fn a_session_ends_by_itself(store: TestStore) {
        let house = House::new(store);
        house.user("jo", Role::Staff).await;
        let idle = house.sign_in("jo").await;
        house.store.clock.turn_seconds(IDLE_SECONDS - 1);
        assert!(house.is_in(&idle).await);
        house.store.clock.turn_seconds(1);
        assert!(!house.is_in(&idle).await, "idle for a week");
        let used = house.sign_in("jo").await;
        for day in 1..=ABSOLUTE_SECONDS / 86_400 {
            house.store.clock.turn_seconds(86_400 - i64::from(day == 30));
            assert!(house.is_in(&used).await, "day {day}");
            house.engine.write_noted().await.unwrap();
        }
        house.store.clock.turn_seconds(1);
        assert!(!house.is_in(&used).await, "after a month");
    }

    /// What is not exactly a token of a session opens nothing.
    async fn only_the_token_opens(store: TestStore) {
        let house = House::new(store);
        house.user("jo", Role::Staff).await;
        let (one, two) = (house.sign_in("jo").await, house.sign_in("jo").await);
        let (text, other) = (one.token.reveal(), two.token.reveal());
        let (head, secret) = (text.rsplit_once('.').unwrap().0, other.rsplit_once('.').unwrap().1);
        for wrong in ["", ".", &format!("{head}.{secret}"), head, &text[1..], &format!("{text}0"), "1.ses_.", "\u{0}"] {
            assert!(house.engine.authenticate_session(wrong).await.unwrap().is_none(), "{wrong}");
        }
        let visit = house.engine.authenticate_session(&text).await.unwrap().unwrap();
        assert_eq!((visit.session.id, visit.scope), (one.session.id, one.scope));
    }

    /// Everybody sees and ends their own sessions; those of others take the right to.
    async fn sessions_are_listed_and_ended(store: TestStore) {
        let house = House::new(store);
        let (jo, al) = (house.user("jo", Role::Staff).await, house.user("al", Role::Staff).await);
        let (here, there) = (house.sign_in("jo").await, house.sign_in("jo").await);
        let engine = &house.engine;
        let listed = engine.sessions(&here.scope, jo.id).await.unwrap();
        assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [there.session.id, here.session.id]);
        assert_eq!(listed[0].user_agent.as_deref(), Some("Lynx"));
        let als = house.scope_of(&al);
        assert!(matches!(engine.sessions(&als, jo.id).await, Err(Error::Denied(_))));
        assert!(matches!(engine.revoke_session(&als, here.session.id).await, Err(Error::Denied(_))));
        assert!(matches!(engine.revoke_sessions(&als, jo.id, None).await, Err(Error::Denied(_))));
        engine.revoke_session(&here.scope, there.session.id).await.unwrap();
        engine.revoke_session(&here.scope, there.session.id).await.unwrap();
        assert!(!house.is_in(&there).await && house.is_in(&here).await);
        let third = house.sign_in("jo").await;
        assert_eq!(engine.revoke_sessions(&house.scope(), jo.id, Some(third.session.id)).await.unwrap(), 1);
        assert!(!house.is_in(&here).await && house.is_in(&third).await);
    }

    /// Guessing is slowed down per person and per source, known or not, and says how long to wait.
    async fn tries_are_limited(store: TestStore) {
        let house = House::new(store);
        house.user("jo", Role::Staff).await;
        for name in ["jo", "nobody"] {
            for _ in 0..10 {
                assert!(matches!(house.try_sign_in(name, "boiler and otters").await, Err(Error::WrongSignIn)));
            }
            let error = house.try_sign_in(name, PASSWORD).await.unwrap_err();
            assert!(matches!(error, Error::TooManyTries(wait) if wait.seconds == 30), "{error}");
        }
        house.store.clock.turn_seconds(30);
        assert!(house.try_sign_in("jo", PASSWORD).await.is_ok());
        assert!(house.try_sign_in("jo", PASSWORD).await.is_ok(), "a good try does not count");
        let mut refused = 0;
        for number in 0..60 {
            let error = house.try_sign_in(&format!("n{number}"), PASSWORD).await.unwrap_err();
            refused += usize::from(matches!(error, Error::TooManyTries(_)));
        }
        assert!(refused >= 10, "{refused} of 60 from one address");
    }

    /// Of failures one a minute is written for each person; whoever is not known leaves nothing.
    async fn failures_are_written_down_once_a_minute(store: TestStore) {
        let house = House::new(store);
        house.user("jo", Role::Staff).await;
        for round in 1..=3 {
            for _ in 0..3 {
                house.try_sign_in("jo", "boiler and otters").await.unwrap_err();
                house.try_sign_in("nobody", "boiler and otters").await.unwrap_err();
            }
            house.settle().await;
            let failed = house.acts().await.into_iter().filter(|act| *act == Act::SignInFailed).count();
            assert_eq!(failed, round);
            house.store.clock.turn_seconds(60);
        }
        let entries = house.engine.audit_entries(&house.scope(), &Default::default(), None, 10).await.unwrap();
        let said = serde_json::to_string(&entries).unwrap();
        assert!(!said.contains("acehvac") && !said.contains("otter"), "{said}");
    }

    /// Somebody who works for two businesses says which one, after the password was right.
    async fn a_user_of_two_businesses_is_asked_which(store: TestStore) {
        let house = House::new(store);
        let other = create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await;
        house.user("jo", Role::Staff).await;
        house.engine.add_user(&owner_of(&other), &new_user("jo", Role::Admin)).await.unwrap();
        assert!(matches!(house.try_sign_in("jo", "boiler and otters").await, Err(Error::WrongSignIn)));
        let Err(Error::SeveralTenants(tenants)) = house.try_sign_in("jo", PASSWORD).await else { panic!("which?") };
        assert_eq!(tenants.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Bay State Plumbing", "Quincy Roofing"]);
        let (email, source) = (email("jo"), "203.0.113.7".parse().unwrap());
        let attempt = SignIn { email: email.as_str(), password: PASSWORD, source, user_agent: "", tenant: Some(other.id) };
        let signed_in = house.engine.sign_in(&attempt).await.unwrap();
        assert_eq!((signed_in.scope.tenant(), signed_in.scope.role()), (other.id, Role::Admin));
    }

    /// A hash of an older version is replaced at the next sign-in.
    async fn an_older_hash_is_replaced(store: TestStore) {
        let house = House::new(store);
        let jo = house.user("jo", Role::Staff).await;
        let older = argon2_of_older_version(PASSWORD);
        assert!(older.starts_with(OLDER_HASH), "{older}");
        let mut tx = house.store.db.write(&house.scope()).await.unwrap();
        user::set_password(&mut tx, jo.id, &older).await.unwrap();
        tx.commit().await.unwrap();
        house.sign_in("jo").await;
        let mut tx = house.store.db.read(&house.scope()).await.unwrap();
        let hash = user::password_hash(&mut tx, jo.id).await.unwrap().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        drop(tx);
        house.sign_in("jo").await;
    }

    /// Being seen is written by the worker, to the minute.
    async fn the_worker_writes_who_was_seen(store: TestStore) {
        let house = House::new(store);
        let jo = house.user("jo", Role::Staff).await;
        let signed_in = house.sign_in("jo").await;
        let seen = async || house.engine.sessions(&house.scope(), jo.id).await.unwrap()[0].last_seen_at;
        house.store.clock.turn_seconds(59);
        assert!(house.is_in(&signed_in).await);
        house.settle().await;
        assert_eq!(seen().await, signed_in.session.created_at);
        house.store.clock.turn_seconds(1);
        assert!(house.is_in(&signed_in).await);
        house.settle().await;
        assert_eq!(seen().await, signed_in.session.created_at.plus_seconds(60));
    }
}

fn argon2_of_older_version(password: &str) -> String {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
    let older = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
    older.hash_password_with_salt(password.as_bytes(), b"sixteen bytes of").unwrap().to_string()
}

#[test]
fn no_secret_shows_in_debug() {
    let attempt = SignIn {
        email: "jo@acehvac.com",
        password: PASSWORD,
        source: "::1".parse().unwrap(),
        user_agent: "",
        tenant: None,
    };
    let shown = format!("{attempt:?}");
    assert!(!shown.contains("otter") && !shown.contains("acehvac"), "{shown}");
}
