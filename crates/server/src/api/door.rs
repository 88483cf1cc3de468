//! The table of doors: each address with its method, what it takes to come in, what goes in and what comes out. The
//! router, the guards and the document are made of it.

mod context;
mod live;
mod said;
mod who;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, on};
use doorstep_core::tenant::Permission;

use super::{BASE, api_key, audit, change, conversation, customer, identity, import, mark, user, verification};
use crate::App;

/// What it takes to come in. There is no door for everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The role, and the scopes of a key, grant it.
    Permission(Permission),
    /// To have shown who one is: it is about oneself, and the engine asks for more where it is about others.
    Known,
}

/// What goes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    /// JSON of that schema.
    Json(&'static str),
    /// A form with a file, of that schema.
    Form(&'static str),
}

/// One door.
pub(super) struct Door {
    pub method: Method,
    /// After [`BASE`], with parameters in braces.
    pub place: &'static str,
    pub need: Need,
    /// The id of the operation in the document.
    pub name: &'static str,
    pub summary: &'static str,
    pub takes: Takes,
    /// Names of parameters behind the question mark.
    pub query: &'static [&'static str],
    /// The status that is expected, and the schema of what comes out with it.
    pub gives: (u16, Option<&'static str>),
    /// Statuses beside those that every door may give.
    pub also: &'static [u16],
    /// Whether it keeps its answer under an idempotency key.
    pub takes_key: bool,
    /// Whether it knows versions (`ETag`, `If-Match`).
    pub has_versions: bool,
    pub handler: MethodRouter<App>,
}

/// What of a door is to be seen from outside: for tests that go through all of them.
#[derive(Debug, Clone)]
pub struct Doorway {
    /// The method.
    pub method: Method,
    /// The whole path, with parameters in braces.
    pub path: String,
    /// What it takes.
    pub need: Need,
}

/// All of them.
pub fn doorways() -> Vec<Doorway> {
    all().into_iter().map(|door| Doorway { path: door.path(), need: door.need, method: door.method }).collect()
}

impl Door {
    /// The whole path.
    pub fn path(&self) -> String {
        format!("{BASE}{}", self.place)
    }

    fn query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    fn takes(self, takes: Takes) -> Self {
        Self { takes, ..self }
    }

    fn gives(self, status: u16, schema: Option<&'static str>) -> Self {
        Self { gives: (status, schema), ..self }
    }

    fn also(self, also: &'static [u16]) -> Self {
        Self { also, ..self }
    }

    fn once(self) -> Self {
        Self { takes_key: true, ..self }
    }

    fn versioned(self) -> Self {
        Self { has_versions: true, ..self }
    }
}

/// Where a page begins, and how long it is.
const PAGING: &[&str] = &["cursor", "limit"];

fn door<H, T>(method: Method, place: &'static str, name: &'static str, handler: H, summary: &'static str) -> Door
where
    H: Handler<T, App>,
    T: 'static,
{
    // The methods of the table are those that there are filters for.
    let filter = method.clone().try_into().unwrap_or(axum::routing::MethodFilter::GET);
    Door {
        method,
        place,
        need: Need::Permission(Permission::Administer),
        name,
        summary,
        takes: Takes::Nothing,
        query: &[],
        gives: (200, None),
        also: &[],
        takes_key: false,
        has_versions: false,
        handler: on(filter, handler),
    }
}

fn of(permission: Permission, doors: Vec<Door>) -> impl Iterator<Item = Door> {
    doors.into_iter().map(move |door| Door { need: Need::Permission(permission), ..door })
}

fn of_known(doors: Vec<Door>) -> impl Iterator<Item = Door> {
    doors.into_iter().map(|door| Door { need: Need::Known, ..door })
}

/// The table.
pub(super) fn all() -> Vec<Door> {
    use Permission::{
        Administer, CreateCustomer, DecideIdentity, EditCustomer, Import, ManageApiKeys, ManageUsers, Read, ReadAudit,
    };
    of(Read, reading())
        .chain(of(Read, reading_what_happens()))
        .chain(of(Read, context::telling()))
        .chain(said::all())
        .chain(of(CreateCustomer, creating()))
        .chain(of(EditCustomer, editing()))
        .chain(of(DecideIdentity, who::deciding()))
        .chain(of(DecideIdentity, who::marking()))
        .chain(of(Import, importing()))
        .chain(live::all())
        .chain(of(ManageUsers, managing_users()))
        .chain(of(ManageApiKeys, managing_keys()))
        .chain(of(ReadAudit, auditing()))
        .chain(of(ReadAudit, context::proving()))
        .chain(of(Administer, who::choosing_rules()))
        .chain(of_known(about_oneself()))
        .collect()
}

fn reading() -> Vec<Door> {
    let get = Method::GET;
    vec![
        door(
            get.clone(),
            "/customers",
            "listCustomers",
            customer::list,
            "All customers, those that `q` finds, or those who have one phone, e-mail address or web user",
        )
        .query(&["q", "phone", "email", "web_user_id", "order", "cursor", "limit"])
        .gives(200, Some("CustomerPage")),
        door(get.clone(), "/customers/{customer}", "getCustomer", customer::get, "One customer")
            .query(&["include"])
            .gives(200, Some("Customer"))
            .also(&[304, 404, 410])
            .versioned(),
        door(
            get.clone(),
            "/customers/{customer}/timeline",
            "getTimeline",
            conversation::timeline,
            "What was written and said, newest first",
        )
        .query(PAGING)
        .gives(200, Some("TimelinePage"))
        .also(&[404]),
        door(
            get.clone(),
            "/customers/{customer}/conversations",
            "listConversations",
            conversation::of_customer,
            "A customer's conversations, newest first",
        )
        .query(PAGING)
        .gives(200, Some("ConversationPage"))
        .also(&[404]),
        door(get.clone(), "/conversations/{conversation}", "getConversation", conversation::get, "One conversation")
            .gives(200, Some("Conversation"))
            .also(&[404]),
        door(
            get.clone(),
            "/conversations/{conversation}/messages",
            "listMessages",
            conversation::messages,
            "Its messages, newest first",
        )
        .query(PAGING)
        .gives(200, Some("MessagePage"))
        .also(&[404]),
    ]
}

fn reading_what_happens() -> Vec<Door> {
    let get = Method::GET;
    vec![
        door(
            get.clone(),
            "/reviews",
            "listReviews",
            identity::reviews,
            "Pairs of customers that wait for a person's decision, oldest first",
        )
        .query(PAGING)
        .gives(200, Some("ReviewPage")),
        door(
            get.clone(),
            "/identity/explain",
            "explainIdentity",
            identity::explain,
            "Why two customers are one, or two; of one, what holds it together",
        )
        .query(&["a", "b"])
        .gives(200, Some("Explained"))
        .also(&[404]),
        door(
            get.clone(),
            "/identity/why-missing",
            "whyMissing",
            identity::why_missing,
            "Why nobody is found by a number, an e-mail address, a name or an id",
        )
        .query(&["phone", "email", "name", "id"])
        .gives(200, Some("Missing")),
        door(
            get.clone(),
            "/merges",
            "listMerges",
            identity::merges,
            "What people decided about who is who, newest first",
        )
        .query(PAGING)
        .gives(200, Some("MergePage")),
        door(
            get.clone(),
            "/identity/marks",
            "listMarks",
            mark::list,
            "What people said of phones and e-mail addresses, newest first",
        )
        .query(PAGING)
        .gives(200, Some("MarkPage")),
        door(
            get,
            "/changes",
            "listChanges",
            change::list,
            "What changed, in the order of commits; as `text/event-stream` it goes on",
        )
        .query(PAGING)
        .gives(200, Some("ChangePage")),
    ]
}

fn creating() -> Vec<Door> {
    vec![
        door(
            Method::POST,
            "/customers",
            "findOrCreateCustomer",
            customer::find_or_create,
            "The customer that phones and e-mail addresses lead to; a new one if there is none",
        )
        .takes(Takes::Json("Described"))
        .gives(201, Some("Found"))
        .also(&[200, 409])
        .once(),
        door(
            Method::POST,
            "/verifications",
            "requestVerification",
            verification::request,
            "Send a code to a phone or an e-mail address, for a web user to say again",
        )
        .takes(Takes::Json("VerificationWanted"))
        .gives(202, Some("VerificationRequested"))
        .also(&[409]),
        door(
            Method::POST,
            "/verifications/confirm",
            "confirmVerification",
            verification::confirm,
            "Say the code: the web user belongs to whoever is reached there",
        )
        .takes(Takes::Json("VerificationCode"))
        .gives(200, Some("VerificationConfirmed")),
    ]
}

fn editing() -> Vec<Door> {
    vec![
        door(Method::PATCH, "/customers/{customer}", "editCustomer", customer::edit, "Pin what fields are to say")
            .takes(Takes::Json("Edit"))
            .gives(200, Some("Customer"))
            .also(&[404, 409, 412])
            .versioned(),
        door(Method::DELETE, "/customers/{customer}/pins/{field}", "unpinField", customer::unpin, "Take a pin back")
            .gives(200, Some("Customer"))
            .also(&[404, 409, 412])
            .versioned(),
    ]
}

fn importing() -> Vec<Door> {
    let (get, post) = (Method::GET, Method::POST);
    vec![
        door(
            post.clone(),
            "/imports/phone-history",
            "importPhoneHistory",
            import::phone_history,
            "Read an archive and say what it would come to; with `dry_run=false` bring it in",
        )
        .takes(Takes::Form("Archive"))
        .gives(200, Some("Import"))
        .also(&[202, 409])
        .once(),
        door(get.clone(), "/imports", "listImports", import::list, "Imports, newest first")
            .query(PAGING)
            .gives(200, Some("ImportPage")),
        door(get, "/imports/{import}", "getImport", import::get, "One import with its progress and problems")
            .gives(200, Some("Import"))
            .also(&[404]),
        door(
            post.clone(),
            "/imports/{import}/apply",
            "applyImport",
            import::apply,
            "Bring in exactly what was planned",
        )
        .gives(202, Some("Import"))
        .also(&[404, 409]),
        door(post, "/imports/{import}/undo", "undoImport", import::undo, "Take out again what it brought")
            .gives(202, Some("Import"))
            .also(&[404, 409]),
    ]
}

fn managing_users() -> Vec<Door> {
    let (get, post) = (Method::GET, Method::POST);
    vec![
        door(get, "/users", "listUsers", user::list, "Users, in the order in which they were added")
            .query(PAGING)
            .gives(200, Some("UserPage")),
        door(
            post.clone(),
            "/users",
            "inviteUser",
            user::invite,
            "Add a user, who sets a password by the link that comes back",
        )
        .takes(Takes::Json("Invitation"))
        .gives(201, Some("Invited"))
        .also(&[409])
        .once(),
        door(
            Method::PATCH,
            "/users/{user}",
            "changeUser",
            user::change,
            "Give a user another role, bar them, let them in again",
        )
        .takes(Takes::Json("UserChange"))
        .gives(200, Some("User"))
        .also(&[404, 409]),
        door(post, "/users/{user}/links", "createLink", user::make_link, "Make a link that lets a user in once")
            .takes(Takes::Json("LinkWanted"))
            .gives(201, Some("Link"))
            .also(&[404, 409]),
    ]
}

fn managing_keys() -> Vec<Door> {
    vec![
        door(Method::GET, "/api-keys", "listApiKeys", api_key::list, "API keys, in the order in which they were made")
            .query(PAGING)
            .gives(200, Some("ApiKeyPage")),
        door(
            Method::POST,
            "/api-keys",
            "createApiKey",
            api_key::create,
            "Make an API key; its secret is shown this once",
        )
        .takes(Takes::Json("NewApiKey"))
        .gives(201, Some("CreatedApiKey"))
        .also(&[409])
        .once(),
        door(Method::DELETE, "/api-keys/{api_key}", "revokeApiKey", api_key::revoke, "Revoke an API key")
            .gives(204, None)
            .also(&[404]),
    ]
}

fn auditing() -> Vec<Door> {
    vec![
        door(Method::GET, "/audit", "listAuditEntries", audit::list, "Who did what, newest first")
            .query(&["actor", "act", "subject", "cursor", "limit"])
            .gives(200, Some("AuditPage")),
    ]
}

fn about_oneself() -> Vec<Door> {
    let (get, delete) = (Method::GET, Method::DELETE);
    vec![
        door(get.clone(), "/me", "getMe", user::me, "Who asks, and what they may").gives(200, Some("Me")),
        door(get.clone(), "/users/{user}", "getUser", user::get, "One user; everybody may ask for themselves")
            .gives(200, Some("User"))
            .also(&[404]),
        door(
            get.clone(),
            "/users/{user}/sessions",
            "listSessionsOfUser",
            user::sessions_of,
            "A user's sessions that are alive",
        )
        .gives(200, Some("SessionList"))
        .also(&[404]),
        door(
            delete.clone(),
            "/users/{user}/sessions",
            "endSessionsOfUser",
            user::end_sessions,
            "End all sessions of a user but the one that asks",
        )
        .gives(200, Some("Ended"))
        .also(&[404]),
        door(get, "/sessions", "listSessions", user::sessions, "One's own sessions that are alive")
            .gives(200, Some("SessionList"))
            .also(&[404]),
        door(delete, "/sessions/{session}", "endSession", user::end_session, "End a session")
            .gives(204, None)
            .also(&[404]),
    ]
}
