//! Doors to what is said of customers and written with them: notes, preferences, addresses, jobs, a search.

use axum::http::Method;
use doorstep_core::tenant::Permission::{AddRemarks, Read};

use super::super::{conversation, job, remark};
use super::{Door, PAGING, Takes, door, of};

pub(super) fn all() -> impl Iterator<Item = Door> {
    of(Read, reading()).chain(of(AddRemarks, adding()))
}

fn reading() -> Vec<Door> {
    let get = Method::GET;
    let remarks = |door: Door| door.query(PAGING).gives(200, Some("RemarkPage")).also(&[404]);
    vec![
        remarks(door(
            get.clone(),
            "/customers/{customer}/notes",
            "listNotes",
            remark::notes,
            "Notes about a customer, newest first, also those taken back",
        )),
        remarks(door(
            get.clone(),
            "/customers/{customer}/preferences",
            "listPreferences",
            remark::preferences,
            "What a customer likes, newest first, also what was said before",
        )),
        remarks(door(
            get.clone(),
            "/customers/{customer}/addresses",
            "listAddresses",
            remark::addresses,
            "Service addresses that were said of a customer, newest first, also those taken back",
        )),
        door(
            get.clone(),
            "/customers/{customer}/jobs",
            "listJobs",
            job::of_customer,
            "A customer's jobs, those done or booked last first; those to come with the next visit first",
        )
        .query(&["which", "from", "to", "cursor", "limit"])
        .gives(200, Some("JobPage"))
        .also(&[404]),
        door(
            get,
            "/customers/{customer}/messages",
            "searchMessages",
            conversation::search,
            "Messages with a customer that have every word, newest first; `next` leads to older ones",
        )
        .query(&["q", "cursor", "limit"])
        .gives(200, Some("PassagePage"))
        .also(&[404]),
    ]
}

fn adding() -> Vec<Door> {
    let post = Method::POST;
    let added =
        |door: Door, body| door.takes(Takes::Json(body)).gives(201, Some("RemarkAdded")).also(&[200, 404, 409]).once();
    vec![
        added(
            door(
                post.clone(),
                "/customers/{customer}/notes",
                "addNote",
                remark::add_note,
                "Add a note about a customer; the same note again within ten minutes is the same",
            ),
            "NewNote",
        ),
        added(
            door(
                post.clone(),
                "/customers/{customer}/preferences",
                "recordPreference",
                remark::record_preference,
                "Say what a customer likes, in place of what was said of the same topic before",
            ),
            "NewPreference",
        ),
        added(
            door(
                post.clone(),
                "/customers/{customer}/addresses",
                "addAddress",
                remark::add_address,
                "Add a service address; nobody is found or joined by it",
            ),
            "NewAddress",
        ),
        door(
            post,
            "/remarks/{remark}/undo",
            "retractRemark",
            remark::retract,
            "Take a note, a preference or an address back; others' takes `edit_customer`",
        )
        .gives(200, Some("Remark"))
        .also(&[404, 409])
        .once(),
    ]
}
