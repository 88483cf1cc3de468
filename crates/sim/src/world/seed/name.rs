//! Names of the seeded people and businesses.

use crate::world::row::ContactKind;

/// What stands in contacts for want of something.
pub const FILLERS: &[(ContactKind, &str)] = &[
    (ContactKind::Phone, "000-000-0000"),
    (ContactKind::MobilePhone, "5555555555"),
    (ContactKind::Phone, "n/a"),
    (ContactKind::Phone, "617-782-1000 x12"),
    (ContactKind::Email, "none@none.com"),
    (ContactKind::Email, "declined"),
];

/// Given names with a short form, empty where there is none.
pub const GIVEN: &[(&str, &str)] = &[
    ("Margaret", "Peggy"),
    ("Kathleen", "Kathy"),
    ("Patricia", "Pat"),
    ("Elizabeth", "Liz"),
    ("Deborah", "Deb"),
    ("Susan", "Sue"),
    ("Jennifer", "Jen"),
    ("Christine", "Chris"),
    ("Theresa", "Terry"),
    ("Rebecca", "Becky"),
    ("Victoria", "Vicky"),
    ("Samantha", "Sam"),
    ("Nancy", ""),
    ("Eileen", ""),
    ("Siobhán", ""),
    ("Colleen", ""),
    ("Donna", ""),
    ("Maria", ""),
    ("Ana", ""),
    ("Mei", ""),
    ("Linh", ""),
    ("Rosa", ""),
    ("Fatima", ""),
    ("Giulia", ""),
    ("Carmen", ""),
    ("William", "Bill"),
    ("Robert", "Bob"),
    ("Richard", "Rick"),
    ("James", "Jim"),
    ("Thomas", "Tom"),
    ("Michael", "Mike"),
    ("Joseph", "Joe"),
    ("John", "Jack"),
    ("Daniel", "Dan"),
    ("David", "Dave"),
    ("Edward", "Ed"),
    ("Charles", "Charlie"),
    ("Matthew", "Matt"),
    ("Anthony", "Tony"),
    ("Steven", "Steve"),
    ("Timothy", "Tim"),
    ("Gerald", "Gerry"),
    ("Francis", "Frank"),
    ("Patrick", "Pat"),
    ("Brian", ""),
    ("Kevin", ""),
    ("Sean", ""),
    ("Declan", ""),
    ("Luís", ""),
    ("João", ""),
    ("Wei", ""),
    ("Minh", ""),
    ("José", ""),
    ("Jean", ""),
    ("Omar", ""),
    ("Giovanni", "John"),
];

/// Family names.
pub const FAMILY: &[&str] = &[
    "Sullivan",
    "Murphy",
    "O'Brien",
    "O'Connor",
    "McCarthy",
    "McDonough",
    "Kelly",
    "Walsh",
    "Burke",
    "Foley",
    "Connolly",
    "Donovan",
    "Doherty",
    "Fitzgerald",
    "Gallagher",
    "Hurley",
    "Kearney",
    "Lynch",
    "Nolan",
    "Quinn",
    "Regan",
    "Ryan",
    "Shea",
    "Sweeney",
    "Tobin",
    "Whelan",
    "Adams",
    "Bates",
    "Chandler",
    "Cushing",
    "Davis",
    "Hobart",
    "Johnson",
    "Lincoln",
    "Lovell",
    "Miller",
    "Nash",
    "Pratt",
    "Smith",
    "Thayer",
    "Wilson",
    "Rossi",
    "DeLuca",
    "Marino",
    "Santoro",
    "Ferrante",
    "Silva",
    "Santos",
    "Pereira",
    "da Costa",
    "Oliveira",
    "Nguyen",
    "Tran",
    "Le",
    "Pham",
    "Chen",
    "Wong",
    "Li",
    "Huang",
    "Zhang",
    "Garcia",
    "Rivera",
    "Hernandez",
    "Ortiz",
    "Peña",
    "Jean-Baptiste",
    "Pierre",
    "Okafor",
    "Haddad",
    "Khan",
    "Patel",
    "Cohen",
    "Kowalski",
    "Papadopoulos",
    "Van Dyke",
    "St. Clair",
];

/// What businesses are called after a family or a street.
pub const TRADES: &[&str] = &[
    "Realty Trust",
    "Property Management",
    "Dental",
    "Bakery",
    "Auto Body",
    "Restaurant Group, Inc.",
    "Law Offices, P.C.",
    "Condominium Association",
    "Montessori School",
    "Hardware & Supply Co.",
    "Funeral Home",
    "Veterinary Clinic, LLC",
];

/// What the tenants are called.
pub const TENANTS: &[&str] =
    &["Bayside Plumbing & Heating", "Granite City HVAC", "Old Colony Electric", "Neponset Drains"];

/// What jobs are about.
pub const SUMMARIES: &[&str] = &[
    "<p>No heat on the second floor. Thermostat reads 58.</p>",
    "<p>Annual boiler tune-up.</p>",
    "<p>Water heater leaking at the base; customer shut the valve.</p>",
    "<div>Kitchen drain slow.<br>Snaked last year.</div>",
    "<p>AC not cooling, filter changed in spring.</p>",
    "<p>Estimate for a mini split &amp; removal of window units.</p>",
    "<p>Toilet runs. <b>Call 20 minutes ahead.</b></p>",
    "<p>Sump pump failed during the storm.</p>",
    "<p>Replace outdoor spigot.</p>",
    "<p>Warranty visit, noise in the blower.</p>",
];

/// What notes say.
pub const NOTES: &[&str] = &[
    "Gate code is on file. Dog in the yard, please ring first.",
    "Prefers mornings. Pays by check.",
    "Spouse handles scheduling.",
    "Oil tank in the basement, access through the bulkhead.",
    "Asked not to be called at work.",
];

/// Kinds of jobs with their hours.
pub const JOB_TYPES: &[(&str, i64)] = &[
    ("Service Call", 2),
    ("HVAC Tune-Up", 1),
    ("Water Heater Replacement", 4),
    ("Drain Cleaning", 1),
    ("Boiler Installation", 8),
    ("AC Installation", 8),
    ("Estimate", 1),
    ("Warranty", 2),
];

/// Kinds of memberships.
pub const MEMBERSHIP_TYPES: &[&str] = &["Comfort Club", "Comfort Club Plus", "Commercial Maintenance"];

/// Equipment: name, maker, model.
pub const EQUIPMENT: &[(&str, &str, &str)] = &[
    ("Gas Furnace", "Carrier", "59SC5B"),
    ("Central Air Conditioner", "Trane", "XR14"),
    ("Water Heater 50 gal", "Rheem", "XG50T12"),
    ("Combi Boiler", "Navien", "NCB-240E"),
    ("Mini Split", "Mitsubishi", "MSZ-GL12NA"),
    ("Oil Boiler", "Buderus", "G115WS"),
    ("Sump Pump", "Zoeller", "M53"),
];

/// Tags with code and colour.
pub const TAGS: &[(&str, &str, &str)] = &[
    ("VIP", "VIP", "#d4af37"),
    ("Do Not Text", "DNT", "#c0392b"),
    ("Landlord", "LL", "#2c7fb8"),
    ("Senior Discount", "SR", "#31a354"),
    ("Past Due", "PD", "#e34a33"),
    ("Spanish Speaking", "ES", "#756bb1"),
];
