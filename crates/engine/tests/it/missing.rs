//! Why nobody is found: each way in which somebody goes missing, told as what it is.

use doorstep_core::identity::explain::Counts;
use doorstep_core::phone::Region;
use doorstep_core::tenant::Role;
use doorstep_core::{Scope, Timestamp};
use doorstep_engine::missing::{Finding, Missing, Wanted};
use doorstep_store::on_both;
use doorstep_store::testing::{create_tenant, owner_of};

use crate::house::{House, contact, files};

async fn ask_as(house: &House, scope: &Scope, text: &str) -> Missing {
    house.engine.why_missing(scope, &Wanted::guess(text, Region::US)).await.unwrap()
}

async fn ask(house: &House, text: &str) -> Missing {
    ask_as(house, &house.scope(), text).await
}

fn names(finding: &Finding) -> Vec<&str> {
    finding.customers().into_iter().map(|one| one.display_name.as_str()).collect()
}

on_both! {
    async fn each_way_of_going_missing_is_told(store: TestStore) {
        let house = House::new(store);
        let (engine, scope) = (&house.engine, house.scope());
        let nothing = ask(&house, "617 471 0117").await;
        assert_eq!(nothing.findings, [Finding::Nowhere]);
        assert!(nothing.sources.iter().all(|asked| asked.last_came_at.is_none()), "{nothing:?}");
        let import = house.import(&files()).await.import.id;
        // Here; shared by two who are in review; a number of the business; nowhere.
        let here = ask(&house, "617-471-0118").await;
        let Finding::Known { customers, has_more: false, merges } = &here.findings[0] else { panic!("{here:?}") };
        assert_eq!((customers[0].display_name.as_str(), merges.len()), ("Jack Smyth", 0));
        assert!(here.sources.iter().any(|asked| asked.last_came_at.is_some_and(|at| at > Timestamp::from_micros(0))));
        let shared = ask(&house, "(617) 471-0117").await;
        assert!(names(&shared.findings[0]).len() == 2 && matches!(shared.findings[1], Finding::Review { .. }), "{shared:?}");
        assert!(matches!(ask(&house, "617 471 2000").await.findings[0], Finding::NotCounted { counts: Counts::OwnNumber, .. }));
        assert!(matches!(ask(&house, "617 555 0123").await.findings[0], Finding::NotCounted { counts: Counts::Placeholder, .. }));
        assert_eq!(ask(&house, "508 471 0199").await.findings, [Finding::Nowhere]);
        // In a row that was left out: why is for who may import.
        let skipped = ask(&house, "yesterday").await;
        let Finding::Skipped { import: of, file, line: 9, reason: Some(reason) } = &skipped.findings[0] else { panic!("{skipped:?}") };
        assert!(*of == import && file == "messages.csv" && reason.contains("yesterday"), "{reason}");
        let reader = house.scope_of(&house.user("reader", Role::ReadOnly).await);
        assert!(matches!(ask_as(&house, &reader, "yesterday").await.findings[0], Finding::Skipped { reason: None, .. }));
        // Merged by somebody: by the number, and by the id that went away.
        let kim = engine.find_or_create(&scope, &contact(Some("Kim Park"), "617 471 0119"), false).await.unwrap();
        let doorstep_engine::customer::Found::Created { customer: Some(kim), .. } = kim else { panic!("{kim:?}") };
        let jack = customers[0].id;
        engine.merge(&scope, jack, kim, Some("married")).await.unwrap();
        for asked in ["617 471 0119", kim.to_string().as_str()] {
            let told = ask(&house, asked).await;
            assert_eq!((told.findings[0].merges()[0].reason.as_deref(), told.findings[0].customers()[0].id), (Some("married"), jack), "{told:?}");
        }
        // Taken out with the import that had brought it.
        house.undo(import).await;
        let gone = ask(&house, &jack.to_string()).await;
        assert!(matches!(gone.findings[0], Finding::TakenOut { .. } | Finding::Merged { .. }), "{gone:?}");
        let told = ask(&house, "(617) 471-0117").await;
        assert_eq!(told.findings, [Finding::Nowhere]);
        assert!(told.sources.iter().any(|asked| asked.last_taken_out_at.is_some()), "{told:?}");
        // Nobody else's.
        let stranger = owner_of(&create_tenant(&house.store.db, "Other", "+16174712001").await);
        for asked in ["617 471 0119", "Kim Park", kim.to_string().as_str()] {
            assert_eq!(ask_as(&house, &stranger, asked).await.findings, [Finding::Nowhere], "{asked}");
        }
    }

    async fn a_number_that_too_many_have_names_some_of_them(store: TestStore) {
        let house = House::new(store);
        let rows: String = (0..60).map(|n| format!("c{n},Al{n} Green{n},617 471 0444\n")).collect();
        house.import(&[("contacts.csv", &format!("contact_id,display_name,phone_number\n{rows}"))]).await;
        let told = ask(&house, "617 471 0444").await;
        let Finding::NotCounted { counts: Counts::Hub, customers, has_more: true } = &told.findings[0] else { panic!("{told:?}") };
        assert_eq!(customers.len(), doorstep_engine::missing::MAX_NAMED);
        let by_name = ask(&house, "al1").await;
        assert!(matches!(&by_name.findings[0], Finding::Known { has_more: true, .. }), "{by_name:?}");
    }
}
