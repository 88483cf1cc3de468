//! How often everything happens in the generated data, each rate a constant with its meaning. A rate is a share of 1.
//!
//! They describe the scattered data of a home-service business as its owners and the failure reports of other systems
//! describe it; the page docs/reference/identity-data.md lists them. They are set so that the data is as hard as the
//! figures there say, and by nothing else.

/// Origins of people: none in particular, Spanish-speaking, East Asian, South Asian and Near Eastern, Portuguese.
pub const ORIGINS: [f64; 5] = [0.70, 0.16, 0.06, 0.04, 0.04];
/// People of no particular origin whose family name comes from the long tail.
pub const FAMILY_NAME_OF_TAIL: f64 = 0.66;
/// People of an origin whose given name is of none in particular.
pub const GIVEN_NAME_OF_NO_ORIGIN: f64 = 0.17;
/// People who go by a short form of their given name, where there is one.
pub const GOES_BY_SHORT_NAME: f64 = 0.45;
/// People with a middle name that is ever written.
pub const HAS_MIDDLE_NAME: f64 = 0.30;
/// Women who changed their family name while they were customers.
pub const CHANGED_FAMILY_NAME: f64 = 0.05;
/// People with a double family name, of which either part may be left out.
pub const DOUBLE_FAMILY_NAME: f64 = 0.03;

/// Records for each post code: a larger set is a larger region, not a denser one.
pub const RECORDS_PER_ZIP: usize = 667;
/// Post codes of the smallest set.
pub const LEAST_ZIPS: usize = 12;
/// Post codes that belong to the same town as the one before.
pub const ZIP_OF_THE_SAME_TOWN: f64 = 0.4;
/// People who live in a flat.
pub const LIVES_IN_A_FLAT: f64 = 0.18;

/// The last day, counted from 1 January 2010.
pub const LAST_DAY: usize = 5_990;
/// Days between somebody's first and last record: the least, and the most.
pub const DAYS_AS_CUSTOMER: (usize, usize) = (20, 3_200);
/// Records of a person: how often one, two, … eight.
pub const RECORDS_OF_A_PERSON: [f64; 8] = [0.27, 0.22, 0.17, 0.12, 0.09, 0.06, 0.04, 0.03];
/// Moves to another address, for a thousand days as a customer.
pub const MOVES_PER_1000_DAYS: f64 = 0.10;
/// Changes of the mobile number, for a thousand days.
pub const NEW_PHONE_PER_1000_DAYS: f64 = 0.08;
/// Changes of the e-mail address, for a thousand days.
pub const NEW_EMAIL_PER_1000_DAYS: f64 = 0.08;
/// Records that still say what held until up to 400 days ago.
pub const STILL_THE_OLD: f64 = 0.06;
/// People with a mobile number of their own.
pub const HAS_MOBILE: f64 = 0.93;
/// People with an e-mail address of their own.
pub const HAS_EMAIL: f64 = 0.84;
/// People with a second number that is theirs alone.
pub const HAS_SECOND_PHONE: f64 = 0.12;
/// New customers who have a number that was somebody else's.
pub const RECYCLED_NUMBER: f64 = 0.02;
/// Days that such a number was silent, at least.
pub const DAYS_SILENT: usize = 540;
/// Single customers who have the name of another in the same post code.
pub const NAMESAKE_NEARBY: f64 = 0.012;

/// Groups of people: single, household, father and son of one name, twins, people who share a flat, a property manager
/// with tenants, a business with contacts, a realtor or contractor with clients.
pub const GROUPS: [f64; 8] = [0.566, 0.340, 0.034, 0.008, 0.030, 0.0042, 0.0130, 0.0048];
/// Members of a household that are customers: two, three, four.
pub const HOUSEHOLD_SIZES: [f64; 3] = [0.70, 0.22, 0.08];
/// Households and families with a landline.
pub const HAS_LANDLINE: f64 = 0.42;
/// Members of a household with a landline whose records may say it.
pub const SAYS_LANDLINE: f64 = 0.75;
/// Couples with two family names.
pub const COUPLE_OF_TWO_NAMES: f64 = 0.14;
/// Members of a household who give somebody else's e-mail address of it.
pub const EMAIL_OF_THE_SPOUSE: f64 = 0.12;
/// Members of a household who give somebody else's mobile number of it.
pub const MOBILE_OF_THE_SPOUSE: f64 = 0.08;
/// Records of couples that name both (`Bob & Mary Smith`).
pub const NAMES_BOTH: f64 = 0.02;
/// Fathers and sons of one name: the suffix on all records, on half of them, on none.
pub const SUFFIX_WRITTEN: [f64; 3] = [0.35, 0.35, 0.30];
/// Sons of one name who live elsewhere.
pub const SON_LIVES_ELSEWHERE: f64 = 0.25;
/// Tenants of a manager: least and most.
pub const TENANTS: (usize, usize) = (6, 60);
/// Tenants whose records may say the manager's number.
pub const TENANT_WITH_NUMBER_OF_MANAGER: f64 = 0.55;
/// Tenants whose records may say the manager's e-mail address.
pub const TENANT_WITH_EMAIL_OF_MANAGER: f64 = 0.30;
/// Contacts of a business: least and most; small ones are commoner.
pub const CONTACTS: (usize, usize) = (1, 14);
/// Contacts whose records may say the main line.
pub const CONTACT_WITH_MAIN_LINE: f64 = 0.80;
/// Contacts whose records may say the address of the office.
pub const CONTACT_WITH_OFFICE_EMAIL: f64 = 0.30;
/// Clients of a realtor or contractor: least and most.
pub const CLIENTS: (usize, usize) = (5, 45);
/// Clients whose records may say the number of who books for them.
pub const CLIENT_WITH_NUMBER_OF_AGENT: f64 = 0.70;
/// Clients whose records may say the e-mail address of who books for them.
pub const CLIENT_WITH_EMAIL_OF_AGENT: f64 = 0.40;

/// Records that say a call-forwarding line instead of a number.
pub const FORWARDING_LINE: f64 = 0.012;
/// Records for each call-forwarding line.
pub const RECORDS_PER_FORWARDING_LINE: usize = 1_500;
/// Records that say the business' own line for want of a number.
pub const OFFICE_LINE: f64 = 0.006;
/// Records that say a number for want of one.
pub const PLACEHOLDER_NUMBER: f64 = 0.010;
/// Records that say an e-mail address for want of one.
pub const PLACEHOLDER_EMAIL: f64 = 0.015;
/// Records without a number and an e-mail address that have a street.
pub const STREET_WITHOUT_A_HANDLE: f64 = 0.9;
/// Numbers with a label or an extension.
pub const LABELLED_NUMBER: f64 = 0.05;
/// Records with a prefix (`Mr.`, `Dr.`).
pub const PREFIX: f64 = 0.03;
/// Companies written in another way (`Inc`, `LLC`, no article).
pub const COMPANY_IN_OTHER_WORDS: f64 = 0.35;

/// What a source knows, and how well.
pub struct Source {
    /// As the column says it.
    pub name: &'static str,
    /// Its share of all records.
    pub share: f64,
    /// Records with a phone.
    pub phone: f64,
    /// With a second one, if there is one.
    pub second_phone: f64,
    /// With an e-mail address.
    pub email: f64,
    /// With a street, and mostly all after it.
    pub street: f64,
    /// Of those, with a post code.
    pub zip: f64,
    /// With the company, if there is one.
    pub company: f64,
    /// How the name is written: two cells; in full; `Last, First`; given only; short or nickname only; initial and
    /// family name; family name only; none.
    pub name_form: [f64; 8],
    /// A name with a slip.
    pub slip_in_name: f64,
    /// A number or e-mail address with a slip.
    pub slip_in_handle: f64,
    /// A street or town with a slip.
    pub slip_in_address: f64,
    /// Given and family name the other way round.
    pub swapped: f64,
    /// All capitals; no capitals.
    pub letters: (f64, f64),
}

/// The sources.
pub const SOURCES: [Source; 5] = [
    Source {
        name: "field_service_crm",
        share: 0.33,
        phone: 0.93,
        second_phone: 0.60,
        email: 0.58,
        street: 0.88,
        zip: 0.93,
        company: 0.85,
        name_form: [0.68, 0.06, 0.16, 0.02, 0.02, 0.03, 0.02, 0.01],
        slip_in_name: 0.05,
        slip_in_handle: 0.02,
        slip_in_address: 0.04,
        swapped: 0.015,
        letters: (0.10, 0.01),
    },
    Source {
        name: "google_contacts",
        share: 0.15,
        phone: 0.94,
        second_phone: 0.50,
        email: 0.40,
        street: 0.18,
        zip: 0.60,
        company: 0.45,
        name_form: [0.22, 0.44, 0.02, 0.13, 0.09, 0.06, 0.03, 0.01],
        slip_in_name: 0.05,
        slip_in_handle: 0.015,
        slip_in_address: 0.04,
        swapped: 0.01,
        letters: (0.01, 0.06),
    },
    Source {
        name: "website_form",
        share: 0.19,
        phone: 0.92,
        second_phone: 0.05,
        email: 0.92,
        street: 0.80,
        zip: 0.90,
        company: 0.30,
        name_form: [0.66, 0.20, 0.01, 0.07, 0.04, 0.02, 0.0, 0.0],
        slip_in_name: 0.06,
        slip_in_handle: 0.03,
        slip_in_address: 0.06,
        swapped: 0.02,
        letters: (0.03, 0.14),
    },
    Source {
        name: "phone_history",
        share: 0.21,
        phone: 1.0,
        second_phone: 0.0,
        email: 0.03,
        street: 0.0,
        zip: 0.0,
        company: 0.10,
        name_form: [0.06, 0.46, 0.05, 0.17, 0.12, 0.05, 0.03, 0.06],
        slip_in_name: 0.06,
        slip_in_handle: 0.002,
        slip_in_address: 0.0,
        swapped: 0.01,
        letters: (0.09, 0.05),
    },
    Source {
        name: "hand_entry",
        share: 0.12,
        phone: 0.82,
        second_phone: 0.15,
        email: 0.20,
        street: 0.62,
        zip: 0.50,
        company: 0.50,
        name_form: [0.42, 0.28, 0.08, 0.07, 0.05, 0.05, 0.04, 0.01],
        slip_in_name: 0.11,
        slip_in_handle: 0.04,
        slip_in_address: 0.09,
        swapped: 0.03,
        letters: (0.05, 0.10),
    },
];
