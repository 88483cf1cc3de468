//! Small archives, written out so that a story can be read.

use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;

/// A household that shares a landline, a caller who is in no contact, and a row that says nothing.
pub const CONTACTS: &str = "\
Contact ID,Full Name,Phone Number,E-mail,Fax
c1,Ann Miller,\"(617) 782-1234; 781-871-1000 (cell)\",ann@miller.test,
c2,Robert Miller,617-782-1234,,
c3,,N/A,,
";
/// One conversation with the cell, one with a stranger.
pub const CONVERSATIONS: &str = "\
conversation_id,contact_id,participants,channel,started_at,last_message_at,message_count
v1,c1,+17818711000,sms,2026-03-02T09:00:00,2026-03-02T09:05:00,2
v2,,+15087871001,sms,2026-03-03T10:00:00,2026-03-03T10:00:00,1
";
/// Three messages; the manifest claims four.
pub const MESSAGES: &str = "\
message_id,conversation_id,from_number,to_number,direction,body,sent_at,status,attachments
m1,v1,+17818711000,+16174712000,inbound,Is the boiler part in?,2026-03-02T09:00:00,received,
m2,v1,+16174712000,+17818711000,outbound,\"Yes. \u{1b}[31mTomorrow?\",2026-03-02T09:05:00,delivered,
m3,v2,+15087871001,+16174712000,inbound,Do you do drains?,2026-03-03T10:00:00,received,
";
/// One call from the landline.
pub const CALLS: &str = "\
call_id,contact_id,from_number,to_number,direction,started_at,duration_seconds,status,voicemail_text
k1,,+16177821234,+16174712000,inbound,2026-03-04T08:30:00,95,completed,
";
/// What the export says of itself.
pub const MANIFEST: &str = r#"{"counts":{"contacts":3,"conversations":2,"messages":4,"calls":1}}"#;

/// Writes the small archive.
pub fn small(path: &Path) {
    write(
        path,
        &[
            ("contacts.csv", CONTACTS),
            ("conversations.csv", CONVERSATIONS),
            ("messages.csv", MESSAGES),
            ("calls.csv", CALLS),
            ("manifest.json", MANIFEST),
        ],
    );
}

/// Writes an archive of these files.
pub fn write(path: &Path, files: &[(&str, &str)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}
