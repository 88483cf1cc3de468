//! Rows of one kind with the order in which they changed: what lists and export feeds are read from.

use crate::stamp::Stamp;

/// What every row has.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    /// Its number; rows of different kinds never share one, so that mixing kinds up is noticed.
    pub id: i64,
    /// When it was made.
    pub created: Stamp,
    /// When it was last changed.
    pub modified: Stamp,
    /// False for what was deactivated, merged away or deleted softly.
    pub active: bool,
    /// Deleted without a trace: no list, no feed and no look-up knows it any more.
    pub gone: bool,
    /// The place of its last change in the table's order of changes.
    change: u64,
}

impl Head {
    /// Of a row that is made at `created` and not changed since.
    pub fn new(id: i64, created: Stamp) -> Self {
        Self { id, created, modified: created, active: true, gone: false, change: 0 }
    }
}

/// A row.
pub trait Row {
    /// What it has in common with all others.
    fn head(&self) -> &Head;
    /// The same, to be changed.
    fn head_mut(&mut self) -> &mut Head;
}

#[derive(Debug, Clone, Copy)]
struct Change {
    number: u64,
    index: u32,
}

/// Rows in the order of their ids.
#[derive(Debug)]
pub struct Table<R> {
    rows: Vec<R>,
    /// One entry a change; an entry whose row has changed since is passed over.
    changes: Vec<Change>,
    next_change: u64,
    next_id: i64,
}

impl<R: Row> Table<R> {
    /// An empty table whose rows are numbered from `first`.
    pub fn new(first: i64) -> Self {
        Self { rows: Vec::new(), changes: Vec::new(), next_change: 1, next_id: first }
    }

    /// A number that no row has had.
    pub fn reserve_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Puts a row with a reserved number in, before [`Self::order`] is called.
    pub fn seed(&mut self, row: R) {
        self.rows.push(row);
    }

    /// Changes rows that are being seeded, the newest first until one does not fit: what belongs together was just made.
    pub fn reseed(&mut self, fits: impl Fn(&R) -> bool, change: impl Fn(&mut R)) {
        self.rows.iter_mut().rev().take_while(|row| fits(row)).for_each(change);
    }

    /// The numbers of what was seeded.
    pub fn seeded_ids(&self) -> Vec<i64> {
        self.rows.iter().map(|row| row.head().id).collect()
    }

    /// Ends seeding: changes stand in the order of their stamps.
    pub fn order(&mut self) {
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.sort_by_key(|index| self.rows[*index as usize].head().modified);
        for index in order {
            self.changed(index);
        }
    }

    /// Adds a row with a reserved number; numbers may come in any order.
    pub fn add(&mut self, row: R) {
        let id = row.head().id;
        let at = self.rows.partition_point(|it| it.head().id < id);
        let is_last = at == self.rows.len();
        self.rows.insert(at, row);
        if !is_last {
            // A row that came late moved those behind it.
            for change in self.changes.iter_mut().filter(|it| it.index >= at as u32) {
                change.index += 1;
            }
        }
        self.changed(at as u32);
    }

    /// The row with this number.
    pub fn get(&self, id: i64) -> Option<&R> {
        self.index(id).map(|at| &self.rows[at])
    }

    /// All rows in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.iter().filter(|row| !row.head().gone)
    }

    /// The numbers of rows that fit.
    pub fn ids(&self, fits: impl Fn(&R) -> bool) -> Vec<i64> {
        self.iter().filter(|row| fits(row)).map(|row| row.head().id).collect()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// True without any row.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The row at a place among all that were ever made, if it is still there: for picking one at random.
    pub fn nth(&self, place: usize) -> Option<&R> {
        self.rows.get(place).filter(|row| !row.head().gone)
    }

    /// How many rows were ever made.
    pub fn places(&self) -> usize {
        self.rows.len()
    }

    /// Changes a row at a moment; false if there is none. The row's stamp never goes back, also where an edit becomes
    /// visible after a later one: nobody could tell which of the two was the last.
    pub fn touch(&mut self, id: i64, at: Stamp, change: impl FnOnce(&mut R)) -> bool {
        let Some(index) = self.index(id) else { return false };
        let row = &mut self.rows[index];
        change(row);
        row.head_mut().modified = row.head().modified.max(at);
        self.changed(index as u32);
        true
    }

    /// The rows that changed after the change `number`, each once, with the number of its last change.
    pub fn feed(&self, number: u64) -> impl Iterator<Item = (u64, &R)> {
        let from = self.changes.partition_point(|it| it.number <= number);
        self.changes[from..].iter().filter_map(|change| {
            let row = &self.rows[change.index as usize];
            (row.head().change == change.number && !row.head().gone).then_some((change.number, row))
        })
    }

    fn index(&self, id: i64) -> Option<usize> {
        let at = self.rows.binary_search_by_key(&id, |row| row.head().id).ok()?;
        (!self.rows[at].head().gone).then_some(at)
    }

    fn changed(&mut self, index: u32) {
        let number = self.next_change;
        self.next_change += 1;
        self.rows[index as usize].head_mut().change = number;
        self.changes.push(Change { number, index });
        // Twice as many entries as rows is what passing over stale ones may cost.
        if self.changes.len() > self.rows.len() * 2 + 1024 {
            let rows = &self.rows;
            self.changes.retain(|it| rows[it.index as usize].head().change == it.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Plain(Head);

    impl Row for Plain {
        fn head(&self) -> &Head {
            &self.0
        }

        fn head_mut(&mut self) -> &mut Head {
            &mut self.0
        }
    }

    fn ids(table: &Table<Plain>, after: u64) -> Vec<i64> {
        table.feed(after).map(|(_, row)| row.0.id).collect()
    }

    #[test]
    fn a_feed_tells_each_row_once_in_the_order_of_last_changes() {
        let mut table = Table::new(10);
        for _ in 0..4 {
            let id = table.reserve_id();
            table.add(Plain(Head::new(id, Stamp(id))));
        }
        table.touch(11, Stamp(50), |_| {});
        assert_eq!(ids(&table, 0), [10, 12, 13, 11]);
        let seen = table.feed(0).nth(1).unwrap().0;
        table.touch(10, Stamp(60), |_| {});
        assert_eq!(ids(&table, seen), [13, 11, 10]);
        // However often a row changes, the order of the others stays, and the list of changes bounded.
        for at in 0..5000 {
            table.touch(12, Stamp(at), |_| {});
        }
        assert_eq!(ids(&table, seen), [13, 11, 10, 12]);
        assert!(table.changes.len() < 2000);
    }

    #[test]
    fn a_row_that_comes_late_keeps_its_place_by_number() {
        let mut table = Table::new(1);
        let late = table.reserve_id();
        let early = table.reserve_id();
        table.add(Plain(Head::new(early, Stamp(2))));
        table.add(Plain(Head::new(late, Stamp(1))));
        assert_eq!(table.iter().map(|row| row.0.id).collect::<Vec<_>>(), [late, early]);
        assert_eq!(ids(&table, 0), [early, late]);
        table.touch(late, Stamp(3), |row| row.0.gone = true);
        assert!(table.get(late).is_none());
        assert_eq!(ids(&table, 0), [early]);
    }
}
