//! Who stands on which row of contacts.csv.
//!
//! Rows come in blocks of a hundred with the same make-up, shuffled differently in each block, so that any row can
//! be told without keeping the others: [`World::entry`] is a function of the seed and the row.

use super::businesses::{Address, Company};
use super::calendar;
use super::names::{Language, ORIGINS, Origin};
use super::numbers::{Number, POOL};
use super::random::{Of, Random};

/// Rows of a block: its make-up is read as percentages.
pub const BLOCK: u32 = 100;
/// Numbers in no contact that a block has: they text, and others of them call.
pub const STRANGERS: u32 = 8;
/// Two numbers a row and the strangers' must fit into the pool of numbers; more rows would share numbers by chance.
pub const MAX_CONTACTS: u32 = (POOL / (2 * BLOCK + STRANGERS) as u64 * BLOCK as u64) as u32;

const DAY: i64 = 86_400;
/// Nobody is known for less: a first visit with its quote and invoice fits.
const SHORTEST_KNOWN_DAYS: i64 = 45;

/// What is special about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One of two who share a landline; the number is the pair's place in the block.
    Couple(u32),
    /// Works for a property manager whose main number two rows share.
    Manager,
    /// A shop, church or office on its own.
    Shop,
    /// Somebody who is already on another row, written down a second time.
    Twice {
        /// The other row.
        of: u32,
    },
    /// A number without a name.
    Nameless,
    /// A name without a usable number.
    Numberless,
    /// A name with 000-000-0000 or none@none.com in place of the truth.
    Placeholder,
    /// Somebody with a number abroad.
    Abroad,
    /// A couple's landline, written down with no more than their family name: nobody can tell whose of the two it is.
    Landline,
    /// Somebody who is already on another row, with a name that was misheard and a new number, but the same mailbox: the
    /// office has to say whether they are one.
    Misheard {
        /// The other row.
        of: u32,
    },
    /// Somebody whose mailbox another row has, too.
    Heard,
    /// Anybody else.
    Plain,
}

/// A made-up person.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Given name.
    pub given: &'static str,
    /// What friends say; the given name where there is nothing shorter.
    pub nickname: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Between the two, or a blank.
    pub initial: char,
    /// Where the family came from.
    pub origin: &'static Origin,
    /// What they text in.
    pub language: Language,
    /// Where they live.
    pub address: Address,
}

/// One row of contacts.csv, before it is written down.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// 0 for the first.
    pub row: u32,
    /// What is special.
    pub kind: Kind,
    /// Who it is.
    pub person: Person,
    /// Where they work, for managers and shops.
    pub company: Option<Company>,
    /// Whose mailbox it is, and on which row, where two rows have it.
    pub mailbox: Option<(Person, u32)>,
    /// The number that they text from.
    pub cell: Option<Number>,
    /// The landline, or the company's main number.
    pub home: Option<Number>,
    /// When the business first and last had to do with them.
    pub seen: (i64, i64),
}

/// All that is made up, as a function of the seed.
#[derive(Debug, Clone, Copy)]
pub struct World {
    /// Chooses among all possible worlds.
    pub seed: u64,
    /// Rows of contacts.csv.
    pub contacts: u32,
    /// The oldest moment.
    pub since: i64,
    /// The newest moment.
    pub until: i64,
    showcase: Option<u32>,
}

/// The place of a block's row that is misheard on another one.
const HEARD: u32 = 45;

/// Multipliers that permute 0..100.
const STRIDES: [u64; 10] = [3, 7, 13, 17, 23, 27, 33, 37, 43, 47];

impl World {
    /// A world of so many contacts between two moments.
    pub fn new(seed: u64, contacts: u32, (since, until): (i64, i64)) -> Self {
        let mut world = Self { seed, contacts, since, until, showcase: None };
        let complete = |pair| matches!(world.couple(0, pair), (Some(_), Some(_)));
        let texts = |row: &u32| world.entry(*row).cell.is_some();
        let spouse = (0..6).filter(|pair| complete(*pair)).find_map(|pair| world.couple(0, pair).0.filter(texts));
        world.showcase = spouse.or_else(|| (0..contacts.min(BLOCK)).find(texts));
        world
    }

    fn shuffle(&self, block: u32) -> (u64, u64) {
        let mut random = Random::new(self.seed, Of::Block, block.into());
        (random.pick(&STRIDES), random.below(BLOCK.into()))
    }

    fn place_of(&self, row: u32) -> u32 {
        let (stride, offset) = self.shuffle(row / BLOCK);
        ((u64::from(row % BLOCK) * stride + offset) % u64::from(BLOCK)) as u32
    }

    /// The row that holds a place of a block's make-up; `None` where the last block is cut short.
    fn row_at(&self, block: u32, place: u32) -> Option<u32> {
        let (stride, offset) = self.shuffle(block);
        let at = |row: &u32| (u64::from(*row) * stride + offset) % u64::from(BLOCK) == u64::from(place);
        (0..BLOCK).find(at).map(|row| block * BLOCK + row).filter(|row| *row < self.contacts)
    }

    fn kind_of(&self, row: u32) -> Kind {
        match self.place_of(row) {
            place @ 0..12 => Kind::Couple(place / 2),
            12 | 13 => Kind::Manager,
            14 => Kind::Shop,
            place @ 15..19 => match self.row_at(row / BLOCK, place + 25) {
                Some(of) => Kind::Twice { of },
                None => Kind::Plain,
            },
            19..24 => Kind::Nameless,
            24 | 25 => Kind::Numberless,
            26 => Kind::Placeholder,
            27 if (row / BLOCK).is_multiple_of(2) => Kind::Abroad,
            28 if self.couple(row / BLOCK, 0).0.is_some() => Kind::Landline,
            29 => match self.row_at(row / BLOCK, HEARD) {
                Some(of) => Kind::Misheard { of },
                None => Kind::Plain,
            },
            HEARD => Kind::Heard,
            _ => Kind::Plain,
        }
    }

    /// The row that a group conversation's members or a demonstration want: the first or second of a block's couple.
    pub fn couple(&self, block: u32, pair: u32) -> (Option<u32>, Option<u32>) {
        (self.row_at(block, pair * 2), self.row_at(block, pair * 2 + 1))
    }

    /// The two rows of a block's property manager.
    pub fn managers(&self, block: u32) -> (Option<u32>, Option<u32>) {
        (self.row_at(block, 12), self.row_at(block, 13))
    }

    /// A tenant of the block's property manager: a plain row.
    pub fn neighbour(&self, block: u32) -> Option<u32> {
        self.row_at(block, 50)
    }

    /// Somebody of the block who is written down twice: the first row and the second.
    pub fn written_twice(&self, block: u32) -> Option<(u32, u32)> {
        Some((self.row_at(block, 40)?, self.row_at(block, 15)?))
    }

    /// A number that is in no contact; `which` counts over all blocks.
    pub fn stranger(&self, which: u32) -> Number {
        Number::of(self.seed, POOL - 1 - u64::from(which))
    }

    /// Who such a number belongs to.
    pub fn stranger_person(&self, which: u32) -> Person {
        self.person(u32::MAX - which)
    }

    /// The row whose conversation is the newest: the first household where both share a landline and text as well.
    pub fn showcase(&self) -> Option<u32> {
        self.showcase
    }

    /// Whoever stands on a row.
    pub fn entry(&self, row: u32) -> Entry {
        let kind = self.kind_of(row);
        let block = row / BLOCK;
        // Who lives together, works together or is the same person is made from the first one's row.
        let first = match kind {
            Kind::Couple(pair) => self.couple(block, pair).0.unwrap_or(row),
            Kind::Manager => self.managers(block).0.unwrap_or(row),
            Kind::Landline => self.couple(block, 0).0.unwrap_or(row),
            Kind::Twice { of } | Kind::Misheard { of } => of,
            _ => row,
        };
        let mut person = self.person(first);
        if let Kind::Couple(_) | Kind::Manager = kind
            && first != row
        {
            let mut second = self.person(row);
            if matches!(kind, Kind::Couple(_)) {
                second = second.married_to(&person, &mut Random::new(self.seed, Of::Person, u64::from(row) << 32));
            }
            person = second;
        }
        let mailbox = match kind {
            Kind::Heard | Kind::Misheard { .. } => Some((person, first)),
            _ => None,
        };
        if let Kind::Misheard { .. } = kind {
            person = person.misheard(&mut Random::new(self.seed, Of::Person, u64::from(row) << 32));
        }
        let mut random = Random::new(self.seed, Of::Person, u64::from(first) << 33 | 1);
        let company = match kind {
            Kind::Manager => Some(Company::manager(&mut random)),
            Kind::Shop => Some(Company::shop(&mut random)),
            _ => None,
        };
        let (cell, home) = self.numbers(row, first, kind);
        Entry { row, kind, person, company, mailbox, cell, home, seen: self.seen(row) }
    }

    fn numbers(&self, row: u32, first: u32, kind: Kind) -> (Option<Number>, Option<Number>) {
        let cell = |row| Number::of(self.seed, u64::from(row) * 2);
        let home = |row| Number::of(self.seed, u64::from(row) * 2 + 1);
        let dice = Random::new(self.seed, Of::Number, first.into()).below(100);
        match kind {
            Kind::Couple(_) => ((dice < 60).then(|| cell(row)), Some(home(first))),
            Kind::Manager => (Some(cell(row)), Some(home(first))),
            Kind::Landline => (None, Some(home(first))),
            Kind::Misheard { .. } => (Some(cell(row)), None),
            Kind::Shop => ((dice < 50).then(|| cell(row)), Some(home(row))),
            Kind::Numberless => (None, None),
            Kind::Placeholder => ((dice < 50).then(|| cell(row)), None),
            Kind::Abroad => (Some(Number::abroad((row / BLOCK / 2).into())), None),
            // Somebody written twice keeps the numbers of the first row.
            _ if dice < 78 => (Some(cell(first)), None),
            _ if dice < 90 => (Some(cell(first)), Some(home(first))),
            _ => (None, Some(home(first))),
        }
    }

    fn person(&self, row: u32) -> Person {
        let mut random = Random::new(self.seed, Of::Person, row.into());
        let shares: [u32; ORIGINS.len()] = std::array::from_fn(|place| ORIGINS[place].share);
        let origin = &ORIGINS[random.weighted(&shares)];
        // Every other row a woman, so that most couples are a woman and a man.
        let given = if self.place_of(row).is_multiple_of(2) { origin.women } else { origin.men };
        Person::new(origin, given, &mut random)
    }

    /// Between which moments a row's conversations and calls lie.
    pub fn seen(&self, row: u32) -> (i64, i64) {
        let mut random = Random::new(self.seed, Of::Writing, u64::from(row) << 32 | 7);
        let shortest = SHORTEST_KNOWN_DAYS * DAY;
        let room = (self.until - self.since - shortest).max(0);
        // The larger of two draws: a business has more new customers than old ones.
        let first = self.since + random.between(0, room).max(random.between(0, room) * 2 / 3);
        if self.showcase == Some(row) {
            return (Self::by_day(first), self.until);
        }
        let last = random.between(first + shortest, self.until.max(first + shortest));
        (Self::by_day(first), Self::by_day(last).min(self.until))
    }

    /// The same day between seven in the morning and eight in the evening: nobody deals with a plumber at four.
    fn by_day(at: i64) -> i64 {
        let day = calendar::day_of(at);
        calendar::at(day, 7 * 3_600 + at.rem_euclid(13 * 3_600))
    }
}

impl Person {
    /// By the list that the given name is from.
    pub fn is_woman(&self) -> bool {
        self.origin.women.iter().any(|(name, _)| *name == self.given)
    }

    fn new(origin: &'static Origin, given: &'static [(&'static str, &'static str)], random: &mut Random) -> Self {
        let (given, nickname) = random.pick(given);
        let speaks_it = random.percent(45);
        Self {
            given,
            nickname: if nickname.is_empty() { given } else { nickname },
            family: random.pick(origin.families),
            initial: if random.percent(6) { (b'A' + random.below(23) as u8) as char } else { ' ' },
            origin,
            language: if speaks_it { origin.language } else { Language::English },
            address: Address::somewhere(random),
        }
    }

    /// Under another given name that sounds no different to whoever answers the phone in a boiler room.
    fn misheard(self, random: &mut Random) -> Self {
        let names = if self.is_woman() { self.origin.women } else { self.origin.men };
        let others: Vec<_> = names.iter().filter(|(given, _)| *given != self.given).collect();
        let first = self.given.chars().next();
        let alike: Vec<_> = others.iter().filter(|(given, _)| given.chars().next() == first).collect();
        let given = if alike.is_empty() { random.pick(&others).0 } else { random.pick(&alike).0 };
        Self { given, nickname: given, initial: ' ', ..self }
    }

    /// Somebody who shares the first one's door, and in nine cases of ten the family name.
    fn married_to(self, first: &Self, random: &mut Random) -> Self {
        let given = if random.percent(50) { self } else { Self { family: first.family, ..self } };
        if random.percent(18) {
            return Self { address: first.address, ..given };
        }
        let names = if first.is_woman() { first.origin.men } else { first.origin.women };
        let (given, nickname) = random.pick(names);
        let nickname = if nickname.is_empty() { given } else { nickname };
        Self { given, nickname, initial: ' ', ..*first }
    }
}

impl Entry {
    /// A number at which they can be reached.
    pub fn number(&self) -> Option<Number> {
        self.cell.or(self.home)
    }

    /// What the office calls them; empty where it does not know.
    pub fn called(&self) -> &'static str {
        match self.kind {
            Kind::Nameless => "",
            _ => self.person.nickname,
        }
    }
}
