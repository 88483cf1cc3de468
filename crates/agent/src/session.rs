//! Who asks a tool, and whom they talk to.
//!
//! Two kinds of callers have tools. The house (office staff, or their assistant) names whom it asks about. An agent in
//! a channel talks to one person, and that person is the only one it can be told about: who it is follows from what the
//! channel knows (the web user whose code came back), never from what the model writes (I-15).

use doorstep_core::context::Assurance;
use doorstep_core::id::CustomerId;
use doorstep_core::tenant::{Permission, Role};
use doorstep_core::verification::WebUser;
use doorstep_core::{Scope, planted};
use doorstep_engine::context::Subject;
use doorstep_engine::{Engine, Result};

/// Who asks, with what right, and whom they talk to. Made anew for each call, so that a right that was taken away, or
/// a customer who was merged, is so at the next one (I-17).
#[derive(Clone)]
pub struct Session {
    scope: Scope,
    channel: Option<Channel>,
}

/// One conversation of an agent with one person.
#[derive(Clone)]
struct Channel {
    web_user: Option<WebUser>,
    subject: Option<CustomerId>,
}

doorstep_core::masked_debug!(Session: scope);

impl Session {
    /// The session of `scope`. It is a channel if the scope's role is `agent`, or if the program says which web user its
    /// agent talks to; who that is, is whoever showed by a code to be reached under one of their phones or addresses.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn open(engine: &Engine, scope: Scope, web_user: Option<WebUser>) -> Result<Self> {
        if scope.role() != Role::Agent && web_user.is_none() {
            return Ok(Self { scope, channel: None });
        }
        let subject = match &web_user {
            Some(web_user) if scope.grants(Permission::Read) => engine.customer_of_web_user(&scope, web_user).await?,
            _ => None,
        };
        Ok(Self { scope, channel: Some(Channel { web_user, subject }) })
    }

    /// The session of `scope` where nobody is known: for whoever only wants to see which tools it has.
    pub fn of_nobody(scope: Scope) -> Self {
        let channel = (scope.role() == Role::Agent).then_some(Channel { web_user: None, subject: None });
        Self { scope, channel }
    }

    /// The first argument of every call of the engine.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Whether its arguments may name the person that a call is about.
    pub fn names_anybody(&self) -> bool {
        self.channel.is_none() || planted!("an-agent-names-anybody")
    }

    /// The customer whom the channel talks to, if that is known; nobody for the house, which names whom it means.
    pub fn subject(&self) -> Option<CustomerId> {
        self.channel.as_ref()?.subject
    }

    /// The web user whom the channel talks to, if the program said so.
    pub fn web_user(&self) -> Option<&WebUser> {
        self.channel.as_ref()?.web_user.as_ref()
    }

    /// The same for contexts: whom the channel talks to, and how sure that is.
    pub fn standing(&self) -> Subject {
        self.subject().map_or_else(Subject::nobody, Subject::verified)
    }

    /// How much may be told.
    pub fn assurance(&self) -> Assurance {
        match &self.channel {
            None => Assurance::Staff,
            Some(Channel { subject: Some(_), .. }) => Assurance::Verified,
            Some(Channel { subject: None, .. }) => Assurance::None,
        }
    }
}
