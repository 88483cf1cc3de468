//! `doorstep user`

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use doorstep_core::email::Email;
use doorstep_core::id::UserId;
use doorstep_core::one_time_link::Purpose;
use doorstep_core::password::Password;
use doorstep_core::tenant::Role;
use doorstep_core::user::{Label, User};
use doorstep_engine::one_time_link::{LINK_PATH, LinkToken};
use doorstep_engine::user::NewUser;
use serde_json::json;

use super::secret;
use crate::failure::Failure;
use crate::hub::{Hub, Program};
use crate::output::{Column, Grid, one_line};

/// Users of one page.
const PAGE: i64 = 100;

/// The people who sign in.
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
#[command(long_about = "\
The people who sign in.

Each has a role: `owner` (everything), `admin` (imports, users, keys, the audit log), `staff` (edits, merges, decides), \
`agent` (looks up and creates customers) or `read_only`. Whoever acts at the command line of the machine acts as an \
owner.")]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a person; prints a link by which they set a password.
    #[command(long_about = "\
Add a person; prints a link by which they set a password.

The link works once, for three days. With `--password` or `--password-file` there is a password at once, and no link.")]
    #[command(after_help = "\
Examples:
  doorstep user add jo@acehvac.com --name 'Jo Smith' --role staff
  doorstep user add owner@acehvac.com --role owner --password
  pass show doorstep | doorstep user add jo@acehvac.com --role admin --password")]
    Add {
        /// What they sign in with.
        email: String,
        /// What colleagues call them; what stands before the `@` if nothing is said.
        #[arg(long)]
        name: Option<String>,
        /// What they may do: owner, admin, staff, agent or read_only.
        #[arg(long)]
        role: Role,
        /// Set a password now: asked for, or the first line of standard input.
        #[arg(long, conflicts_with = "password_file")]
        password: bool,
        /// Set a password now: the first line of this file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Show them.
    #[command(after_help = "Examples:\n  doorstep user list\n  doorstep user list --json | jq '.[].email'")]
    List {
        /// How many.
        #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=1_000))]
        limit: i64,
        /// Those after this one.
        #[arg(long, value_name = "ID")]
        after: Option<UserId>,
    },
    /// Give somebody another role.
    #[command(long_about = "\
Give somebody another role.

It counts at their next click. A lower role also revokes those of their API keys that can do more than they now can. \
The last owner stays one.")]
    #[command(after_help = "Examples:\n  doorstep user set-role jo@acehvac.com admin")]
    SetRole {
        /// E-mail address or id.
        user: String,
        /// owner, admin, staff, agent or read_only.
        role: Role,
    },
    /// Bar somebody from the door.
    #[command(long_about = "\
Bar somebody from the door.

Their sessions and links end at once, and the API keys that they made are revoked: somebody who leaves may have written \
them down. What they did stays.")]
    #[command(after_help = "Examples:\n  doorstep user disable jo@acehvac.com")]
    Disable {
        /// E-mail address or id.
        user: String,
    },
    /// Let somebody in again; what ended stays ended.
    #[command(after_help = "Examples:\n  doorstep user enable jo@acehvac.com")]
    Enable {
        /// E-mail address or id.
        user: String,
    },
    /// Set somebody's password; all their sessions end.
    #[command(long_about = "\
Set somebody's password; all their sessions end.

It is asked for, or read from standard input or a file: never given as an argument, which others on the machine could \
see. `doorstep user link` lets them choose one themselves.")]
    #[command(after_help = "\
Examples:
  doorstep user reset-password jo@acehvac.com
  doorstep user reset-password jo@acehvac.com --password-file new.txt")]
    ResetPassword {
        /// E-mail address or id.
        user: String,
        /// The first line of this file.
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Print a link by which somebody comes in, once.
    #[command(after_help = "\
Examples:
  doorstep user link jo@acehvac.com                 to set a password, within three days
  doorstep user link jo@acehvac.com --for sign-in   to sign in, within a quarter of an hour")]
    Link {
        /// E-mail address or id.
        user: String,
        /// What it is for.
        #[arg(long = "for", value_enum, default_value_t = Word::SetPassword)]
        purpose: Word,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Word {
    /// To set a password.
    SetPassword,
    /// To sign in.
    SignIn,
}

impl From<Word> for Purpose {
    fn from(word: Word) -> Self {
        match word {
            Word::SetPassword => Self::SetPassword,
            Word::SignIn => Self::SignIn,
        }
    }
}

pub async fn run(args: Args, program: &Program) -> Result<(), Failure> {
    let work = async |hub: &Hub| match args.action {
        Action::Add { email, name, role, password, password_file } => {
            let email = parse_email(&email)?;
            let name = parse_name(name.as_deref(), &email)?;
            let password = match (password, &password_file) {
                (false, None) => None,
                (_, file) => Some(ask(file.as_deref(), &email)?),
            };
            add(program, hub, NewUser { email, name, role, password }).await
        }
        Action::List { limit, after } => {
            let users = hub.engine.users(&hub.scope, after, limit).await?;
            list(hub, &users, limit)
        }
        Action::SetRole { user, role } => {
            let user = find(hub, &user).await?;
            let user = hub.engine.set_role(&hub.scope, user.id, role).await?;
            tell(hub, &user, &format!("is {} now", words(user.role)))
        }
        Action::Disable { user } => {
            let user = find(hub, &user).await?;
            let user = hub.engine.disable_user(&hub.scope, user.id).await?;
            tell(hub, &user, "may not sign in any more")
        }
        Action::Enable { user } => {
            let user = find(hub, &user).await?;
            let user = hub.engine.enable_user(&hub.scope, user.id).await?;
            tell(hub, &user, "may sign in")
        }
        Action::ResetPassword { user, password_file } => {
            let user = find(hub, &user).await?;
            let password = ask(password_file.as_deref(), &user.email)?;
            let user = hub.engine.reset_password(&hub.scope, user.id, &password).await?;
            tell(hub, &user, "has a new password, and all their sessions ended")
        }
        Action::Link { user, purpose } => {
            let user = find(hub, &user).await?;
            let token = hub.engine.create_link(&hub.scope, user.id, purpose.into()).await?;
            print_link(program, hub, &user, &token, purpose.into())
        }
    };
    program.at_work(work).await
}

fn parse_email(text: &str) -> Result<Email, Failure> {
    Email::parse(text).map_err(|bad| Failure::refused(format!("`{}`: {bad}", one_line(text))))
}

fn parse_name(name: Option<&str>, email: &Email) -> Result<Label, Failure> {
    let mailbox = || email.as_str().split('@').next().unwrap_or_default();
    Label::parse(name.unwrap_or_else(mailbox)).map_err(|bad| Failure::refused(bad.to_string()))
}

fn ask(file: Option<&std::path::Path>, email: &Email) -> Result<Password, Failure> {
    let text = secret::password(file, &one_line(email.as_str()))?;
    Password::parse(&text, email).map_err(|bad| Failure::refused(bad.to_string()))
}

/// The user that a person means, by e-mail address or id.
async fn find(hub: &Hub, text: &str) -> Result<User, Failure> {
    if let Ok(id) = text.parse::<UserId>() {
        return Ok(hub.engine.user(&hub.scope, id).await?);
    }
    let email = parse_email(text)?;
    hub.engine.user_by_email(&hub.scope, &email).await?.ok_or_else(|| {
        Failure::not_found(format!("there is no user `{}` here", one_line(email.as_str())))
            .hint("`doorstep user list` shows them")
    })
}

async fn add(program: &Program, hub: &Hub, new: NewUser) -> Result<(), Failure> {
    if new.password.is_some() {
        let user = hub.engine.add_user(&hub.scope, &new).await?;
        return tell(hub, &user, &format!("is {}", words(user.role)));
    }
    let (user, token) = hub.engine.invite_user(&hub.scope, &new).await?;
    if !hub.out.json {
        hub.out.note(&format!("{} is {}", one_line(&user.name), words(user.role)));
    }
    print_link(program, hub, &user, &token, Purpose::SetPassword)
}

/// Prints a link: alone on standard output, so that it can be piped on.
fn print_link(program: &Program, hub: &Hub, user: &User, token: &LinkToken, purpose: Purpose) -> Result<(), Failure> {
    let base = program.config.server.public_url.as_deref().unwrap_or_default();
    let link = format!("{}{LINK_PATH}{}", base.trim_end_matches('/'), token.reveal());
    if hub.out.json {
        return hub.out.json(&json!({ "user": user, "purpose": purpose, "link": link, "seconds": purpose.seconds() }));
    }
    let (what, long) = match purpose {
        Purpose::SignIn => ("signs in", "a quarter of an hour"),
        Purpose::SetPassword => ("sets a password", "three days"),
    };
    hub.out.note(&format!("whoever opens this {what} as {}; it works once, for {long}:", one_line(&user.name)));
    hub.out.print(&link)?;
    if base.is_empty() {
        hub.out.note("put the server's address before it, or set `server.public_url` once");
    }
    Ok(())
}

fn tell(hub: &Hub, user: &User, what: &str) -> Result<(), Failure> {
    if hub.out.json {
        return hub.out.json(user);
    }
    hub.out.print(&format!("{} ({}) {what}", one_line(&user.name), one_line(user.email.as_str())))
}

/// "an owner"
fn words(role: Role) -> &'static str {
    match role {
        Role::Owner => "an owner",
        Role::Admin => "an admin",
        Role::Staff => "staff",
        Role::Agent => "an agent",
        Role::ReadOnly => "a reader",
    }
}

fn list(hub: &Hub, users: &[User], limit: i64) -> Result<(), Failure> {
    let out = &hub.out;
    if out.json {
        return out.json(&users);
    }
    if users.is_empty() {
        out.note("nobody signs in yet: `doorstep user add EMAIL --role owner` adds somebody");
        return Ok(());
    }
    let mut grid = Grid::list(
        out,
        &[
            ("e-mail", Column::Text),
            ("name", Column::Text),
            ("role", Column::Whole),
            ("state", Column::Whole),
            ("since", Column::Whole),
            ("id", Column::Whole),
        ],
    );
    for user in users {
        let state = match (user.is_enabled(), user.has_password) {
            (false, _) => "disabled",
            (true, false) => "invited",
            (true, true) => "",
        };
        let (email, name) = (one_line(user.email.as_str()), one_line(&user.name));
        let role = user.role.as_str().to_owned();
        grid.row([email, name, role, state.to_owned(), hub.day(user.created_at), user.id.to_string()]);
    }
    out.print(&grid.render())?;
    if let Some(last) = users.last().filter(|_| users.len() as i64 == limit) {
        out.note(&format!("the next: doorstep user list --after {}", last.id));
    }
    Ok(())
}
