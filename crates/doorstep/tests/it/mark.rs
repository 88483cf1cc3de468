//! The office finds that a number is several people's, and says so.

use serde_json::json;

use super::archive;
use super::house::{House, arg, in_both_houses};

const CONTACTS: &str = "\
contact_id,display_name,phone_number
c1,Ann Miller,617-782-1234
c2,Ann Miller,617-782-1234; 781-871-1000
c3,Robert Kowalski,508-787-1001
";

in_both_houses! {
    async fn a_number_is_marked_and_the_mark_taken_back(house: House) {
        let file = house.path("small.zip");
        archive::write(&file, &[("contacts.csv", CONTACTS)]);
        house.run(&["import", "phone-history", &arg(&file), "--apply"]).ok();
        let customers = house.json(&["customer", "list"]);
        assert!(house.run(&["identity", "marks"]).err.contains("nothing is marked"));

        let marked = house.run(&["identity", "mark", "(617) 782-1234", "shared", "--reason", "front desk"]).ok();
        assert!(marked.starts_with("(617) 782-1234 is marked as shared (mrk_"), "{marked}");
        assert!(marked.contains("1 customer has it: 1 customer becomes a customer of its own, 1 customer changes"), "{marked}");
        assert_eq!(house.json(&["customer", "list"]).as_array().unwrap().len(), 3);
        house.run(&["rebuild", "--check"]).ok();
        let listed = house.json(&["identity", "marks"]);
        let shown = [&listed[0]["kind"], &listed[0]["value"], &listed[0]["verdict"], &listed[0]["reason"], &listed[0]["retracted_at"]];
        assert_eq!(shown, [&json!("phone"), &json!("+16177821234"), &json!("shared"), &json!("front desk"), &json!(null)]);

        let told = house.run(&["identity", "mark", "617 782 1234", "shared"]).ended(2);
        assert!(told.contains("marked as shared already"), "{told}");
        let told = house.run(&["identity", "mark", "nonsense", "mine"]).ended(2);
        assert!(told.contains("`nonsense` cannot be marked"), "{told}");
        house.run(&["identity", "unmark", "mrk_01h455vb4pex5vsknk084sn02q"]).ended(3);

        let id = listed[0]["id"].as_str().unwrap();
        let back = house.run(&["identity", "unmark", id]).ok();
        assert!(back.starts_with("(617) 782-1234 is not marked as shared any more\n2 customers"), "{back}");
        assert_eq!(house.json(&["customer", "list"]), customers);
        house.run(&["rebuild", "--check"]).ok();
        assert!(house.run(&["identity", "marks"]).ok().contains("taken back"));
        assert!(house.run(&["identity", "unmark", id]).ended(2).contains("taken back already"));

        house.run(&["identity", "mark", "office@baystate.com", "mine"]).ok();
        house.run(&["doctor"]).ok();
    }
}
