//! The region that a business works in: post codes with their towns and streets, as many as the set is large.

use super::random::{Random, mix};
use super::rates;

/// Stems of towns' names, two of which make one.
const TOWN: &str = "Brook Hart Lake Spring North South West East Mill Ply Wal Glen River Stone Fair Green Cedar Ash Marsh \
New Oak Bridge Harbor Bay Clear Wood Maple Hill Rock King Ches Dor Nor Lex Bel Wey Quin Brain Ran Hing";
const TOWN_END: &str = "field ton ville ford port mouth dale wood view burg ham land bury ridge haven crest side";
/// Streets that nearly every town has.
const STREETS: &str = "Main Oak Maple Park Elm Washington Pine Cedar Lake Hill Walnut Spring North Ridge Church Willow \
Mill Sunset Railroad Jackson Lincoln Highland Forest River Chestnut Franklin School Birch Cherry Dogwood Hickory Meadow \
Pleasant Summer Winter Union Center Water Prospect High Adams Jefferson Madison Monroe Cleveland Grant Sheridan Spruce \
Poplar Locust Beech Laurel Magnolia Holly Juniper Sycamore Broad Front Market State Bridge Canal Court Green Grove Garden \
Valley Country_Club Fairview Lakeview Hillside Woodland Brookside Riverside Beacon Liberty Harrison Warren Clinton Fulton";
/// Endings of streets as written in full and in short.
const KINDS: &[(&str, &str)] = &[
    ("Street", "St"),
    ("Avenue", "Ave"),
    ("Road", "Rd"),
    ("Drive", "Dr"),
    ("Lane", "Ln"),
    ("Court", "Ct"),
    ("Place", "Pl"),
    ("Boulevard", "Blvd"),
    ("Circle", "Cir"),
    ("Terrace", "Ter"),
    ("Way", "Way"),
];
/// How often each of them is.
const KIND_WEIGHTS: [f64; 11] = [30.0, 18.0, 18.0, 12.0, 8.0, 5.0, 3.0, 2.0, 2.0, 2.0, 3.0];
/// States with the first three digits of their post codes; a region lies where several meet.
const STATES: &[(&str, &str, u32)] = &[
    ("MA", "Massachusetts", 18),
    ("MA", "Massachusetts", 21),
    ("RI", "Rhode Island", 28),
    ("NH", "New Hampshire", 30),
    ("CT", "Connecticut", 62),
    ("NJ", "New Jersey", 75),
    ("NY", "New York", 105),
    ("PA", "Pennsylvania", 190),
];

/// A post code with its town.
#[derive(Debug)]
pub struct Zip {
    /// Five digits.
    pub code: String,
    /// The town.
    pub city: String,
    /// Two letters.
    pub state: &'static str,
    /// In full.
    pub state_name: &'static str,
    /// Name and kind of each street.
    streets: Vec<(String, usize)>,
}

/// Where somebody lives or works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The place of the post code in the region.
    pub zip: usize,
    /// House number.
    pub number: usize,
    /// The street's name, without its kind.
    pub street: String,
    /// Its kind: in full, in short.
    pub kind: (&'static str, &'static str),
    /// An apartment or suite: the number alone.
    pub unit: Option<String>,
}

/// All post codes.
pub struct Region {
    /// As many as [`rates::RECORDS_PER_ZIP`] says.
    pub zips: Vec<Zip>,
}

fn words(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

impl Region {
    /// The region for a set of so many records.
    pub fn new(seed: u64, records: usize) -> Self {
        let count = records.div_ceil(rates::RECORDS_PER_ZIP).max(rates::LEAST_ZIPS);
        let (stems, ends, streets) = (words(TOWN), words(TOWN_END), words(STREETS));
        let mut city = String::new();
        let zip = |place: usize| {
            let mut random = Random::new(mix(seed), place as u64);
            // A larger town has several post codes.
            if city.is_empty() || !random.chance(rates::ZIP_OF_THE_SAME_TOWN) {
                city = format!("{}{}", random.pick(&stems), random.pick(&ends));
                if random.chance(0.12) {
                    city = format!("{} {city}", random.pick(&["North", "South", "West", "East", "New", "Old"]));
                }
            }
            let (state, state_name, first) = STATES[place / 90 % STATES.len()];
            let code = format!("{:05}", first * 100 + (place % 90) as u32 + 1 + 1_000 * (place / 720) as u32);
            let street = |random: &mut Random| {
                let name = if random.chance(0.7) {
                    (*random.pick(&streets)).replace('_', " ")
                } else {
                    format!("{}{}", random.pick(&stems), random.pick(&ends))
                };
                (name, random.weighted(&KIND_WEIGHTS))
            };
            let streets = (0..random.between(25, 90)).map(|_| street(&mut random)).collect();
            Zip { code, city: city.clone(), state, state_name, streets }
        };
        Self { zips: (0..count).map(zip).collect() }
    }

    /// An address in a post code; `has_unit` for a flat.
    pub fn address(&self, zip: usize, has_unit: bool, random: &mut Random) -> Address {
        let (street, kind) = random.pick(&self.zips[zip].streets);
        // Low house numbers are commoner.
        let number = 1 + random.below(1_400).min(random.below(1_400));
        let unit = has_unit.then(|| unit(random));
        Address { zip, number, street: street.clone(), kind: KINDS[*kind], unit }
    }

    /// Any post code.
    pub fn zip(&self, random: &mut Random) -> usize {
        random.below(self.zips.len())
    }
}

/// The number of a flat.
pub fn unit(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("{}", random.between(1, 40)),
        1 => format!("{}{}", random.between(1, 9), random.pick(&["A", "B", "C", "D"])),
        2 => format!("{}{:02}", random.between(1, 9), random.between(1, 16)),
        _ => (*random.pick(&["A", "B", "C", "1", "2", "3"])).to_owned(),
    }
}
