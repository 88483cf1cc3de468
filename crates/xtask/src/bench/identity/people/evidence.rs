//! What a judge who knows everything about the world, but sees only the records, could still not tell.
//!
//! Two records of one person are *evidently* so if they share what is that person's alone, or a name together with a
//! place or a number that nobody of the same name shares. Records hang together by such pairs; pairs that do not are
//! lost even to a perfect judge, who keeps apart what nothing joins. The judge knows which numbers are whose, which no
//! real one does: so the bound is generous.

/// How much of a name a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Nothing.
    None,
    /// A letter.
    Initial,
    /// All of it, or a short form.
    Whole,
}

/// What a record says that can be recognised in another, each as a number.
#[derive(Debug, Clone)]
pub struct Signs {
    /// Numbers and e-mail addresses of this person alone, rightly written.
    pub own: Vec<u64>,
    /// Those of a few who live together.
    pub house: Vec<u64>,
    /// Those of many.
    pub wide: Vec<u64>,
    /// The given name.
    pub given: Part,
    /// The family name, and which (it may change).
    pub family: Option<u64>,
    /// The suffix is there.
    pub has_suffix: bool,
    /// Street and house number.
    pub address: Option<u64>,
    /// The post code, where it is written.
    pub zip: Option<u64>,
    /// The company.
    pub company: Option<u64>,
}

/// What is known of the person for all records alike.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Another of the group has the same name.
    pub has_double: bool,
    /// The name is rare enough to be a proof by itself.
    pub is_rare: bool,
    /// Of a household or a firm, where a given name with the shared line or the company tells who it is.
    pub is_of_few: bool,
    /// A business itself: company and line are all there is.
    pub is_company: bool,
}

fn share(a: &[u64], b: &[u64]) -> bool {
    a.iter().any(|it| b.contains(it))
}

fn same(a: Option<u64>, b: Option<u64>) -> bool {
    a.is_some() && a == b
}

impl Signs {
    /// Whether the two are evidently one person's.
    fn is_evident(&self, other: &Self, about: About) -> bool {
        if share(&self.own, &other.own) {
            return true;
        }
        let at_one_place = same(self.address, other.address) || share(&self.house, &other.house);
        let at_one_trade = share(&self.wide, &other.wide) || same(self.company, other.company);
        if about.is_company {
            return at_one_trade;
        }
        if about.has_double && !(self.has_suffix && other.has_suffix) {
            return false;
        }
        let given = self.given.min(other.given);
        let is_one_family = same(self.family, other.family);
        let by_name = is_one_family && given == Part::Whole && (at_one_place || at_one_trade);
        // A few hundred people share a post code: two of one full name are next to never among them, but for those
        // whom we put there on purpose.
        let by_full_name = is_one_family && given == Part::Whole && (about.is_rare || same(self.zip, other.zip));
        let by_initial = is_one_family && given == Part::Initial && at_one_place;
        let at_one_desk = at_one_place || same(self.company, other.company);
        let by_given_name = about.is_of_few && given == Part::Whole && at_one_desk;
        // A changed family name: the place and the given name stay.
        let by_place = given == Part::Whole && same(self.address, other.address) && !about.has_double;
        by_name || by_full_name || by_initial || by_given_name || by_place
    }
}

/// The pairs of a person's records, and those of them that the evidence joins.
pub fn pairs(records: &[Signs], about: About) -> (u64, u64) {
    let mut part: Vec<usize> = (0..records.len()).collect();
    for a in 0..records.len() {
        for b in 0..a {
            if part[a] != part[b] && records[a].is_evident(&records[b], about) {
                let (from, to) = (part[a], part[b]);
                part.iter_mut().filter(|it| **it == from).for_each(|it| *it = to);
            }
        }
    }
    let two = |n: u64| n * n.saturating_sub(1) / 2;
    let joined = (0..records.len()).map(|it| two(part.iter().filter(|own| **own == it).count() as u64)).sum();
    (two(records.len() as u64), joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signs(own: &[u64], given: Part, family: Option<u64>, address: Option<u64>) -> Signs {
        let (own, zip) = (own.to_vec(), address);
        Signs { own, house: vec![], wide: vec![], given, family, has_suffix: false, address, zip, company: None }
    }

    #[test]
    fn records_hang_together_by_what_is_evident() {
        let about = About { has_double: false, is_rare: false, is_of_few: false, is_company: false };
        let nameless = signs(&[1], Part::None, None, None);
        let full = signs(&[1, 2], Part::Whole, Some(7), Some(9));
        let elsewhere = signs(&[], Part::Whole, Some(7), Some(8));
        let there = signs(&[], Part::Whole, Some(7), Some(9));
        let all = [nameless, full, elsewhere, there.clone()];
        assert_eq!(pairs(&all, about), (6, 3), "nameless, full and there");
        assert_eq!(pairs(&all, About { has_double: true, ..about }), (6, 1), "by the number alone");
        assert_eq!(pairs(&[there], about), (0, 0));
    }
}
