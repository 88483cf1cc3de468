//! Users, sessions, links, keys, the audit log and kept answers, as the database keeps them.

use std::collections::BTreeSet;

use doorstep_core::IdMaker;
use doorstep_core::api_key::ApiKey;
use doorstep_core::audit::Act;
use doorstep_core::email::Email;
use doorstep_core::id::{AuditEntryId, SessionId};
use doorstep_core::one_time_link::{OneTimeLink, Purpose};
use doorstep_core::phone::Region;
use doorstep_core::session::{ABSOLUTE_SECONDS, MAX_SESSIONS};
use doorstep_core::tenant::{Actor, Role};
use doorstep_store::system::{FirstTenant, NewTenant};
use doorstep_store::testing::{START, TestStore, create_tenant, owner_of};
use doorstep_store::{
    Error, api_key, audit, change, idempotency, on_both, one_time_link, session, system, tenant, user,
};

use crate::world::{answer, fill, new_api_key, new_entry, new_link, new_session, new_user, secret};

on_both! {
    /// One person, however they spell their address; the same address at another business is another user.
    async fn an_email_address_is_one_user_of_a_tenant(store: TestStore) {
        let other = owner_of(&create_tenant(&store.db, "Quincy Roofing", "+16174712001").await);
        let maker = IdMaker::seeded(1);
        let spelled = |text: &str| user::New { email: Email::parse(text).unwrap(), ..new_user(&maker, 1) };
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        user::insert(&mut tx, &spelled("jo.smith@gmail.com")).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let refused = user::insert(&mut tx, &spelled("JoSmith+x@googlemail.com")).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
        drop(tx);
        let mut tx = store.db.write(&other).await.unwrap();
        user::insert(&mut tx, &user::New { password_hash: None, ..spelled("josmith@gmail.com") }).await.unwrap();
        tx.commit().await.unwrap();
        let found = system::users_by_email(&store.db, "josmith@gmail.com").await.unwrap();
        let tenants: Vec<_> = found.iter().map(|it| (it.tenant, it.password_hash.is_some(), it.is_disabled)).collect();
        assert_eq!(tenants, [(store.tenant.id, true, false), (other.tenant(), false, false)]);
        assert!(system::users_by_email(&store.db, "al@gmail.com").await.unwrap().is_empty());
    }

    /// However many businesses somebody works for, a sign-in looks at a bounded number.
    async fn signing_in_looks_at_a_bounded_number(store: TestStore) {
        for number in 1..=system::MAX_CANDIDATES {
            let tenant = create_tenant(&store.db, &format!("No {number}"), &format!("+1617471{number:04}")).await;
            let mut tx = store.db.write(&owner_of(&tenant)).await.unwrap();
            user::insert(&mut tx, &new_user(&IdMaker::seeded(1), 1)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        user::insert(&mut tx, &new_user(&IdMaker::seeded(1), 1)).await.unwrap();
        tx.commit().await.unwrap();
        let found = system::users_by_email(&store.db, &new_user(&IdMaker::seeded(1), 1).email.match_key()).await.unwrap();
        assert_eq!(found.len() as i64, system::MAX_CANDIDATES);
    }

    /// Ten first starts at once make one owner and one tenant.
    async fn there_is_one_first_owner(store: TestStore) {
        assert!(!system::has_any_user(&store.db).await.unwrap());
        let mut starts = tokio::task::JoinSet::new();
        for number in 0..10 {
            let (db, maker) = (store.another_process().await, IdMaker::seeded(number));
            let new = NewTenant { name: format!("Ace {number}"), ..as_new(&store) };
            starts.spawn(async move {
                let owner = new_user(&maker, 1);
                let entry = new_entry(&maker, Actor::User(owner.id));
                system::create_first_owner(&db, &FirstTenant::New(new), &owner, &entry).await.unwrap()
            });
        }
        let made: Vec<_> = starts.join_all().await.into_iter().flatten().collect();
        assert_eq!(made.len(), 1, "{made:?}");
        assert!(system::has_any_user(&store.db).await.unwrap());
        assert_eq!(system::tenants(&store.db).await.unwrap().len(), 2, "a tenant of one who came late was kept");
        let maker = IdMaker::seeded(99);
        let late = FirstTenant::Existing(store.tenant.id);
        let (owner, entry) = (new_user(&maker, 2), new_entry(&maker, Actor::Visitor));
        let again = system::create_first_owner(&store.db, &late, &owner, &entry).await.unwrap();
        assert_eq!(again, None);
    }

    /// A session comes with its user as they are at that moment.
    async fn a_session_is_read_with_its_user_as_they_are_now(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let found = session::find(&mut tx, world.session, 9).await.unwrap().unwrap();
        assert!(found.hash.matches(&secret()) && found.user.role == Role::Owner && found.user.is_enabled());
        assert_eq!(found.session.expires_at, START.plus_seconds(ABSOLUTE_SECONDS));
        user::set_role(&mut tx, world.user, Role::ReadOnly).await.unwrap();
        user::set_disabled(&mut tx, world.user, Some(START)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let found = session::find(&mut tx, world.session, 9).await.unwrap().unwrap();
        assert!(found.user.role == Role::ReadOnly && !found.user.is_enabled());
        assert!(session::revoke(&mut tx, world.session).await.unwrap());
        assert!(!session::revoke(&mut tx, world.session).await.unwrap(), "ended twice");
        let found = session::find(&mut tx, world.session, 9).await.unwrap().unwrap();
        assert!(!found.session.is_alive(START));
        assert!(session::find(&mut tx, SessionId::from_uuid(world.user.uuid()), 9).await.unwrap().is_none());
    }

    /// "Last seen" is written once a minute, and is no change that anybody is told of.
    async fn last_seen_is_kept_to_the_minute_and_announced_to_nobody(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let head = change::head(&mut tx).await.unwrap();
        drop(tx);
        let check = async |turn: i64, expected: (u64, u64)| {
            store.clock.turn_seconds(turn);
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            let touched = session::touch(&mut tx, &[world.session]).await.unwrap();
            let used = api_key::touch(&mut tx, &[world.api_key]).await.unwrap();
            tx.commit().await.unwrap();
            assert_eq!((touched, used), expected, "after {turn} more seconds");
        };
        check(0, (0, 1)).await;
        check(59, (0, 0)).await;
        check(1, (1, 1)).await;
        check(30, (0, 0)).await;
        let mut tx = store.db.read(&store.scope()).await.unwrap();
        let found = session::find(&mut tx, world.session, 9).await.unwrap().unwrap();
        assert_eq!(found.session.last_seen_at, START.plus_seconds(60));
        let api_key::Found { key, hash, country } = api_key::find(&mut tx, world.api_key).await.unwrap().unwrap();
        assert_eq!(key.last_used_at, Some(START.plus_seconds(60)));
        assert!(hash.matches(&secret()));
        assert_eq!((country, found.tenant.country), (Region::US, Region::US));
        assert_eq!(change::head(&mut tx).await.unwrap(), head);
    }

    /// The newest sessions stay; those that ended by themselves go.
    async fn a_user_has_a_bounded_number_of_sessions(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let ids: Vec<SessionId> = (0..MAX_SESSIONS + 5).map(|_| world.maker.make(START)).collect();
        for id in &ids {
            let mut tx = store.db.write(&store.scope()).await.unwrap();
            session::insert(&mut tx, &new_session(*id, world.user)).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let kept: Vec<SessionId> = session::of_user(&mut tx, world.user).await.unwrap().iter().map(|it| it.id).collect();
        let newest: Vec<SessionId> = ids.iter().rev().take(MAX_SESSIONS as usize).copied().collect();
        assert_eq!(kept, newest);
        assert!(session::find(&mut tx, ids[0], 9).await.unwrap().is_none());
        assert_eq!(session::revoke_of_user(&mut tx, world.user, Some(newest[0])).await.unwrap(), 49);
        drop(tx);
        store.clock.turn_seconds(ABSOLUTE_SECONDS);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        session::insert(&mut tx, &new_session(world.maker.make(START), world.user)).await.unwrap();
        assert_eq!(session::of_user(&mut tx, world.user).await.unwrap().len(), 1, "ended sessions pile up");
    }

    /// A link works once, for a while, and a newer one of its kind takes its place.
    async fn a_link_works_once(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let second: OneTimeLink = new_link(world.maker.make(START), world.user);
        let other = OneTimeLink { purpose: Purpose::SignIn, ..new_link(world.maker.make(START), world.user) };
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        one_time_link::insert(&mut tx, &other, &secret().hash()).await.unwrap();
        assert!(one_time_link::find(&mut tx, world.link).await.unwrap().is_some(), "another purpose took it away");
        one_time_link::insert(&mut tx, &second, &secret().hash()).await.unwrap();
        assert!(one_time_link::find(&mut tx, world.link).await.unwrap().is_none());
        let found = one_time_link::find(&mut tx, second.id).await.unwrap().unwrap();
        assert_eq!((&found.link, found.user.id), (&second, world.user));
        assert!(found.hash.matches(&secret()));
        assert!(one_time_link::use_up(&mut tx, second.id).await.unwrap());
        assert!(!one_time_link::use_up(&mut tx, second.id).await.unwrap());
        tx.commit().await.unwrap();
        store.clock.turn_seconds(Purpose::SetPassword.seconds());
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        assert!(!one_time_link::use_up(&mut tx, other.id).await.unwrap(), "too late");
    }

    /// A user who may do less takes the keys with more along.
    async fn keys_end_with_the_rights_of_who_made_them(store: TestStore) {
        let world = fill(&store.db, &store.scope(), 1).await;
        let make = |role| ApiKey { role, created_by: Actor::User(world.user), ..new_api_key(&world.maker).0 };
        let keys: Vec<ApiKey> = [Role::ReadOnly, Role::Staff, Role::Admin].map(make).to_vec();
        let theirs = new_api_key(&world.maker).0;
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        for key in keys.iter().chain([&theirs]) {
            api_key::insert(&mut tx, key, &secret().hash()).await.unwrap();
        }
        assert_eq!(api_key::count(&mut tx).await.unwrap(), 5);
        assert_eq!(api_key::revoke_of_creator(&mut tx, world.user, Some(Role::Staff)).await.unwrap(), 2);
        assert_eq!(api_key::revoke_of_creator(&mut tx, world.user, None).await.unwrap(), 2);
        let alive: Vec<_> = api_key::list(&mut tx, None, 10).await.unwrap();
        let alive: Vec<_> = alive.into_iter().filter(|key| key.is_alive(START)).map(|key| key.id).collect();
        assert_eq!(alive, [theirs.id]);
        assert!(!api_key::revoke(&mut tx, keys[0].id).await.unwrap());
    }

    /// Entries come newest first, a page after the other, and by actor or act.
    async fn the_audit_log_is_read_in_pages(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let users = [Actor::User(maker.make(START)), Actor::Worker];
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        let mut entries = Vec::new();
        for number in 0..20 {
            let mut entry = new_entry(&maker, users[number % 2].clone());
            entry.act = if number % 4 == 0 { Act::UserCreated } else { Act::SignedIn };
            audit::insert(&mut tx, &entry).await.unwrap();
            entries.insert(0, entry);
        }
        let read = async |tx: &mut _, filter: &audit::Filter, page: i64| {
            let (mut all, mut before): (Vec<_>, Option<AuditEntryId>) = (Vec::new(), None);
            while all.len() < 100 {
                let mut found = audit::list(tx, filter, before, page).await.unwrap();
                let Some(last) = found.last() else { break };
                before = Some(last.id);
                all.append(&mut found);
            }
            all
        };
        assert_eq!(read(&mut tx, &audit::Filter::default(), 7).await, entries);
        let mine = audit::Filter { actor: Some(users[0].key()), ..Default::default() };
        assert_eq!(read(&mut tx, &mine, 3).await.len(), 10);
        let both = audit::Filter { act: Some(Act::SignedIn), ..mine };
        let found: BTreeSet<_> = read(&mut tx, &both, 3).await.into_iter().map(|entry| entry.act).collect();
        assert_eq!(found, [Act::SignedIn].into());
        let none = audit::Filter { actor: Some(users[1].key()), act: Some(Act::UserCreated), ..Default::default() };
        assert_eq!(read(&mut tx, &none, 3).await, []);
    }

    /// An answer is kept for a day, for who asked; a second one under its key is refused.
    async fn an_answer_is_kept_for_a_day(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let (jo, al) = (Actor::User(maker.make(START)), Actor::User(maker.make(START)));
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        idempotency::insert(&mut tx, &jo, "k", &answer()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        assert_eq!(idempotency::find(&mut tx, &jo, "k").await.unwrap(), Some(answer()));
        assert_eq!(idempotency::find(&mut tx, &al, "k").await.unwrap(), None);
        let refused = idempotency::insert(&mut tx, &jo, "k", &answer()).await.unwrap_err();
        assert!(matches!(refused, Error::Conflict(_)), "{refused}");
        drop(tx);
        store.clock.turn_seconds(idempotency::KEPT_SECONDS);
        let mut tx = store.db.write(&store.scope()).await.unwrap();
        assert_eq!(idempotency::find(&mut tx, &jo, "k").await.unwrap(), None);
        idempotency::insert(&mut tx, &al, "another", &answer()).await.unwrap();
        idempotency::insert(&mut tx, &jo, "k", &answer()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A tenant's first entry comes with it, or neither does.
    async fn a_tenant_comes_with_its_first_entry(store: TestStore) {
        let maker = IdMaker::seeded(1);
        let entry = new_entry(&maker, Actor::Worker);
        let named = |name: &str| NewTenant { name: name.to_owned(), ..as_new(&store) };
        let made = system::create_tenant_audited(&store.db, &named("Ace"), |_| entry.clone()).await.unwrap();
        let mut tx = store.db.read(&owner_of(&made)).await.unwrap();
        let read = audit::list(&mut tx, &audit::Filter::default(), None, 9).await.unwrap();
        assert_eq!(read, std::slice::from_ref(&entry));
        assert_eq!(tenant::get(&mut tx).await.unwrap().name, "Ace");
        drop(tx);
        let again = system::create_tenant_audited(&store.db, &named("Ace"), |_| entry).await;
        assert!(matches!(again, Err(Error::Conflict(_))));
    }
}

fn as_new(store: &TestStore) -> NewTenant {
    let tenant = &store.tenant;
    NewTenant {
        name: tenant.name.clone(),
        time_zone: tenant.time_zone.clone(),
        country: tenant.country,
        own_numbers: vec![],
    }
}
