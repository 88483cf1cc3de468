//! Figures of evidence as people read them.

use crate::linkage::Story;

/// How sure a share of odds is, for people.
pub fn how_sure(probability: f32) -> &'static str {
    match probability {
        0.99.. => "almost surely one",
        0.85.. => "very probably one",
        0.6.. => "rather one than two",
        0.4.. => "could be either",
        0.15.. => "rather two than one",
        0.01.. => "very probably two",
        _ => "almost surely two",
    }
}

/// A share of odds as people read it, `93 %`: never quite all or nothing.
pub fn percent(probability: f32) -> String {
    match probability * 100.0 {
        ..1.0 => "less than 1 %".to_owned(),
        99.0.. => "more than 99 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// How much a piece of evidence weighs, for people.
pub fn how_much(bits: f32) -> &'static str {
    match bits {
        -0.25..0.25 => "says nothing either way",
        8.0.. => "speaks very strongly for one",
        4.0.. => "speaks strongly for one",
        1.5.. => "speaks for one",
        0.0.. => "speaks a little for one",
        -1.5.. => "speaks a little for two",
        -4.0.. => "speaks for two",
        -8.0.. => "speaks strongly for two",
        _ => "speaks very strongly for two",
    }
}

/// A way of being two people, for people.
pub fn other_words(story: Story) -> &'static str {
    match story {
        Story::Same | Story::Strangers => "two strangers",
        Story::Household => "two of one household",
        Story::Line => "two who share a line",
    }
}
