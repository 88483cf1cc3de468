//! What is another business' is answered as what never was: every door of REST and every page that takes an id, asked
//! with one that a stranger has and with one that nobody has; the answers are the same to the byte but for the id that
//! was asked for and the id of the request.

use doorstep_core::tenant::Role;
use doorstep_server::api::doorways;
use doorstep_sim::Options;
use doorstep_store::on_both;
use doorstep_store::testing::{TestStore, create_tenant};
use serde_json::{Value, json};

use crate::api::Program;
use crate::api::imports::{CONTACTS, settle, upload, zip};
use crate::connected;
use crate::entry::{cookie, key, user};
use crate::house::House;
use crate::wire::{Answer, ask, get};

const NEVER: &str = "01h455vb4pex5vsknk084sn02q";

/// A body with an id of ours and one that is asked about.
type Body = fn(&str, &str) -> Value;
/// What a business has: an id of every kind, by the name that it has in addresses.
type Things = Vec<(&'static str, String)>;

/// A business with something of every kind.
async fn fill(house: &House, program: &Program<'_>, email: &str, tenant: doorstep_core::TenantId) -> Things {
    let archive = zip("contacts.csv", CONTACTS);
    let whole: [(&str, &[u8]); 2] = [("file", &archive), ("dry_run", b"false")];
    upload(program, &[], &whole).await;
    settle(house).await;
    let messages = "message_id,from_number,direction,body,sent_at\n1,617-471-0117,inbound,Hello,2024-03-01T10:00:00Z\n";
    let archive = zip("messages.csv", messages);
    upload(program, &[], &[("file", &archive), ("dry_run", b"false")]).await;
    settle(house).await;
    let planned = upload(program, &[], &[("file", &archive)]).await.json();
    program.post("/customers", json!({ "name": "Zelda Miller", "phones": ["617 471 0117"] })).await;
    let ann = program.get("/customers?q=ann").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    program.patch(&format!("/customers/{ann}"), json!({ "company": "Ace" })).await;
    let conversations = program.get(&format!("/customers/{ann}/conversations")).await.json();
    let review = program.get("/reviews").await.json();
    let (a, b) =
        (program.customer("Ines Vale", "617 471 0551").await, program.customer("Ines V. Vale", "617 471 0552").await);
    let decided = program.post("/merges", json!({ "a": a, "b": b })).await.json();
    let line = json!({ "kind": "phone", "value": "617 471 0559", "verdict": "shared" });
    let marked = program.post("/identity/marks", line).await.json();
    let noted = program.post(&format!("/customers/{ann}/notes"), json!({ "text": "Side gate" })).await.json();
    let owner = user(house, tenant, email, Role::Owner).await;
    let session = get(house.address, "/api/v1/sessions", &[&cookie(house, email).await]).await.json();
    let live = json!({ "source": "servicetitan", "settings": connected::nobodys(), "check": false });
    let live = program.post("/connections", live).await.json();
    let live = live["connection"]["id"].as_str().unwrap().to_owned();
    let run = program.post(&format!("/connections/{live}/runs"), json!({})).await.json();
    let told = program.get(&format!("/customer-context/{ann}?type=customer_id&assurance=staff")).await.json();
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned();
    vec![
        ("customer", ann.clone()),
        ("identifier", ann),
        ("receipt", text(&told["receipt"])),
        ("conversation", text(&conversations["items"][0]["id"])),
        ("review", text(&review["items"][0]["id"])),
        ("decision", text(&decided["decision"])),
        ("mark", text(&marked["mark"]["id"])),
        ("remark", text(&noted["id"])),
        ("import", text(&planned["batch_id"])),
        ("connection", live),
        ("run", text(&run["id"])),
        ("user", owner.id.to_string()),
        ("session", text(&session["items"][0]["id"])),
        ("api_key", key(house, tenant, Role::Agent).await.0.to_string()),
    ]
}

/// What a door asks for behind the question mark.
fn query(path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or_default() {
        "{identifier}" => "?type=customer_id&assurance=staff",
        "record" => "?stream=customers&key=9001",
        "customer" => "?key=9001",
        "page" => "?stream=customers",
        "messages" if path.contains("/customers/") => "?q=hello",
        _ => "",
    }
}

/// The id of that kind that nobody has.
fn never(id: &str) -> String {
    format!("{}_{NEVER}", id.split('_').next().unwrap())
}

/// An answer without what must differ.
fn bare(answer: &Answer, id: &str) -> (u16, String, Option<String>) {
    let mut text = answer.text().replace(id, "ID");
    while let Some(at) = text.find("req_") {
        text.replace_range(at..(at + 30).min(text.len()), "REQUEST");
    }
    (answer.status, text, answer.header("location").map(|place| place.replace(id, "ID")))
}

/// Two businesses, and what the second has.
async fn two(store: &TestStore) -> (House, Things, Things, String) {
    let (house, _) = connected::open(store, Options::default()).await;
    let theirs = create_tenant(&store.db, "Charles River Heating", "+16174719999").await;
    let them = Program::new(&house, theirs.id, Role::Owner).await;
    let foreign = fill(&house, &them, "zoe@example.com", theirs.id).await;
    let ours = Program::new(&house, store.tenant.id, Role::Owner).await;
    let own = fill(&house, &ours, "ann@example.com", store.tenant.id).await;
    let key = ours.key;
    (house, own, foreign, key)
}

on_both! {
    async fn at_every_door_of_rest_a_strangers_id_is_one_that_never_was(store: TestStore) {
        let (house, own, foreign, key) = two(&store).await;
        let id_of = |things: &Things, kind: &str| things.iter().find(|(name, _)| *name == kind).unwrap().1.clone();
        let mut asked = 0;
        let send = async |method: &str, path: &str, body: Option<Value>| {
            let text = body.map(|body| body.to_string()).unwrap_or_default();
            ask(house.address, method, path, &[&key, "content-type: application/json"], text.as_bytes()).await
        };
        // In the address.
        for door in doorways() {
            let Some(kind) = door.path.split('/').find_map(|part| part.strip_prefix('{')?.strip_suffix('}')) else { continue };
            let theirs = id_of(&foreign, kind);
            let path = |id: &str| door.path.replacen(&format!("{{{kind}}}"), id, 1).replace("{field}", "company") + query(&door.path);
            let body = match door.path.rsplit('/').next().unwrap() {
                "decide" => Some(json!({ "answer": "apart" })),
                "links" => Some(json!({ "purpose": "sign_in" })),
                "{user}" if door.method == "PATCH" => Some(json!({ "role": "staff" })),
                "{connection}" if door.method == "PATCH" => Some(json!({ "enabled": false })),
                "notes" | "addresses" if door.method == "POST" && kind == "customer" => Some(json!({ "text": "12 Elm St" })),
                "preferences" if door.method == "POST" => Some(json!({ "topic": "time", "text": "mornings" })),
                "notes" if door.method == "POST" => Some(json!({ "customer": "9001", "text": "A test" })),
                "{customer}" if door.method == "PATCH" => Some(json!({ "company": "Bay" })),
                _ => None,
            };
            let method = door.method.as_str();
            let there = send(method, &path(&theirs), body.clone()).await;
            let nowhere = send(method, &path(&never(&theirs)), body).await;
            assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)), "{method} {}", door.path);
            // Ending the sessions of nobody ends none; all else is not there.
            let is_nothing = there.status == 404 || there.text() == "{\"ended\":0}" || there.text() == "{\"items\":[]}";
            assert!(is_nothing, "{method} {}: {} {}", door.path, there.status, there.text());
            asked += 1;
        }
        assert!(asked >= 20, "{asked}");
        // In the body, behind the question mark, and as a cursor.
        let (mine, theirs) = (id_of(&own, "customer"), id_of(&foreign, "customer"));
        let bodies: [(&str, Body); 3] = [
            ("/api/v1/merges", |mine, id| json!({ "a": mine, "b": id })),
            ("/api/v1/merges", |mine, id| json!({ "a": id, "b": mine })),
            ("/api/v1/merges/undo", |_, id| json!({ "customer": id })),
        ];
        for (path, body) in bodies {
            let there = send("POST", path, Some(body(&mine, &theirs))).await;
            let nowhere = send("POST", path, Some(body(&mine, &never(&theirs)))).await;
            assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)), "{path}");
            assert_eq!(there.status, 404, "{path}: {}", there.text());
        }
        for path in ["/api/v1/identity/explain?a=ID", "/api/v1/identity/explain?a=ID&b=MINE", "/api/v1/identity/explain?a=MINE&b=ID"] {
            let path = path.replace("MINE", &mine);
            let there = send("GET", &path.replace("ID", &theirs), None).await;
            let nowhere = send("GET", &path.replace("ID", &never(&theirs)), None).await;
            assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)), "{path}");
            assert_eq!(there.status, 404, "{path}: {}", there.text());
        }
        let there = send("GET", &format!("/api/v1/identity/why-missing?id={theirs}"), None).await;
        let nowhere = send("GET", &format!("/api/v1/identity/why-missing?id={}", never(&theirs)), None).await;
        assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)));
        assert!(there.text().contains("nowhere"), "{}", there.text());
        let user = id_of(&foreign, "user");
        for path in ["/api/v1/audit?actor=user:ID", "/api/v1/audit?subject=ID", "/api/v1/customers?q=ID", "/api/v1/identity/why-missing?name=ID", "/api/v1/customers?q=Zelda%20Quist%20ID"] {
            let there = send("GET", &path.replace("ID", &user), None).await;
            let nowhere = send("GET", &path.replace("ID", &never(&user)), None).await;
            assert_eq!(bare(&there, &user), bare(&nowhere, &never(&user)), "{path}");
        }
        // Nothing of theirs was touched.
        let them = Program::new(&house, tenant_named(&house, "Charles River Heating").await, Role::Owner).await;
        assert_eq!(them.get(&format!("/customers/{theirs}")).await.json()["company"], "Ace");
        assert_eq!(them.get("/reviews").await.json()["items"].as_array().unwrap().len(), 1);
        let import = id_of(&foreign, "import");
        assert_eq!(them.get(&format!("/imports/{import}")).await.json()["state"], "planned");
    }

    async fn on_every_page_a_strangers_id_is_one_that_never_was(store: TestStore) {
        let (house, own, foreign, _) = two(&store).await;
        let id_of = |things: &Things, kind: &str| things.iter().find(|(name, _)| *name == kind).unwrap().1.clone();
        let session = cookie(&house, "ann@example.com").await;
        let visit = house.engine.authenticate_session(session.split_once('=').unwrap().1).await.unwrap().unwrap();
        let token = format!("x-csrf-token: {}", visit.page_token.reveal());
        let lines = ["accept: text/html", "content-type: application/x-www-form-urlencoded", &session, &token];
        let gets = [
            ("customer", "/customers/ID"), ("customer", "/customers/ID?was=ID"), ("customer", "/customers/ID/next"),
            ("customer", "/customers/ID/explain"), ("customer", "/customers/ID/context"), ("customer", "/customers/MINE/explain?with=ID"), ("customer", "/customers/ID/explain?with=MINE"),
            ("customer", "/customers/ID/previous"), ("import", "/imports/ID"), ("import", "/imports/ID/problems.csv"),
            ("connection", "/sources/ID"), ("run", "/runs/ID"),
        ];
        let posts = [
            ("customer", "/customers/ID/edit", "field=company&value=Bay&version=1"),
            ("customer", "/customers/ID/unpin", "field=company&value=&version=1"),
            ("review", "/reviews/ID/decide", "answer=merge"),
            ("decision", "/reviews/decided/ID/retract", "at="), ("decision", "/reviews/decided/ID/retract", "waiting=yes"),
            ("customer", "/customers/ID/remarks", "what=note&text=x"), ("remark", "/remarks/ID/undo", ""),
            ("customer", "/customers/ID/marks", "identifier=%2B16174710117&verdict=shared"), ("mark", "/marks/ID/undo", ""),
            ("import", "/imports/ID/apply", ""), ("import", "/imports/ID/undo", ""), ("import", "/imports/ID/resume", ""),
            ("connection", "/sources/ID/read", ""), ("connection", "/sources/ID/check", ""),
            ("connection", "/sources/ID/schedule", "interval=900&hours=&enabled=yes"),
            ("connection", "/sources/ID/settings", "set.client_id=cid.y"), ("connection", "/sources/ID/remove", ""),
            ("connection", "/sources/ID/rename", "name=Other"),
            ("run", "/runs/ID/stop", ""),
            ("user", "/settings/users/ID/role", "role=staff"), ("user", "/settings/users/ID/disable", ""),
            ("user", "/settings/users/ID/enable", ""), ("user", "/settings/users/ID/link", ""),
            ("user", "/settings/users/ID/sign-out", ""),
            ("api_key", "/settings/keys/ID/revoke", ""), ("session", "/settings/sessions/end", "session=ID"),
        ];
        let gets = gets.into_iter().map(|(kind, path)| (kind, "GET", path, ""));
        for (kind, method, path, body) in gets.chain(posts.into_iter().map(|(kind, path, body)| (kind, "POST", path, body))) {
            let theirs = id_of(&foreign, kind);
            let send = async |id: &str| {
                let body = body.replace("ID", id);
                let path = path.replace("MINE", &id_of(&own, "customer"));
                ask(house.address, method, &path.replace("ID", id), &lines, body.as_bytes()).await
            };
            let (there, nowhere) = (send(&theirs).await, send(&never(&theirs)).await);
            // Beside it in the list is one of our own, or it itself, which is not there.
            if let ("GET", Some(place)) = (method, there.header("location")) {
                let page = get(house.address, &place, &lines[..3]).await;
                assert_eq!(page.status, if place.contains(&theirs) { 404 } else { 200 }, "{path} leads to {place}");
                continue;
            }
            assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)), "{method} {path} {body}");
            assert_eq!(there.status, 404, "{method} {path} {body}: {}", there.text());
        }
        // What says nothing of what it is asked about says it of theirs, too, and touches nothing.
        for (kind, path, body) in [("import", "/imports/ID/stop", ""), ("review", "/reviews/surest", "review=ID")] {
            let theirs = id_of(&foreign, kind);
            let send = async |id: &str| {
                let (path, body) = (path.replace("ID", id), body.replace("ID", id));
                ask(house.address, "POST", &path, &lines, body.as_bytes()).await
            };
            let (there, nowhere) = (send(&theirs).await, send(&never(&theirs)).await);
            assert_eq!(bare(&there, &theirs), bare(&nowhere, &never(&theirs)), "{path}");
            assert_eq!(there.status, 303, "{path}: {}", there.text());
        }
        // A filter by somebody else's colleague finds nothing.
        let audit = get(house.address, &format!("/settings/audit?who={}", id_of(&foreign, "user")), &lines[..3]).await;
        assert!(!audit.text().contains("zoe@example.com"), "{}", audit.text());
        let them = Program::new(&house, tenant_named(&house, "Charles River Heating").await, Role::Owner).await;
        let theirs = id_of(&foreign, "customer");
        assert_eq!(them.get(&format!("/customers/{theirs}")).await.json()["company"], "Ace");
        let user = them.get(&format!("/users/{}", id_of(&foreign, "user"))).await.json();
        assert_eq!((&user["role"], &user["disabled_at"]), (&json!("owner"), &Value::Null));
        assert_eq!(them.get("/reviews").await.json()["items"].as_array().unwrap().len(), 1);
    }
}

/// The business of that name.
async fn tenant_named(house: &House, name: &str) -> doorstep_core::TenantId {
    let tenants = doorstep_store::system::tenants(&house.engine.db).await.unwrap();
    tenants.into_iter().find(|tenant| tenant.name == name).unwrap().id
}
