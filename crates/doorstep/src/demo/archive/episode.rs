//! What happens between a household and its plumber: when each thing is said, and what it is about.

use super::calendar;
use super::random::Random;
use super::scripts::{Beat, Relation, Say, Speaker, When, script};

/// What an episode is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The boiler or furnace is out.
    NoHeat,
    /// The water heater is out.
    NoHotWater,
    /// Something drips or sprays.
    Leak,
    /// Something does not drain.
    Drain,
    /// A toilet runs, rocks or is blocked.
    Toilet,
    /// The cellar is wet.
    SumpPump,
    /// A pipe froze.
    FrozenPipe,
    /// A faucet, disposal or shower valve to fix or put in.
    Fixture,
    /// It smells of gas.
    Gas,
    /// A yearly service.
    TuneUp,
    /// A new boiler, bathroom or water heater.
    Install,
}

/// What all messages of one affair have in common.
#[derive(Debug, Clone)]
pub struct Episode {
    /// What it is about.
    pub theme: Theme,
    /// Who drives.
    pub tech: &'static str,
    /// Who writes from the office.
    pub clerk: &'static str,
    /// Make of the machine.
    pub brand: &'static str,
    /// Age of the machine.
    pub age_years: u64,
    /// What it costs.
    pub price_dollars: u64,
    /// Number of the invoice.
    pub invoice: u64,
    /// Day of the visit, in days since 1970.
    pub visit_day: i64,
    /// The day that was offered first; another than the visit's where the customer could not make it.
    pub offered_day: i64,
    /// The visit's window starts at this hour and is two hours wide.
    pub from_hour: i64,
}

/// A thing said at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// Seconds since 1970.
    pub at: i64,
    /// What is said.
    pub say: Say,
    /// Place of its episode in the timetable.
    pub episode: u32,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

/// Adds an episode of at most `left` messages that starts about `from` and is over by `until`.
///
/// Returns what they have in common; the steps carry `number`.
pub fn play(
    steps: &mut Vec<Step>,
    number: u32,
    left: u32,
    (from, until): (i64, i64),
    relation: Relation,
    random: &mut Random,
) -> Episode {
    let beats = script(relation, number == 0, left, random);
    let rebooked = beats.iter().any(|(say, ..)| *say == Say::CantMake);
    let start = steps.len();
    let mut day = calendar::day_of(from);
    loop {
        // The same chances at each try: an episode that would end too late happens a week earlier.
        let mut again = random.clone();
        let episode = Episode::about(beats[0].0, rebooked, day, &mut again);
        place(steps, beats, &episode, (number, left, day), &mut again);
        if steps.last().is_none_or(|last| last.at <= until) || steps.len() == start {
            return episode;
        }
        steps.truncate(start);
        day -= 7;
    }
}

fn place(
    steps: &mut Vec<Step>,
    beats: &[Beat],
    episode: &Episode,
    (number, left, day): (u32, u32, i64),
    random: &mut Random,
) {
    let start = steps.len();
    let urgent = beats[0].0 == Say::Urgent;
    let opened = if urgent { random.between(6 * HOUR, 22 * HOUR) } else { random.between(7 * HOUR, 20 * HOUR) };
    let mut at = calendar::at(day, opened);
    for (say, percent, when) in beats {
        let before = steps[start..].last().map(|step: &Step| step.say);
        let fits = say.follows().is_empty() || before.is_none_or(|before| say.follows().contains(&before));
        // Drawn even where it cannot be said, so that shifting an episode does not change it.
        let spoken = random.percent(*percent) && fits;
        let Some(next) = when.after(at, episode, random).filter(|_| spoken) else { continue };
        at = if urgent || *say == Say::Repeat { next } else { office_hours(next, *say, random) };
        steps.push(Step { at, say: *say, episode: number });
        if steps.len() - start == left as usize {
            break;
        }
    }
}

impl When {
    fn after(self, at: i64, episode: &Episode, random: &mut Random) -> Option<i64> {
        let visit = calendar::at(episode.visit_day, episode.from_hour * HOUR);
        match self {
            // The smaller of two draws: most answers are quick.
            Self::Soon(least, most) => Some(at + random.between(least, most).min(random.between(least, most))),
            Self::DayBefore => {
                let afternoon = calendar::at(episode.visit_day - 1, 15 * HOUR) + random.between(0, 2 * HOUR);
                (afternoon > at + 2 * HOUR).then_some(afternoon)
            }
            Self::OnTheWay => Some((visit + random.between(-25 * MINUTE, 70 * MINUTE)).max(at + 5 * MINUTE)),
            Self::AfterVisit => Some((visit + random.between(2 * HOUR, 4 * HOUR)).max(at + 40 * MINUTE)),
            Self::Days(least, most) | Self::DaysAfterVisit(least, most) => {
                let from = if matches!(self, Self::Days(..)) { calendar::day_of(at) } else { episode.visit_day };
                let day = from + random.between(least, most);
                Some(calendar::at(day, random.between(9 * HOUR, 17 * HOUR)).max(at + 9 * MINUTE))
            }
        }
    }
}

/// The office writes by day; customers do until eleven at night.
fn office_hours(at: i64, say: Say, random: &mut Random) -> i64 {
    let local = calendar::local(at);
    let closes = if say.speaker() == Speaker::Customer { 23 * HOUR } else { 19 * HOUR };
    match local.second {
        early if early < 7 * HOUR => calendar::at(calendar::day_of(at), 7 * HOUR + random.between(0, HOUR)),
        late if late >= closes => calendar::at(calendar::day_of(at) + 1, 7 * HOUR + random.between(0, HOUR)),
        _ => at,
    }
}

const TECHS: [&str; 7] = ["Marco", "Tommy", "Linh", "Junior", "Luis", "Kev", "Big Steve"];
const CLERKS: [&str; 3] = ["Denise", "Denise", "Linda"];
#[rustfmt::skip]
const BRANDS: [&str; 14] = [
    "Weil-McLain", "Burnham", "Navien", "Bradford White", "Rheem", "Buderus", "Rinnai", "Viessmann", "Peerless",
    "AO Smith", "Bosch", "Utica", "Lochinvar", "Noritz",
];

impl Episode {
    /// Something that may be said on a day: for voicemails.
    pub fn of_day(day: i64, random: &mut Random) -> Self {
        Self::about(Say::Open, false, day, random)
    }

    /// Water where it should not be, now.
    pub fn leak(at: i64, random: &mut Random) -> Self {
        Self { theme: Theme::Leak, ..Self::about(Say::Urgent, false, calendar::day_of(at), random) }
    }

    /// The day that is meant by whoever says it.
    pub fn day_meant(&self, say: Say) -> i64 {
        match say {
            Say::Offer | Say::CantMake => self.offered_day,
            _ => self.visit_day,
        }
    }

    fn about(first: Say, rebooked: bool, day: i64, random: &mut Random) -> Self {
        let theme = match first {
            Say::OpenQuote => Theme::Install,
            Say::TuneUpNudge => Theme::TuneUp,
            Say::Urgent => match calendar::month_and_day(day).0 {
                12 | 1 | 2 => random.pick(&[Theme::Leak, Theme::FrozenPipe]),
                _ => random.pick(&[Theme::Leak, Theme::Leak, Theme::SumpPump]),
            },
            _ => Theme::of_season(calendar::month_and_day(day).0, random),
        };
        let ahead = if first == Say::Urgent { 0 } else { random.between(1, 4) };
        let working = |day| if calendar::weekday(day) == 0 && ahead > 0 { day + 1 } else { day };
        let offered_day = working(day + ahead);
        let visit_day = if rebooked { working(offered_day + random.between(1, 3)) } else { offered_day };
        let (least, most) = theme.price_range_dollars();
        Self {
            theme,
            tech: random.pick(&TECHS),
            clerk: random.pick(&CLERKS),
            brand: random.pick(&BRANDS),
            age_years: 2 + random.below(24),
            price_dollars: random.between(least / 5, most / 5) as u64 * 5,
            invoice: 20_000 + random.below(60_000),
            visit_day,
            offered_day,
            from_hour: random.pick(&[8, 8, 9, 10, 11, 12, 13, 14, 15]),
        }
    }
}

impl Theme {
    /// What a month brings: boilers in winter, wet cellars in spring.
    fn of_season(month: i64, random: &mut Random) -> Self {
        let weights: [u32; 9] = match month {
            12 | 1 | 2 => [30, 15, 16, 8, 6, 3, 11, 10, 1],
            3..=5 => [8, 15, 20, 12, 9, 18, 0, 17, 1],
            6..=8 => [0, 19, 23, 17, 12, 6, 0, 22, 1],
            _ => [20, 18, 18, 13, 10, 5, 0, 15, 1],
        };
        Self::ALL[random.weighted(&weights)]
    }

    fn price_range_dollars(self) -> (i64, i64) {
        match self {
            Self::NoHeat => (185, 1_150),
            Self::NoHotWater => (210, 2_350),
            Self::Leak | Self::FrozenPipe => (195, 980),
            Self::Drain | Self::Toilet => (165, 620),
            Self::SumpPump => (385, 1_240),
            Self::Fixture => (175, 890),
            Self::Gas => (195, 640),
            Self::TuneUp => (149, 229),
            Self::Install => (1_900, 16_500),
        }
    }
}

impl Theme {
    /// All, those of [`Theme::of_season`] first.
    pub const ALL: [Self; 11] = [
        Self::NoHeat,
        Self::NoHotWater,
        Self::Leak,
        Self::Drain,
        Self::Toilet,
        Self::SumpPump,
        Self::FrozenPipe,
        Self::Fixture,
        Self::Gas,
        Self::TuneUp,
        Self::Install,
    ];
}
