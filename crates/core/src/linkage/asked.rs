//! Which pairs of a set are looked at: all, or what matters for a few.

/// Which pairs are looked at; by place, where it is not all.
#[derive(Debug, Default, Clone)]
pub enum Asked {
    /// All that share a key.
    #[default]
    All,
    /// Those of which one is among these.
    Within(Vec<bool>),
    /// Those of one of these with one who is not inside.
    Reach {
        /// From whom.
        from: Vec<bool>,
        /// Who is inside: these, and others from whom nobody more is reached.
        inside: Vec<bool>,
    },
}

impl Asked {
    /// By place, those of whom each pair that is looked at has one, where they are few beside all.
    pub(super) fn few(&self) -> Option<&[bool]> {
        /// One in so many; of more, going through all costs no more than asking for theirs.
        const FEW: usize = 4;
        let of = match self {
            Self::All => return None,
            Self::Within(within) => within,
            Self::Reach { from, .. } => from,
        };
        (of.iter().filter(|is_one| **is_one).count() * FEW < of.len()).then_some(of)
    }

    pub(super) fn is_pair(&self, a: u32, b: u32) -> bool {
        let (a, b) = (a as usize, b as usize);
        match self {
            Self::All => true,
            Self::Within(within) => within[a] || within[b],
            Self::Reach { from, inside } => from[a] && !inside[b] || from[b] && !inside[a],
        }
    }

    /// Whether any pair of these is.
    pub(super) fn is_any(&self, mut places: impl Iterator<Item = u32> + Clone) -> bool {
        match self {
            Self::All => true,
            Self::Within(within) => places.any(|place| within[place as usize]),
            Self::Reach { from, inside } => {
                places.clone().any(|place| from[place as usize]) && places.any(|place| !inside[place as usize])
            }
        }
    }
}
