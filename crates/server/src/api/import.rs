//! Imports: an archive comes in, is planned, applied, perhaps undone. The object is that of the command line.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use doorstep_core::id::ImportId;
use doorstep_core::import::State as ImportState;
use doorstep_engine::Error;
use doorstep_engine::idempotency::Once;
use doorstep_engine::import::{About, Applied, Report, Upload};
use doorstep_store::import::Stored;
use serde_json::{Value, json as object};
use sha2::{Digest, Sha256};

use super::cursor::List;
use super::idempotency::Key;
use super::input::{At, Paging};
use super::json;
use crate::App;
use crate::auth::Principal;
use crate::body::{Query, read_json};
use crate::multipart::Multipart;
use crate::problem::{Problem, Result};

/// Longest notes, in characters: a few sentences.
const MAX_NOTES_CHARS: usize = 2_000;
/// More names for columns in one request, and characters of one: no export has as many columns.
const MAX_ALIASES: usize = 100;
const MAX_ALIAS_CHARS: usize = 100;
/// Longest name of a file, in characters: what file systems take.
const MAX_FILE_NAME_CHARS: usize = 255;

/// What came with the form.
struct Sent {
    upload: Upload,
    file_name: String,
    dry_run: bool,
    notes: Option<String>,
    aliases: Aliases,
}

/// More names for columns: `messages.body` → what the export calls it.
type Aliases = BTreeMap<String, Vec<String>>;

/// Reads them; whether there are such columns is the reader's business.
fn aliases(text: &str) -> Result<Aliases> {
    let shape = "must be a JSON object of lists: `{\"messages.body\": [\"What they wrote\"]}`";
    let all: Aliases = read_json(text.as_bytes()).map_err(|_| field("aliases", shape))?;
    let is_long = |text: &String| text.chars().count() > MAX_ALIAS_CHARS;
    if all.values().map(Vec::len).sum::<usize>() > MAX_ALIASES || all.len() > MAX_ALIASES {
        return Err(field("aliases", &format!("may hold at most {MAX_ALIASES} names")));
    }
    if all.keys().chain(all.values().flatten()).any(is_long) {
        return Err(field("aliases", &format!("holds a name of more than {MAX_ALIAS_CHARS} characters")));
    }
    Ok(all)
}

impl Sent {
    /// What tells this request from another one.
    fn content(&self) -> Result<Vec<u8>> {
        let beside = object!([self.file_name, self.dry_run, self.notes, self.aliases]);
        Ok([self.upload.hash()?.as_slice(), &Sha256::digest(beside.to_string())].concat())
    }
}

async fn receive(app: &App, principal: &Principal, form: &mut Multipart) -> Result<Sent> {
    let (mut file, mut dry_run, mut notes, mut more) = (None, true, None, Aliases::new());
    while let Some(part) = form.next().await? {
        match part.name.as_str() {
            "file" if file.is_none() => {
                let name: String = part.file_name.unwrap_or_default().chars().take(MAX_FILE_NAME_CHARS).collect();
                let name = if name.is_empty() { "phone-history.zip".to_owned() } else { name };
                let most = app.settings.limits.upload_bytes;
                file = Some((form.keep(app.engine.begin_upload(&principal.scope, most).await?).await?, name));
            }
            "dry_run" => {
                dry_run = match form.text().await?.trim() {
                    "true" => true,
                    "false" => false,
                    _ => return Err(field("dry_run", "must be `true` or `false`")),
                }
            }
            "notes" => {
                let text = form.text().await?;
                if text.chars().count() > MAX_NOTES_CHARS {
                    return Err(field("notes", "may have at most 2,000 characters"));
                }
                notes = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            }
            "aliases" => more = aliases(&form.text().await?)?,
            "file" => return Err(field("file", "is there twice: one request is one archive")),
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(field(&other, "is not a field of this form (`file`, `dry_run`, `notes`, `aliases`)"));
            }
        }
    }
    let (upload, file_name) = file.ok_or_else(|| field("file", "is missing: it is the archive, a ZIP file"))?;
    Ok(Sent { upload, file_name, dry_run, notes, aliases: more })
}

fn field(name: &str, why: &str) -> Problem {
    Problem::invalid(format!("`{name}` {why}.")).with("field", name)
}

/// Takes an archive and says what every row of it would come to; with `dry_run=false` applies exactly that. Sent again
/// with its key it makes no second plan: it goes on where the first one stopped, and says how far that is.
pub(super) async fn phone_history(
    State(app): State<App>,
    principal: Principal,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let mut form = Multipart::new(&app, &headers, body)?;
    let sent = receive(&app, &principal, &mut form).await?;
    let key = Key::of(&headers, (&method, uri.path()), &sent.content()?)?;
    let reply = |stored: &Stored| (StatusCode::OK.as_u16(), object!({ "id": stored.import.id }));
    let keep = key.as_ref().map(|key| key.keep(&reply));
    let about = About { file_name: &sent.file_name, notes: sent.notes.as_deref(), aliases: &sent.aliases };
    let (engine, scope) = (&app.engine, &principal.scope);
    let stored = match engine.plan_upload_once(scope, sent.upload, &about, &|_| (), keep.as_ref()).await? {
        Once::Done(planned) => planned,
        Once::Kept(kept) => engine.import(scope, kept_id(&kept.body)?).await?,
    };
    let is_plan = stored.import.state == ImportState::Planned;
    if !sent.dry_run && is_plan {
        return start(&app, &principal, stored.import.id).await;
    }
    let status = if sent.dry_run { StatusCode::OK } else { StatusCode::ACCEPTED };
    json(status, &engine.import_report(scope, &stored).await?)
}

fn kept_id(body: &Value) -> Result<ImportId> {
    body["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(Problem::broken)
}

async fn report(app: &App, principal: &Principal, id: ImportId) -> Result<Report> {
    let stored = app.engine.import(&principal.scope, id).await?;
    Ok(app.engine.import_report(&principal.scope, &stored).await?)
}

async fn start(app: &App, principal: &Principal, id: ImportId) -> Result<Response> {
    match app.engine.apply_import(&principal.scope, id, &|_| ()).await? {
        Applied::Started => json(StatusCode::ACCEPTED, &report(app, principal, id).await?),
        Applied::WorldChanged(new) => {
            let detail = "Since this plan was made something else came in, and the same archive would come to something \
                          else now. Nothing was written; `plan` is the new plan, look at it and apply that one.";
            let plan = app.engine.import_report(&principal.scope, &new).await?;
            let plan = serde_json::to_value(plan).map_err(|_| Problem::broken())?;
            Err(Problem { kind: "plan-changed", ..Problem::conflict(detail) }.with("plan", plan))
        }
    }
}

/// Imports, newest first.
pub(super) async fn list(
    State(app): State<App>,
    principal: Principal,
    Query(paging): Query<Paging>,
) -> Result<Response> {
    let list = List::new(principal.scope.tenant(), "imports", &[]);
    let before: Option<ImportId> = list.place(paging.cursor.as_deref())?;
    let read = app.engine.imports(&principal.scope, before, paging.limit.0 + 1).await?;
    json(StatusCode::OK, &list.onward(read, paging.limit.0, |import| import.id.to_string()))
}

/// One import: how far it is, what it does, what is wrong with it.
pub(super) async fn get(State(app): State<App>, principal: Principal, At(id): At<ImportId>) -> Result<Response> {
    // While it is being planned nothing is stored: then there is only its progress.
    match (report(&app, &principal, id).await, app.engine.watch_plan(&principal.scope, id)?) {
        (Ok(report), _) => json(StatusCode::OK, &report),
        (Err(_), Some(progress)) => {
            let at = *progress.borrow();
            let planning = object!({
                "batch_id": id, "state": "planning", "bytes_done": at.done, "bytes_total": at.total,
            });
            json(StatusCode::OK, &planning)
        }
        (Err(problem), None) => Err(problem),
    }
}

/// Applies a plan: exactly that one, or none.
pub(super) async fn apply(State(app): State<App>, principal: Principal, At(id): At<ImportId>) -> Result<Response> {
    start(&app, &principal, id).await
}

/// Takes out again what an import brought.
pub(super) async fn undo(State(app): State<App>, principal: Principal, At(id): At<ImportId>) -> Result<Response> {
    app.engine.undo_import(&principal.scope, id).await.map_err(|error| match error {
        Error::Unfit(_) => Problem { kind: "not-undone", ..Problem::from(error) },
        other => other.into(),
    })?;
    json(StatusCode::ACCEPTED, &report(&app, &principal, id).await?)
}
