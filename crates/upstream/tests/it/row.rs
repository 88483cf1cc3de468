//! Rows as phone systems write them, in our words.

use doorstep_core::conversation::{Channel, Direction};
use doorstep_upstream::phone_history::{ContactRow, ConversationRow, MessageRow, Row};

use crate::support::{HEADER, all, messages, open, options, zipped};

fn contacts(csv: impl AsRef<[u8]>) -> Vec<Row<ContactRow>> {
    all(open(&zipped(&[("contacts.csv", csv)])).unwrap().contacts(&options())).unwrap()
}

fn conversations(csv: impl AsRef<[u8]>) -> Vec<Row<ConversationRow>> {
    all(open(&zipped(&[("conversations.csv", csv)])).unwrap().conversations(&options())).unwrap()
}

fn message_row(cells: &str) -> Row<MessageRow> {
    messages(format!("{HEADER}{cells}\n")).remove(0)
}

#[test]
fn a_message_is_read_whole() {
    let row =
        message_row("m1,t1,(617) 555-1234,+16172223333,received,\"hi, \"\"you\"\"\",1700000000,delivered,a.jpg;b.jpg");
    assert_eq!((row.line, row.rows, row.notes.len()), (2, 1, 0), "{:?}", row.notes);
    let message = row.outcome.unwrap();
    assert_eq!(message.key.as_deref(), Some("m1"));
    assert_eq!(message.conversation_key.as_deref(), Some("t1"));
    assert_eq!(message.direction, Direction::Inbound);
    assert_eq!(message.body, "hi, \"you\"");
    assert_eq!(message.sent_at.to_string(), "2023-11-14T22:13:20Z");
    assert_eq!(message.status.as_deref(), Some("delivered"));
    assert_eq!(message.attachments, ["a.jpg", "b.jpg"]);
    let from = message.from.as_ref().unwrap();
    assert_eq!((from.raw.as_str(), from.normal(), from.is_own), ("(617) 555-1234", Some("+16175551234"), false));
    assert!(message.to[0].is_own);
    assert_eq!(message.counterparts().map(|party| party.normal().unwrap()).collect::<Vec<_>>(), ["+16175551234"]);
}

#[test]
fn times_are_never_the_time_of_the_import() {
    // H4: a message without a readable time does not go in with another one.
    for (cell, why) in [
        ("", "`sent_at` is blank"),
        ("NULL", "`sent_at` is blank"),
        ("soon", "`sent_at`: `soon`: not a date or time"),
        ("2024-02-30 10:00", "`sent_at`: `2024-02-30 10:00`: there is no such date"),
    ] {
        let reason = message_row(&format!("m,t,,,in,hi,{cell},,")).outcome.unwrap_err();
        assert!(reason.starts_with(why), "{cell}: {reason}");
    }
}

#[test]
fn times_come_in_many_forms_and_in_the_tenants_zone() {
    for (cell, utc) in [
        ("1700000000", "2023-11-14T22:13:20Z"),
        ("1700000000123", "2023-11-14T22:13:20.123Z"),
        ("2024-07-04T12:00:00Z", "2024-07-04T12:00:00Z"),
        ("2024-07-04T12:00:00+02:00", "2024-07-04T10:00:00Z"),
        ("2024-07-04 12:00:00", "2024-07-04T16:00:00Z"),
        ("2024-01-04 12:00:00", "2024-01-04T17:00:00Z"),
    ] {
        let row = message_row(&format!("m,t,,,in,hi,{cell},,"));
        assert_eq!(row.outcome.unwrap().sent_at.to_string(), utc, "{cell}");
    }
}

#[test]
fn date_and_time_in_two_columns_are_one_time() {
    for (csv, utc) in [
        ("Date,Time,Text\n2024-07-04,12:30,hi\n", "2024-07-04T16:30:00Z"),
        ("Date,Time,Text\n2024-07-04 12:30,12:30,hi\n", "2024-07-04T16:30:00Z"),
        ("Time,Text\n2024-07-04 12:30,hi\n", "2024-07-04T16:30:00Z"),
        ("Date,Time,Text\n1700000000,23:59,hi\n", "2023-11-14T22:13:20Z"),
    ] {
        assert_eq!(messages(csv)[0].outcome.as_ref().unwrap().sent_at.to_string(), utc, "{csv}");
    }
}

#[test]
fn the_direction_is_what_the_file_says_else_what_the_own_numbers_tell() {
    let (own, other) = ("+1 617 222 3333", "617-555-1234");
    for (from, to, says, expected, notes) in [
        (other, own, "inbound", Direction::Inbound, 0),
        (own, other, "Sent", Direction::Outbound, 0),
        (other, own, "1", Direction::Inbound, 0),
        (own, other, "2", Direction::Outbound, 0),
        (other, own, "", Direction::Inbound, 0),
        (own, other, "", Direction::Outbound, 0),
        (own, "617-555-1234; 617-555-1235", "", Direction::Outbound, 0),
        (own, "", "", Direction::Outbound, 0),
        ("", own, "", Direction::Inbound, 0),
        (other, "617-555-9876", "", Direction::Unknown, 1),
        (own, own, "", Direction::Unknown, 1),
        ("", "", "", Direction::Unknown, 1),
        (other, own, "sideways", Direction::Inbound, 1),
        (own, other, "incoming", Direction::Inbound, 1),
    ] {
        let row = message_row(&format!("m,t,{from},{to},{says},hi,1700000000,,"));
        assert_eq!(row.notes.len(), notes, "{from} {to} {says}: {:?}", row.notes);
        assert_eq!(row.outcome.unwrap().direction, expected, "{from} {to} {says}");
    }
}

#[test]
fn the_only_number_of_a_row_stands_on_the_side_that_the_direction_says() {
    for (says, from, to) in [("1", Some("+16175551234"), None), ("2", None, Some("+16175551234"))] {
        let rows = messages(format!("address,type,date,body\n6175551234,{says},1700000000000,hi\n"));
        let message = rows[0].outcome.as_ref().unwrap();
        assert_eq!(message.from.as_ref().and_then(|party| party.normal()), from);
        assert_eq!(message.to.first().and_then(|party| party.normal()), to);
    }
}

#[test]
fn a_number_that_is_none_goes_in_with_a_note() {
    let row = message_row("m,t,12,+16172223333,in,hi,1700000000,,");
    assert!(row.notes[0].starts_with("`from_number`: `12`: "), "{:?}", row.notes);
    let from = row.outcome.unwrap().from.unwrap();
    assert_eq!((from.raw.as_str(), from.normal()), ("12", None));
    // A short code is as it should be.
    let row = message_row("m,t,55512,+16172223333,in,hi,1700000000,,");
    assert_eq!((row.notes.len(), row.outcome.unwrap().from.unwrap().raw.as_str()), (0, "55512"));
}

#[test]
fn a_picture_without_text_stays_and_an_empty_one_too() {
    let row = message_row("m,t,,,in,,1700000000,,IMG_1.jpg");
    assert_eq!(row.outcome.unwrap().attachments, ["IMG_1.jpg"]);
    let row = message_row("m,t,,,in,,1700000000,,");
    assert!(row.notes.contains(&"has neither text nor attachment".to_owned()), "{:?}", row.notes);
    assert!(row.outcome.is_ok());
}

#[test]
fn attachments_are_listed_in_many_ways() {
    for (cell, expected) in [
        ("a.jpg", vec!["a.jpg"]),
        ("a.jpg; b.jpg |c.jpg", vec!["a.jpg", "b.jpg", "c.jpg"]),
        ("\"a.jpg, b.jpg\"", vec!["a.jpg", "b.jpg"]),
        ("\"Invoice, final.pdf\"", vec!["Invoice, final.pdf"]),
        ("\"[\"\"https://x.test/1,2\"\", \"\"b.jpg\"\"]\"", vec!["https://x.test/1,2", "b.jpg"]),
        ("0", vec![]),
        ("true", vec![]),
        ("null", vec![]),
    ] {
        let row = message_row(&format!("m,t,,,in,hi,1700000000,,{cell}"));
        assert_eq!(row.outcome.unwrap().attachments, expected, "{cell}");
    }
    let row = message_row(&format!("m,t,,,in,hi,1700000000,,{}", "a.jpg;".repeat(101)));
    assert!(row.notes.contains(&"has 101 attachments; the first 100 are kept".to_owned()), "{:?}", row.notes);
    assert_eq!(row.outcome.unwrap().attachments.len(), 100);
}

#[test]
fn nul_characters_are_taken_out_and_said() {
    let rows = messages(format!("{HEADER}m\0,t,,,in,a\0b\0,1700000000,x\0y,\n"));
    let message = rows[0].outcome.as_ref().unwrap();
    assert_eq!(
        (message.key.as_deref(), message.body.as_str(), message.status.as_deref()),
        (Some("m"), "ab", Some("xy"))
    );
    assert_eq!(rows[0].notes, ["a NUL character was taken out"]);
}

#[test]
fn identical_messages_all_come_out() {
    let rows = messages(format!("{HEADER}{}", ",t,,,in,ok,1700000000,,\n".repeat(3)));
    assert_eq!(rows.iter().filter(|row| row.outcome.is_ok()).count(), 3);
}

#[test]
fn a_contact_is_read_whole_and_its_row_kept() {
    let csv = "contact_id,display_name,phone_number,email,company,notes,first_seen,last_seen,Favourite Colour\n\
               c1,\"Smith, John\",\"617-555-1234; +44 20 7946 0958\",John@Example.com,Acme,\"two\nlines\",2020-01-05,soon,red\n";
    let row = contacts(csv).remove(0);
    assert_eq!(row.notes.len(), 1, "{:?}", row.notes);
    assert!(row.notes[0].starts_with("`last_seen`: `soon`: "), "{:?}", row.notes);
    let contact = row.outcome.unwrap();
    assert_eq!(contact.key, "c1");
    let phones: Vec<_> = contact.contact.phones.iter().map(|phone| phone.as_str()).collect();
    assert_eq!(phones, ["+16175551234", "+442079460958"]);
    assert_eq!(contact.contact.emails.len(), 1);
    assert_eq!(contact.contact.name.unwrap().as_written(), "Smith, John");
    assert_eq!(contact.contact.company.as_deref(), Some("Acme"));
    assert_eq!(contact.contact.notes.as_deref(), Some("two\nlines"));
    assert_eq!(contact.contact.first_seen_at.unwrap().to_string(), "2020-01-05T05:00:00Z");
    assert_eq!(contact.contact.last_seen_at, None);
    assert_eq!(
        contact.payload,
        serde_json::json!({
            "contact_id": "c1", "display_name": "Smith, John", "phone_number": "617-555-1234; +44 20 7946 0958",
            "email": "John@Example.com", "company": "Acme", "notes": "two\nlines", "first_seen": "2020-01-05",
            "last_seen": "soon", "Favourite Colour": "red",
        })
    );
}

#[test]
fn address_books_with_many_columns_are_read() {
    let csv = "First Name,Last Name,Mobile Phone,Home Phone,Phone 1 - Type,Phone 1 - Value,E-mail 1 - Value,E-mail 2 - Value,,,Tag,Tag\n\
               Ann,Lee,617-555-1234,617-555-1235,Work,(617) 555-1236,a@example.com,b@example.com,x,y,p,q\n";
    let row = contacts(csv).remove(0);
    let contact = row.outcome.unwrap();
    assert_eq!(contact.contact.name.as_ref().unwrap().as_written(), "Ann Lee");
    assert_eq!(contact.contact.phones.len(), 3);
    assert_eq!(contact.contact.emails.len(), 2);
    assert!(contact.key.starts_with("content:") && contact.key.len() == "content:".len() + 16, "{}", contact.key);
    // No column is lost: a blank header and two headers of one name each keep their cell.
    for (key, cell) in
        [("column 9", "x"), ("column 10", "y"), ("Tag", "p"), ("Tag (2)", "q"), ("Phone 1 - Type", "Work")]
    {
        assert_eq!(contact.payload[key], cell, "{key}");
    }
    assert_eq!(contact.payload["phone_number"], "617-555-1234; 617-555-1235; (617) 555-1236");
}

#[test]
fn a_contact_that_nothing_recognises_is_skipped_with_its_own_reason() {
    // D13: not only a count.
    let rows = contacts(
        "contact_id,display_name,phone_number,email\n,Ann,,\n,Bob,12,nobody\nc3,Carl,,\nc4,,,\n,,617-555-1234,\n",
    );
    let reasons: Vec<_> = rows.iter().map(|row| row.outcome.as_ref().err().map(String::as_str)).collect();
    let reason = "no phone number or e-mail address that we can read, so nothing to recognise them by";
    assert_eq!(reasons[0], Some(reason));
    let second = reasons[1].unwrap();
    assert!(second.starts_with(&format!("{reason} (phone `12`: ")) && second.contains("e-mail `nobody`: "), "{second}");
    assert_eq!(reasons[2], None, "its id may be what the other files know it by");
    assert_eq!(reasons[3], Some(reason));
    assert_eq!(reasons[4], None);
}

#[test]
fn a_content_key_is_that_of_the_content() {
    let key = |csv: &str| contacts(csv).remove(0).outcome.unwrap().key;
    let one = key("name,phone\nAnn,617-555-1234\n");
    assert_eq!(one, key("phone,name\n617-555-1234,Ann\n"));
    assert_eq!(one, key("\u{FEFF}Phone Number;Full Name\r\n617-555-1234;Ann\r\n"));
    assert_ne!(one, key("name,phone\nAnn,617-555-1235\n"));
}

#[test]
fn group_conversations_name_everybody_but_us() {
    let csv = "conversation_id,contact_id,participants,channel,started_at,last_message_at,message_count\n\
               t1,c1,\"617-555-1234, +16172223333; Ann@Example.com | 617-555-1234 | 12\",MMS,2024-01-01,2024-02-01,7\n\
               ,c1,617-555-1234,sms,,,\n\
               t3,,\"[\"\"+16175551234\"\",\"\"+16175551235\"\"]\",Signal,x,,many\n";
    let rows = conversations(csv);
    let first = rows[0].outcome.as_ref().unwrap();
    assert_eq!(first.participants, ["+16175551234", "ann@example.com"]);
    assert_eq!((first.channel, first.message_count, first.contact_key.as_deref()), (Channel::Sms, Some(7), Some("c1")));
    assert!(rows[0].notes[0].starts_with("`participants`: `12`: "), "{:?}", rows[0].notes);
    assert_eq!(rows[1].outcome.as_ref().unwrap_err(), "`conversation_id` is blank");
    let third = rows[2].outcome.as_ref().unwrap();
    assert_eq!(third.participants, ["+16175551234", "+16175551235"]);
    assert_eq!((third.channel, third.started_at, third.message_count), (Channel::Other, None, None));
    assert_eq!(rows[2].notes.len(), 2, "{:?}", rows[2].notes);
    assert_eq!(third.payload["channel"], "Signal");
}

#[test]
fn calls_are_read_with_their_durations_and_ends() {
    let csv = "call_id,Type,Number,Date,Duration,voicemail\n\
               1,Incoming,617-555-1234,2024-01-01 10:00,75,\n\
               2,Missed Call,617-555-1234,2024-01-01 10:00,,\n\
               3,Outgoing,617-555-1234,2024-01-01 10:00,00:01:15,\n\
               4,4,617-555-1234,2024-01-01 10:00,1m 15s,call me back\n\
               5,out,617-555-1234,2024-01-01 10:00,long,\n\
               6,out,617-555-1234,,1,\n";
    let mut archive = open(&zipped(&[("calls.csv", csv)])).unwrap();
    let rows = all(archive.calls(&options())).unwrap();
    let calls: Vec<_> = rows[..5].iter().map(|row| row.outcome.as_ref().unwrap()).collect();
    let ways: Vec<_> = calls.iter().map(|call| call.direction).collect();
    use Direction::{Inbound, Outbound};
    assert_eq!(ways, [Inbound, Inbound, Outbound, Inbound, Outbound]);
    let ends: Vec<_> = calls.iter().map(|call| call.status.as_deref()).collect();
    assert_eq!(ends, [None, Some("missed"), None, Some("voicemail"), None]);
    let seconds: Vec<_> = calls.iter().map(|call| call.duration_seconds).collect();
    assert_eq!(seconds, [Some(75), None, Some(75), Some(75), None]);
    assert_eq!(calls[3].voicemail_text.as_deref(), Some("call me back"));
    assert_eq!(rows[4].notes, ["`duration_seconds`: `long` is not a duration; left out"]);
    assert_eq!(rows[5].outcome.as_ref().unwrap_err(), "`started_at` is blank");
}

#[test]
fn an_endless_id_is_refused_row_by_row() {
    let rows = messages(format!("{HEADER}{},t,,,in,hi,1700000000,,\n", "x".repeat(600)));
    assert_eq!(rows[0].outcome.as_ref().unwrap_err(), "`message_id` is longer than 512 bytes, which no id is");
}

#[test]
fn nothing_personal_shows_in_debug() {
    let rows = messages(format!("{HEADER}m,t,617-555-1234,+16172223333,in,secret,1700000000,,\n"));
    let shown = format!("{:?}", rows[0]);
    assert!(!shown.contains("secret") && !shown.contains("555"), "{shown}");
    let message = rows[0].outcome.as_ref().unwrap();
    assert!(!format!("{:?}", message.from).contains("1234"));
}
