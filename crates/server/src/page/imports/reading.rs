//! Archives that are being read. The form that brought one waits a moment for the plan; what takes longer goes on
//! without it, and a page shows how far it is. A plan is stored when it is made, so until then what there is to say is
//! in the memory of this process: it ends with it, and so does its upload.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_core::id::ImportId;
use doorstep_core::tenant::Permission;
use doorstep_core::{Scope, TenantId};
use doorstep_engine::import::{About, Progress, Upload};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};

use super::super::words::count;
use super::super::{Frame, Section, frame, show};
use super::{Nothing, import_id};
use crate::App;
use crate::auth::Principal;
use crate::body::Form;
use crate::live::Topic;
use crate::problem::{Problem, Result};

/// Archives that could not be read and are remembered for whoever sent them and went elsewhere; the oldest go first.
const MAX_FAILED: usize = 100;

/// What people say about an archive that they send.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    pub file_name: String,
    pub notes: String,
}

/// All archives that this process reads, and those that it could not read.
#[derive(Default)]
pub(crate) struct Reading {
    archives: Mutex<BTreeMap<Key, Archive>>,
    tasks: Mutex<JoinSet<()>>,
}

/// Ids ascend with time, so the first is the oldest.
type Key = (ImportId, TenantId);

struct Archive {
    sent: Sent,
    state: Stage,
}

enum Stage {
    Underway(AbortHandle),
    Failed(Problem),
}

/// How an archive stands.
enum Standing {
    Underway(Sent),
    Failed(Sent, Problem),
}

/// Sees to it that an archive whose reading ends is not said to be read, however it ends.
struct End {
    app: App,
    key: Key,
    failed: Option<Problem>,
}

impl Drop for End {
    fn drop(&mut self) {
        let mut archives = self.app.reading.archives();
        match (self.failed.take(), archives.get_mut(&self.key)) {
            (Some(problem), Some(archive)) => archive.state = Stage::Failed(problem),
            (None, Some(_)) => drop(archives.remove(&self.key)),
            // Somebody has stopped it, or been told already.
            (_, None) => {}
        }
        let failed = archives.iter().filter(|(_, archive)| matches!(archive.state, Stage::Failed(_)));
        let failed: Vec<Key> = failed.map(|(key, _)| *key).collect();
        for key in failed.iter().take(failed.len().saturating_sub(MAX_FAILED)) {
            archives.remove(key);
        }
    }
}

impl Reading {
    fn archives(&self) -> MutexGuard<'_, BTreeMap<Key, Archive>> {
        self.archives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to read an upload; what comes of it, for whoever waits.
    pub fn begin(app: &App, scope: &Scope, upload: Upload, sent: &Sent) -> oneshot::Receiver<Result<()>> {
        let (key, (told, wait)) = ((upload.id(), scope.tenant()), oneshot::channel());
        let (here, scope, about) = (app.clone(), scope.clone(), sent.clone());
        let work = async move {
            let mut end = End { app: here.clone(), key, failed: Some(Problem::broken()) };
            let aliases = BTreeMap::new();
            let notes = Some(about.notes.as_str()).filter(|notes| !notes.is_empty());
            let about = About { file_name: &about.file_name, notes, aliases: &aliases };
            let planned = here.engine.plan_upload(&scope, upload, &about, Default::default(), &|_| {}).await;
            let ended = planned.map(|_| ()).map_err(Problem::from);
            end.failed = ended.clone().err();
            if told.send(ended).is_ok() {
                end.failed = None;
            }
        };
        // Held until it is entered: it may end before that.
        let mut archives = app.reading.archives();
        let mut tasks = app.reading.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        archives.insert(key, Archive { sent: sent.clone(), state: Stage::Underway(tasks.spawn(work)) });
        wait
    }

    /// Waits until nothing is read any more; giving up on that gives up what is still read.
    pub async fn finish(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    }

    /// What a tenant has being read, the newest first, with the names of the files.
    pub(super) fn underway(&self, tenant: TenantId) -> Vec<(ImportId, String)> {
        let archives = self.archives();
        let underway = archives
            .iter()
            .rev()
            .filter(|((_, of), archive)| *of == tenant && matches!(archive.state, Stage::Underway(_)));
        underway.map(|((id, _), archive)| (*id, archive.sent.file_name.clone())).collect()
    }

    fn standing(&self, key: Key) -> Option<Standing> {
        self.archives().get(&key).map(|archive| match &archive.state {
            Stage::Underway(_) => Standing::Underway(archive.sent.clone()),
            Stage::Failed(problem) => Standing::Failed(archive.sent.clone(), problem.clone()),
        })
    }

    /// Stops reading; whether it was being read or could not be.
    fn stop(&self, key: Key) -> bool {
        let stopped = self.archives().remove(&key);
        if let Some(Archive { state: Stage::Underway(work), .. }) = &stopped {
            work.abort();
        }
        stopped.is_some()
    }
}

#[derive(Template)]
#[template(path = "import_reading.html")]
struct Page {
    frame: Frame,
    id: ImportId,
    file: String,
    notes: String,
    /// How much of all, where it is known.
    share: Option<(u64, u64)>,
    progress: String,
    failed: String,
}

/// The page of an archive that is no import yet; `None` if it is not one that this process reads.
pub(super) async fn page(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    id: ImportId,
) -> Result<Option<Response>> {
    let standing = app.reading.standing((id, principal.scope.tenant()));
    let watch = app.engine.watch_plan(&principal.scope, id)?;
    let at = watch.map(|watch| *watch.borrow());
    let (sent, failed) = match (standing, at) {
        (Some(Standing::Failed(sent, problem)), _) => (sent, Some(problem)),
        (Some(Standing::Underway(sent)), _) => (sent, None),
        (None, Some(_)) => (Sent { file_name: "Phone history".to_owned(), notes: String::new() }, None),
        (None, None) => return Ok(None),
    };
    let share = at.filter(|at| at.total > 0).map(|at| (at.done.min(at.total), at.total));
    let page = Page {
        frame: frame(app, principal, headers, sent.file_name.clone(), Section::Imports)
            .await?
            .watching(&[Topic::Import(id)]),
        id,
        file: sent.file_name,
        notes: sent.notes,
        progress: at.map(said).unwrap_or_default(),
        share,
        failed: failed.map(|problem| problem.detail).unwrap_or_default(),
    };
    show(&page).map(Some)
}

/// `12 of 380 MB read`
fn said(at: Progress) -> String {
    const MEGABYTE: u64 = 1_000_000;
    match at.total {
        0 => String::new(),
        total if total < MEGABYTE => "Reading the last of it".to_owned(),
        total => format!("{} of {} MB read", count(at.done.min(total) / MEGABYTE), count(total.div_ceil(MEGABYTE))),
    }
}

/// Sends the page that watches to the import once there is nothing to watch.
pub(super) fn over(id: ImportId) -> Response {
    let mut response = StatusCode::OK.into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("/imports/{id}")) {
        response.headers_mut().insert("hx-redirect", value);
    }
    response
}

/// Gives an archive up that is being read.
pub(super) async fn stop(
    State(app): State<App>,
    principal: Principal,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Result<Response> {
    principal.require(Permission::Import)?;
    let id = import_id(&id)?;
    let stopped = app.reading.stop((id, principal.scope.tenant())) | app.engine.stop_plan(&principal.scope, id)?;
    let place = if stopped { "/imports/new".to_owned() } else { format!("/imports/{id}") };
    Ok(Redirect::to(&place).into_response())
}
