//! A row of calls.csv.

use std::fmt;

use doorstep_core::conversation::Direction;
use doorstep_core::time::Timestamp;

use super::super::wire;
use super::Mapper;
use super::party::Party;
use super::text::{self, Notes, shown};
use super::way::Of;

/// The longest call that is believed: a week. Phone systems write garbage into calls that never ended.
const MAX_DURATION_SECONDS: i64 = 7 * 24 * 3_600;

/// A call in our words. Its `Debug` shows its keys only.
#[derive(Clone, PartialEq)]
pub struct CallRow {
    /// `call_id`.
    pub key: Option<String>,
    /// `contact_id`.
    pub contact_key: Option<String>,
    /// The caller.
    pub from: Option<Party>,
    /// The called numbers.
    pub to: Vec<Party>,
    /// As the file says, else as the own numbers tell.
    pub direction: Direction,
    /// As the file says; never the time of the import.
    pub started_at: Timestamp,
    /// Whole seconds.
    pub duration_seconds: Option<i64>,
    /// The source's word, or what its direction says beside the way: `missed`.
    pub status: Option<String>,
    /// What was said on voicemail.
    pub voicemail_text: Option<String>,
}

impl CallRow {
    /// The parties that are not the tenant's own numbers.
    pub fn counterparts(&self) -> impl Iterator<Item = &Party> {
        self.from.iter().chain(&self.to).filter(|party| !party.is_own)
    }
}

impl fmt::Debug for CallRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallRow").field("key", &self.key).field("started_at", &self.started_at).finish_non_exhaustive()
    }
}

impl Mapper<'_> {
    /// Maps a row of calls.csv.
    pub fn call(&mut self, row: wire::Row<'_>, notes: &mut Notes) -> Result<CallRow, String> {
        let wire = wire::Call::from(row);
        let started_at = text::needed_time("started_at", wire.started_at, wire.started_time, &self.options.zone)?;
        let key = text::key("call_id", wire.call_id)?;
        let contact_key = text::key("contact_id", wire.contact_id)?;
        let sides = self.sides(wire.from_number, &wire.to_number, wire.other_number, notes);
        let settled = sides.settle(wire.direction, Of::Call, notes);
        Ok(CallRow {
            key,
            contact_key,
            from: settled.from,
            to: settled.to,
            direction: settled.direction,
            started_at,
            duration_seconds: duration(wire.duration_seconds, notes),
            status: text::short("status", wire.status, notes).or(settled.status.map(str::to_owned)),
            voicemail_text: Some(wire.voicemail_text.to_owned()).filter(|text| !text.trim().is_empty()),
        })
    }
}

fn duration(cell: &str, notes: &mut Notes) -> Option<i64> {
    if cell.is_empty() {
        return None;
    }
    let found = seconds(cell).filter(|seconds| *seconds <= MAX_DURATION_SECONDS);
    if found.is_none() {
        notes.push(format!("`duration_seconds`: `{}` is not a duration; left out", shown(cell)));
    }
    found
}

/// `75`, `75.4`, `00:01:15`, `1:15`, `1m 15s`, `2 min`, `PT1M15S`; anything else is none.
pub(super) fn seconds(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    if text.contains(':') {
        return clock(&text);
    }
    match number(&text) {
        Some((seconds, "")) => Some(seconds),
        _ => units(text.strip_prefix("pt").unwrap_or(&text)),
    }
}

/// Hours, minutes and seconds between colons, the last ones always there.
fn clock(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    parts.into_iter().try_fold(0_i64, |total, part| match number(part.trim()) {
        Some((value, "")) => total.checked_mul(60)?.checked_add(value),
        _ => None,
    })
}

/// Numbers with their units.
fn units(text: &str) -> Option<i64> {
    let (mut total, mut rest) = (0_i64, text.trim());
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (value, after) = number(rest)?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let factor = match &after[..end] {
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            _ => return None,
        };
        total = total.checked_add(value.checked_mul(factor)?)?;
        rest = after[end..].trim_start_matches(['.', ',', ' ']);
    }
    Some(total)
}

/// A number at the start, its fraction dropped, and what follows it.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let value = text[..end].parse().ok()?;
    let rest = &text[end..];
    let fraction = rest.strip_prefix('.').map_or(0, |after| after.bytes().take_while(u8::is_ascii_digit).count());
    Some((value, if fraction > 0 { &rest[1 + fraction..] } else { rest }))
}
