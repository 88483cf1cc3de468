//! `doorstep customer search` and `list`

use doorstep_core::id::CustomerId;
use doorstep_store::customer::{self, Listed};

use super::{MAX_PAGE, PAGE, words};
use crate::failure::Failure;
use crate::hub::Hub;
use crate::output::{Column, Grid, clean, count, one_line};

/// What to search for.
#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Words of a name or company, a phone number, or an e-mail address.
    #[arg(required = true)]
    query: Vec<String>,
    /// How many customers at most.
    #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=MAX_PAGE))]
    limit: i64,
}

/// Which page.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Those after this one.
    #[arg(long, value_name = "ID")]
    after: Option<CustomerId>,
    /// How many.
    #[arg(long, default_value_t = PAGE, value_parser = clap::value_parser!(i64).range(1..=MAX_PAGE))]
    limit: i64,
}

pub async fn search(args: &SearchArgs, hub: &Hub) -> Result<(), Failure> {
    let query = args.query.join(" ");
    let found = hub.engine.search(&hub.scope, &query, args.limit).await?;
    if hub.out.json {
        return hub.out.json(&found);
    }
    if found.is_empty() {
        hub.out.note(&format!("nobody is found by `{}`", one_line(&query)));
        return Ok(());
    }
    hub.out.print(&table(hub, &found))?;
    if found.len() as i64 == args.limit {
        hub.out.note(&format!("the first {}: one more word narrows it down, --limit shows more", args.limit));
    }
    Ok(())
}

pub async fn list(args: &ListArgs, hub: &Hub) -> Result<(), Failure> {
    let mut tx = hub.engine.db.read(&hub.scope).await?;
    let page = customer::list(&mut tx, args.after, args.limit).await?;
    let all = customer::count(&mut tx).await?.unsigned_abs();
    if hub.out.json {
        return hub.out.json(&page);
    }
    let Some(last) = page.last() else {
        hub.out.note(if all == 0 {
            "there is no customer yet: `doorstep import phone-history FILE.zip` brings some in"
        } else {
            "there are no more"
        });
        return Ok(());
    };
    hub.out.print(&table(hub, &page))?;
    let shown = page.len() as u64;
    if shown as i64 == args.limit && shown < all {
        hub.out.note(&format!(
            "{} of {}; the next: doorstep customer list --after {}",
            count(shown),
            count(all),
            last.id
        ));
    }
    Ok(())
}

/// Customers, a line each.
pub fn table(hub: &Hub, customers: &[Listed]) -> String {
    let mut grid = Grid::list(
        &hub.out,
        &[
            ("name", Column::Text),
            ("phone", Column::Whole),
            ("e-mail", Column::SpareText),
            ("company", Column::SpareText),
            ("id", Column::Whole),
        ],
    );
    let home = hub.tenant.country;
    for listed in customers {
        grid.row([
            one_line(&listed.display_name),
            listed.phone.as_deref().map(|phone| words::phone(phone, home)).unwrap_or_default(),
            listed.email.as_deref().map(clean).unwrap_or_default(),
            listed
                .company
                .as_deref()
                .map(one_line)
                .filter(|company| *company != listed.display_name)
                .unwrap_or_default(),
            listed.id.to_string(),
        ]);
    }
    grid.render()
}
