//! A business turns out to have another number, and another zone.

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
    async fn an_own_number_that_was_forgotten_is_added_and_taken_back(house: House) {
        let file = house.path("small.zip");
        archive::write(&file, &[("contacts.csv", CONTACTS)]);
        house.run(&["import", "phone-history", &arg(&file), "--apply"]).ok();
        let customers = house.json(&["customer", "list"]);
        assert_eq!(customers.as_array().unwrap().len(), 2);

        let asked = ["tenant", "set", "bay state plumbing", "--add-own-number", "(617) 782-1234"];
        let preview = house.run(&[&asked[..], &["--preview"]].concat()).ok();
        for part in [
            "Bay State Plumbing (tenant 1)\n",
            "own number: (617) 782-1234 is one now",
            "1 customer has these numbers: 1 customer becomes a customer of its own, 1 customer changes",
            "(a preview: nothing was written)",
        ] {
            assert!(preview.contains(part), "{part}\n{preview}");
        }
        assert_eq!(house.json(&["customer", "list"]), customers);
        let changed = house.json(&asked);
        let expected = json!({ "holders": 1, "created": 1, "changed": 1, "joined": 0, "by_task": false });
        assert_eq!((&changed["customers"], &changed["preview"]), (&expected, &json!(false)));
        assert_eq!(changed["tenant"]["own_numbers"], json!(["+16174712000", "+16177821234"]));
        assert_eq!(house.json(&["customer", "list"]).as_array().unwrap().len(), 3);
        house.run(&["rebuild", "--check"]).ok();
        assert_eq!(house.run(&asked).ok(), "Bay State Plumbing is so already\n");

        house.run(&["tenant", "set", "1", "--remove-own-number", "617 782 1234"]).ok();
        assert_eq!(house.json(&["customer", "list"]), customers);
        house.run(&["rebuild", "--check"]).ok();
        house.run(&["doctor"]).ok();
    }

    async fn a_tenant_moves_and_is_renamed(house: House) {
        let asked = ["--time-zone", "Europe/London", "--country", "GB", "--rename", "Dee Heating"];
        let ran = house.run(&[&["tenant", "set", "Bay State Plumbing"][..], &asked].concat());
        for part in ["time zone: America/New_York → Europe/London", "country: US → GB", "name: Bay State Plumbing → Dee"] {
            assert!(ran.out.contains(part), "{part}\n{}", ran.out);
        }
        assert!(ran.err.contains("what is in stays as it was read"), "{}", ran.err);
        let tenant = house.json(&["tenant", "list"])[0].clone();
        let shown = [&tenant["name"], &tenant["time_zone"], &tenant["country"]];
        assert_eq!(shown, [&json!("Dee Heating"), &json!("Europe/London"), &json!("GB")]);
        house.run(&["tenant", "create", "Ace", "--time-zone", "UTC"]).ok();
        let told = house.run(&["tenant", "set", "Ace", "--rename", "Dee Heating"]).ended(2);
        assert!(told.contains("there is a tenant `Dee Heating` already"), "{told}");
        let told = house.run(&["tenant", "set", "Ace", "--remove-own-number", "+16174712000"]).ended(2);
        assert!(told.contains("`(617) 471-2000` is not one of the own numbers of `Ace`"), "{told}");
        let told = house.run(&["tenant", "set", "Ace"]).ended(2);
        assert!(told.contains("--time-zone"), "{told}");
        house.run(&["tenant", "set", "Nobody", "--rename", "Ace"]).ended(3);
        house.run(&["tenant", "set", "Ace", "--rename", " "]).ended(2);
    }
}
