//! Takes an American address apart: from its end the country, ZIP code, state and city, from its start the house
//! number, and what is left is the street with its unit.

use super::tables;

/// Texts that stand where an address should be.
const NOTHING: [&str; 8] = ["na", "none", "null", "nil", "unknown", "noaddress", "tbd", "notprovided"];
/// What the sender's country is called; it says nothing more.
const COUNTRY: [&str; 5] = ["USA", "US", "UNITED STATES", "UNITED STATES OF AMERICA", "U S A"];
/// Words before a street's number that are shortened: the suffix stands in front there.
const NUMBERED_ROADS: [(&str, &str); 6] =
    [("HIGHWAY", "HWY"), ("ROUTE", "RTE"), ("RT", "RTE"), ("INTERSTATE", "I"), ("COUNTY", "COUNTY"), ("ROAD", "RD")];

/// An address taken apart; every word in capitals and in standard form.
#[derive(Clone, Default)]
pub(super) struct Parts {
    pub(super) number: Option<String>,
    before: Option<&'static str>,
    name: String,
    suffix: Option<&'static str>,
    after: Option<&'static str>,
    /// Standard word and what follows it: `("APT", "4")`.
    pub(super) units: Vec<(&'static str, String)>,
    /// What stands between street and city and is no unit.
    extra: Vec<String>,
    pub(super) city: Option<String>,
    pub(super) state: Option<&'static str>,
    pub(super) zip: Option<String>,
    is_box: bool,
}

/// One line: line ends become commas, white space single blanks; what cannot be seen is dropped.
pub(super) fn clean(text: &str, most_chars: usize) -> String {
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> =
        lines.map(|line| line.trim_matches([',', ' ']).to_owned()).filter(|line| !line.is_empty()).collect();
    let unseen = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let line: String = lines.join(", ").chars().filter(unseen).take(most_chars).collect();
    line.trim_end_matches([' ', ',']).to_owned()
}

/// Whether a cleaned text says nothing.
pub(super) fn is_nothing(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    bare.is_empty() || NOTHING.contains(&bare.as_str())
}

impl Parts {
    /// Takes a cleaned text apart as far as it goes.
    pub(super) fn of(text: &str) -> Self {
        let mut parts = Self::default();
        let mut segments = segments(text);
        parts.take_country(&mut segments);
        parts.take_zip(&mut segments);
        parts.take_state(&mut segments);
        // A building's name in front ("Oak Court, 123 Main St") is not what the mail goes by.
        let street = segments.iter().position(|words| is_number(&words[0]) || is_box(words));
        let Some(street) = street else { return Self { city: None, state: None, zip: None, ..parts } };
        let mut rest: Vec<Vec<String>> = segments.drain(street..).collect();
        let mut words = rest.remove(0);
        if let Some(city) = rest.pop_if(|words| tables::unit(&words[0]).is_none() && split_unit(words).is_none()) {
            parts.city = Some(city_form(&city));
        }
        for segment in rest {
            if !parts.take_units(&mut segment.clone()) {
                parts.extra.push(segment.join(" "));
            }
        }
        parts.take_street(&mut words);
        parts
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_taken_apart(&self) -> bool {
        !self.name.is_empty()
    }

    fn take_country(&mut self, segments: &mut Vec<Vec<String>>) {
        if segments.len() > 1 && segments.last().is_some_and(|words| COUNTRY.contains(&words.join(" ").as_str())) {
            segments.pop();
        } else if let Some(last) = segments.last_mut().filter(|words| words.len() > 2) {
            let after_zip = last.len() >= 2 && is_zip(&last[last.len() - 2]);
            if after_zip && last.last().is_some_and(|word| COUNTRY.contains(&word.as_str())) {
                last.pop();
            }
        }
    }

    /// A ZIP code is the last word, but never the house number.
    fn take_zip(&mut self, segments: &mut Vec<Vec<String>>) {
        let (alone, one) = (segments.len() == 1 && segments[0].len() == 1, segments.len() == 1);
        let Some(last) = segments.last_mut().filter(|_| !alone) else { return };
        // "02169 1234" for "02169-1234".
        if let [.., zip, four] = last.as_slice()
            && four.len() == 4
            && four.bytes().all(|b| b.is_ascii_digit())
            && zip.len() == 5
            && is_zip(zip)
            && (!one || last.len() > 3)
        {
            self.zip = Some(format!("{zip}-{four}"));
            last.truncate(last.len() - 2);
        } else if let Some(zip) = last.pop_if(|word| is_zip(word)) {
            self.zip = Some(zip);
        }
        segments.retain(|words| !words.is_empty());
    }

    /// The state is the last words, if a ZIP code or a comma shows that the address goes so far: `123 Elm Ct` is
    /// in no state.
    fn take_state(&mut self, segments: &mut Vec<Vec<String>>) {
        let one = segments.len() == 1;
        let Some(last) = segments.last_mut() else { return };
        for count in (1..=3.min(last.len())).rev() {
            let at = last.len() - count;
            let Some(state) = tables::state(&last[at..].join(" ")) else { continue };
            // `NE` behind a street is a direction before it is Nebraska.
            let is_direction = tables::direction(&last[at]).is_some() && count == 1;
            let in_street = one && (at == 0 || (self.zip.is_none() && (is_direction || !has_suffix(&last[..at]))));
            // "Washington, DC" is taken apart by its last word; a lone "Washington" behind a street is the city.
            let city_alone = !one && at == 0 && last[at].len() > 2 && self.zip.is_none() && count == 1;
            if !in_street && !city_alone {
                self.state = Some(state);
                last.truncate(at);
                break;
            }
        }
        segments.retain(|words| !words.is_empty());
    }

    /// Takes the street out of the words of its segment; what is behind it is the unit, then the city.
    fn take_street(&mut self, words: &mut Vec<String>) {
        if is_box(words) {
            let at = words.iter().position(|word| word == "BOX").map_or(words.len(), |at| (at + 2).min(words.len()));
            self.name = format!("PO BOX {}", words[at - 1]);
            self.is_box = true;
            return self.take_rest(words.split_off(at));
        }
        let fraction = usize::from(words.get(1).is_some_and(|word| is_fraction(word)));
        let rest = words.split_off(1 + fraction);
        self.number = Some(words.join(" "));
        let mut street = rest;
        let behind = match suffix_at(&street, self.city.is_some()) {
            Some(at) => {
                let behind = street.split_off(at + 1);
                self.suffix = street.pop().and_then(|word| tables::suffix(&word)).map(|suffix| suffix.short);
                behind
            }
            None => {
                let at = street.iter().skip(1).position(|word| unit_starts(word)).map_or(street.len(), |at| at + 1);
                street.split_off(at)
            }
        };
        if street.len() > 1
            && let Some(direction) = tables::direction(&street[0])
        {
            self.before = Some(direction);
            street.remove(0);
        }
        self.name = street_name(&street);
        self.take_rest(behind);
    }

    /// Reads what is behind the suffix: direction, units, and the city where no comma set it apart.
    fn take_rest(&mut self, mut words: Vec<String>) {
        // `N Quincy` is a part of the city unless the city stands elsewhere.
        let direction = words.first().and_then(|word| tables::direction(word));
        let is_last = words.len() == 1 || self.city.is_some() || words.get(1).is_some_and(|word| unit_starts(word));
        if let Some(direction) = direction.filter(|direction| is_last || (direction.len() == 2 && words[0].len() == 2))
        {
            self.after = Some(direction);
            words.remove(0);
        }
        self.take_units(&mut words);
        // A bare `4B` is a unit.
        let figures = |word: &String| word.len() <= 5 && word.contains(|c: char| c.is_ascii_digit());
        if self.units.is_empty() && words.first().is_some_and(figures) {
            self.units.push(("#", words.remove(0)));
        }
        if words.is_empty() {
            return;
        }
        if self.city.is_none() {
            self.city = Some(city_form(&words));
        } else {
            self.extra.insert(0, words.join(" "));
        }
    }

    /// Takes units from the front of `words`; says whether nothing else is left.
    fn take_units(&mut self, words: &mut Vec<String>) -> bool {
        while let Some((unit, id, taken)) = split_unit(words) {
            self.units.push((unit, id));
            words.drain(..taken);
        }
        words.is_empty()
    }

    pub(super) fn street_line(&self) -> String {
        let parts = [self.before, Some(self.name.as_str()), self.suffix, self.after];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn unit_line(&self) -> String {
        let units = self.units.iter().map(|(unit, id)| format!("{unit} {id}").trim_end().to_owned());
        units.collect::<Vec<_>>().join(" ")
    }

    /// Number, street and unit.
    fn first_line(&self) -> String {
        let mut line: Vec<String> = self.number.iter().cloned().collect();
        line.push(self.street_line());
        if !self.units.is_empty() {
            line.push(self.unit_line());
        }
        let mut line = vec![line.join(" ")];
        line.extend(self.extra.iter().cloned());
        line.join(", ")
    }

    pub(super) fn normal(&self, as_written: &str) -> String {
        if !self.is_taken_apart() {
            return segments(as_written).concat().join(" ");
        }
        let zip = self.zip.as_ref().map(|zip| &zip[..5.min(zip.len())]);
        let last = [self.city.as_deref(), self.state, zip].into_iter().flatten().collect::<Vec<_>>().join(" ");
        if last.is_empty() { self.first_line() } else { format!("{}, {last}", self.first_line()) }
    }

    pub(super) fn display(&self) -> Option<String> {
        if !self.is_taken_apart() {
            return None;
        }
        let mut shown = title_case(&self.first_line());
        if let Some(city) = &self.city {
            shown = format!("{shown}, {}", title_case(city));
        }
        let last = [self.state, self.zip.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        Some(if last.is_empty() { shown } else { format!("{shown}, {last}") })
    }

    pub(super) fn same_place(&self, other: &Self) -> bool {
        let ids = |parts: &Self| parts.units.iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();
        let streets = (&self.number, self.before, &self.name, self.after, self.is_box)
            == (&other.number, other.before, &other.name, other.after, other.is_box);
        let suffixes = self.suffix.is_none() || other.suffix.is_none() || self.suffix == other.suffix;
        if !(streets && suffixes && ids(self) == ids(other)) {
            return false;
        }
        let zip = |parts: &Self| parts.zip.as_ref().map(|zip| zip[..5.min(zip.len())].to_owned());
        let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
        match (zip(self), zip(other)) {
            // The parts of a city have names of their own; the mail goes by the ZIP code.
            (Some(a), Some(b)) => a == b,
            _ => !differ(self.city.as_deref(), other.city.as_deref()) && !differ(self.state, other.state),
        }
    }
}

/// The words between commas, in capitals, without points; no segment is empty.
fn segments(text: &str) -> Vec<Vec<String>> {
    let upper = text.to_uppercase().replace('#', " # ");
    let words = |segment: &str| -> Vec<String> {
        let edge = |c: char| !c.is_alphanumeric() && c != '#';
        // A point ends a shortened word or stands between initials (`P.O.`, `N.E.`): it goes without a blank.
        segment
            .replace('.', "")
            .split_whitespace()
            .map(|word| word.trim_matches(edge).to_owned())
            .filter(|word| !word.is_empty())
            .collect()
    };
    upper.split([',', ';']).map(words).filter(|segment| !segment.is_empty()).collect()
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && !word.ends_with("TH")
        && !word.ends_with("ND")
        && !word.ends_with("RD")
}

fn is_fraction(word: &str) -> bool {
    matches!(word, "1/2" | "1/4" | "3/4" | "½" | "¼" | "¾")
}

fn is_zip(word: &str) -> bool {
    let (five, four) = word.split_once('-').unwrap_or((word, ""));
    let digits = |part: &str, count: usize| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(five, 5) && (word.len() == 5 || digits(four, 4))
}

fn is_box(words: &[String]) -> bool {
    let start: Vec<&str> = words.iter().take(4).map(String::as_str).collect();
    matches!(
        start.as_slice(),
        ["PO", "BOX", _, ..]
            | ["POB", "BOX", _, ..]
            | ["P", "O", "BOX", _]
            | ["BOX", _, ..]
            | ["POST", "OFFICE", "BOX", _]
    )
}

fn has_suffix(words: &[String]) -> bool {
    words.iter().skip(2).any(|word| tables::suffix(word).is_some())
}

fn unit_starts(word: &str) -> bool {
    tables::unit(word).is_some()
}

/// Where the suffix of the street is: never its first word, which names it (`Park Ave`, `Court St`).
fn suffix_at(words: &[String], city_is_apart: bool) -> Option<usize> {
    let end = words.iter().skip(1).position(|word| unit_starts(word)).map_or(words.len(), |at| at + 1);
    let is_suffix = |at: &usize| tables::suffix(&words[*at]).is_some();
    let is_common = |at: &usize| tables::suffix(&words[*at]).is_some_and(|suffix| suffix.is_common);
    // A direction in front is no name: `123 N Park`.
    let first = if words.len() > 1 && tables::direction(&words[0]).is_some() && tables::suffix(&words[1]).is_none() {
        2
    } else {
        1
    };
    let mut places = (first.min(end)..end).filter(is_suffix);
    if city_is_apart {
        return places.next_back();
    }
    // With the city behind: the first common suffix ("Main St Forest Hills"), else the first of the others.
    let places: Vec<usize> = places.collect();
    places.iter().copied().find(is_common).or_else(|| places.first().copied())
}

/// The unit that `words` start with, what follows it, and how many words they are: `APT 4`, `2ND FLOOR`, `# 4`.
fn split_unit(words: &[String]) -> Option<(&'static str, String, usize)> {
    let first = words.first()?;
    if let Some((unit, needs_id)) = tables::unit(first) {
        let id_at = if words.get(1).is_some_and(|word| word == "#") { 2 } else { 1 };
        let id = words.get(id_at).filter(|id| is_id(id));
        return match id {
            Some(id) if needs_id || id.contains(|c: char| c.is_ascii_digit()) => Some((unit, id.clone(), id_at + 1)),
            _ if !needs_id => Some((unit, String::new(), 1)),
            _ => None,
        };
    }
    // `2ND FLOOR`
    let figures: String = first.chars().take_while(char::is_ascii_digit).collect();
    let floor = words.get(1).and_then(|word| tables::unit(word)).is_some_and(|(unit, _)| unit == "FL");
    let counted = tables::ordinal(first).map(|ordinal| ordinal.chars().take_while(char::is_ascii_digit).collect());
    let number = counted.unwrap_or(figures);
    (floor && !number.is_empty()).then_some(("FL", number, 2))
}

/// `4`, `4B`, `B`, `12-34`: short, or with a figure.
fn is_id(word: &str) -> bool {
    word != "#" && (word.len() <= 2 || word.contains(|c: char| c.is_ascii_digit()))
}

/// The words of a street's name in standard form.
fn street_name(words: &[String]) -> String {
    let numbered = words.len() > 1 && words.last().is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
    let standard = |(at, word): (usize, &String)| -> String {
        let road = NUMBERED_ROADS.iter().find(|(long, _)| numbered && long == word).map(|(_, short)| *short);
        let saint = (at == 0 && word == "SAINT").then_some("ST");
        tables::ordinal(word).or(road).or(saint).map_or_else(|| word.clone(), str::to_owned)
    };
    words.iter().enumerate().map(standard).collect::<Vec<_>>().join(" ")
}

/// The city's words: directions in full, saints short, as most people write them.
fn city_form(words: &[String]) -> String {
    let standard = |(at, word): (usize, &String)| match word.as_str() {
        "SAINT" if at == 0 && words.len() > 1 => "ST".to_owned(),
        word if at == 0 && words.len() > 1 => tables::long_direction(word).unwrap_or(word).to_owned(),
        word => word.to_owned(),
    };
    words.iter().enumerate().map(standard).collect::<Vec<_>>().join(" ")
}

/// For people: directions, `PO` and units with figures stay as they are.
fn title_case(line: &str) -> String {
    let word = |word: &str| {
        let kept = word == "PO" || (tables::direction(word).is_some() && word.len() <= 2);
        let mut chars = word.chars();
        match chars.next() {
            // `4B` is a unit, `3RD` a street.
            Some(first) if first.is_ascii_digit() && word.len() > 3 || is_ordinal(word) => word.to_lowercase(),
            Some(first) if !kept && first.is_alphabetic() => first.to_string() + &chars.as_str().to_lowercase(),
            _ => word.to_owned(),
        }
    };
    line.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

fn is_ordinal(word: &str) -> bool {
    let figures = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    !figures.is_empty() && figures.len() + 2 == word.len() && word.ends_with(['T', 'D', 'H'])
}
