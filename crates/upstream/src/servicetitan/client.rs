//! ServiceTitan as a source: its feeds, its lists, and one object at a time.
//!
//! Changes come from the feeds, also those of one minute ago: recent changes are asked for, at the price of hearing
//! some twice. Feeds tell of what is inactive, merged and deleted, and drift with nothing; where there is none (the
//! kinds of jobs, the numbers that opted out) a list is read (`list`).

use std::sync::Arc;

use doorstep_core::planted;
use doorstep_core::source::{Cursor, SourceSpec, StreamSpec};
use serde_json::Value;

use super::door::{Doors, One, doors};
use super::place::Place;
use super::rows::{as_fed, key_of, row, rows};
use super::session::{Ask, Door, Session};
use super::{SPEC, list};
use crate::source::{Answer, Checked, CheckedStream, Diagnose, Failure, OneCustomer, Page, Row, Source};

/// A business at ServiceTitan, with its credential.
#[derive(Clone)]
pub struct ServiceTitan {
    pub(super) session: Arc<Session>,
}

impl std::fmt::Debug for ServiceTitan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceTitan").field("settings", &self.session.settings).finish()
    }
}

impl Source for ServiceTitan {
    fn spec(&self) -> &'static SourceSpec {
        &SPEC
    }

    fn check(&self) -> Answer<'_, Checked> {
        Box::pin(self.look_at_each())
    }

    fn page<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let (spec, doors) = declared(stream)?;
            let from = from.map(|cursor| Place::read(stream, cursor)).transpose()?;
            match doors.feed {
                Some(feed) => self.feed(spec, doors, feed, from).await,
                None => list::changes(&self.session, spec, doors, from).await,
            }
        })
    }

    fn sweep<'a>(&'a self, stream: &'a str, from: Option<&'a Cursor>) -> Answer<'a, Page> {
        Box::pin(async move {
            let (spec, doors) = declared(stream)?;
            let page = match from.map(|cursor| Place::read(stream, cursor)).transpose()? {
                None => 1,
                Some(Place::Sweep(page)) => page,
                Some(_) => {
                    return Err(Failure::Cursor { why: format!("the stored cursor is none of a sweep of {stream}") });
                }
            };
            list::sweep(&self.session, spec, doors, page).await
        })
    }

    fn read<'a>(&'a self, stream: &'a str, key: &'a str, parent: Option<&'a str>) -> Answer<'a, Option<Row>> {
        Box::pin(async move {
            let (spec, doors) = declared(stream)?;
            let found = self.one(spec, doors, key, parent).await?;
            let skip = |why| Failure::Skip { record: key.to_owned(), why };
            found.map(|payload| row(spec.name, payload).map_err(|skipped| skip(skipped.why))).transpose()
        })
    }

    fn customer<'a>(&'a self, key: &'a str) -> Answer<'a, Option<OneCustomer>> {
        Box::pin(self.one_customer(key))
    }

    fn diagnose(&self) -> Option<&dyn Diagnose> {
        Some(self)
    }
}

impl ServiceTitan {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self { session }
    }

    /// The next page of what changed, from the list and not from the feed; what [`Source::page`] does for streams that
    /// have no feed. Its cursors are not those of the feed.
    ///
    /// # Errors
    /// As [`Source::page`].
    pub async fn page_of_list(&self, stream: &str, from: Option<&Cursor>) -> Result<Page, Failure> {
        let (spec, doors) = declared(stream)?;
        let from = from.map(|cursor| Place::read(stream, cursor)).transpose()?;
        list::changes(&self.session, spec, doors, from).await
    }

    async fn feed(
        &self,
        spec: &'static StreamSpec,
        doors: &Doors,
        feed: &str,
        from: Option<Place>,
    ) -> Result<Page, Failure> {
        let token = match from {
            None => None,
            Some(Place::Feed(token)) => Some(token),
            Some(_) => {
                return Err(Failure::Cursor {
                    why: format!("the stored cursor is none of the feed of {}", spec.label),
                });
            }
        };
        let is_eager = !planted!("what-is-new-can-wait");
        let mut parameters = vec![("includeRecentChanges", is_eager.to_string())];
        parameters.extend(token.iter().map(|token| ("from", token.clone())));
        let door = Door { module: doors.module, path: feed, label: spec.label };
        let Some((mut body, _)) = self.session.ask(door, &Ask::Get(parameters)).await? else {
            let why = format!(
                "ServiceTitan has no feed of {} at this address (404): check `servicetitan_tenant`",
                spec.label
            );
            return Err(Failure::Gone { why });
        };
        let odd = |what: &str| Failure::Retry {
            after: None,
            why: format!("ServiceTitan's feed of {} came {what}", spec.label),
        };
        let Some(Value::Array(data)) = body.get_mut("data").map(Value::take) else {
            return Err(odd("without its rows"));
        };
        let has_more = body.get("hasMore").and_then(Value::as_bool);
        let has_more = has_more.ok_or_else(|| odd("without saying whether that is all"))?;
        let next = body.get("continueFrom").and_then(Value::as_str).filter(|next| !next.is_empty());
        if next.is_none() && has_more {
            return Err(odd("without saying where it goes on"));
        }
        // A feed that has more and stays where it is would be read for ever; the next run asks it again.
        let more = has_more && next != token.as_deref();
        let cursor = next.map(|next| Place::Feed(next.to_owned()).cursor(spec.name)).transpose()?;
        let (rows, skipped) = rows(spec.name, data);
        Ok(Page { rows, skipped, cursor, more })
    }

    /// The payload of one object, in the shape of the feed.
    async fn one(
        &self,
        spec: &'static StreamSpec,
        doors: &Doors,
        key: &str,
        parent: Option<&str>,
    ) -> Result<Option<Value>, Failure> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let skip = |why: &str| Failure::Skip { record: key.to_owned(), why: why.to_owned() };
        let is_it = |payload: &Value| key_of(spec.name, payload).as_deref() == Some(key);
        let mut parameters = match doors.one {
            One::Path if is_number(key) => {
                let path = format!("{}/{key}", doors.list);
                let door = Door { module: doors.module, path: &path, label: spec.label };
                let found = self.session.ask(door, &Ask::Get(Vec::new())).await?;
                return Ok(found.map(|(payload, _)| as_fed(spec.name, payload, parent)));
            }
            One::Ids if is_number(key) => vec![("ids", key.to_owned())],
            One::Path | One::Ids => return Err(skip("its key is no number, as theirs are")),
            One::OfParent(parameter) => match parent.filter(|parent| is_number(parent)) {
                Some(parent) => vec![(parameter, parent.to_owned())],
                None => return Err(skip("can be read only by whom it belongs to, which is not known")),
            },
            One::Whole => Vec::new(),
        };
        if doors.hides_inactive {
            parameters.push(("active", "Any".to_owned()));
        }
        let mut page = 1;
        loop {
            let mut asked = parameters.clone();
            if doors.is_paged {
                asked.extend([("page", page.to_string()), ("pageSize", list::PAGE_SIZE.to_string())]);
            }
            let listed = match list::get(&self.session, doors, spec.label, asked).await {
                // Whose contacts are asked for may be gone, and theirs with them.
                Err(Failure::Gone { .. }) => return Ok(None),
                listed => listed?,
            };
            let more = listed.more && doors.is_paged && !listed.data.is_empty();
            let mut data = listed.data.into_iter().map(|payload| as_fed(spec.name, payload, parent));
            if let Some(found) = data.find(is_it) {
                return Ok(Some(found));
            }
            if !more || page >= list::MAX_PAGES {
                return Ok(None);
            }
            page += 1;
        }
    }

    async fn look_at_each(&self) -> Result<Checked, Failure> {
        self.session.sign_in().await?;
        let mut streams = Vec::with_capacity(SPEC.streams.len());
        let mut clock_ahead_seconds = 0;
        for spec in SPEC.streams {
            let (_, doors) = declared(spec.name)?;
            let parameters = match (doors.is_paged, doors.needs_bound) {
                (false, _) => Vec::new(),
                (true, false) => vec![("page", "1".to_owned()), ("pageSize", "1".to_owned())],
                (true, true) => vec![
                    ("page", "1".to_owned()),
                    ("pageSize", "1".to_owned()),
                    ("modifiedOnOrAfter", list::FIRST_STAMP.to_owned()),
                ],
            };
            let listed = list::get(&self.session, doors, spec.label, parameters).await;
            if let Some(date) = listed.as_ref().ok().and_then(|listed| listed.date) {
                let ours = self.session.http.surroundings.clock.now();
                clock_ahead_seconds = date.micros().saturating_sub(ours.micros()) / 1_000_000;
            }
            match listed {
                // Nobody answers: there is nothing to be said about one stream rather than another.
                Err(failure) if failure.is_passing() && streams.is_empty() => return Err(failure),
                listed => {
                    let found = listed.map(|listed| !listed.data.is_empty());
                    streams.push(CheckedStream { stream: spec.name, found });
                }
            }
        }
        match streams.iter().all(|it| it.found.is_err()).then(|| streams.first()).flatten() {
            Some(CheckedStream { found: Err(failure), .. }) => Err(failure.clone()),
            _ => Ok(Checked { streams, clock_ahead_seconds }),
        }
    }
}

pub(super) fn declared(stream: &str) -> Result<(&'static StreamSpec, &'static Doors), Failure> {
    let found = SPEC.stream(stream).zip(doors(stream));
    found.ok_or_else(|| Failure::Fatal { why: format!("ServiceTitan has no stream `{}`", shown(stream)) })
}

fn shown(stream: &str) -> String {
    stream.chars().filter(|c| !c.is_control()).take(40).collect()
}
