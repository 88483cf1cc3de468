//! The help of every command, so that a change of it is seen.

use super::house::House;

#[tokio::test]
async fn every_command_has_help_that_teaches() {
    let house = House::sqlite().await;
    let page = house.run(&["reference", "cli"]).ok();
    insta::assert_snapshot!("cli", page);
    for section in page.split("\n## ").skip(1) {
        let is_leaf = !section.contains("\nCommands:\n");
        assert!(!is_leaf || section.contains("\nExamples:\n"), "no example: {section}");
    }
}

#[tokio::test]
async fn every_page_of_the_reference_is_written() {
    let house = House::sqlite().await;
    let settings = house.run(&["reference", "config"]).ok();
    assert!(settings.contains("### `worker.lease_seconds`"), "{settings}");
    let columns = house.run(&["reference", "columns"]).ok();
    assert!(columns.contains("## messages.csv") && columns.contains("`sent_at`"), "{columns}");
    let names = columns.lines().find(|line| line.starts_with("| `phone_number` |")).unwrap();
    assert!(names.contains(", cell phone, ") && names.ends_with("| several times |"), "{names}");
}

#[tokio::test]
async fn asking_for_help_makes_nothing() {
    let house = House::sqlite().await;
    let said = house.run(&["--help"]).ok();
    assert!(said.contains("Usage: doorstep") && said.contains("doorstep demo"), "{said}");
    assert!(!house.data_dir().exists());
}
