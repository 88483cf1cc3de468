//! Who may make whom what, and what ends with it (I-14, I-17).

use doorstep_core::IdMaker;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::tenant::{Actor, Permission, Role};
use doorstep_core::user::Label;
use doorstep_engine::api_key::NewApiKey;
use doorstep_engine::one_time_link::LinkToken;
use doorstep_engine::random;
use doorstep_engine::user::NewUser;
use doorstep_engine::{Engine, Error};
use doorstep_store::on_both;
use doorstep_store::system::{FirstTenant, NewTenant};
use doorstep_store::testing::{create_tenant, owner_of};
use std::sync::Arc;

use crate::house::{House, PASSWORD, email, new_user, password};

on_both! {
    /// The first owner comes with the tenant; whoever is second gets nothing.
    async fn the_first_start_makes_one_owner(store: TestStore) {
        let house = House::new(store);
        let tenant = &house.store.tenant;
        let new = NewTenant {
            name: "Ace".to_owned(),
            time_zone: tenant.time_zone.clone(),
            country: tenant.country,
            own_numbers: vec![],
        };
        let name = Label::parse("Jo").unwrap();
        let make = async |engine: &Engine, email: doorstep_core::email::Email| {
            let first = FirstTenant::New(new.clone());
            engine.create_first_owner(&Actor::Visitor, &first, &email, &name, &password(PASSWORD)).await.unwrap()
        };
        let other = house.store.another_process().await;
        let other = Engine::new(other, Arc::new(IdMaker::seeded(8)), house.store.dir.path().to_owned());
        let (one, two) = tokio::join!(make(&house.engine, email("jo")), make(&other, email("al")));
        let made: Vec<_> = [one, two].into_iter().flatten().collect();
        let [(scope, user)] = made.as_slice() else { panic!("{} owners", made.len()) };
        assert_eq!((user.role, user.has_password), (Role::Owner, true));
        assert!(make(&house.engine, email("late")).await.is_none());
        let entries = house.engine.audit_entries(scope, &Default::default(), None, 10).await.unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        let (signed_in, _) = tokio::join!(
            house.try_sign_in(user.email.as_str().split('@').next().unwrap(), PASSWORD),
            async {}
        );
        assert_eq!(signed_in.unwrap().scope, *scope);
    }

    /// Only owners make owners, and an admin cannot touch one.
    async fn nobody_gives_what_they_do_not_have(store: TestStore) {
        let house = House::new(store);
        let engine = &house.engine;
        let (owner, admin) = (house.user("owner", Role::Owner).await, house.user("admin", Role::Admin).await);
        let (staff, agent) = (house.user("staff", Role::Staff).await, house.user("agent", Role::Agent).await);
        let admins = house.scope_of(&admin);
        let denied = |result: Result<_, Error>| assert!(matches!(result, Err(Error::Denied(_))), "{result:?}");
        denied(engine.set_role(&admins, admin.id, Role::Owner).await);
        denied(engine.set_role(&admins, owner.id, Role::Staff).await);
        denied(engine.disable_user(&admins, owner.id).await);
        denied(engine.reset_password(&admins, owner.id, &password("another phrase")).await);
        denied(engine.add_user(&admins, &new_user("more", Role::Owner)).await);
        denied(engine.create_link(&admins, owner.id, Purpose::SignIn).await.map(|_| owner.clone()));
        denied(engine.revoke_sessions(&admins, owner.id, None).await.map(|_| owner.clone()));
        let owners = house.sign_in("owner").await;
        denied(engine.revoke_session(&admins, owners.session.id).await.map(|()| owner.clone()));
        assert!(house.is_in(&owners).await);
        denied(engine.disable_user(&house.scope_of(&staff), agent.id).await);
        denied(engine.users(&house.scope_of(&staff), None, 10).await.map(|_| owner.clone()));
        denied(engine.user(&house.scope_of(&staff), agent.id).await);
        assert_eq!(engine.user(&house.scope_of(&staff), staff.id).await.unwrap(), staff);
        assert_eq!(engine.set_role(&admins, staff.id, Role::Admin).await.unwrap().role, Role::Admin);
        // An API key that manages users cannot make one who can do more than it.
        let only = [Permission::ManageUsers, Permission::Read].into_iter().collect();
        let narrowed = admins.clone().narrowed_to(only);
        denied(engine.set_role(&narrowed, agent.id, Role::Staff).await);
        assert_eq!(engine.users(&house.scope(), None, 10).await.unwrap().len(), 4);
        assert!(matches!(engine.add_user(&admins, &new_user("agent", Role::Agent)).await, Err(Error::EmailTaken)));
    }

    /// A tenant keeps an owner who may sign in, also when two demote each other at the same moment.
    async fn the_last_owner_stays(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let jo = house.user("jo", Role::Owner).await;
        assert!(matches!(engine.set_role(&scope, jo.id, Role::Admin).await, Err(Error::Unfit(_))));
        assert!(matches!(engine.disable_user(&scope, jo.id).await, Err(Error::Unfit(_))));
        let al = house.user("al", Role::Owner).await;
        let (one, two) = tokio::join!(
            engine.set_role(&scope, jo.id, Role::Staff),
            engine.disable_user(&scope, al.id)
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let owners = engine.users(&scope, None, 10).await.unwrap();
        assert_eq!(owners.iter().filter(|user| user.role == Role::Owner && user.is_enabled()).count(), 1);
    }

    /// Disabling ends sessions, links and the keys that the user made; enabling brings none of it back.
    async fn a_disabled_user_is_out_at_once_and_with_all_they_hold(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let jo = house.user("jo", Role::Admin).await;
        let signed_in = house.sign_in("jo").await;
        let link = engine.create_link(&scope, jo.id, Purpose::SignIn).await.unwrap();
        let new = NewApiKey { name: Label::parse("x").unwrap(), role: Role::Staff, scopes: None, expires_at: None };
        let (_, key) = engine.create_api_key(&signed_in.scope, &new).await.unwrap();
        let (_, operators) = engine.create_api_key(&scope, &new).await.unwrap();
        assert!(house.is_in(&signed_in).await);
        assert!(engine.authenticate_api_key(&key.reveal()).await.unwrap().is_some());
        engine.disable_user(&scope, jo.id).await.unwrap();
        for enabled in [false, true] {
            assert!(!house.is_in(&signed_in).await, "{enabled}");
            assert!(engine.authenticate_api_key(&key.reveal()).await.unwrap().is_none(), "{enabled}");
            assert!(engine.authenticate_api_key(&operators.reveal()).await.unwrap().is_some(), "{enabled}");
            assert!(matches!(engine.sign_in_by_link(&link.reveal(), "").await, Err(Error::DeadLink)), "{enabled}");
            assert_eq!(house.try_sign_in("jo", PASSWORD).await.is_ok(), enabled);
            engine.enable_user(&scope, jo.id).await.unwrap();
        }
    }

    /// Another role counts at the next request, and takes the keys with more along.
    async fn a_role_counts_at_the_next_request(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let jo = house.user("jo", Role::Admin).await;
        let signed_in = house.sign_in("jo").await;
        let new = |role| NewApiKey { name: Label::parse("x").unwrap(), role, scopes: None, expires_at: None };
        let (_, high) = engine.create_api_key(&signed_in.scope, &new(Role::Admin)).await.unwrap();
        let (_, low) = engine.create_api_key(&signed_in.scope, &new(Role::Staff)).await.unwrap();
        engine.set_role(&scope, jo.id, Role::Staff).await.unwrap();
        let visit = engine.authenticate_session(&signed_in.token.reveal()).await.unwrap().unwrap();
        assert_eq!((visit.scope.role(), visit.user.role), (Role::Staff, Role::Staff));
        assert!(visit.scope.require(Permission::ManageUsers).is_err());
        assert!(engine.authenticate_api_key(&high.reveal()).await.unwrap().is_none());
        assert!(engine.authenticate_api_key(&low.reveal()).await.unwrap().is_some());
    }

    /// A new password ends what was opened with the old one.
    async fn a_new_password_ends_the_other_sessions(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let jo = house.user("jo", Role::Staff).await;
        let (here, there) = (house.sign_in("jo").await, house.sign_in("jo").await);
        let wrong = engine.change_password(&here.scope, "otter and boiler", &password("another phrase"), None).await;
        assert!(matches!(wrong, Err(Error::WrongSignIn)), "{wrong:?}");
        engine
            .change_password(&here.scope, PASSWORD, &password("another phrase"), Some(here.session.id))
            .await
            .unwrap();
        assert!(house.is_in(&here).await && !house.is_in(&there).await);
        assert!(house.try_sign_in("jo", PASSWORD).await.is_err());
        assert!(house.try_sign_in("jo", "another phrase").await.is_ok());
        engine.reset_password(&scope, jo.id, &password("a third phrase")).await.unwrap();
        assert!(!house.is_in(&here).await);
        assert!(house.try_sign_in("jo", "a third phrase").await.is_ok());
    }

    /// A new user comes in by a link, once; a bad password does not use it up.
    async fn an_invited_user_sets_a_password_by_a_link(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let new = NewUser { password: None, ..new_user("jo", Role::Staff) };
        let (jo, link) = engine.invite_user(&scope, &new).await.unwrap();
        assert!(!jo.has_password && house.try_sign_in("jo", PASSWORD).await.is_err());
        let text = link.reveal();
        assert_eq!(engine.link(&text).await.unwrap().map(|(user, link)| (user.id, link.purpose)), Some((jo.id, Purpose::SetPassword)));
        let guessed = LinkToken { secret: random::secret().unwrap(), ..LinkToken::parse(&text).unwrap() }.reveal();
        assert!(engine.link(&guessed).await.unwrap().is_none());
        let refused = engine.set_password_by_link(&guessed, "first phrase", "").await;
        assert!(matches!(refused, Err(Error::DeadLink)), "{refused:?}");
        assert!(matches!(engine.sign_in_by_link(&text, "").await, Err(Error::DeadLink)), "not what it is for");
        assert!(matches!(engine.set_password_by_link(&text, "short", "").await, Err(Error::BadPassword(_))));
        let (one, two) = tokio::join!(
            engine.set_password_by_link(&text, "first phrase", ""),
            engine.set_password_by_link(&text, "second phrase", "")
        );
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        let (signed_in, phrase) = one.map_or_else(|_| (two.unwrap(), "second phrase"), |one| (one, "first phrase"));
        assert!(house.is_in(&signed_in).await && house.try_sign_in("jo", phrase).await.is_ok());
        assert!(engine.link(&text).await.unwrap().is_none());
        let late = engine.create_link(&scope, jo.id, Purpose::SignIn).await.unwrap();
        house.store.clock.turn_seconds(Purpose::SignIn.seconds());
        assert!(matches!(engine.sign_in_by_link(&late.reveal(), "").await, Err(Error::DeadLink)));
        let in_time = engine.create_link(&scope, jo.id, Purpose::SignIn).await.unwrap();
        assert!(house.is_in(&engine.sign_in_by_link(&in_time.reveal(), "").await.unwrap()).await);
    }

    /// Ids and tokens of one business mean nothing at another (I-13).
    async fn another_tenant_has_no_such_user(store: TestStore) {
        let house = House::new(store);
        let other = owner_of(&create_tenant(&house.store.db, "Quincy Roofing", "+16174712001").await);
        let engine = &house.engine;
        let jo = house.user("jo", Role::Staff).await;
        let signed_in = house.sign_in("jo").await;
        assert!(matches!(engine.user(&other, jo.id).await, Err(Error::NoUser(_))));
        assert!(matches!(engine.disable_user(&other, jo.id).await, Err(Error::NoUser(_))));
        assert!(matches!(engine.revoke_session(&other, signed_in.session.id).await, Err(Error::NoSession(_))));
        assert_eq!(engine.sessions(&other, jo.id).await.unwrap(), []);
        assert_eq!(engine.users(&other, None, 10).await.unwrap(), []);
        assert_eq!(engine.audit_entries(&other, &Default::default(), None, 10).await.unwrap(), []);
        let elsewhere = signed_in.token.reveal().replacen(&format!("{}.", house.store.tenant.id), &format!("{}.", other.tenant()), 1);
        assert!(engine.authenticate_session(&elsewhere).await.unwrap().is_none());
        assert!(house.is_in(&signed_in).await);
    }
}
