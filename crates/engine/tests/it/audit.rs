//! Every act with consequences leaves one entry, and what changes nothing leaves none.

use std::collections::BTreeSet;

use doorstep_core::audit::Act;
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::identifier::Identifier;
use doorstep_core::matching::{IdentifierMark, Verdict};
use doorstep_core::one_time_link::Purpose;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::tenant::{Actor, Role};
use doorstep_core::user::Label;
use doorstep_core::verification::WebUser;
use doorstep_engine::Error;
use doorstep_engine::api_key::NewApiKey;
use doorstep_engine::customer::Found;
use doorstep_engine::merge::Answer;
use doorstep_engine::removal::Records;
use doorstep_engine::rule_set::Wanted;
use doorstep_engine::sync::Now;
use doorstep_engine::tenant::Change;
use doorstep_engine::user::NewUser;
use doorstep_sim::{Kind, Options};
use doorstep_store::on_both;
use doorstep_store::system::NewTenant;

use crate::house::{House, PASSWORD, contact, files, new_user, password};
use crate::sync::connected::{new_connection, opened};
use crate::verification::open;

/// The acts since the last look.
struct Log<'a> {
    house: &'a House,
    seen: usize,
    all: BTreeSet<Act>,
}

impl Log<'_> {
    async fn expect(&mut self, expected: &[Act]) {
        let acts = self.house.acts().await;
        assert_eq!(&acts[self.seen..], expected);
        self.seen = acts.len();
        self.all.extend(expected);
    }
}

on_both! {
    async fn each_act_leaves_one_entry(store: TestStore) {
        let (house, outbox) = open(store);
        let (engine, scope) = (&house.engine, house.scope());
        let mut log = Log { house: &house, seen: 0, all: BTreeSet::new() };

        let create = async |name: &str, phone: &str| match engine.find_or_create(&scope, &contact(Some(name), phone), false).await {
            Ok(Found::Created { customer: Some(id), .. }) => id,
            other => panic!("{other:?}"),
        };
        let john = create("John Smith", "(617) 471-0117").await;
        log.expect(&[Act::CustomerCreated]).await;
        engine.find_or_create(&scope, &contact(Some("John Smith"), "(617) 471-0117"), false).await.unwrap();
        engine.find_or_create(&scope, &contact(None, "(617) 471-0117"), false).await.unwrap();
        engine.find_or_create(&scope, &contact(Some("Al Green"), "(617) 471-0990"), true).await.unwrap();
        log.expect(&[]).await;
        let mut more = contact(Some("John Smith"), "(617) 471-0117");
        more.phones.extend(contact(None, "(617) 471-0118").phones);
        engine.find_or_create(&scope, &more, false).await.unwrap();
        log.expect(&[Act::CustomerExtended]).await;
        let ann = create("Ann Lee", "(617) 471-0119").await;
        log.expect(&[Act::CustomerCreated]).await;
        engine.merge(&scope, john, ann, Some("one person")).await.unwrap();
        log.expect(&[Act::CustomersMerged]).await;
        assert!(engine.merge(&scope, john, ann, None).await.is_err());
        log.expect(&[]).await;
        engine.unmerge(&scope, ann, None).await.unwrap();
        log.expect(&[Act::CustomerUnmerged]).await;
        let apart = engine.keep_apart(&scope, john, ann, None).await.unwrap().decision.unwrap();
        log.expect(&[Act::CustomersKeptApart]).await;
        engine.retract_decision(&scope, apart).await.unwrap();
        assert!(engine.retract_decision(&scope, apart).await.is_err());
        log.expect(&[Act::CustomersNotKeptApart]).await;
        let identifier = Identifier::from(&Phone::parse("617 471 0190", Region::US).unwrap());
        let line = IdentifierMark { identifier, verdict: Verdict::Shared };
        let mark = engine.mark_identifier(&scope, &line, None).await.unwrap().mark.id;
        assert!(engine.mark_identifier(&scope, &line, None).await.is_err());
        log.expect(&[Act::IdentifierMarked]).await;
        engine.retract_mark(&scope, mark).await.unwrap();
        assert!(engine.retract_mark(&scope, mark).await.is_err());
        log.expect(&[Act::IdentifierUnmarked]).await;
        let web_user: WebUser = "u_1".parse().unwrap();
        engine.request_verification(&scope, &web_user, &line.identifier).await.unwrap();
        log.expect(&[Act::VerificationRequested]).await;
        assert!(engine.confirm_verification(&scope, &web_user, "1").await.is_err());
        log.expect(&[]).await;
        let code = outbox.code();
        engine.confirm_verification(&scope, &web_user, &code).await.unwrap();
        log.expect(&[Act::VerificationConfirmed]).await;
        create("Mary Smith", "(617) 471-0117").await;
        log.expect(&[Act::CustomerCreated]).await;
        let review = engine.reviews(&scope, None, 1).await.unwrap()[0].id;
        engine.decide_review(&scope, review, Answer::Apart, None).await.unwrap();
        log.expect(&[Act::ReviewDecided]).await;
        engine.rebuild(&scope, true, |_| {}).await.unwrap();
        log.expect(&[]).await;
        engine.rebuild(&scope, false, |_| {}).await.unwrap();
        log.expect(&[Act::CustomersRebuilt]).await;

        let wanted = Wanted::Thresholds { of: None, link: 4.0, review: None };
        let rules = engine.add_rule_set(&scope, wanted).await.unwrap().version;
        log.expect(&[Act::RuleSetCreated]).await;
        let looked = engine.preview_rules(&scope, rules, |_, _| {}).await.unwrap();
        assert!(engine.apply_rules(&scope, rules, "another").await.is_err());
        log.expect(&[]).await;
        engine.apply_rules(&scope, rules, &looked.changeover.digest.unwrap()).await.unwrap();
        house.settle().await;
        log.expect(&[Act::RuleSetApplied]).await;

        let planned = house.plan(&house.archive(&files())).await.unwrap().import.id;
        log.expect(&[Act::ImportPlanned]).await;
        engine.apply_import(&scope, planned, &|_| {}).await.unwrap();
        log.expect(&[Act::ImportApplied]).await;
        engine.resume_import(&scope, planned).await.unwrap();
        log.expect(&[Act::ImportResumed]).await;
        house.settle().await;
        log.expect(&[]).await;
        house.undo(planned).await;
        log.expect(&[Act::ImportUndone]).await;

        let jo = house.user("jo", Role::Admin).await;
        log.expect(&[Act::UserCreated]).await;
        let invited = NewUser { password: None, ..new_user("al", Role::Staff) };
        let (al, link) = engine.invite_user(&scope, &invited).await.unwrap();
        log.expect(&[Act::UserCreated]).await;
        assert!(matches!(engine.add_user(&scope, &invited).await, Err(Error::EmailTaken)));
        engine.set_role(&scope, al.id, Role::Staff).await.unwrap();
        log.expect(&[]).await;
        engine.set_role(&scope, al.id, Role::Agent).await.unwrap();
        log.expect(&[Act::UserRoleSet]).await;
        engine.set_password_by_link(&link.reveal(), "first phrase", "").await.unwrap();
        log.expect(&[Act::UserPasswordSet, Act::SignedIn]).await;
        engine.reset_password(&scope, al.id, &password(PASSWORD)).await.unwrap();
        log.expect(&[Act::UserPasswordSet]).await;
        let link = engine.create_link(&scope, al.id, Purpose::SignIn).await.unwrap();
        log.expect(&[Act::LinkCreated]).await;
        engine.link(&link.reveal()).await.unwrap().unwrap();
        engine.sign_in_by_link(&link.reveal(), "").await.unwrap();
        log.expect(&[Act::SignedIn]).await;
        let signed_in = house.sign_in("jo").await;
        log.expect(&[Act::SignedIn]).await;
        assert!(house.is_in(&signed_in).await);
        log.expect(&[]).await;
        house.try_sign_in("jo", "boiler and otters").await.unwrap_err();
        house.settle().await;
        log.expect(&[Act::SignInFailed]).await;
        engine.change_password(&signed_in.scope, PASSWORD, &password("another phrase"), None).await.unwrap();
        log.expect(&[Act::UserPasswordSet]).await;
        let again = house.try_sign_in("jo", "another phrase").await.unwrap();
        log.expect(&[Act::SignedIn]).await;
        engine.revoke_session(&again.scope, again.session.id).await.unwrap();
        log.expect(&[Act::SessionRevoked]).await;
        engine.disable_user(&scope, al.id).await.unwrap();
        engine.disable_user(&scope, al.id).await.unwrap();
        log.expect(&[Act::UserDisabled]).await;
        engine.enable_user(&scope, al.id).await.unwrap();
        log.expect(&[Act::UserEnabled]).await;
        let new = NewApiKey { name: Label::parse("x").unwrap(), role: Role::Staff, scopes: None, expires_at: None };
        let (key, _) = engine.create_api_key(&house.scope_of(&jo), &new).await.unwrap();
        log.expect(&[Act::ApiKeyCreated]).await;
        engine.revoke_api_key(&scope, key.id).await.unwrap();
        engine.revoke_api_key(&scope, key.id).await.unwrap();
        log.expect(&[Act::ApiKeyRevoked]).await;

        let tenant = &house.store.tenant;
        let (name, time_zone) = ("Ace".to_owned(), tenant.time_zone.clone());
        let new = NewTenant { name, time_zone, country: tenant.country, own_numbers: vec![] };
        let made = engine.create_tenant(&Actor::Operator("jo".to_owned()), &new).await.unwrap();
        let theirs = doorstep_store::testing::owner_of(&made);
        let entries = engine.audit_entries(&theirs, &Default::default(), None, 10).await.unwrap();
        assert_eq!(entries.iter().map(|entry| entry.act).collect::<Vec<_>>(), [Act::TenantCreated]);
        log.expect(&[]).await;

        let kim = create("Kim Park", "(617) 471-0121").await;
        log.expect(&[Act::CustomerCreated]).await;
        let mut edit = Edit::default();
        edit.set(Field::Notes, Some("rings twice"), Region::US).unwrap();
        engine.edit_customer(&scope, kim, &edit, None, true).await.unwrap();
        log.expect(&[]).await;
        engine.edit_customer(&scope, kim, &edit, None, false).await.unwrap();
        log.expect(&[Act::CustomerEdited]).await;
        engine.edit_customer(&scope, kim, &edit, None, false).await.unwrap();
        log.expect(&[]).await;
        engine.unpin(&scope, kim, Field::Notes, None).await.unwrap();
        assert!(engine.unpin(&scope, kim, Field::Notes, None).await.is_err());
        log.expect(&[Act::CustomerUnpinned]).await;
        let noted = engine.add_note(&scope, kim, "rings twice", None).await.unwrap();
        assert!(!engine.add_note(&scope, kim, "rings twice", None).await.unwrap().is_new);
        log.expect(&[Act::RemarkAdded]).await;
        engine.retract_remark(&scope, noted.remark.id).await.unwrap();
        assert!(engine.retract_remark(&scope, noted.remark.id).await.is_err());
        log.expect(&[Act::RemarkRetracted]).await;

        let change = Change { name: Some("Bay State Heating".to_owned()), ..Change::default() };
        engine.change_tenant(&scope, &change, true).await.unwrap();
        log.expect(&[]).await;
        engine.change_tenant(&scope, &change, false).await.unwrap();
        log.expect(&[Act::TenantChanged]).await;

        let (live, sim) = opened(&house, Options::default()).await;
        let new = new_connection(&sim, 0, "ServiceTitan");
        let connection = live.add_connection(&scope, &new).await.unwrap();
        assert!(live.add_connection(&scope, &new).await.is_err());
        log.expect(&[Act::ConnectionCreated]).await;
        live.set_enabled(&scope, connection.id, false).await.unwrap();
        live.set_enabled(&scope, connection.id, false).await.unwrap();
        log.expect(&[Act::ConnectionChanged]).await;
        let run = live.sync_now(&scope, connection.id, Now::default()).await.unwrap();
        assert!(live.sync_now(&scope, connection.id, Now::default()).await.is_err());
        log.expect(&[Act::SyncStarted]).await;
        live.cancel_run(&scope, run.id).await.unwrap();
        assert!(live.cancel_run(&scope, run.id).await.is_err());
        log.expect(&[Act::SyncCanceled]).await;
        let key = sim.rows(sim.tenant(), Kind::Customers)[0]["id"].to_string();
        live.add_test_note(&scope, connection.id, &key, "A test").await.unwrap().unwrap();
        log.expect(&[Act::ConnectionTried]).await;
        live.remove_connection(&scope, connection.id, Records::Keep).await.unwrap();
        assert!(live.remove_connection(&scope, connection.id, Records::Keep).await.is_err());
        log.expect(&[Act::ConnectionRemoved]).await;

        // What this walk left out says so here.
        let left_out: Vec<Act> = Act::ALL.iter().copied().filter(|act| !log.all.contains(act)).collect();
        assert_eq!(left_out, [Act::TenantCreated]);
        let staff = house.scope_of(&house.user("staff", Role::Staff).await);
        assert!(matches!(engine.audit_entries(&staff, &Default::default(), None, 10).await, Err(Error::Denied(_))));
    }
}
