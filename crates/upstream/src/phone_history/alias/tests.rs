#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use super::*;

#[test]
fn no_name_stands_for_two_columns_of_a_file() {
    for kind in FileKind::TABLES {
        let mut seen = BTreeSet::new();
        for column in columns(kind) {
            for name in column.aliases.iter().chain([&column.name]) {
                assert!(seen.insert(comparable(name)), "`{name}` in {}", kind.file_name());
            }
        }
    }
}

#[test]
fn the_enum_and_the_table_agree() {
    assert_eq!(columns(FileKind::Contacts)[Contacts::FamilyName as usize].name, "family_name");
    assert_eq!(columns(FileKind::Conversations)[Conversations::MessageCount as usize].name, "message_count");
    assert_eq!(columns(FileKind::Messages)[Messages::SentTime as usize].name, "sent_time");
    assert_eq!(columns(FileKind::Calls)[Calls::VoicemailText as usize].name, "voicemail_text");
}

#[test]
fn names_are_compared_without_case_space_and_punctuation() {
    for name in ["thread_id", "Thread ID", "THREAD-ID", " thread.Id: "] {
        assert_eq!(comparable(name), "threadid");
    }
    assert_eq!(comparable("Größe"), "größe");
    assert_eq!(comparable("—"), "");
}

fn extra(entries: &[(&str, &[&str])]) -> Result<ExtraAliases, BadAlias> {
    let names = |(column, names): &(&str, &[&str])| {
        ((*column).to_owned(), names.iter().map(|name| (*name).to_owned()).collect())
    };
    ExtraAliases::new(&entries.iter().map(names).collect())
}

#[test]
fn wrong_aliases_say_what_would_be_right() {
    for name in ["messages.sentat", "sent_at", "texts.sent_at", "manifest.x", ""] {
        let error = extra(&[(name, &["x"])]).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("`{name}` is not a column; the columns are `contacts.contact_id`, ")),
            "{error}"
        );
        assert!(error.contains("`messages.sent_at`") && error.contains("`calls.voicemail_text`"));
    }
    assert_eq!(extra(&[("calls.status", &["--"])]), Err(BadAlias::Blank { column: "calls.status".to_owned() }));
    let twice = extra(&[("calls.status", &["Ende"]), ("calls.call_id", &["ende"])]).unwrap_err().to_string();
    assert_eq!(twice, "`Ende` is given for `call_id` and for `status`; leave it at one of them");
    assert!(extra(&[("calls.status", &["Ende", "ende"]), ("messages.status", &["Ende"])]).is_ok());
}
