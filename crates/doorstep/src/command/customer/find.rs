//! `doorstep customer find-or-create`

use doorstep_core::contact::Contact;
use doorstep_core::email::Email;
use doorstep_core::id::CustomerId;
use doorstep_core::name::Name;
use doorstep_core::phone::Phone;
use doorstep_engine::customer::{Found, Lookup};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::one_line;

/// Who it is about.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    /// A phone number in any spelling; give it once per number.
    #[arg(long = "phone", value_name = "PHONE")]
    phones: Vec<String>,
    /// An e-mail address; give it once per address.
    #[arg(long = "email", value_name = "EMAIL")]
    emails: Vec<String>,
    /// Their name, in any order: 'Ann Miller', 'Miller, Ann'.
    #[arg(long)]
    name: Option<String>,
    /// The company they work for.
    #[arg(long)]
    company: Option<String>,
    /// Anything worth knowing.
    #[arg(long)]
    notes: Option<String>,
    /// Only say what it would come to; write nothing.
    #[arg(long)]
    preview: bool,
}

pub async fn run(args: &Args, hub: &Hub) -> Result<(), Failure> {
    let contact = contact(args, hub)?;
    let found = hub.engine.find_or_create(&hub.scope, &contact, args.preview).await?;
    if hub.out.json { hub.out.json(&found) } else { tell(hub, &found, args.preview).await }
}

fn contact(args: &Args, hub: &Hub) -> Result<Contact, Failure> {
    let phone = |text: &String| {
        Phone::parse(text, hub.tenant.country)
            .map_err(|error| Failure::refused(format!("`--phone {}`: {error}", one_line(text))))
    };
    let email = |text: &String| {
        Email::parse(text).map_err(|error| Failure::refused(format!("`--email {}`: {error}", one_line(text))))
    };
    Ok(Contact {
        name: args.name.as_deref().and_then(Name::parse),
        company: args.company.clone(),
        phones: args.phones.iter().map(phone).collect::<Result<_, _>>()?,
        emails: args.emails.iter().map(email).collect::<Result<_, _>>()?,
        notes: args.notes.clone(),
        ..Contact::default()
    })
}

async fn tell(hub: &Hub, found: &Found, preview: bool) -> Result<(), Failure> {
    let mut lines = match found {
        Found::Existing { customer } => vec![format!("known: {}", named(hub, *customer).await?)],
        Found::Created { customer, resembles } => {
            let mut lines = match customer {
                Some(id) => vec![format!("new: {}", named(hub, *id).await?)],
                None => vec!["would be a new customer".to_owned()],
            };
            for id in resembles {
                lines.push(format!("shares a phone or e-mail address with {}", named(hub, *id).await?));
            }
            if !resembles.is_empty() && customer.is_some() {
                lines.push("a review asks whether they are one: doorstep review list".to_owned());
            }
            lines
        }
        Found::Several { candidates } => {
            let mut lines =
                vec!["several customers have it, and nothing tells them apart; nobody is guessed:".to_owned()];
            for id in candidates {
                lines.push(format!("  {}", named(hub, *id).await?));
            }
            lines
        }
    };
    if preview {
        lines.push("(a preview: nothing was written)".to_owned());
    }
    hub.out.print(&lines.join("\n"))
}

async fn named(hub: &Hub, id: CustomerId) -> Result<String, Failure> {
    Ok(match hub.engine.look_up(&hub.scope, id).await? {
        Lookup::Customer { customer, .. } => format!("{} ({id})", one_line(&customer.display_name)),
        Lookup::TakenOut(_) | Lookup::Unknown => id.to_string(),
    })
}
