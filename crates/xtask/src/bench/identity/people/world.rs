//! What all people have in common: names, the region, numbers and addresses that are issued once, and who was there
//! before.

use std::collections::{BTreeSet, VecDeque};

use super::name::Names;
use super::number::Numbers;
use super::person::{Held, Kind, Person, Reach, Suffix};
use super::place::{Address, Region};
use super::random::{Random, hash};
use super::rates;

/// Numbers given up, and people, that later ones may meet again.
const REMEMBERED: usize = 400;
/// Mail services with how often people use them.
const MAIL: (&[&str], [f64; 9]) = (
    &[
        "gmail.com",
        "yahoo.com",
        "hotmail.com",
        "comcast.net",
        "outlook.com",
        "icloud.com",
        "aol.com",
        "verizon.net",
        "msn.com",
    ],
    [45.0, 15.0, 8.0, 9.0, 6.0, 7.0, 5.0, 4.0, 1.0],
);

/// Everything that is shared while people are made one group after another.
pub struct World {
    /// Names.
    pub names: Names,
    /// Where they live.
    pub region: Region,
    numbers: Numbers,
    /// Hashes of the e-mail addresses that somebody has.
    emails: BTreeSet<u64>,
    /// Numbers that were given up, and when.
    released: VecDeque<(String, usize)>,
    /// Names of earlier single people with their post codes.
    before: VecDeque<(String, String, bool, usize)>,
    /// Call-forwarding lines.
    pub forwarding: Vec<String>,
    /// The business' own line.
    pub office: String,
}

impl World {
    /// For a set of so many records.
    pub fn new(seed: u64, records: usize) -> Self {
        let mut random = Random::new(seed, u64::MAX);
        let mut numbers = Numbers::new(seed, records);
        let lines = records.div_ceil(rates::RECORDS_PER_FORWARDING_LINE);
        let forwarding = (0..lines).map(|_| numbers.issue(&mut random)).collect();
        Self {
            names: Names::new(),
            region: Region::new(seed, records),
            office: numbers.issue(&mut random),
            numbers,
            emails: BTreeSet::new(),
            released: VecDeque::new(),
            before: VecDeque::new(),
            forwarding,
        }
    }

    /// A number that nobody has.
    pub fn number(&mut self, random: &mut Random) -> String {
        self.numbers.issue(random)
    }

    /// An address at a mail service that nobody has, made of a name as people make them.
    pub fn email(&mut self, given: &str, short: Option<&str>, family: &str, random: &mut Random) -> String {
        let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let called = short.filter(|_| random.chance(0.4)).unwrap_or(given);
        let (given, family) = (plain(called), plain(family));
        let (g, f) = (&given[..given.len().min(1)], &family[..family.len().min(1)]);
        let base = match random.weighted(&[24.0, 18.0, 20.0, 8.0, 10.0, 8.0, 12.0]) {
            0 => format!("{given}.{family}"),
            1 => format!("{given}{family}"),
            2 => format!("{g}{family}"),
            3 => format!("{given}_{family}"),
            4 => format!("{given}{f}"),
            5 => format!("{family}.{given}"),
            // Says nothing of who it is.
            _ => {
                let (a, b) = (
                    ["red", "blue", "lucky", "happy", "sox", "surf", "moon", "garden"],
                    ["fan", "dog", "mom", "guy", "girl", "rider", "cat", "house"],
                );
                format!("{}{}", random.pick(&a), random.pick(&b))
            }
        };
        let service = MAIL.0[random.weighted(&MAIL.1)];
        let mut digits = if random.chance(0.5) { format!("{}", random.between(1, 99)) } else { String::new() };
        loop {
            let email = format!("{base}{digits}@{service}");
            // To Gmail dots are nothing: `j.smith` and `jsmith` are one mailbox.
            let mailbox = if service == "gmail.com" { email.replace('.', "") } else { email.clone() };
            if self.emails.insert(hash(&mailbox)) {
                return email;
            }
            digits.push_str(&random.between(0, 99).to_string());
        }
    }

    /// A person of a group: a name, a life as a customer, numbers and addresses that change.
    pub fn person(&mut self, kind: Kind, origin: usize, family: &str, home: Address, random: &mut Random) -> Person {
        let is_woman = random.chance(0.5);
        let given = self.names.given(origin, is_woman, random);
        self.person_called(kind, given, is_woman, family, home, random)
    }

    /// The same under a given name.
    pub fn person_called(
        &mut self,
        kind: Kind,
        given: String,
        is_woman: bool,
        family: &str,
        home: Address,
        random: &mut Random,
    ) -> Person {
        let short = self.names.short(&given, random).filter(|_| random.chance(rates::GOES_BY_SHORT_NAME));
        let length = random.between(rates::DAYS_AS_CUSTOMER.0, rates::DAYS_AS_CUSTOMER.1);
        let length = length.min(random.between(rates::DAYS_AS_CUSTOMER.0, rates::DAYS_AS_CUSTOMER.1));
        let start = random.below(rates::LAST_DAY - length);
        let days = (start, start + length);
        let mut family = family.to_owned();
        if random.chance(rates::DOUBLE_FAMILY_NAME) {
            family = format!("{family}-{}", self.names.family(0, random));
        }
        let changed = is_woman && kind != Kind::Twin && random.chance(rates::CHANGED_FAMILY_NAME);
        let family_before = changed.then(|| (random.between(days.0, days.1), self.names.family(0, random)));
        let mut person = Person {
            kind,
            short,
            middle: random.chance(rates::HAS_MIDDLE_NAME).then(|| self.names.given(0, is_woman, random)),
            family_before,
            suffix: Suffix::None,
            partner: None,
            is_woman,
            homes: vec![(0, home)],
            has_many_homes: false,
            phones: vec![],
            emails: vec![],
            company: None,
            days,
            records: 1 + random.weighted(&rates::RECORDS_OF_A_PERSON),
            given,
            family,
        };
        if random.chance(rates::HAS_MOBILE) {
            self.own_phones(&mut person, random);
        }
        if person.phones.is_empty() || random.chance(rates::HAS_EMAIL) {
            self.own_emails(&mut person, random);
        }
        self.moves(&mut person, random);
        person
    }

    fn own_phones(&mut self, person: &mut Person, random: &mut Random) {
        let mut text = self.number(random);
        if random.chance(rates::RECYCLED_NUMBER)
            && let Some(old) = self.silent_number(person.days.0)
        {
            text = old;
            if person.kind == Kind::Plain {
                person.kind = Kind::Recycled;
            }
        }
        let mut from = 0;
        while let Some(to) = next_change(person.days, from, rates::NEW_PHONE_PER_1000_DAYS, random) {
            let next = self.number(random);
            self.released.push_back((text.clone(), to));
            if self.released.len() > REMEMBERED {
                self.released.pop_front();
            }
            person.phones.push(Held { text: std::mem::replace(&mut text, next), reach: Reach::Own, from, to });
            from = to;
        }
        person.phones.push(Held { text, reach: Reach::Own, from, to: usize::MAX });
        if random.chance(rates::HAS_SECOND_PHONE) {
            person.phones.push(Held::always(self.number(random), Reach::Own));
        }
    }

    /// A number whose owner has been silent for long on a day.
    fn silent_number(&mut self, day: usize) -> Option<String> {
        let place = self.released.iter().position(|(_, ended)| ended + rates::DAYS_SILENT <= day)?;
        self.released.remove(place).map(|(number, _)| number)
    }

    fn own_emails(&mut self, person: &mut Person, random: &mut Random) {
        let mut from = 0;
        while let Some(to) = next_change(person.days, from, rates::NEW_EMAIL_PER_1000_DAYS, random) {
            let text = self.email(&person.given, person.short, &person.family, random);
            person.emails.push(Held { text, reach: Reach::Own, from, to });
            from = to;
        }
        let text = self.email(&person.given, person.short, &person.family, random);
        person.emails.push(Held { text, reach: Reach::Own, from, to: usize::MAX });
    }

    fn moves(&mut self, person: &mut Person, random: &mut Random) {
        let mut from = 0;
        while let Some(day) = next_change(person.days, from, rates::MOVES_PER_1000_DAYS, random) {
            let home = self.home(random);
            person.homes.push((day, home));
            from = day;
        }
    }

    /// Somewhere to live.
    pub fn home(&self, random: &mut Random) -> Address {
        let zip = self.region.zip(random);
        self.region.address(zip, random.chance(rates::LIVES_IN_A_FLAT), random)
    }

    /// Remembers a single person for somebody of the same name later.
    pub fn remember(&mut self, person: &Person) {
        let zip = person.homes[0].1.zip;
        self.before.push_back((person.given.clone(), person.family.clone(), person.is_woman, zip));
        if self.before.len() > REMEMBERED {
            self.before.pop_front();
        }
    }

    /// Somebody who was here before: names, whether a woman, post code.
    pub fn somebody(&mut self, random: &mut Random) -> Option<(String, String, bool, usize)> {
        let place = random.below(self.before.len());
        self.before.remove(place)
    }
}

/// The day of the next change after `from`, if it falls into the days as a customer.
fn next_change(days: (usize, usize), from: usize, per_1000_days: f64, random: &mut Random) -> Option<usize> {
    let start = from.max(days.0);
    let left = days.1.saturating_sub(start);
    (left > 30 && random.chance(left as f64 / 1_000.0 * per_1000_days)).then(|| start + random.between(15, left - 1))
}
