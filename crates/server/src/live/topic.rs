//! What a stream names: kinds of things, and single things. Never what they hold.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use doorstep_core::Scope;
use doorstep_core::id::{ConversationId, CustomerId, ImportId, RunId};
use doorstep_core::tenant::Permission;
use doorstep_store::change::{Change, Subject};

/// Something that pages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Too much to name, or some of it was missed: look at everything again.
    Everything,
    /// Any customer.
    Customers,
    /// This customer.
    Customer(CustomerId),
    /// Any conversation.
    Conversations,
    /// This conversation.
    Conversation(ConversationId),
    /// Any import.
    Imports,
    /// This import.
    Import(ImportId),
    /// Any connection to a live source, and any run of one.
    Sources,
    /// This run.
    Run(RunId),
    /// Any review, and any decision about who is who.
    Reviews,
}

impl Topic {
    /// What a change is about: its kind, and itself where pages show one alone.
    pub(crate) fn of(change: &Change) -> [Option<Self>; 2] {
        let id = change.subject_id;
        match change.subject {
            Subject::Customer => [Some(Self::Customers), Some(Self::Customer(CustomerId::from_uuid(id)))],
            Subject::Conversation => {
                [Some(Self::Conversations), Some(Self::Conversation(ConversationId::from_uuid(id)))]
            }
            // No page shows a call but among a customer's conversations.
            Subject::Call => [Some(Self::Conversations), None],
            Subject::Connection => [Some(Self::Sources), None],
            // Lists of sources show how far their runs are.
            Subject::Run => [Some(Self::Sources), Some(Self::Run(RunId::from_uuid(id)))],
            Subject::Import => [Some(Self::Imports), Some(Self::Import(ImportId::from_uuid(id)))],
            // What waits for a decision and what was decided are two tabs of one page.
            Subject::Review | Subject::Decision => [Some(Self::Reviews), None],
            // Cards show marks; those of whoever was touched are named besides.
            Subject::Mark => [Some(Self::Customers), None],
            // Its name and zone are on every page.
            Subject::Tenant => [Some(Self::Everything), None],
        }
    }

    /// Whether it names one thing: those are told only to whom asks for them.
    fn is_single(self) -> bool {
        match self {
            Self::Customer(_) | Self::Conversation(_) | Self::Import(_) | Self::Run(_) => true,
            Self::Everything
            | Self::Customers
            | Self::Conversations
            | Self::Imports
            | Self::Sources
            | Self::Reviews => false,
        }
    }

    /// What a role must grant.
    fn permission(self) -> Permission {
        match self {
            Self::Imports | Self::Import(_) => Permission::Import,
            Self::Everything
            | Self::Customers
            | Self::Customer(_)
            | Self::Conversations
            | Self::Conversation(_)
            | Self::Sources
            | Self::Run(_)
            | Self::Reviews => Permission::Read,
        }
    }
}

/// The name of the event: `customers`, `customer-cus_…`, and `live:refresh` for everything.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("live:refresh"),
            Self::Customers => f.write_str("customers"),
            Self::Customer(id) => write!(f, "customer-{id}"),
            Self::Conversations => f.write_str("conversations"),
            Self::Conversation(id) => write!(f, "conversation-{id}"),
            Self::Imports => f.write_str("imports"),
            Self::Import(id) => write!(f, "import-{id}"),
            Self::Sources => f.write_str("sources"),
            Self::Run(id) => write!(f, "run-{id}"),
            Self::Reviews => f.write_str("reviews"),
        }
    }
}

/// A name that is no topic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a topic; they look like `customers` or `customer-cus_01h455vb4pex5vsknk084sn02q`")]
pub struct UnknownTopic;

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        match text.split_once('-') {
            None => [Self::Customers, Self::Conversations, Self::Imports, Self::Sources, Self::Reviews]
                .into_iter()
                .find(|topic| topic.to_string() == text)
                .ok_or(UnknownTopic),
            Some(("customer", id)) => id.parse().map(Self::Customer).map_err(|_| UnknownTopic),
            Some(("conversation", id)) => id.parse().map(Self::Conversation).map_err(|_| UnknownTopic),
            Some(("run", id)) => id.parse().map(Self::Run).map_err(|_| UnknownTopic),
            Some(("import", id)) => id.parse().map(Self::Import).map_err(|_| UnknownTopic),
            Some(_) => Err(UnknownTopic),
        }
    }
}

/// What one stream is told.
#[derive(Debug, Clone)]
pub struct Watched {
    scope: Scope,
    single: BTreeSet<Topic>,
}

impl Watched {
    /// All general topics that the scope's role may see, and the things that are named.
    pub fn new(scope: &Scope, wanted: &[Topic]) -> Self {
        Self { scope: scope.clone(), single: wanted.iter().copied().filter(|topic| topic.is_single()).collect() }
    }

    /// Whether the stream is told of it.
    pub fn hears(&self, topic: &Topic) -> bool {
        self.scope.require(topic.permission()).is_ok() && (!topic.is_single() || self.single.contains(topic))
    }
}

#[cfg(test)]
mod tests {
    use doorstep_core::TenantId;
    use doorstep_core::tenant::{Actor, Role};

    use super::*;

    #[test]
    fn names_are_read_back() {
        let id = CustomerId::from_uuid(Default::default());
        for topic in
            [Topic::Customers, Topic::Reviews, Topic::Customer(id), Topic::Import(ImportId::from_uuid(id.uuid()))]
        {
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        for text in ["", "live:refresh", "customer-", "customer-imp_01h455vb4pex5vsknk084sn02q", "users", "a\nevent: b"]
        {
            assert_eq!(text.parse::<Topic>(), Err(UnknownTopic), "{text:?}");
        }
    }

    #[test]
    fn a_stream_hears_what_its_role_may_see_and_what_it_asked_for() {
        let (one, other) =
            (CustomerId::from_uuid(Default::default()), "cus_01h455vb4pex5vsknk084sn02q".parse().unwrap());
        let heard = |role: Role, topic: Topic| {
            let scope = Scope::new(TenantId::from_number(1), Actor::Worker, role);
            Watched::new(&scope, &[Topic::Customer(one), Topic::Import(ImportId::from_uuid(one.uuid()))]).hears(&topic)
        };
        assert!(heard(Role::ReadOnly, Topic::Customers));
        assert!(heard(Role::ReadOnly, Topic::Customer(one)));
        assert!(!heard(Role::ReadOnly, Topic::Customer(other)));
        assert!(!heard(Role::Staff, Topic::Imports));
        assert!(!heard(Role::Staff, Topic::Import(ImportId::from_uuid(one.uuid()))));
        assert!(heard(Role::Admin, Topic::Imports));
        assert!(heard(Role::ReadOnly, Topic::Everything));
    }
}
