//! People in their groups: who lives with whom.

use super::person::{Held, Kind, Person, Reach, Suffix};
use super::place::{Address, unit};
use super::random::Random;
use super::world::World;
use super::{rates, trade};

/// Tries to find a twin a name that sounds alike.
const TRIES_FOR_A_TWIN: usize = 40;

/// The people of one group.
pub fn group(world: &mut World, random: &mut Random) -> Vec<Person> {
    match random.weighted(&rates::GROUPS) {
        0 => vec![single(world, random)],
        1 => household(world, random),
        2 => father_and_son(world, random),
        3 => twins(world, random),
        4 => roommates(world, random),
        5 => trade::property_manager(world, random),
        6 => trade::business(world, random),
        _ => trade::agent(world, random),
    }
}

/// Somebody who lives alone.
pub fn single(world: &mut World, random: &mut Random) -> Person {
    if random.chance(rates::NAMESAKE_NEARBY)
        && let Some((given, family, is_woman, zip)) = world.somebody(random)
    {
        let home = world.region.address(zip, false, random);
        return world.person_called(Kind::Namesake, given, is_woman, &family, home, random);
    }
    let origin = world.names.origin(random);
    let family = world.names.family(origin, random);
    let home = world.home(random);
    let person = world.person(Kind::Plain, origin, &family, home, random);
    world.remember(&person);
    person
}

/// What a family has in common.
struct Family {
    origin: usize,
    name: String,
    home: Address,
    landline: Option<Held>,
}

fn family(world: &mut World, random: &mut Random) -> Family {
    let origin = world.names.origin(random);
    let landline = random.chance(rates::HAS_LANDLINE).then(|| Held::always(world.number(random), Reach::House));
    Family { origin, name: world.names.family(origin, random), home: world.home(random), landline }
}

impl Family {
    /// A member, with the landline on some of their records.
    fn member(&self, world: &mut World, kind: Kind, name: &str, random: &mut Random) -> Person {
        let person = world.person(kind, self.origin, name, self.home.clone(), random);
        self.with_landline(person, random)
    }

    /// The same, a woman or a man.
    fn one(&self, world: &mut World, is_woman: bool, name: &str, random: &mut Random) -> Person {
        let given = world.names.given(self.origin, is_woman, random);
        let person = world.person_called(Kind::Household, given, is_woman, name, self.home.clone(), random);
        self.with_landline(person, random)
    }

    fn with_landline(&self, mut person: Person, random: &mut Random) -> Person {
        let says = person.phones.is_empty() || random.chance(rates::SAYS_LANDLINE);
        person.phones.extend(self.landline.iter().filter(|_| says).cloned());
        person
    }
}

fn household(world: &mut World, random: &mut Random) -> Vec<Person> {
    let shared = family(world, random);
    let size = 2 + random.weighted(&rates::HOUSEHOLD_SIZES);
    let mut people: Vec<Person> = Vec::new();
    for place in 0..size {
        let mut name = shared.name.clone();
        if place == 1 && random.chance(rates::COUPLE_OF_TWO_NAMES) {
            name = world.names.family(shared.origin, random);
        }
        let is_woman = if place == 1 { !people[0].is_woman } else { random.chance(0.5) };
        let mut person = shared.one(world, is_woman, &name, random);
        // Nobody gives two children, or both spouses, one name.
        if people.iter().any(|it| it.given == person.given) {
            continue;
        }
        if place == 1 {
            person.partner = Some(people[0].given.clone());
            people[0].partner = Some(person.given.clone());
        }
        // Whoever lives together moves together.
        if let Some(first) = people.first() {
            person.homes = first.homes.clone();
        }
        people.push(person);
    }
    lend(&mut people, random);
    people
}

/// Numbers and e-mail addresses of one on the records of another.
fn lend(people: &mut [Person], random: &mut Random) {
    for place in 1..people.len() {
        let lender = random.below(place);
        if random.chance(rates::EMAIL_OF_THE_SPOUSE)
            && let Some(email) = people[lender].emails.last().map(|it| it.reaching(Reach::House))
        {
            people[place].emails.push(email);
        }
        if random.chance(rates::MOBILE_OF_THE_SPOUSE)
            && let Some(phone) = people[lender].phones.first().map(|it| it.reaching(Reach::House))
        {
            people[place].phones.push(phone);
        }
    }
}

fn father_and_son(world: &mut World, random: &mut Random) -> Vec<Person> {
    let shared = family(world, random);
    let given = world.names.given(shared.origin, false, random);
    let names = *random.pick(&[("Sr", "Jr"), ("Sr.", "Jr."), ("Sr", "Jr"), ("Sr", "II"), ("Jr", "III")]);
    let written = random.weighted(&rates::SUFFIX_WRITTEN);
    let suffix = |text| match written {
        0 => Suffix::Always(text),
        1 => Suffix::Sometimes(text),
        _ => Suffix::Never,
    };
    let mut people = Vec::new();
    for text in [names.0, names.1] {
        let home = shared.home.clone();
        let person = world.person_called(Kind::FatherAndSon, given.clone(), false, &shared.name, home, random);
        let mut person = shared.with_landline(person, random);
        person.family.clone_from(&shared.name);
        person.suffix = suffix(text);
        people.push(person);
    }
    if random.chance(rates::SON_LIVES_ELSEWHERE) {
        people[1].homes = vec![(0, world.home(random))];
    } else {
        people[1].homes = people[0].homes.clone();
    }
    if random.chance(0.6) {
        let mut mother = shared.one(world, true, &shared.name, random);
        mother.homes = people[0].homes.clone();
        people.push(mother);
    }
    people
}

fn twins(world: &mut World, random: &mut Random) -> Vec<Person> {
    let shared = family(world, random);
    let first = shared.member(world, Kind::Twin, &shared.name, random);
    let mut given = first.given.clone();
    for _ in 0..TRIES_FOR_A_TWIN {
        let other = world.names.given(shared.origin, first.is_woman, random);
        if other != first.given {
            let is_alike = other.as_bytes()[0] == first.given.as_bytes()[0];
            given = other;
            if is_alike {
                break;
            }
        }
    }
    let home = shared.home.clone();
    let second = world.person_called(Kind::Twin, given, first.is_woman, &shared.name, home, random);
    let mut second = shared.with_landline(second, random);
    second.family.clone_from(&first.family);
    second.homes = first.homes.clone();
    if second.given == first.given { vec![first] } else { vec![first, second] }
}

fn roommates(world: &mut World, random: &mut Random) -> Vec<Person> {
    let mut home = world.home(random);
    home.unit = Some(unit(random));
    let landline = random.chance(0.25).then(|| Held::always(world.number(random), Reach::House));
    let people = (0..random.between(2, 4)).map(|_| {
        let origin = world.names.origin(random);
        let shared =
            Family { origin, name: world.names.family(origin, random), home: home.clone(), landline: landline.clone() };
        shared.member(world, Kind::Roommate, &shared.name, random)
    });
    people.collect()
}
