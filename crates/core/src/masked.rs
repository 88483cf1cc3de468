//! `Debug` that tells nothing of what people are or say: it ends up in logs and in the texts of panics.

/// `Debug` for a type that holds something personal: shows these fields (ids, counts, instants, words of closed sets)
/// and says that there are more.
#[macro_export]
macro_rules! masked_debug {
    ($type:ty: $($field:ident),* $(,)?) => {
        impl ::std::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($type))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    };
}
