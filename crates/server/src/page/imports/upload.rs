//! The first step: the file comes in and is looked at. Nothing is written but the plan.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::id::ImportId;
use doorstep_core::tenant::Permission;
use doorstep_engine::import::Upload;
use serde::Deserialize;

use super::super::{Frame, Section, frame, show};
use super::reading::{Reading, Sent};
use crate::App;
use crate::auth::{Principal, TOKEN_FIELD, check_token};
use crate::body::Query;
use crate::multipart::Multipart;
use crate::problem::{Problem, Result};

/// Longest notes, in characters.
const MAX_NOTES_CHARS: usize = 500;
/// Longest name of a file, in characters: no system has longer ones.
const MAX_NAME_CHARS: usize = 255;

#[derive(Template)]
#[template(path = "import_new.html")]
struct New {
    frame: Frame,
    failed: String,
    notes: String,
}

/// What the address says: the notes of a file that could not be read are not typed twice.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::page) struct Asked {
    #[serde(default)]
    notes: String,
}

pub(in crate::page) async fn form(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let frame = frame(&app, &principal, &headers, "Import phone history", Section::Imports).await?;
    show(&New { frame, failed: String::new(), notes: asked.notes.chars().take(MAX_NOTES_CHARS).collect() })
}

/// Takes the file as it comes, has it read through, and leads to what would come in, or to how far it is.
pub(in crate::page) async fn take(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let mut sent = Sent::default();
    let taken = match read(&app, &principal, &headers, body, &mut sent).await {
        Ok(upload) => plan(&app, &principal, upload, &sent).await,
        Err(problem) => Err(problem),
    };
    let problem = match taken {
        Ok(id) => return Ok(Redirect::to(&format!("/imports/{id}")).into_response()),
        Err(problem) if problem.kind == "token" || problem.status == StatusCode::INTERNAL_SERVER_ERROR => {
            return Err(problem);
        }
        Err(problem) => problem,
    };
    let frame = frame(&app, &principal, &headers, "Import phone history", Section::Imports).await?;
    let page = show(&New { frame, failed: problem.detail, notes: sent.notes })?;
    Ok((problem.status, page).into_response())
}

/// Reads the fields; the file goes to disk piece by piece. The token stands before the file, so that a forged form
/// costs nothing.
async fn read(app: &App, principal: &Principal, headers: &HeaderMap, body: Body, sent: &mut Sent) -> Result<Upload> {
    let mut form = Multipart::new(app, headers, body)?;
    let (mut token, mut upload) = (None, None);
    while let Some(part) = form.next().await? {
        match part.name.as_str() {
            TOKEN_FIELD => token = Some(form.text().await?),
            "notes" => sent.notes = form.text().await?.trim().chars().take(MAX_NOTES_CHARS).collect(),
            "file" if upload.is_none() => {
                check_token(Some(principal), headers, token.as_deref())?;
                sent.file_name = part.file_name.unwrap_or_default().chars().take(MAX_NAME_CHARS).collect();
                let most = app.settings.limits.upload_bytes;
                upload = Some(form.keep(app.engine.begin_upload(&principal.scope, most).await?).await?);
            }
            _ => return Err(Problem::invalid("The form has a field that is not ours. Load the page again.")),
        }
    }
    check_token(Some(principal), headers, token.as_deref())?;
    let upload = upload.filter(|upload| upload.bytes() > 0);
    upload.ok_or_else(|| Problem::invalid("No file came along. Choose the ZIP file that your phone system exported."))
}

/// Has the archive read, and waits no longer than a person looks at a form that does nothing.
async fn plan(app: &App, principal: &Principal, upload: Upload, sent: &Sent) -> Result<ImportId> {
    let id = upload.id();
    let mut ended = Reading::begin(app, &principal.scope, upload, sent);
    let waited = tokio::time::timeout(app.settings.limits.plan_patience, &mut ended).await;
    // What is told at the very moment of going on is not lost either.
    ended.close();
    let told = waited.ok().and_then(std::result::Result::ok).or_else(|| ended.try_recv().ok());
    told.unwrap_or(Ok(())).map(|()| id)
}
