//! From templates with `{keys}` to what people wrote.
//!
//! A template is picked for what is to be said, its keys are filled from the scene (who, where, when) or by further
//! templates, and a customer's habits (no capitals, abbreviations, emoji) go over the result. A few hundred
//! templates so give texts of which hardly two are the same.

mod customer;
mod lists;
mod office;
mod portuguese;
mod spanish;
mod themes;
pub mod voicemail;

use std::fmt::Write;

use super::businesses::Address;
use super::calendar;
use super::episode::Episode;
use super::names::Language;
use super::numbers::Number;
use super::people::{Entry, Person, World};
use super::random::Random;
use super::scripts::{Say, Speaker};

/// Templates within templates end here; ours are three deep.
const DEEPEST: u32 = 6;

/// Ways to say things.
type Table = [(&'static [Say], &'static [&'static str])];

fn find(table: &'static Table, say: Say) -> Option<&'static [&'static str]> {
    table.iter().find(|(says, _)| says.contains(&say)).map(|(_, templates)| *templates)
}

/// Who talks with the office, as far as the words need to know.
#[derive(Debug, Clone, Copy)]
pub struct Talker {
    /// What the office calls them; empty where it does not know.
    pub called: &'static str,
    /// Given and family name, as they introduce themselves.
    pub name: (&'static str, &'static str),
    /// Where they live.
    pub address: Address,
    /// What they text in.
    pub language: Language,
    /// Thanks in the family's words; may be empty.
    pub thanks: &'static str,
    /// At which number they can be called back.
    pub number: Number,
    /// How they type.
    pub habits: Habits,
}

/// How somebody types.
#[derive(Debug, Clone, Copy, Default)]
pub struct Habits {
    lower: bool,
    careful: bool,
    upper: bool,
    no_full_stops: bool,
    short: bool,
    emoji: bool,
    signs: bool,
}

/// What a template's keys are filled from.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The customer.
    pub talker: &'a Talker,
    /// What it is about.
    pub episode: &'a Episode,
    /// The moment of writing.
    pub now: i64,
    /// The day that `{day}` is, in days since 1970.
    pub day: i64,
}

impl Talker {
    /// A row of contacts.csv, at one of its numbers.
    pub fn of_entry(entry: &Entry, number: Number, random: &mut Random) -> Self {
        Self { called: entry.called(), ..Self::of_person(&entry.person, number, random) }
    }

    /// Somebody in no contact, whose name the office does not know.
    pub fn of_stranger(world: &World, which: u32, number: Number, random: &mut Random) -> Self {
        Self { called: "", ..Self::of_person(&world.stranger_person(which), number, random) }
    }

    fn of_person(person: &Person, number: Number, random: &mut Random) -> Self {
        Self {
            called: person.nickname,
            name: (person.given, person.family),
            address: person.address,
            language: person.language,
            thanks: person.origin.thanks,
            number,
            habits: Habits::any(random),
        }
    }
}

impl Habits {
    /// Anybody's.
    pub fn any(random: &mut Random) -> Self {
        Self {
            lower: random.percent(24),
            careful: random.percent(55),
            upper: random.percent(1),
            no_full_stops: random.percent(30),
            short: random.percent(14),
            emoji: random.percent(18),
            signs: random.percent(6),
        }
    }
}

impl Scene<'_> {
    /// Adds what is said to `out`.
    pub fn write(&self, out: &mut String, say: Say, random: &mut Random) {
        let english = match say.speaker() {
            Speaker::Customer => customer::templates(say),
            Speaker::Office => office::templates(say),
            Speaker::Robot => office::robots(say),
        };
        let own = match (say.speaker(), self.talker.language) {
            (Speaker::Robot, _) | (_, Language::English) => &[],
            (Speaker::Customer, Language::Spanish) => spanish::customer(say),
            (Speaker::Customer, Language::Portuguese) => portuguese::customer(say),
            (Speaker::Office, Language::Spanish) => spanish::office(say),
            (Speaker::Office, Language::Portuguese) => portuguese::office(say),
        };
        let templates = if own.is_empty() { english } else { own };
        let start = out.len();
        // A question about money gets its own answer: both lists are in the same order.
        let template = match say {
            Say::QuoteQuestion | Say::QuoteAnswer | Say::BillQuestion | Say::BillAnswer => {
                templates[self.episode.invoice as usize % templates.len()]
            }
            _ => random.pick(templates),
        };
        self.fill(out, template, random, 0);
        out.truncate(out.trim_end().len());
        let customer = say.speaker() == Speaker::Customer;
        capitalise(out, start, !customer || self.talker.habits.careful);
        if customer {
            self.apply_habits(out, start, random);
        }
    }

    /// Adds a template with its keys filled.
    pub fn fill(&self, out: &mut String, template: &str, random: &mut Random, depth: u32) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            join(out, before);
            let Some((key, after)) = after.split_once('}') else { return };
            self.fill_key(out, key, random, depth);
            rest = after;
        }
        join(out, rest);
    }

    fn fill_key(&self, out: &mut String, key: &str, random: &mut Random, depth: u32) {
        let talker = self.talker;
        // Writing into a string cannot fail.
        let _ = match key {
            "hi" => self.write_greeting(out, random),
            ",name" if talker.called.is_empty() => Ok(()),
            ",name" => write!(out, ", {}", talker.called),
            "me" => write!(out, "{} {}", talker.name.0, talker.name.1),
            "given" => out.write_str(talker.name.0),
            "street" => write!(out, "{} {}", talker.address.house, talker.address.street),
            "town" => out.write_str(talker.address.town.0),
            "number" => out.write_str(&talker.number.typed()),
            "thanks" => out.write_str(talker.thanks),
            "day" => self.write_day(out),
            "window" => self.write_window(out, false),
            "between" => self.write_window(out, true),
            "clock" => self.write_clock(out),
            "arrival" => write!(out, "{} min", 15 + random.below(7) * 5),
            "tech" => out.write_str(self.episode.tech),
            "office" => out.write_str(self.episode.clerk),
            "brand" => out.write_str(self.episode.brand),
            "age" => write!(out, "{}", self.episode.age_years),
            "price" => write_dollars(out, self.episode.price_dollars),
            "half" => write_dollars(out, self.episode.price_dollars / 2),
            "fee" => write_dollars(out, 95 + self.episode.invoice % 4 * 10),
            "invoice" => write!(out, "{}", self.episode.invoice),
            "permit" => write!(out, "P-{}-{:04}", calendar::local(self.now).year % 100, self.episode.invoice % 9_973),
            "site" => {
                let site = Address::somewhere(random);
                write!(out, "{} {}", site.house, site.street)
            }
            "code" => write!(out, "{:06}", random.below(1_000_000)),
            "temp" => write!(out, "{}", 48 + random.below(13)),
            "n" => write!(out, "{}", 2 + random.below(4)),
            "problem" => self.fill_one(out, self.problems(), random, depth),
            "another" => self.fill_one(out, self.episode.theme.other().problems(), random, depth),
            "disaster" => self.fill_one(out, self.episode.theme.disasters(), random, depth),
            "work" => self.fill_one(out, self.episode.theme.work_done(), random, depth),
            "relief" => self.fill_one(out, self.episode.theme.relief(), random, depth),
            "ask_about" => out.write_str(self.exchange().0),
            "told" => self.fill_one(out, self.exchange().1, random, depth),
            other => self.fill_one(out, lists::list(other), random, depth),
        };
    }

    fn fill_one(&self, out: &mut String, templates: &[&str], random: &mut Random, depth: u32) -> std::fmt::Result {
        if depth < DEEPEST && !templates.is_empty() {
            self.fill(out, random.pick(templates), random, depth + 1);
        }
        Ok(())
    }

    /// The question that the office asks in this episode, and answers to it.
    fn exchange(&self) -> (&'static str, &'static [&'static str]) {
        let exchanges = self.episode.theme.exchanges();
        exchanges[self.episode.invoice as usize % exchanges.len()]
    }

    fn problems(&self) -> &'static [&'static str] {
        match self.talker.language {
            Language::English => self.episode.theme.problems(),
            Language::Spanish => spanish::problems(self.episode.theme),
            Language::Portuguese => portuguese::problems(self.episode.theme),
        }
    }

    fn write_greeting(&self, out: &mut String, random: &mut Random) -> std::fmt::Result {
        let (known, unknown): (&[&str], &str) = match self.talker.language {
            Language::English => (&["Hi", "Hi", "Hello", "Hey"], "Hi there"),
            Language::Spanish => (&["Hola", "Buenas"], "Buenas"),
            Language::Portuguese => (&["Oi", "Olá"], "Olá"),
        };
        match self.talker.called {
            "" => out.write_str(unknown),
            called => write!(out, "{} {called}", random.pick(known)),
        }
    }

    /// "today", "tomorrow", "Thursday" or "Tue 11/14", as seen from the moment of writing.
    fn write_day(&self, out: &mut String) -> std::fmt::Result {
        let day = self.day;
        let ahead = day - calendar::day_of(self.now);
        let weekday = calendar::weekday(day) as usize;
        let (month, of_month) = calendar::month_and_day(day);
        match (self.talker.language, ahead) {
            (Language::English, 0) => out.write_str("today"),
            (Language::English, 1) => out.write_str("tomorrow"),
            (Language::English, 2..=6) => out.write_str(lists::WEEKDAYS[weekday]),
            (Language::English, _) => write!(out, "{} {month}/{of_month}", &lists::WEEKDAYS[weekday][..3]),
            (Language::Spanish, 0) => out.write_str("hoy"),
            (Language::Spanish, 1) => out.write_str("mañana"),
            (Language::Spanish, _) => write!(out, "el {} {of_month}", lists::WEEKDAYS_SPANISH[weekday]),
            (Language::Portuguese, 0) => out.write_str("hoje"),
            (Language::Portuguese, 1) => out.write_str("amanhã"),
            (Language::Portuguese, _) => write!(out, "{}, dia {of_month}", lists::WEEKDAYS_PORTUGUESE[weekday]),
        }
    }

    /// "9-11", or between "9 and 11".
    fn write_window(&self, out: &mut String, between: bool) -> std::fmt::Result {
        let twelve = |hour: i64| if hour > 12 { hour - 12 } else { hour };
        let (from, to) = (twelve(self.episode.from_hour), twelve(self.episode.from_hour + 2));
        match (self.talker.language, between, self.episode.invoice % 3) {
            (Language::English, true, _) => write!(out, "{from} and {to}"),
            (Language::English, false, 0) => write!(out, "{from}-{to}"),
            (Language::English, false, 1) => write!(out, "{from}:00-{to}:00"),
            (Language::English, false, _) => write!(out, "{from} to {to}"),
            (Language::Spanish, true, _) => write!(out, "las {from} y las {to}"),
            (Language::Spanish, false, _) => write!(out, "{from} a {to}"),
            (Language::Portuguese, true, _) => write!(out, "{from} e {to}"),
            (Language::Portuguese, false, _) => write!(out, "{from} às {to}"),
        }
    }

    /// Half an hour from now.
    fn write_clock(&self, out: &mut String) -> std::fmt::Result {
        let minute = calendar::local(self.now).second / 60 / 5 * 5 + 30;
        write!(out, "{}:{:02}", (minute / 60 + 11) % 12 + 1, minute % 60)
    }

    fn apply_habits(&self, out: &mut String, start: usize, random: &mut Random) {
        let habits = self.talker.habits;
        if habits.no_full_stops && out.ends_with('.') {
            out.pop();
        }
        let mut said = String::new();
        if habits.short && self.talker.language == Language::English {
            said.push_str(&out[start..]);
            for (long, short) in lists::SHORT_FORMS {
                if said.contains(long) {
                    said = said.replace(long, short);
                }
            }
            out.replace_range(start.., &said);
        }
        if habits.lower || habits.upper {
            said = if habits.lower { out[start..].to_lowercase() } else { out[start..].to_uppercase() };
            out.replace_range(start.., &said);
        }
        if habits.emoji && random.percent(35) {
            out.push(' ');
            out.push_str(random.pick(lists::EMOJI));
        }
        if habits.signs && out.len() - start > 40 {
            out.push_str(" - ");
            out.push_str(self.talker.name.0);
        }
    }
}

/// Adds a piece of a template so that it fits what is there: what fills a key may end a sentence itself, or be empty.
fn join(out: &mut String, piece: &str) {
    let mut piece = piece;
    match (out.chars().next_back(), piece.chars().next()) {
        (None | Some(' ' | '\n'), Some(' ')) | (Some('.' | '?' | '!'), Some('.')) => piece = &piece[1..],
        (Some('.'), Some(',')) => _ = out.pop(),
        _ => {}
    }
    out.push_str(piece);
}

/// Templates start with whatever key comes first; people, and their telephones, start with a capital letter, and
/// careful people start every sentence so.
fn capitalise(out: &mut String, start: usize, careful: bool) {
    let mut ended = true;
    for place in start..out.len() {
        let rest = &out.as_bytes()[place..];
        match rest[0] {
            b'.' | b'?' | b'!' | b'\n' => ended = true,
            b' ' => {}
            _ if !ended => {}
            _ => {
                let glued = place > start && !matches!(out.as_bytes()[place - 1], b' ' | b'\n');
                let stays = glued || rest.starts_with(b"http");
                // A part of a longer letter cannot be sliced: `é` stays as it is.
                if let Some(letter) = out.get_mut(place..=place).filter(|_| !stays) {
                    letter.make_ascii_uppercase();
                }
                if !careful {
                    return;
                }
                ended = false;
            }
        }
    }
}

/// `$1,240`
fn write_dollars(out: &mut String, dollars: u64) -> std::fmt::Result {
    match dollars / 1_000 {
        0 => write!(out, "${dollars}"),
        thousands => write!(out, "${thousands},{:03}", dollars % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::archive::episode::Theme;

    /// Every `{key}` of the templates is known: an unknown one would vanish from the texts without a word.
    #[test]
    fn every_key_is_known() {
        let mut all: Vec<&str> = Vec::new();
        for say in Say::ALL {
            let english = match say.speaker() {
                Speaker::Customer => customer::templates(say),
                Speaker::Office => office::templates(say),
                Speaker::Robot => office::robots(say),
            };
            assert!(!english.is_empty(), "nobody says {say:?}");
            let others =
                [spanish::customer(say), spanish::office(say), portuguese::customer(say), portuguese::office(say)];
            all.extend(others.into_iter().flatten().chain(english));
        }
        for theme in Theme::ALL {
            for list in [theme.problems(), theme.work_done(), theme.disasters(), theme.relief()] {
                assert!(!list.is_empty(), "{theme:?}");
                all.extend(list);
            }
            all.extend(theme.exchanges().iter().flat_map(|(_, answers)| answers.iter()));
            all.extend(spanish::problems(theme).iter().chain(portuguese::problems(theme)));
        }
        all.extend(voicemail::ALL.iter().flat_map(|list| list.iter()));
        for (name, list) in lists::LISTS {
            assert!(!list.is_empty(), "{name}");
            all.extend(*list);
        }
        for template in all {
            for part in template.split('{').skip(1) {
                let (key, _) = part.split_once('}').unwrap();
                assert!(FACTS.contains(&key) || !lists::list(key).is_empty(), "`{key}` in `{template}`");
            }
        }
    }

    const FACTS: [&str; 33] = [
        "hi",
        ",name",
        "me",
        "given",
        "street",
        "town",
        "number",
        "thanks",
        "day",
        "window",
        "arrival",
        "tech",
        "office",
        "brand",
        "age",
        "price",
        "half",
        "fee",
        "invoice",
        "permit",
        "code",
        "temp",
        "n",
        "problem",
        "work",
        "ask_about",
        "told",
        "between",
        "clock",
        "site",
        "another",
        "disaster",
        "relief",
    ];
}
