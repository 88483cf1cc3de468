//! Coming in: sessions and keys as the store knows them, and what ends them.

use std::net::IpAddr;

use doorstep_core::email::Email;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::password::Password;
use doorstep_core::phone::Region;
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::time::Zone;
use doorstep_core::user::{Label, User};
use doorstep_core::{Scope, TenantId};
use doorstep_engine::Error;
use doorstep_engine::api_key::NewApiKey;
use doorstep_engine::user::NewUser;
use doorstep_server::Settings;
use doorstep_server::auth::{self, Caller, FirstOwner, SESSION, Wanted};
use doorstep_store::on_both;

use crate::house::House;
use crate::wire::{ask, get};

/// What everybody's password is here.
pub const PASSWORD: &str = "a copper kettle on the stove";

/// The operator, who may do everything.
pub fn operator(tenant: TenantId) -> Scope {
    Scope::new(tenant, Actor::Operator("sam".to_owned()), Role::Owner)
}

/// Somebody new who can sign in.
pub async fn user(house: &House, tenant: TenantId, email: &str, role: Role) -> User {
    let email = Email::parse(email).unwrap();
    let password = Some(Password::parse(PASSWORD, &email).unwrap());
    let new = NewUser { email, name: Label::parse("Ann Lee").unwrap(), role, password };
    house.engine.add_user(&operator(tenant), &new).await.unwrap()
}

/// A key, as a header.
pub async fn key(house: &House, tenant: TenantId, role: Role) -> (doorstep_core::id::ApiKeyId, String) {
    let new = NewApiKey { name: Label::parse("till").unwrap(), role, scopes: None, expires_at: None };
    let (key, token) = house.engine.create_api_key(&operator(tenant), &new).await.unwrap();
    (key.id, format!("authorization: Bearer {}", token.reveal()))
}

/// A caller without a session.
pub fn caller(source: [u8; 4]) -> Caller {
    Caller::new(IpAddr::from(source), "a browser", None)
}

/// A session's cookie, as a header.
pub async fn cookie(house: &House, email: &str) -> String {
    let wanted = Wanted { email, password: PASSWORD, tenant: None };
    let entry = auth::sign_in(&house.app, &caller([192, 0, 2, 1]), &wanted).await.unwrap();
    format!("cookie: {}", entry.cookie.to_str().unwrap().split(';').next().unwrap())
}

const ASKED: &str = "/events";

/// The status of something that whoever may read may ask for.
async fn status(house: &House, lines: &[&str]) -> u16 {
    // The stream itself would not end; a topic that is none is refused after the right was checked.
    match get(house.address, &format!("{ASKED}?watch=nothing"), lines).await.status {
        400 => 200,
        other => other,
    }
}

on_both! {
    async fn a_session_and_a_key_open_and_what_is_forged_or_ended_does_not(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let tenant = store.tenant.id;
        let ann = user(&house, tenant, "ann@example.com", Role::Staff).await;
        let (session, (id, key)) = (cookie(&house, "ann@example.com").await, key(&house, tenant, Role::ReadOnly).await);
        assert_eq!(status(&house, &[]).await, 401);
        assert_eq!(status(&house, &[&session]).await, 200);
        assert_eq!(status(&house, &[&key]).await, 200);
        // Within the secret, and not its last character: not every one may stand there, and what is no token at all is
        // refused before anything is compared.
        let forged = |line: &str| {
            let (head, tail) = line.split_at(line.len() - 10);
            let other = if tail.starts_with('0') { '1' } else { '0' };
            format!("{head}{other}{}", &tail[1..])
        };
        assert_eq!(status(&house, &[&forged(&session)]).await, 401);
        // A key that opens nothing is not made good by a cookie.
        for wrong in [forged(&key), "authorization: Bearer nonsense".to_owned(), "authorization: Basic YTpi".to_owned()] {
            let answer = get(house.address, "/events?watch=nothing", &[&wrong, &session]).await;
            assert_eq!((answer.status, answer.json()["type"].as_str().unwrap()), (401, "urn:doorstep:problem:bad-key"));
            assert_eq!(answer.header("www-authenticate").as_deref(), Some("Bearer"));
        }
        assert_eq!(status(&house, &[&key, &key]).await, 401);
        house.engine.revoke_api_key(&operator(tenant), id).await.unwrap();
        assert_eq!(status(&house, &[&key]).await, 401);
        house.engine.disable_user(&operator(tenant), ann.id).await.unwrap();
        assert_eq!(status(&house, &[&session]).await, 401);
    }

    async fn a_session_ends_by_age_by_signing_out_and_by_another_that_begins(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Staff).await;
        let first = cookie(&house, "ann@example.com").await;
        let value = first.split_once('=').unwrap().1.to_owned();
        let again = Caller::new(IpAddr::from([192, 0, 2, 1]), "a browser", Some(value));
        let wanted = Wanted { email: "ann@example.com", password: PASSWORD, tenant: None };
        let entry = auth::sign_in(&house.app, &again, &wanted).await.unwrap();
        assert_eq!(status(&house, &[&first]).await, 401, "the session before goes on");
        let second = format!("cookie: {}", entry.cookie.to_str().unwrap().split(';').next().unwrap());
        assert_eq!(status(&house, &[&second]).await, 200);
        assert!(entry.cookie.to_str().unwrap().starts_with(&house.app.cookies.name(SESSION)));
        store.clock.turn_seconds(8 * 24 * 60 * 60);
        assert_eq!(status(&house, &[&second]).await, 401);
        let third = cookie(&house, "ann@example.com").await;
        let value = third.split_once('=').unwrap().1;
        let visit = house.engine.authenticate_session(value).await.unwrap().unwrap();
        house.engine.revoke_session(&visit.scope, visit.session.id).await.unwrap();
        assert_eq!(status(&house, &[&third]).await, 401);
    }

    async fn the_first_owner_is_made_once_by_whoever_has_the_secret(store: TestStore) {
        let settings = Settings { setup_secret: Some("right".to_owned().into()), ..Settings::default() };
        let house = House::real(&store, settings).await;
        let email = Email::parse("maria@example.com").unwrap();
        let owner = FirstOwner {
            business: String::new(),
            time_zone: Zone::utc(),
            country: Region::US,
            password: Password::parse(PASSWORD, &email).unwrap(),
            email,
            name: Label::parse("Maria").unwrap(),
        };
        let caller = caller([192, 0, 2, 1]);
        assert!(auth::set_up_at(&house.app, "wrong").await.unwrap().is_none());
        assert!(matches!(auth::set_up(&house.app, &caller, "wrong", &owner).await, Err(Error::DeadLink)));
        let existing = auth::set_up_at(&house.app, "right").await.unwrap().unwrap();
        assert_eq!(existing.map(|tenant| tenant.id), Some(store.tenant.id));
        let entry = auth::set_up(&house.app, &caller, "right", &owner).await.unwrap();
        assert_eq!(entry.signed_in.scope.role(), Role::Owner);
        let cookie = format!("cookie: {}", entry.cookie.to_str().unwrap().split(';').next().unwrap());
        assert_eq!(status(&house, &[&cookie]).await, 200);
        assert!(matches!(auth::set_up(&house.app, &caller, "right", &owner).await, Err(Error::DeadLink)));
        assert!(auth::set_up_at(&house.app, "right").await.unwrap().is_none());
    }

    async fn what_changes_something_by_a_session_brings_the_token_of_that_session(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        user(&house, store.tenant.id, "ann@example.com", Role::Staff).await;
        let (one, other) = (cookie(&house, "ann@example.com").await, cookie(&house, "ann@example.com").await);
        let token = async |cookie: &str| {
            let value = cookie.split_once('=').unwrap().1;
            house.engine.authenticate_session(value).await.unwrap().unwrap().page_token.reveal()
        };
        let form = "content-type: application/x-www-form-urlencoded";
        let post = async |cookie: &str, token: &str| {
            let lines = [form, cookie, &format!("x-csrf-token: {token}")];
            ask(house.address, "POST", "/dev/form", &lines, b"name=Ann").await.status
        };
        assert_eq!(post(&one, &token(&one).await).await, 200);
        assert_eq!(post(&one, &token(&other).await).await, 403);
        assert_eq!(post(&one, "").await, 403);
    }

    async fn tries_to_sign_in_are_limited_and_links_work_once(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let ann = user(&house, store.tenant.id, "ann@example.com", Role::Staff).await;
        let wrong = Wanted { email: "ann@example.com", password: "not it at all", tenant: None };
        let mut refused = None;
        for _ in 0..20 {
            match auth::sign_in(&house.app, &caller([192, 0, 2, 9]), &wrong).await {
                Err(Error::WrongSignIn) => {}
                other => { refused = Some(other); break }
            }
        }
        assert!(matches!(refused, Some(Err(Error::TooManyTries(_)))), "{refused:?}");
        let scope = operator(store.tenant.id);
        let link = house.engine.create_link(&scope, ann.id, Purpose::SignIn).await.unwrap().reveal();
        auth::sign_in_by_link(&house.app, &caller([192, 0, 2, 1]), &link).await.unwrap();
        let again = auth::sign_in_by_link(&house.app, &caller([192, 0, 2, 1]), &link).await;
        assert!(matches!(again, Err(Error::DeadLink)));
    }
}
