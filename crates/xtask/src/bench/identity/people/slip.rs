//! How people get a text wrong.

use super::random::Random;

/// Keys beside each other.
const KEYS: &[(char, &str)] = &[
    ('a', "sqz"),
    ('b', "vgn"),
    ('c', "xdv"),
    ('d', "sfe"),
    ('e', "wrd"),
    ('f', "dgr"),
    ('g', "fht"),
    ('h', "gjy"),
    ('i', "uok"),
    ('j', "hku"),
    ('k', "jli"),
    ('l', "ko"),
    ('m', "n"),
    ('n', "bm"),
    ('o', "ipl"),
    ('p', "o"),
    ('q', "wa"),
    ('r', "et"),
    ('s', "adw"),
    ('t', "ry"),
    ('u', "yi"),
    ('v', "cb"),
    ('w', "qe"),
    ('x', "zc"),
    ('y', "tu"),
    ('z', "xa"),
];
/// Sounds that are written in two ways.
const SOUNDS: &[(&str, &str)] = &[
    ("ph", "f"),
    ("ck", "k"),
    ("ie", "ei"),
    ("ei", "ie"),
    ("ll", "l"),
    ("tt", "t"),
    ("nn", "n"),
    ("ss", "s"),
    ("th", "t"),
    ("sch", "sh"),
    ("wr", "r"),
    ("ey", "y"),
    ("son", "sen"),
    ("mann", "man"),
    ("ai", "ay"),
    ("ow", "au"),
    ("z", "s"),
    ("c", "k"),
    ("y", "i"),
    ("er", "ar"),
    ("ea", "ee"),
];
/// What a scanner takes for something else.
const SHAPES: &[(&str, &str)] =
    &[("rn", "m"), ("m", "rn"), ("l", "1"), ("o", "0"), ("i", "l"), ("cl", "d"), ("vv", "w"), ("s", "5")];

/// The text with one mistake: a wrong key, two letters the other way round, one lost, one doubled, a sound written as
/// heard, a letter misread. Too short a text stays.
pub fn slip(text: &str, random: &mut Random) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() < 3 {
        return text.to_owned();
    }
    // The first letter is seldom wrong.
    let at = 1 + random.below(chars.len() - 1);
    let mut out = chars.clone();
    match random.weighted(&[24.0, 20.0, 20.0, 10.0, 20.0, 6.0]) {
        0 => {
            let beside = KEYS.iter().find(|(key, _)| *key == chars[at].to_ascii_lowercase());
            if let Some((_, beside)) = beside {
                let beside: Vec<char> = beside.chars().collect();
                out[at] = *random.pick(&beside);
            }
        }
        1 => out.swap(at - usize::from(at + 1 == chars.len()), (at + 1).min(chars.len() - 1)),
        2 => {
            out.remove(at);
        }
        3 => out.insert(at, chars[at]),
        4 => return replaced(text, SOUNDS, random),
        _ => return replaced(text, SHAPES, random),
    }
    out.into_iter().collect()
}

fn replaced(text: &str, pairs: &[(&str, &str)], random: &mut Random) -> String {
    let fits: Vec<_> = pairs.iter().filter(|(from, _)| text.get(1..).is_some_and(|rest| rest.contains(from))).collect();
    if fits.is_empty() {
        let mut chars: Vec<char> = text.chars().collect();
        chars.pop();
        return chars.into_iter().collect();
    }
    let (from, to) = random.pick(&fits);
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{first}{}", rest.replacen(from, to, 1))
}

/// Ten digits with one wrong or two the other way round.
pub fn digits(text: &str, random: &mut Random) -> String {
    let mut bytes = text.as_bytes().to_vec();
    // The area code is what people know.
    let at = random.between(3, bytes.len() - 1);
    if random.chance(0.5) && at + 1 < bytes.len() && bytes[at] != bytes[at + 1] {
        bytes.swap(at, at + 1);
    } else {
        bytes[at] = b'0' + (bytes[at] - b'0' + 1 + random.below(9) as u8) % 10;
    }
    if bytes[3] < b'2' {
        bytes[3] = b'2';
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_changes_a_little() {
        let mut random = Random::new(3, 3);
        let mut changed = 0;
        for _ in 0..1_000 {
            let wrong = slip("Katherine", &mut random);
            changed += usize::from(wrong != "Katherine");
            assert!(wrong.starts_with('K') || wrong.len() == 9, "{wrong}");
            assert!((7..=10).contains(&wrong.len()), "{wrong}");
            let number = digits("6174712000", &mut random);
            assert!(number.len() == 10 && number.starts_with("617"), "{number}");
        }
        assert!(changed > 850, "{changed}");
    }
}
