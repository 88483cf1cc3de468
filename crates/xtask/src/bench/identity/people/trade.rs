//! People who are known through somebody's trade: a property manager's tenants, a business' contacts, an agent's
//! clients.

use super::group::single;
use super::person::{Held, Kind, Person, Reach, Suffix};
use super::place::{Address, unit};
use super::random::{Random, hash};
use super::rates;
use super::world::World;

const TRADES: &[&str] = &[
    "Dental",
    "Realty",
    "Builders",
    "Construction",
    "Cafe",
    "Bakery",
    "Law Group",
    "Insurance",
    "Auto Body",
    "Fitness",
    "Daycare",
    "Medical Group",
    "Restaurant",
    "Pizza",
    "Church",
    "School",
    "Hotel",
    "Landscaping",
    "Electric",
    "Salon",
    "Brewing Co",
    "Market",
    "Veterinary Clinic",
    "Storage",
    "Accounting",
    "Printing",
    "Hardware",
    "Pharmacy",
];
const MANAGING: &[&str] = &[
    "Property Management",
    "Properties LLC",
    "Realty Trust",
    "Management Co",
    "Apartments",
    "Rentals LLC",
    "Housing",
    "Residential",
    "Property Group",
];
const OFFICE_MAILBOXES: &[&str] = &["info", "office", "service", "admin", "contact", "billing"];

/// A company with its line, its office address and its place.
struct Company {
    name: String,
    domain: String,
    line: Held,
    mailbox: Held,
}

fn company(world: &mut World, endings: &[&str], random: &mut Random) -> Company {
    let origin = world.names.origin(random);
    let stem = match random.below(3) {
        0 => world.names.family(origin, random),
        1 => {
            let zip = world.region.zip(random);
            world.region.zips[zip].city.clone()
        }
        _ => {
            let words = [
                "Harbor",
                "Summit",
                "Blue Hill",
                "Premier",
                "Coastal",
                "Liberty",
                "Granite",
                "Evergreen",
                "First",
                "Golden",
                "Northeast",
                "Patriot",
                "Bay State",
                "Colonial",
                "Sunrise",
            ];
            (*random.pick(&words)).to_owned()
        }
    };
    let name = format!("{stem} {}", random.pick(endings));
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let line = Held::always(world.number(random), Reach::Wide);
    // Two companies of one name have two domains.
    let domain = format!("{}{}.com", letters.to_lowercase(), hash(&line.text) % 97);
    let mailbox = Held::always(format!("{}@{domain}", random.pick(OFFICE_MAILBOXES)), Reach::Wide);
    Company { name, domain, line, mailbox }
}

impl Company {
    /// Somebody who works there.
    fn employee(&self, world: &mut World, kind: Kind, office: &Address, random: &mut Random) -> Person {
        let origin = world.names.origin(random);
        let family = world.names.family(origin, random);
        let mut person = world.person(kind, origin, &family, office.clone(), random);
        person.company = Some(self.name.clone());
        person.homes = vec![(0, office.clone())];
        if random.chance(0.5) {
            // The address at work instead of the private one.
            let letters: String = person.family.chars().filter(char::is_ascii_alphanumeric).collect();
            let text = match random.below(2) {
                0 => format!("{}.{letters}@{}", person.given, self.domain),
                _ => format!("{}{letters}@{}", &person.given[..1], self.domain),
            };
            person.emails = vec![Held::always(text.to_lowercase(), Reach::Own)];
        }
        person
    }

    /// The company itself, as a customer without a person's name.
    fn itself(&self, world: &mut World, kind: Kind, office: &Address, random: &mut Random) -> Person {
        let mut person = world.person(kind, 0, "", office.clone(), random);
        (person.given, person.family) = (String::new(), String::new());
        (person.short, person.middle, person.family_before) = (None, None, None);
        person.company = Some(self.name.clone());
        person.homes = vec![(0, office.clone())];
        person.phones = vec![self.line.clone()];
        person.emails = vec![self.mailbox.clone()];
        person.suffix = Suffix::None;
        person
    }
}

/// A property manager, the staff, and tenants in a few buildings.
pub fn property_manager(world: &mut World, random: &mut Random) -> Vec<Person> {
    let company = company(world, MANAGING, random);
    let office = world.home(random);
    let buildings: Vec<Address> = (0..random.between(1, 8)).map(|_| world.home(random)).collect();
    let mut people = Vec::new();
    for _ in 0..random.between(1, 3) {
        let mut person = company.employee(world, Kind::Manager, &office, random);
        person.records = (person.records * 2).min(8);
        person.has_many_homes = true;
        person.homes.extend(buildings.iter().map(|it| (0, it.clone())));
        person.phones.push(company.line.clone());
        person.emails.push(company.mailbox.clone());
        people.push(person);
    }
    let staff = people.len();
    for _ in 0..random.between(rates::TENANTS.0, rates::TENANTS.1) {
        let origin = world.names.origin(random);
        let family = world.names.family(origin, random);
        let mut home = random.pick(&buildings).clone();
        home.unit = Some(unit(random));
        let mut person = world.person(Kind::Tenant, origin, &family, home, random);
        let boss = random.below(staff);
        if random.chance(rates::TENANT_WITH_NUMBER_OF_MANAGER) {
            let of_boss = people[boss].phones.first().filter(|_| random.chance(0.4)).cloned();
            person.phones.push(of_boss.unwrap_or_else(|| company.line.clone()).reaching(Reach::Wide));
        }
        if random.chance(rates::TENANT_WITH_EMAIL_OF_MANAGER) {
            let of_boss = people[boss].emails.first().filter(|_| random.chance(0.5)).cloned();
            person.emails.push(of_boss.unwrap_or_else(|| company.mailbox.clone()).reaching(Reach::Wide));
        }
        if random.chance(0.12) {
            person.company = Some(company.name.clone());
        }
        people.push(person);
    }
    people
}

/// A business with its contacts.
pub fn business(world: &mut World, random: &mut Random) -> Vec<Person> {
    let company = company(world, TRADES, random);
    let mut office = world.home(random);
    office.unit = random.chance(0.3).then(|| format!("Suite {}", random.between(100, 420)));
    let mut people = vec![company.itself(world, Kind::Business, &office, random)];
    let (low, high) = rates::CONTACTS;
    let count = random.between(low, high).min(random.between(low, high)).min(random.between(low, high));
    for _ in 0..count {
        let mut person = company.employee(world, Kind::Business, &office, random);
        if random.chance(0.4) {
            person.phones.clear();
        }
        if person.phones.is_empty() || random.chance(rates::CONTACT_WITH_MAIN_LINE) {
            person.phones.push(company.line.clone());
        }
        if random.chance(rates::CONTACT_WITH_OFFICE_EMAIL) {
            person.emails.push(company.mailbox.clone());
        }
        people.push(person);
    }
    people
}

/// A realtor or contractor, and the clients for whom they book.
pub fn agent(world: &mut World, random: &mut Random) -> Vec<Person> {
    let company = company(world, &["Realty", "Realty Group", "Homes", "Contracting", "Remodeling", "Builders"], random);
    let office = world.home(random);
    let mut agent = company.employee(world, Kind::Agent, &office, random);
    agent.phones.push(company.line.clone());
    let number = agent.phones[0].reaching(Reach::Wide);
    let email = agent.emails.first().map(|it| it.reaching(Reach::Wide));
    let mut people = vec![agent];
    for _ in 0..random.between(rates::CLIENTS.0, rates::CLIENTS.1) {
        let mut person = single(world, random);
        person.kind = Kind::Client;
        if random.chance(rates::CLIENT_WITH_NUMBER_OF_AGENT) {
            person.phones.push(number.clone());
        }
        if random.chance(rates::CLIENT_WITH_EMAIL_OF_AGENT) {
            person.emails.extend(email.clone());
        }
        people.push(person);
    }
    people
}
