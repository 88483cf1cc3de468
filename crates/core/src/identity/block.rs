//! Blocks: the records that share one identifier. Only records of one block are ever compared.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::contact::ContactRecord;
use crate::identifier::{Identifier, IdentifierKind};
use crate::matching::{Rules, is_blank_source_key};

use super::HUB_LIMIT;

/// The records that share one identifier; at least two.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Which kind.
    pub kind: IdentifierKind,
    /// The identifier as its oldest record says it.
    pub said: &'a str,
    /// Places of the records, oldest first, each once.
    pub records: Vec<u32>,
}

/// The blocks that can prove something, in the order of their oldest records.
///
/// A phone or e-mail address of more than [`HUB_LIMIT`] upstream objects is an office line or a placeholder that
/// our table does not know, and is left out; a source key never is, for it names one object of one source.
pub(super) fn blocks<'a>(records: &[&'a ContactRecord], rules: &Rules, hubs: &BTreeSet<Identifier>) -> Vec<Block<'a>> {
    let mut numbers: HashMap<Identifier, usize> = HashMap::with_capacity(records.len() * 2);
    let mut blocks: Vec<Block<'a>> = Vec::with_capacity(records.len() * 2);
    for (place, record) in records.iter().enumerate() {
        for (key, said) in rules.identifying_as_said(record) {
            if hubs.contains(&key) {
                continue;
            }
            let kind = key.kind;
            let number = *numbers.entry(key).or_insert(blocks.len());
            if number == blocks.len() {
                blocks.push(Block { kind, said, records: vec![] });
            }
            blocks[number].records.push(place as u32);
        }
    }
    blocks.retain(|block| block.records.len() > 1 && !is_hub(block, records));
    blocks
}

/// Whether more upstream objects than [`HUB_LIMIT`] share the identifier. An object said again in many versions
/// counts once; without a key nobody knows, so each such record counts.
fn is_hub(block: &Block<'_>, records: &[&ContactRecord]) -> bool {
    if block.kind == IdentifierKind::SourceKey || block.records.len() <= HUB_LIMIT {
        return false;
    }
    if crate::planted!("hub-limit-is-ignored") {
        return false;
    }
    let keys = block.records.iter().map(|place| records[*place as usize].source_key.as_str());
    let (blank, keyed): (Vec<&str>, Vec<&str>) = keys.partition(|key| is_blank_source_key(key));
    blank.len() + keyed.into_iter().collect::<HashSet<_>>().len() > HUB_LIMIT
}
