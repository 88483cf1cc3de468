//! Made-up companies that call a plumber, and where people live.

use super::random::Random;

/// A company name in two parts: "Wollaston Gables" and "Property Management".
#[derive(Debug, Clone, Copy)]
pub struct Company {
    /// What it is called.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
}

/// A street address within reach of the vans.
#[derive(Debug, Clone, Copy)]
pub struct Address {
    /// House number.
    pub house: u64,
    /// Street without the town.
    pub street: &'static str,
    /// Apartment, or empty.
    pub unit: &'static str,
    /// Town or neighbourhood, with its ZIP code.
    pub town: (&'static str, &'static str),
}

#[rustfmt::skip]
const COMPANY_NAMES: [&str; 40] = [
    "Squantum Tide", "Wollaston Gables", "Black Creek", "Houghs Neck", "Granite Links", "Merrymount",
    "Germantown Point",
    "Monatiquot", "Sunset Lake", "Five Corners", "Pond Plain", "Whitman's Pond", "Back River", "Great Esker",
    "Fore River",
    "Neponset Landing", "Marina Bay", "Lower Mills", "Adams Shore", "Faxon Heights", "Presidents Hill", "Furnace Brook",
    "Blue Hill View", "Jackson Square", "Columbian", "Lovell's Grove", "Old Colony", "Peacock Lane", "Harbor Beacon",
    "Castle Island", "Dorset & Main", "Savin Cove", "Cedar Grove", "Ashmont Row", "Telegraph Hill", "Crow Point",
    "Nantasket", "World's End", "Paragon", "Quarry Street",
];
const MANAGERS: [&str; 8] = [
    "Property Management",
    "Realty Trust",
    "Condominium Trust",
    "Apartments LLC",
    "Management Co.",
    "Housing Cooperative",
    "Residential",
    "Rentals, Inc.",
];
#[rustfmt::skip]
const SHOPS: [&str; 16] = [
    "Dental Associates", "House of Pizza", "Early Education Center", "Hair Studio", "Bakery & Café", "Funeral Home",
    "Auto Body", "Phở & Grill", "Congregational Church", "Yacht Club", "Veterinary Clinic", "Dry Cleaners",
    "Brewing Co.",
    "Nursing & Rehab", "Martial Arts", "General Contracting",
];

#[rustfmt::skip]
const STREETS: [&str; 48] = [
    "Adams St", "Alden St", "Bayfield Rd", "Beach St", "Billings Rd", "Brook Rd", "Butler Rd", "Cedar St", "Chapman St",
    "Clay St", "Commercial St", "Common St", "Elm St", "Essex St", "Everett St", "Faxon Rd", "Federal Ave",
    "Franklin St",
    "Front St", "Glendale Rd", "Grove St", "Hamilton St", "Hancock St", "Highland Ave", "Hollis Ave",
    "Independence Ave",
    "Lake Shore Dr", "Liberty St", "Middle St", "Mount Vernon Rd", "Neck St", "Newbury Ave", "North St", "Norton Rd",
    "Oakland Ave", "Park Ave", "Phipps St", "Pleasant St", "Presidents Ln", "Quincy Shore Dr", "River St", "Sea St",
    "South St", "Summit Ave", "Union St", "Washington St", "West St", "Winthrop Ave",
];
const UNITS: [&str; 8] = ["Apt 2", "Unit 3B", "#1", "2nd floor", "Apt 4", "rear", "Unit 12", "3rd fl"];
const TOWNS: [((&str, &str), u32); 16] = [
    (("Quincy", "02169"), 22),
    (("North Quincy", "02171"), 8),
    (("Wollaston", "02170"), 8),
    (("Braintree", "02184"), 17),
    (("Weymouth", "02188"), 8),
    (("East Weymouth", "02189"), 6),
    (("South Weymouth", "02190"), 5),
    (("North Weymouth", "02191"), 4),
    (("Milton", "02186"), 5),
    (("Dorchester", "02122"), 5),
    (("South Boston", "02127"), 3),
    (("Boston", "02116"), 2),
    (("Hingham", "02043"), 2),
    (("Randolph", "02368"), 2),
    (("Holbrook", "02343"), 2),
    (("Hull", "02045"), 1),
];

impl Company {
    /// A property manager.
    pub fn manager(random: &mut Random) -> Self {
        Self { name: random.pick(&COMPANY_NAMES), what: random.pick(&MANAGERS) }
    }

    /// A shop, church or office.
    pub fn shop(random: &mut Random) -> Self {
        Self { name: random.pick(&COMPANY_NAMES), what: random.pick(&SHOPS) }
    }
}

impl Address {
    /// Somewhere on the South Shore.
    pub fn somewhere(random: &mut Random) -> Self {
        let weights = TOWNS.map(|(_, weight)| weight);
        let (town, _) = TOWNS[random.weighted(&weights)];
        let unit = if random.percent(25) { random.pick(&UNITS) } else { "" };
        Self { house: 1 + random.below(420), street: random.pick(&STREETS), unit, town }
    }
}
