//! Where the seeded businesses work: towns around Boston, with the area codes of their phones.

/// A town.
#[derive(Debug)]
pub struct Town {
    /// City.
    pub city: &'static str,
    /// State.
    pub state: &'static str,
    /// ZIP code.
    pub zip: &'static str,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

const fn town(city: &'static str, zip: &'static str, latitude: f64, longitude: f64) -> Town {
    Town { city, state: "MA", zip, latitude, longitude }
}

/// The towns.
pub const TOWNS: &[Town] = &[
    town("Quincy", "02169", 42.249, -70.999),
    town("Quincy", "02170", 42.266, -71.017),
    town("North Quincy", "02171", 42.283, -71.027),
    town("Braintree", "02184", 42.205, -71.003),
    town("Weymouth", "02188", 42.211, -70.957),
    town("East Weymouth", "02189", 42.210, -70.932),
    town("South Weymouth", "02190", 42.172, -70.949),
    town("Milton", "02186", 42.241, -71.082),
    town("Randolph", "02368", 42.173, -71.051),
    town("Hingham", "02043", 42.220, -70.888),
    town("Hull", "02045", 42.286, -70.876),
    town("Cohasset", "02025", 42.237, -70.812),
    town("Scituate", "02066", 42.203, -70.753),
    town("Norwell", "02061", 42.159, -70.820),
    town("Canton", "02021", 42.174, -71.127),
    town("Dedham", "02026", 42.244, -71.163),
    town("Stoughton", "02072", 42.119, -71.101),
    town("Brockton", "02301", 42.081, -71.025),
    town("Dorchester", "02122", 42.291, -71.042),
    town("Hyde Park", "02136", 42.255, -71.129),
];

/// Streets.
pub const STREETS: &[&str] = &[
    "Elm St",
    "Maple Ave",
    "Hancock St",
    "Washington St",
    "Adams St",
    "Franklin St",
    "Sea St",
    "Palmer St",
    "Furnace Brook Pkwy",
    "Beale St",
    "Whitwell St",
    "Granite St",
    "Common St",
    "Pleasant St",
    "Union St",
    "Liberty St",
    "Commercial St",
    "Bridge St",
    "Pond Rd",
    "Chestnut Hill Rd",
    "Oak Hill Dr",
    "Fieldstone Ln",
    "Cedar Ter",
    "Highland Ave",
    "Webster St",
    "School St",
    "Church Hill",
    "Meadowbrook Ln",
    "Saint Marys Way",
    "Winter St",
    "Summer St",
    "North Main St",
];

/// Area codes of the region.
pub const AREA_CODES: &[u32] = &[617, 781, 508, 978, 339, 857, 774];
