//! The log at its most talkative tells nothing of what customers are or say, and no password.

use super::archive;
use super::house::{House, Ran, arg, in_both_houses};

/// What the people of the small archive and of this story are and say.
const PERSONAL: &[&str] = &[
    "Ann Miller",
    "Robert",
    "ann@miller.test",
    "6177821234",
    "782-1234",
    "782 1234",
    "7818711000",
    "871-1000",
    "5087871001",
    "boiler",
    "Tomorrow",
    "drains",
    "one household",
    "Dee Rains",
    "old office",
];

/// Runs commands with every library logging all that it can; what they said on standard error, where the log is.
struct Talkative<'a> {
    house: &'a House,
    told: String,
}

impl Talkative<'_> {
    fn run(&mut self, args: &[&str], code: i32) -> Ran {
        let output = self.house.command(args).env("DOORSTEP_LOG_LEVEL", "trace").output().unwrap();
        let ran = Ran::of(&output);
        assert_eq!(ran.code, code, "{args:?}: {ran:?}");
        self.told.push_str(&ran.err);
        ran
    }

    fn id(&mut self, args: &[&str]) -> String {
        let ran = self.run(&[args, &["--json"]].concat(), 0);
        let object: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        object["batch_id"].as_str().unwrap().to_owned()
    }
}

in_both_houses! {
    async fn the_log_tells_nothing_of_customers(house: House) {
        let file = house.path("small.zip");
        archive::small(&file);
        let mut program = Talkative { house: &house, told: String::new() };
        let made = ["customer", "find-or-create", "--phone", "(508) 787-1001", "--name", "Dee Rains", "--json"];
        program.run(&made, 0);
        program.run(&made, 0);
        program.run(&["customer", "find-or-create", "--phone", "508.787.1001"], 0);
        let id = program.id(&["import", "phone-history", &arg(&file), "--notes", "the old office"]);
        // The copy of the archive is gone when it is wanted, then it is somebody's letter, then it is back.
        let kept = house.data_dir().join("spool").join(format!("{id}.zip"));
        let whole = std::fs::read(&kept).unwrap();
        std::fs::remove_file(&kept).unwrap();
        program.run(&["import", "apply", &id, "--json"], 1);
        std::fs::write(&kept, "Dear Ann Miller, (617) 782-1234").unwrap();
        program.run(&["import", "resume", &id, "--json"], 1);
        std::fs::write(&kept, whole).unwrap();
        program.run(&["import", "resume", &id, "--json"], 0);
        program.run(&["customer", "show", "617 782 1234"], 0);
        program.run(&["customer", "search", "miller"], 0);
        let reviews = house.json(&["review", "list"]);
        let review = reviews[0]["id"].as_str().unwrap();
        program.run(&["review", "decide", review, "merge", "--reason", "one household"], 0);
        program.run(&["unmerge", reviews[0]["b"]["id"].as_str().unwrap(), "--reason", "no one household"], 0);
        program.run(&["rebuild"], 0);
        program.run(&["doctor"], 0);
        program.run(&["backup", &arg(&house.path("house.backup"))], 0);
        program.run(&["import", "undo", &id], 0);
        for expected in ["insert into record", "a task failed"] {
            assert!(program.told.contains(expected), "the log does not tell of `{expected}`: this proves nothing");
        }
        let leaks: Vec<&str> = program.told.lines().filter(|line| PERSONAL.iter().any(|one| line.contains(one))).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

#[tokio::test]
async fn a_password_in_a_database_url_is_not_told_not_even_under_a_mistyped_name() {
    let house = House::postgres().await.with_tenant().await;
    let variables = ["DATABASE_URL", "DOORSTEP_OWNER_DATABASE_URL"];
    let plain: Vec<String> = variables.iter().map(|name| house.variable(name).to_owned()).collect();
    let mut command = house.command(&["customer", "list"]);
    for (name, url) in variables.iter().zip(&plain) {
        command.env(name, format!("{}&pasword=s3cret", url.replacen("@", ":s3cret@", 1)));
    }
    let ran = Ran::of(&command.env("DOORSTEP_LOG_LEVEL", "trace").output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("sqlx") || ran.err.contains("select"), "the log must be on: {}", ran.err);
    assert!(!ran.err.contains("s3cret") && !ran.out.contains("s3cret"), "{ran:?}");
    let (_, server) = plain[0].split_once('?').unwrap();
    let ran =
        house.run(&["customer", "list", "--database-url", &format!("postgres://app:s3cret@localhost/none?{server}")]);
    assert!(ran.code == 1 && ran.err.contains("cannot be reached") && !ran.err.contains("s3cret"), "{ran:?}");
}
