//! The words that names are made of besides names.

/// Whom a title addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sex {
    Man,
    Woman,
}

/// Titles before a name: folded, as shown, and whom they address.
const TITLES: &[(&str, &str, Option<Sex>)] = &[
    ("mr", "Mr.", Some(Sex::Man)),
    ("mister", "Mr.", Some(Sex::Man)),
    ("mrs", "Mrs.", Some(Sex::Woman)),
    ("ms", "Ms.", Some(Sex::Woman)),
    ("miss", "Miss", Some(Sex::Woman)),
    ("mx", "Mx.", None),
    ("sr", "Sr.", Some(Sex::Man)),
    ("sra", "Sra.", Some(Sex::Woman)),
    ("srta", "Srta.", Some(Sex::Woman)),
    ("senor", "Sr.", Some(Sex::Man)),
    ("senora", "Sra.", Some(Sex::Woman)),
    ("herr", "Herr", Some(Sex::Man)),
    ("frau", "Frau", Some(Sex::Woman)),
    ("mme", "Mme", Some(Sex::Woman)),
    ("dr", "Dr.", None),
    ("doctor", "Dr.", None),
    ("dra", "Dra.", Some(Sex::Woman)),
    ("prof", "Prof.", None),
    ("professor", "Prof.", None),
    ("rev", "Rev.", None),
    ("reverend", "Rev.", None),
    ("pastor", "Pastor", None),
    ("rabbi", "Rabbi", None),
    ("fr", "Fr.", Some(Sex::Man)),
    ("sir", "Sir", Some(Sex::Man)),
    ("hon", "Hon.", None),
    ("capt", "Capt.", None),
    ("captain", "Capt.", None),
    ("sgt", "Sgt.", None),
    ("lt", "Lt.", None),
    ("col", "Col.", None),
    ("colonel", "Col.", None),
    ("maj", "Maj.", None),
    ("gen", "Gen.", None),
    ("cpl", "Cpl.", None),
    ("ing", "Ing.", None),
];

/// Suffixes behind a name: folded, as shown, and which generation they say. A "Jr" is the second of his name.
const SUFFIXES: &[(&str, &str, Option<u8>)] = &[
    ("jr", "Jr", Some(2)),
    ("jnr", "Jr", Some(2)),
    ("junior", "Jr", Some(2)),
    ("sr", "Sr", Some(1)),
    ("snr", "Sr", Some(1)),
    ("ii", "II", Some(2)),
    ("2nd", "II", Some(2)),
    ("iii", "III", Some(3)),
    ("3rd", "III", Some(3)),
    ("iv", "IV", Some(4)),
    ("4th", "IV", Some(4)),
    ("md", "MD", None),
    ("phd", "PhD", None),
    ("esq", "Esq", None),
    ("esquire", "Esq", None),
    ("dds", "DDS", None),
    ("dmd", "DMD", None),
    ("dvm", "DVM", None),
    ("cpa", "CPA", None),
    ("rn", "RN", None),
    ("lpn", "LPN", None),
    ("jd", "JD", None),
    ("mba", "MBA", None),
    ("dpm", "DPM", None),
    ("pe", "PE", None),
    ("cfa", "CFA", None),
    ("usmc", "USMC", None),
    ("usn", "USN", None),
    ("ret", "Ret", None),
];

/// Words that belong to the family name behind them, and are written small.
const PARTICLES: &[&str] = &[
    "de", "da", "das", "del", "della", "der", "den", "des", "di", "do", "dos", "du", "el", "al", "la", "las", "le",
    "los", "lo", "van", "von", "vander", "vande", "ten", "ter", "te", "zu", "zur", "bin", "ibn", "bint",
];
/// Like them, but written with a capital.
const PROUD_PARTICLES: &[&str] = &["mc", "mac", "st", "saint", "san", "santa", "abu"];

/// Words behind a name that say where its phone rings.
const LABELS: &[&str] =
    &["cell", "mobile", "home", "work", "iphone", "fax", "cellphone", "phone", "landline", "mob", "cel", "number"];
/// What people of the trades write behind a name in their phones: where in the house, and what is broken. Nothing that
/// is a family name: there are people called Pipes and Drain.
const REMARKS: &[&str] = &[
    "ac",
    "basement",
    "bathroom",
    "boiler",
    "downstairs",
    "faucet",
    "furnace",
    "garage",
    "heat",
    "heater",
    "hvac",
    "leak",
    "leaks",
    "sewer",
    "shower",
    "sump",
    "toilet",
    "tub",
    "upstairs",
    "water",
];
/// Words in parentheses that are no nickname; also the labels.
const NOTES: &[&str] = &[
    "wife",
    "husband",
    "spouse",
    "mom",
    "mother",
    "dad",
    "father",
    "son",
    "daughter",
    "brother",
    "sister",
    "friend",
    "neighbor",
    "tenant",
    "owner",
    "landlord",
    "manager",
    "office",
    "new",
    "old",
    "do",
    "dnc",
    "vip",
    "realtor",
    "plumber",
    "contractor",
    "deceased",
    "partner",
    "nee",
    "formerly",
    "primary",
    "secondary",
    "customer",
    "client",
    "lead",
    "main",
    "text",
    "only",
    "text only",
    "the",
    "at",
    "boss",
    "super",
    "us",
    "verified",
];
/// Words about a household that are no name themselves.
const HOUSEHOLD: &[&str] = &["family", "residence", "household", "res"];
/// Words before the number of a flat.
const UNITS: &[&str] =
    &["apt", "unit", "ste", "suite", "no", "floor", "fl", "rm", "room", "lot", "bldg", "apartment", "number"];

/// What programs and people write where they have no name, folded.
const PLACEHOLDERS: &[&str] = &[
    "unknown",
    "unknown caller",
    "unknown name",
    "unknown unknown",
    "unknown number",
    "unknown contact",
    "no name",
    "noname",
    "no name given",
    "name",
    "first name",
    "last name",
    "first last",
    "full name",
    "n a",
    "na",
    "none",
    "null",
    "null null",
    "nil",
    "nan",
    "undefined",
    "blank",
    "empty",
    "anonymous",
    "anonymous caller",
    "private",
    "private caller",
    "private number",
    "private name",
    "restricted",
    "blocked",
    "blocked caller",
    "unavailable",
    "name unavailable",
    "not available",
    "not provided",
    "not given",
    "out of area",
    "wireless caller",
    "wireless",
    "cell phone",
    "cellular call",
    "mobile caller",
    "mobile",
    "cell",
    "home",
    "work",
    "phone",
    "toll free caller",
    "toll free",
    "toll free call",
    "caller",
    "no caller id",
    "caller id",
    "spam",
    "spam risk",
    "scam likely",
    "potential spam",
    "telemarketer",
    "customer",
    "new customer",
    "new lead",
    "lead",
    "client",
    "new client",
    "new contact",
    "guest",
    "tbd",
    "unassigned",
];
/// Like them: made up to see whether a form works.
const TRIALS: &[&str] = &[
    "test",
    "test test",
    "testing",
    "test user",
    "test customer",
    "test name",
    "test contact",
    "testy mctestface",
    "asdf",
    "asdf asdf",
    "qwerty",
    "xxx",
    "xx",
];

/// The title that a folded word is.
pub(super) fn title(folded: &str) -> Option<(&'static str, Option<Sex>)> {
    TITLES.iter().find(|(word, ..)| *word == folded).map(|(_, shown, sex)| (*shown, *sex))
}

/// The suffix that a folded word is.
pub(super) fn suffix(folded: &str) -> Option<(&'static str, Option<u8>)> {
    SUFFIXES.iter().find(|(word, ..)| *word == folded).map(|(_, shown, generation)| (*shown, *generation))
}

/// Whether a folded word belongs to the family name behind it.
pub(super) fn is_particle(folded: &str) -> bool {
    PARTICLES.contains(&folded) || PROUD_PARTICLES.contains(&folded)
}

/// Whether a folded word inside a name is written small.
pub(super) fn is_small(folded: &str) -> bool {
    PARTICLES.contains(&folded)
}

pub(super) fn is_label(folded: &str) -> bool {
    LABELS.contains(&folded) || REMARKS.contains(&folded)
}

/// Whether a folded word in parentheses says something about the person but is no name of theirs.
pub(super) fn is_note(folded: &str) -> bool {
    is_label(folded) || NOTES.contains(&folded)
}

pub(super) fn is_household(folded: &str) -> bool {
    HOUSEHOLD.contains(&folded)
}

pub(super) fn is_unit(folded: &str) -> bool {
    UNITS.contains(&folded)
}

/// Whether folded words joined by blanks stand where a name should be.
pub(super) fn is_placeholder(folded: &str) -> bool {
    PLACEHOLDERS.contains(&folded) || TRIALS.contains(&folded)
}
