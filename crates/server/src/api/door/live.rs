//! Doors of live sources: connections, runs, and looking at a source beside what is read from it.

use axum::http::Method;
use doorstep_core::tenant::Permission;

use super::super::{connection, diagnose, refresh, run};
use super::{Door, PAGING, Takes, door, of};

/// All of them.
pub(super) fn all() -> impl Iterator<Item = Door> {
    use Permission::{Administer, EditCustomer, Import, Read};
    of(Read, seeing())
        .chain(of(Read, reading_again()))
        .chain(of(EditCustomer, reading_words()))
        .chain(of(Import, running()))
        .chain(of(Administer, connecting()))
        .chain(of(Administer, looking()))
}

fn seeing() -> Vec<Door> {
    let get = Method::GET;
    vec![
        door(get.clone(), "/sources", "listSources", connection::sources, "What can be connected, and what it takes")
            .gives(200, Some("SourceList")),
        door(get.clone(), "/connections", "listConnections", connection::list, "Connected sources, oldest first")
            .gives(200, Some("ConnectionList")),
        door(get.clone(), "/connections/{connection}", "getConnection", connection::get, "One connection")
            .gives(200, Some("Connection"))
            .also(&[404]),
        door(get.clone(), "/connections/{connection}/runs", "listRuns", run::list, "Its runs, newest first")
            .query(PAGING)
            .gives(200, Some("RunPage"))
            .also(&[404]),
        door(get.clone(), "/runs/{run}", "getRun", run::get, "One run with what became of the rows so far")
            .gives(200, Some("Run"))
            .also(&[404]),
        door(get, "/runs/{run}/problems", "listRunProblems", run::problems, "What was wrong with single rows")
            .query(PAGING)
            .gives(200, Some("RunProblemPage"))
            .also(&[404]),
    ]
}

fn reading_again() -> Vec<Door> {
    vec![
        door(
            Method::POST,
            "/customer-context/sync",
            "syncCustomer",
            refresh::sync,
            "Read one customer again from the sources that know them, whatever their hours; 200 where it came",
        )
        .takes(Takes::Json("SyncCustomer"))
        .gives(202, Some("CustomerSynced"))
        .also(&[200, 404]),
    ]
}

fn reading_words() -> Vec<Door> {
    vec![
        door(
            Method::GET,
            "/connections/{connection}/record",
            "getSourceRecord",
            connection::record,
            "What the source said of one object, word for word, now and before",
        )
        .query(&["stream", "key"])
        .gives(200, Some("SourceRecord"))
        .also(&[404]),
    ]
}

fn running() -> Vec<Door> {
    let post = Method::POST;
    vec![
        door(
            post.clone(),
            "/connections/{connection}/runs",
            "startRun",
            run::start,
            "Read it now, whatever its hours; 409 with the run that is under way",
        )
        .query(&["sweep", "remove_missing"])
        .gives(202, Some("Run"))
        .also(&[404, 409])
        .once(),
        door(post, "/runs/{run}/cancel", "cancelRun", run::cancel, "Stop a run; what it had read stays")
            .gives(200, Some("Run"))
            .also(&[404, 409]),
    ]
}

fn connecting() -> Vec<Door> {
    let post = Method::POST;
    vec![
        door(
            post.clone(),
            "/connections",
            "createConnection",
            connection::create,
            "Connect a source; it is asked first whether it can be read, unless `check` is false",
        )
        .takes(Takes::Json("NewConnection"))
        .gives(201, Some("ConnectionCreated"))
        .also(&[409])
        .once(),
        door(
            post.clone(),
            "/connections/check",
            "checkSettings",
            connection::try_out,
            "Ask a source whether it can be read with these settings; nothing is kept",
        )
        .takes(Takes::Json("SettingsTried"))
        .gives(200, Some("Checked"))
        .also(&[409]),
        door(
            Method::PATCH,
            "/connections/{connection}",
            "changeConnection",
            connection::change,
            "Say anew what it is called, what connects it, or when it is read; what is not said stays",
        )
        .takes(Takes::Json("ConnectionChange"))
        .gives(200, Some("Connection"))
        .also(&[404, 409]),
        door(
            Method::DELETE,
            "/connections/{connection}",
            "removeConnection",
            connection::remove,
            "Take it away with its credentials; what it said stays, or with `records=remove` goes for good",
        )
        .query(&["records"])
        .gives(200, Some("Connection"))
        .also(&[404]),
        door(
            post,
            "/connections/{connection}/check",
            "checkConnection",
            connection::check,
            "Ask it whether it can be read, stream by stream",
        )
        .gives(200, Some("Checked"))
        .also(&[404, 409]),
    ]
}

fn looking() -> Vec<Door> {
    let get = Method::GET;
    vec![
        door(
            get.clone(),
            "/connections/{connection}/diagnostics/customer",
            "getRawCustomer",
            diagnose::customer,
            "A customer as the source has it now, with contacts, tags, jobs and locations; nothing is stored",
        )
        .query(&["key"])
        .gives(200, Some("RawCustomer"))
        .also(&[404, 409]),
        door(
            get,
            "/connections/{connection}/diagnostics/page",
            "walkStream",
            diagnose::page,
            "A page of a stream as the source gives it; nothing is stored",
        )
        .query(&["stream", "cursor"])
        .gives(200, Some("RawPage"))
        .also(&[404, 409]),
        door(
            Method::POST,
            "/connections/{connection}/diagnostics/notes",
            "addTestNote",
            diagnose::note,
            "Write a test note to a customer at the source, which cannot be taken back from here",
        )
        .takes(Takes::Json("TestNote"))
        .gives(201, Some("TestNoteWritten"))
        .also(&[404, 409]),
    ]
}
