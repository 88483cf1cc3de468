//! Fitting a text to a budget of tokens: what is least useful goes first, in one order for all.

use super::tokens::tokens;

/// Tokens of a context in a prompt, where nobody says otherwise: about a page.
const DEFAULT_TOKENS: usize = 1_200;
/// What never goes (the name, the phone, the consent, three appointments) fits into this, whoever it is.
const MIN_TOKENS: usize = 512;
/// More than any context is.
const MAX_TOKENS: usize = 32_000;

/// How many tokens a text may be, by the rule of [`super::tokens`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget(usize);

/// A budget into which not even what must be said would fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a context does not fit into fewer than {MIN_TOKENS} tokens")]
pub struct BudgetTooSmall;

impl Budget {
    /// The smallest.
    pub const MIN: Self = Self(MIN_TOKENS);
    /// The largest; nothing goes for want of room.
    pub const MAX: Self = Self(MAX_TOKENS);

    /// A budget of so many tokens; more than [`Budget::MAX`] is that.
    ///
    /// # Errors
    /// [`BudgetTooSmall`] below [`Budget::MIN`].
    pub fn new(tokens: usize) -> Result<Self, BudgetTooSmall> {
        if tokens < MIN_TOKENS { Err(BudgetTooSmall) } else { Ok(Self(tokens.min(MAX_TOKENS))) }
    }

    /// How many tokens it is.
    pub const fn tokens(self) -> usize {
        self.0
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(DEFAULT_TOKENS)
    }
}

/// What goes, first to last. The order is that of docs/concepts/context.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A message but for the newest three; the oldest first.
    OldMessage,
    /// What is written about a job that was done; the oldest first.
    JobNote,
    /// A piece of equipment at the first property but for the first four; the last first.
    FurtherEquipment,
    /// A property but for the first five, with all that stands there; the last first.
    DistantProperty,
    /// A job that was done but for the newest three; the oldest first.
    OldJob,
    /// Model, warranty and memo of a piece of equipment; the last first.
    EquipmentDetail,
    /// One of the first five properties but for the first, with all that stands there; the last first.
    FarProperty,
    /// What is written about work that is coming or open; the last first.
    OpenNote,
    /// The office's notes about the customer.
    Notes,
    /// A recommendation that is not of high priority; the last first.
    LesserRecommendation,
    /// An appointment but for the next three; the last first.
    LaterVisit,
    /// One of the first four pieces of equipment at the first property; the last first.
    Equipment,
    /// Known issues and the last service at the first property.
    PropertyFact,
    /// Further phones and e-mail addresses, the postal address.
    OtherReach,
    /// One of the newest three messages; the oldest first.
    Message,
    /// One of the newest three jobs that were done; the oldest first.
    Job,
    /// An open job without an appointment; the last first.
    OpenJob,
    /// A preference; the last first.
    Preference,
    /// What older messages come to.
    Summary,
    /// A recommendation of high priority; the last first.
    Recommendation,
    /// The first property.
    Property,
    /// What the customer is in touch about.
    CurrentIssue,
    /// Company, e-mail address, since when, value, balance, membership; the last first.
    Profile,
}

impl Rank {
    /// What goes with it in words: one, and several.
    const fn noun(self) -> (&'static str, &'static str) {
        match self {
            Self::OldMessage | Self::Message => ("older message", "older messages"),
            Self::JobNote | Self::OpenNote => ("note of a job", "notes of jobs"),
            Self::OldJob | Self::Job => ("older job", "older jobs"),
            Self::EquipmentDetail => ("detail of equipment", "details of equipment"),
            Self::DistantProperty | Self::FarProperty | Self::Property => ("property", "properties"),
            Self::Notes => ("note", "notes"),
            Self::LesserRecommendation | Self::Recommendation => ("recommendation", "recommendations"),
            Self::LaterVisit | Self::OpenJob => ("open job or appointment", "open jobs or appointments"),
            Self::FurtherEquipment | Self::Equipment => ("piece of equipment", "pieces of equipment"),
            Self::OtherReach => ("other way to reach them", "other ways to reach them"),
            Self::Preference => ("preference", "preferences"),
            Self::Summary | Self::CurrentIssue => ("summary", "summaries"),
            Self::PropertyFact | Self::Profile => ("fact", "facts"),
        }
    }
}

/// A line with what may become of it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub(super) text: String,
    /// When it goes, and after which of its kind; `None` never. Lines of one place go together.
    pub(super) place: Option<(Rank, usize)>,
    /// How many things it is when what was left out is counted: 0 for a line that belongs to the one above.
    pub(super) counts: usize,
}

/// A heading with its lines.
pub(super) struct Part {
    /// `## …`.
    pub(super) heading: &'static str,
    /// In their order.
    pub(super) lines: Vec<Line>,
}

/// What of `parts` fits into `budget`, with the line that says what does not. `beyond` is what there was no room for
/// in the context itself.
pub(super) fn fit(parts: &[Part], beyond: &[(Rank, usize)], budget: Budget) -> String {
    let costs: Vec<Vec<usize>> =
        parts.iter().map(|part| part.lines.iter().map(|line| tokens(&line.text) + 1).collect()).collect();
    let mut places: Vec<(Rank, usize)> =
        parts.iter().flat_map(|part| &part.lines).filter_map(|line| line.place).collect();
    places.sort_unstable();
    places.dedup();
    let mut next = places.into_iter().peekable();
    let mut gone: Option<(Rank, usize)> = None;
    loop {
        let left_out = left_out(parts, beyond, gone);
        let cost: usize = parts.iter().zip(&costs).map(|(part, costs)| cost_of(part, costs, gone)).sum();
        let last = left_out.as_deref().map_or(0, |line| tokens(line) + 2);
        // With nothing more to drop it is what it is; the minimum is made so that this does not happen.
        match next.next_if(|_| cost + last > budget.tokens()) {
            Some(place) => gone = Some(place),
            None => return written(parts, gone, left_out.as_deref()),
        }
    }
}

/// Whether a line is still there when all up to `gone` is not.
fn stays(line: &Line, gone: Option<(Rank, usize)>) -> bool {
    match (line.place, gone) {
        (Some(place), Some(gone)) => place > gone,
        (None, _) | (_, None) => true,
    }
}

/// Tokens of a part: its lines, its heading and the blank line before it.
fn cost_of(part: &Part, costs: &[usize], gone: Option<(Rank, usize)>) -> usize {
    let lines: usize = part.lines.iter().zip(costs).filter(|(line, _)| stays(line, gone)).map(|(_, cost)| cost).sum();
    if lines == 0 { 0 } else { lines + tokens(part.heading) + 2 }
}

/// The last line; `None` if nothing was left out.
fn left_out(parts: &[Part], beyond: &[(Rank, usize)], gone: Option<(Rank, usize)>) -> Option<String> {
    let lines = parts.iter().flat_map(|part| &part.lines).filter(|line| !stays(line, gone));
    let dropped = lines.filter_map(|line| Some((line.place?.0, line.counts)));
    let mut counts: Vec<((&str, &str), usize)> = Vec::new();
    let mut all: Vec<(Rank, usize)> = dropped.chain(beyond.iter().copied()).filter(|(_, count)| *count > 0).collect();
    all.sort_unstable();
    for (rank, count) in all {
        match counts.iter_mut().find(|(noun, _)| *noun == rank.noun()) {
            Some((_, sum)) => *sum += count,
            None => counts.push((rank.noun(), count)),
        }
    }
    let said = |((one, several), count): &((&str, &str), usize)| {
        format!("{count} {}", if *count == 1 { one } else { several })
    };
    let said: Vec<String> = counts.iter().map(said).collect();
    (!said.is_empty()).then(|| format!("{LEFT_OUT}{}.", said.join(", ")))
}

/// How the last line begins.
pub const LEFT_OUT: &str = "Left out for want of room: ";

fn written(parts: &[Part], gone: Option<(Rank, usize)>, left_out: Option<&str>) -> String {
    let mut text = String::new();
    for part in parts {
        let mut lines = part.lines.iter().filter(|line| stays(line, gone)).peekable();
        if lines.peek().is_none() {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(part.heading);
        text.push('\n');
        for line in lines {
            text.push_str(&line.text);
            text.push('\n');
        }
    }
    if let Some(line) = left_out {
        text.push('\n');
        text.push_str(line);
        text.push('\n');
    }
    text
}
