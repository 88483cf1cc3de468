//! Each layer stands above the one before it, and nobody's typing error passes in silence.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::*;

fn dir_with(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(FILE_NAME), text).unwrap();
    dir
}

fn in_dir(dir: &Path) -> Flags {
    Flags::from([("--data-dir", dir.display().to_string())])
}

fn origin(config: &Config, section: &str, key: &str) -> String {
    config.values.get(section, key).map_or("nobody".to_owned(), |value| value.origin.to_string())
}

#[test]
fn flags_stand_above_the_environment_the_environment_above_the_file_the_file_above_defaults() {
    let dir = dir_with("[worker]\nlease_seconds = 20\n[log]\nlevel = 'info'\n[data]\ntenant = 'Ace'\n");
    let environment = Environment::from([("DOORSTEP_LOG_LEVEL", "debug"), ("DOORSTEP_TENANT", "2"), ("USER", "sam")]);
    let mut flags = in_dir(dir.path());
    flags.insert("--tenant", "3".to_owned());
    let config = load(&flags, &environment).unwrap();
    assert_eq!(config.worker.lease_seconds, 20);
    assert_eq!(config.log.level, "debug");
    assert_eq!(config.data.tenant.as_deref(), Some("3"));
    assert_eq!(config.data.operator, "sam");
    assert_eq!(config.database.url, None);
    assert_eq!(origin(&config, "worker", "lease_seconds"), dir.path().join(FILE_NAME).display().to_string());
    assert_eq!(origin(&config, "log", "level"), "environment DOORSTEP_LOG_LEVEL");
    assert_eq!(origin(&config, "data", "tenant"), "--tenant");
    assert_eq!(origin(&config, "data", "operator"), "default");
}

#[test]
fn the_data_directory_is_where_the_desktop_keeps_data() {
    let check = |environment: Environment, expected: &str| {
        assert_eq!(load(&Flags::new(), &environment).unwrap().data.dir, Path::new(expected));
    };
    check(Environment::from([("HOME", "/nowhere/ann")]), "/nowhere/ann/.local/share/doorstep");
    check(Environment::from([("HOME", "/nowhere/ann"), ("XDG_DATA_HOME", "/nowhere/data")]), "/nowhere/data/doorstep");
    check(Environment::from([("HOME", "/nowhere/ann"), ("DOORSTEP_DATA_DIR", "/nowhere/d")]), "/nowhere/d");
}

#[test]
fn what_nobody_knows_is_refused_with_the_nearest_that_somebody_does() {
    let check = |text: &str, expected: &[&str]| {
        let dir = dir_with(text);
        let told = format!("{:?}", load(&in_dir(dir.path()), &Environment::default()).err().unwrap());
        for part in expected {
            assert!(told.contains(part), "{part}: {told}");
        }
    };
    check("[worker]\nlease_second = 5", &["`worker.lease_second`", "did you mean `worker.lease_seconds`?"]);
    check("[databse]\nurl = 'x'", &["`databse`", "did you mean `database`?"]);
    check("tenant = 'x'", &["`tenant`", "not a setting"]);
    check("[worker]\nlease_seconds = 0", &["cannot be `0`", "a whole number above zero"]);
    check("[worker]\nlease_seconds = [1]", &["array"]);
    check("[data]\ndir = 'elsewhere'", &["`data.dir`, but lies in it"]);
    check("a b", &["line 1"]);
    let environment = Environment::from([("DOORSTEP_TENAT", "2")]);
    let told = format!("{:?}", load(&Flags::new(), &environment).err().unwrap());
    assert!(told.contains("did you mean `DOORSTEP_TENANT`?"), "{told}");
    assert!(load(&Flags::new(), &Environment::from([("DOORSTEP_TEST_POSTGRES", "2")])).is_ok());
}

#[test]
fn names_of_columns_come_in_either_spelling() {
    let dir = dir_with("[import.aliases]\n'messages.body' = 'Said'\n[import.aliases.calls]\nstatus = ['How', 'End']");
    let config = load(&in_dir(dir.path()), &Environment::default()).unwrap();
    let expected = [("calls.status", vec!["How", "End"]), ("messages.body", vec!["Said"])];
    let expected = expected.map(|(column, names)| (column.to_owned(), names.into_iter().map(str::to_owned).collect()));
    assert_eq!(config.aliases, BTreeMap::from(expected));
}

#[test]
fn every_key_has_a_variable_of_its_own_and_says_what_it_means() {
    let mut seen = std::collections::BTreeSet::new();
    for (section, key) in keys() {
        for variable in key.variables() {
            assert!(seen.insert(variable), "{variable}");
        }
        assert_eq!(key.is_secret, !key.file_variables.is_empty(), "{}.{}", section.name, key.name);
        assert!(!key.docs.concat().trim().is_empty(), "{}.{}", section.name, key.name);
    }
}

#[test]
fn a_secret_may_stand_in_a_file_but_not_in_two_places() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let (good, large) = (file("good", b"\n postgres://app:s3cret@db/hub \r\n"), file("large", &[b'x'; 20_000]));
    let load = |variables: &[(&str, &str)], flags: &Flags| {
        let environment = match variables {
            [one] => Environment::from([*one]),
            [one, other] => Environment::from([*one, *other]),
            _ => panic!("one or two"),
        };
        load(flags, &environment).map_err(|failure| format!("{failure:?}"))
    };
    let none = Flags::new();
    for variable in ["DOORSTEP_DATABASE_URL_FILE", "DATABASE_URL_FILE"] {
        let config = load(&[(variable, &good)], &none).unwrap();
        assert_eq!(config.database.url.as_deref(), Some("postgres://app:s3cret@db/hub"));
        assert_eq!(origin(&config, "database", "url"), format!("environment {variable}: {good}"));
    }
    let config = load(&[("DOORSTEP_OWNER_DATABASE_URL_FILE", &good)], &none).unwrap();
    assert_eq!((config.database.url, config.database.owner_url.is_some()), (None, true));
    let flags = Flags::from([("--database-url", "postgres://other@db/hub".to_owned())]);
    let config = load(&[("DOORSTEP_DATABASE_URL_FILE", &good)], &flags).unwrap();
    assert_eq!(config.database.url.as_deref(), Some("postgres://other@db/hub"), "flags stand above");
    let check = |variables: &[(&str, &str)], part: &str| {
        let told = load(variables, &none).err().unwrap();
        assert!(told.contains(part) && told.contains("DATABASE_URL_FILE`"), "{part}: {told}");
        assert!(!told.contains("s3cret") && !told.contains("xxx"), "{told}");
    };
    let both = [("DATABASE_URL", "postgres://app:s3cret@db/hub"), ("DOORSTEP_DATABASE_URL_FILE", &good)];
    check(&both, "sets both `DATABASE_URL` and `DOORSTEP_DATABASE_URL_FILE`");
    check(&[("DATABASE_URL_FILE", &good), ("DOORSTEP_DATABASE_URL_FILE", &good)], "sets both");
    check(&[("DOORSTEP_DATABASE_URL_FILE", "nowhere/secret")], "`nowhere/secret`");
    check(&[("DOORSTEP_DATABASE_URL_FILE", &dir.path().display().to_string())], "cannot be read");
    check(&[("DOORSTEP_DATABASE_URL_FILE", &large)], "is larger than 16 KiB");
    check(&[("DOORSTEP_DATABASE_URL_FILE", &file("empty", b" \n"))], "is empty");
    check(&[("DOORSTEP_DATABASE_URL_FILE", &file("bytes", &[0xff, 0xfe]))], "is no text");
}
