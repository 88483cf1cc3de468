//! Editing a customer on its card: what a person types is pinned, and a pin can be taken back.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use doorstep_core::customer::Field;
use doorstep_core::edit::Edit;
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::Permission;
use doorstep_engine::Error;
use doorstep_engine::customer::Lookup;
use serde::Deserialize;

use super::card::{self, Asked, Failed};
use super::customer_id;
use super::words::Words;
use crate::App;
use crate::auth::Principal;
use crate::body::{Form, Query};
use crate::problem::{Problem, Result};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/customers/{id}/edit", post(pin)).route("/customers/{id}/unpin", post(unpin))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    field: String,
    #[serde(default)]
    value: String,
    version: i64,
}

impl Typed {
    fn field(&self) -> Result<Field> {
        self.field.parse().map_err(|_| Problem::invalid("A customer has no such field. Load the card again."))
    }
}

async fn pin(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    principal.require(Permission::EditCustomer)?;
    let (id, field) = (customer_id(&id)?, typed.field()?);
    let words = Words::of(&app, &principal).await?;
    let mut edit = Edit::default();
    let edited = match edit.set(field, Some(&typed.value), words.tenant.country) {
        Ok(()) => app.engine.edit_customer(&principal.scope, id, &edit, Some(typed.version), false).await,
        Err(bad) => Err(Error::BadValue(bad)),
    };
    match edited {
        Ok(edited) => Ok(done(edited.customer.id, "pinned", &asked)),
        Err(error @ (Error::BadValue(_) | Error::Stale { .. } | Error::Unfit(_))) => {
            let said = match &error {
                Error::BadValue(bad) => format!("This {}.", bad.why),
                Error::Stale { .. } => {
                    "Somebody changed this customer since you looked, so nothing was saved. The card \
                                        shows how it is now; say again what should still be changed."
                        .to_owned()
                }
                other => format!("{other}."),
            };
            again(&app, &principal, &headers, id, &asked, (said, Some((field, typed.value)))).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn unpin(
    State(app): State<App>,
    principal: Principal,
    headers: HeaderMap,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Form(typed): Form<Typed>,
) -> Result<Response> {
    principal.require(Permission::EditCustomer)?;
    let (id, field) = (customer_id(&id)?, typed.field()?);
    match app.engine.unpin(&principal.scope, id, field, Some(typed.version)).await {
        Ok(edited) => Ok(done(edited.customer.id, "unpinned", &asked)),
        Err(Error::Stale { .. } | Error::Unfit(_)) => {
            let said = "The card has changed since you looked, so nothing was done. It shows how things are now.";
            again(&app, &principal, &headers, id, &asked, (said.to_owned(), None)).await
        }
        Err(error) => Err(error.into()),
    }
}

fn done(id: CustomerId, word: &str, asked: &Asked) -> Response {
    Redirect::to(&asked.among().address(&format!("/customers/{id}"), &[("done", word)])).into_response()
}

/// The card as it is now, with why nothing was saved and what was typed.
pub(super) async fn again(
    app: &App,
    principal: &Principal,
    headers: &HeaderMap,
    id: CustomerId,
    asked: &Asked,
    (words, typed): (String, Option<(Field, String)>),
) -> Result<Response> {
    let Lookup::Customer { customer, .. } = app.engine.look_up(&principal.scope, id).await? else {
        return Err(Problem::not_found("This customer is gone by now. Search for the name or the number."));
    };
    let failed = Failed { words, typed, remark: None };
    let page = card::page(app, principal, headers, *customer, asked, failed).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}
