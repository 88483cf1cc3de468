//! Imports of phone history.

use doorstep_store::on_both;

use crate::house::House;

const CONTACTS: &str = "contact_id,display_name,phone_number,email,company,notes,first_seen,last_seen
c1,John Smith,(617) 471-0117,john@quincy.example.net,,,2019-04-01,2024-03-01
c2,Mary Smith,617-471-0117,,,,2019-04-01,2024-03-01
c3,Jack Smyth,617.471.0118 (cell),,,,,
c4,,N/A,,,,,
c5,Johnny Smith,+16174710117,john.smith@quincy.example.net,,,,
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
m5,,+17815550000,+16174712000,,new here,1709287200000,,
m6,t9,,,,lost,1709287200,,
m7,t1,+16174710117,+16174712000,,bad time,yesterday,,
";
const CALLS: &str = "call_id,contact_id,from_number,to_number,direction,started_at,duration_seconds,status,voicemail_text
k1,c3,617-471-0118,+16174712000,,2024-03-01T11:00:00Z,61,completed,
k2,,781-843-0140,+16174712000,,2024-03-01T12:00:00Z,0,missed,Call me back
";
const MANIFEST: &str = r#"{"contacts": 5, "messages": 99}"#;

fn files() -> Vec<(&'static str, &'static str)> {
    vec![
        ("contacts.csv", CONTACTS),
        ("conversations.csv", CONVERSATIONS),
        ("messages.csv", MESSAGES),
        ("calls.csv", CALLS),
        ("manifest.json", MANIFEST),
    ]
}

on_both! {
    async fn a_dry_run_writes_nothing_and_predicts_what_applying_does(store: TestStore) {
        let house = House::new(store);
        let planned = house.plan(&house.archive(&files())).await.unwrap();
        assert!(house.picture().await.is_empty());
        let summary = serde_json::to_value(planned.import.summary).unwrap();
        assert_eq!(
            summary,
            serde_json::json!({
                "contacts": {"new": 3, "updated": 1, "skipped": 1},
                "conversations": {"new": 3, "skipped": 1},
                "messages": {"new": 5, "skipped": 2},
                "calls": {"new": 2, "skipped": 0},
            }),
            "{:#?}",
            house.engine.import_problems(&house.scope(), planned.import.id, 0, 100).await.unwrap()
        );
        house.apply(planned.import.id).await;
        let picture = house.picture().await;
        println!("{picture:#?}");
        let stored = house.engine.import(&house.scope(), planned.import.id).await.unwrap();
        assert_eq!((stored.import.rows_done, stored.import.rows_total), (stored.import.rows_total, planned.import.rows_total));
        house.assert_rebuilt_the_same().await;
    }
}
