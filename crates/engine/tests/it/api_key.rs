//! Programs come in with what their keys grant, and no further.

use doorstep_core::permission::PermissionSet;
use doorstep_core::tenant::{Actor, Permission, Role};
use doorstep_core::user::Label;
use doorstep_engine::Error;
use doorstep_engine::api_key::NewApiKey;
use doorstep_store::on_both;

use crate::house::House;

fn set(permissions: &[Permission]) -> PermissionSet {
    permissions.iter().copied().collect()
}

fn new(role: Role, scopes: Option<PermissionSet>) -> NewApiKey {
    NewApiKey { name: Label::parse("website").unwrap(), role, scopes, expires_at: None }
}

on_both! {
    /// A key grants what its role grants and it is narrowed to; its secret is in no list and no entry.
    async fn a_key_grants_its_scopes_and_nothing_else(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let wanted = set(&[Permission::Read, Permission::CreateCustomer]);
        let (key, token) = engine.create_api_key(&scope, &new(Role::Staff, Some(wanted))).await.unwrap();
        let text = token.reveal();
        assert!(text.starts_with(&key.shown(scope.tenant()).replace('…', "")), "{text}");
        let call = engine.authenticate_api_key(&text).await.unwrap().unwrap();
        assert_eq!((call.scope.permissions(), call.scope.actor()), (wanted, &Actor::ApiKey(key.id)));
        assert!(matches!(engine.merge(&call.scope, house_id(), house_id(), None).await, Err(Error::Denied(_))));
        let (_, whole) = engine.create_api_key(&scope, &new(Role::Agent, None)).await.unwrap();
        let call = engine.authenticate_api_key(&whole.reveal()).await.unwrap().unwrap();
        assert_eq!(call.scope.permissions(), Role::Agent.permissions());
        let listed = serde_json::to_string(&engine.api_keys(&scope, None, 10).await.unwrap()).unwrap();
        let entries = serde_json::to_string(&engine.audit_entries(&scope, &Default::default(), None, 10).await.unwrap()).unwrap();
        let secret = token.secret.reveal();
        assert!(!listed.contains(&secret) && !entries.contains(&secret) && !format!("{token:?} {key:?}").contains(&secret));
        for wrong in ["", "dsk_", &text[..text.len() - 1], &text.replace("dsk_", "sk_"), &whole.reveal().replace(&whole.id.to_string()[4..], &token.id.to_string()[4..])] {
            assert!(engine.authenticate_api_key(wrong).await.unwrap().is_none(), "{wrong}");
        }
    }

    /// Nobody makes a key that can do what they cannot, nor a key makes keys.
    async fn a_key_is_no_way_up(store: TestStore) {
        let house = House::new(store);
        let engine = &house.engine;
        let admin = house.scope_of(&house.user("admin", Role::Admin).await);
        let staff = house.scope_of(&house.user("staff", Role::Staff).await);
        let check = async |scope: &_, new: NewApiKey| engine.create_api_key(scope, &new).await.unwrap_err();
        assert!(matches!(check(&staff, new(Role::ReadOnly, None)).await, Error::Denied(_)));
        assert!(matches!(check(&admin, new(Role::Owner, None)).await, Error::Denied(_)));
        let nothing = check(&admin, new(Role::ReadOnly, Some(set(&[Permission::Import])))).await;
        assert!(matches!(nothing, Error::Unfit(_)), "{nothing}");
        let (_, token) = engine.create_api_key(&admin, &new(Role::Admin, None)).await.unwrap();
        let call = engine.authenticate_api_key(&token.reveal()).await.unwrap().unwrap();
        let offspring = check(&call.scope, new(Role::ReadOnly, None)).await;
        assert!(matches!(&offspring, Error::Unfit(text) if text.contains("makes no API keys")), "{offspring}");
        let (owners, _) = engine.create_api_key(&house.scope(), &new(Role::Owner, None)).await.unwrap();
        assert!(matches!(engine.revoke_api_key(&admin, owners.id).await, Err(Error::Denied(_))));
        assert!(matches!(engine.api_keys(&staff, None, 10).await, Err(Error::Denied(_))));
    }

    /// A key ends when it is revoked, at once, and when its time is over.
    async fn a_key_ends(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let now = house.store.db.clock().now();
        let late = NewApiKey { expires_at: Some(now), ..new(Role::Staff, None) };
        assert!(matches!(engine.create_api_key(&scope, &late).await, Err(Error::Unfit(_))));
        let ending = NewApiKey { expires_at: Some(now.plus_seconds(60)), ..new(Role::Staff, None) };
        let (_, ending) = engine.create_api_key(&scope, &ending).await.unwrap();
        let (key, revoked) = engine.create_api_key(&scope, &new(Role::Staff, None)).await.unwrap();
        let opens = async |token: &doorstep_engine::api_key::ApiKeyToken| {
            engine.authenticate_api_key(&token.reveal()).await.unwrap().is_some()
        };
        house.store.clock.turn_seconds(59);
        assert!(opens(&ending).await && opens(&revoked).await);
        house.settle().await;
        let used: Vec<_> = engine.api_keys(&scope, None, 10).await.unwrap().into_iter().map(|key| key.last_used_at).collect();
        assert_eq!(used, [Some(now.plus_seconds(59)); 2]);
        house.store.clock.turn_seconds(1);
        engine.revoke_api_key(&scope, key.id).await.unwrap();
        engine.revoke_api_key(&scope, key.id).await.unwrap();
        assert!(!opens(&ending).await && !opens(&revoked).await);
        let stranger = doorstep_core::IdMaker::seeded(9).make(now);
        assert!(matches!(engine.revoke_api_key(&scope, stranger).await, Err(Error::NoApiKey(_))));
    }
}

fn house_id() -> doorstep_core::id::CustomerId {
    doorstep_core::IdMaker::seeded(9).make(doorstep_store::testing::START)
}
