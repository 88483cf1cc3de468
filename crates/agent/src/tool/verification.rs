//! Finding out who somebody is: a code goes to a phone or an e-mail address, and whoever is there says it.
//!
//! These two are one act in two steps, and the only thing here that leaves the house: what is sent is a code and
//! nothing that a model writes, to at most five an hour for one web user and one address alike.

use doorstep_core::tenant::Permission;
use doorstep_core::verification::WebUser;
use doorstep_engine::verification::Delivery;
use serde_json::json;

use super::argument::{Argument, Takes, required};
use super::whom::{self, EMAIL, PHONE};
use super::{Answer, Call, Effect, Running, Tool};
use crate::refusal::{Kind, Refusal};

/// Longest code as people read it out, with blanks and hyphens.
const MAX_CODE_CHARS: usize = 24;

pub(super) const REQUEST: Tool = Tool {
    name: "request_verification",
    title: "Send a code",
    description: "Send a six-digit code to exactly one of phone or email, for the person to read out. Ask them first.",
    needs: Permission::CreateCustomer,
    is_for_channels: true,
    effect: Effect::Sends,
    arguments: &[WEB_USER, PHONE, EMAIL],
    gives: || json!({ "expires_at": { "type": "string" }, "delivery": { "enum": ["sent", "no_channel"] } }),
    run: |call| Box::pin(request(call)),
};

pub(super) const CONFIRM: Tool = Tool {
    name: "confirm_verification",
    title: "Check a code",
    description: "Check the code that the person says. If it is right, they are verified from then on.",
    needs: Permission::CreateCustomer,
    is_for_channels: true,
    effect: Effect::Adds,
    arguments: &[WEB_USER, CODE],
    gives: || json!({ "verified": { "type": "boolean" }, "is_new": { "type": "boolean" }, "customer_id": { "type": "string" } }),
    run: |call| Box::pin(confirm(call)),
};

const WEB_USER: Argument = required("web_user", Takes::Text(doorstep_core::verification::MAX_WEB_USER_CHARS))
    .naming()
    .about("website's id of the person");
const CODE: Argument = required("code", Takes::Text(MAX_CODE_CHARS));

/// Who is verified: whom the channel talks to, or, for the house, whom it names.
fn web_user(call: &Call<'_>) -> Result<WebUser, Refusal> {
    if let Some(web_user) = call.session.web_user() {
        return Ok(web_user.clone());
    }
    if !call.session.names_anybody() {
        let text =
            "Nobody can be verified here: the program that runs this agent does not say which web user it talks to.";
        return Err(Refusal::new(Kind::Unfit, text));
    }
    let said = call.said.required("web_user")?;
    said.parse().map_err(|bad| Refusal::arguments(format!("`web_user`: {bad}.")))
}

async fn request(call: &Call<'_>) -> Running {
    let (web_user, to) = (web_user(call)?, whom::identifier(call).await?);
    let requested = call.engine.request_verification(call.session.scope(), &web_user, &to).await?;
    let answer = json!({ "expires_at": requested.expires_at, "delivery": requested.delivery });
    Ok(match requested.delivery {
        Delivery::Sent => Answer::of(answer),
        Delivery::NoChannel => Answer::of(answer)
            .saying("No code was sent: this hub has no channel to send it by. Say that you cannot verify them here."),
    })
}

async fn confirm(call: &Call<'_>) -> Running {
    let (web_user, code) = (web_user(call)?, call.said.required("code")?);
    let confirmed = call.engine.confirm_verification(call.session.scope(), &web_user, code).await?;
    let mut answer = json!({ "verified": true, "is_new": confirmed.is_new });
    if call.session.names_anybody() {
        answer["customer_id"] = json!(confirmed.customer);
    }
    Ok(Answer::of(answer))
}
