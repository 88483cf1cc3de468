//! A section of settings: a struct whose doc comments are also the reference page.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use doorstep_core::time::parse_length;

use super::Origin;
use crate::failure::Failure;

/// A table of the file.
#[derive(Debug, Clone, Copy)]
pub struct Section {
    /// `database` of `[database]`.
    pub name: &'static str,
    /// What it is about, a line each.
    pub docs: &'static [&'static str],
    /// Its keys.
    pub keys: &'static [Key],
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name in the section.
    pub name: &'static str,
    /// What it means, a line each.
    pub docs: &'static [&'static str],
    /// The variable that sets it.
    pub variable: &'static str,
    /// The flag that sets it; empty if none does.
    pub flag: &'static str,
    /// Its value if nobody says anything.
    pub default: Option<&'static str>,
    /// The default in words, where it depends on the machine.
    pub default_words: &'static str,
    /// Holds a password.
    pub is_secret: bool,
    /// The variables that may name a file with the value in it, the one to recommend first.
    pub file_variables: &'static [&'static str],
}

impl Key {
    /// A setting that this variable sets.
    pub const fn of(variable: &'static str) -> Self {
        Self {
            name: "",
            docs: &[],
            variable,
            flag: "",
            default: None,
            default_words: "none",
            is_secret: false,
            file_variables: &[],
        }
    }

    /// Also set by this flag.
    pub const fn flag(self, flag: &'static str) -> Self {
        Self { flag, ..self }
    }

    /// With this default.
    pub const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), default_words: default, ..self }
    }

    /// With a default that depends on the machine.
    pub const fn default_in_words(self, words: &'static str) -> Self {
        Self { default_words: words, ..self }
    }

    /// Shown with its password masked, and also read from a file that one of these variables names.
    pub const fn secret(self, file_variables: &'static [&'static str]) -> Self {
        Self { is_secret: true, file_variables, ..self }
    }

    /// Every variable that sets it.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.variable).chain(self.file_variables.iter().copied())
    }
}

/// Declares a section: the struct, its keys, and how it is read.
macro_rules! section {
    (
        $(#[doc = $doc:literal])+
        $name:ident in $table:literal {
            $( $(#[doc = $key_doc:literal])+ $field:ident: $kind:ty = $key:expr; )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone)]
        pub struct $name {
            $( $(#[doc = $key_doc])+ pub $field: $kind, )+
        }

        impl $name {
            /// Its description.
            pub const SECTION: $crate::config::Section = $crate::config::Section {
                name: $table,
                docs: &[$($doc),+],
                keys: &[$( $crate::config::Key { name: stringify!($field), docs: &[$($key_doc),+], ..$key } ),+],
            };

            pub(super) fn read(values: &super::section::Values) -> Result<Self, $crate::failure::Failure> {
                Ok(Self { $( $field: values.read($table, stringify!($field))? ),+ })
            }
        }
    };
}
pub(super) use section;

/// A value and who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// As text.
    pub text: String,
    /// Who said it.
    pub origin: Origin,
}

/// Every value that somebody said, by section and key.
#[derive(Clone, Default)]
pub struct Values(BTreeMap<(&'static str, &'static str), Value>);

impl Values {
    /// Says a value; what was said before no longer counts.
    pub fn put(&mut self, section: &'static Section, key: &'static Key, text: String, origin: Origin) {
        self.0.insert((section.name, key.name), Value { text, origin });
    }

    /// What was said last.
    pub fn get(&self, section: &str, key: &str) -> Option<&Value> {
        self.0.iter().find(|((of, name), _)| *of == section && *name == key).map(|(_, value)| value)
    }

    pub(super) fn read<T: Setting>(&self, section: &str, key: &str) -> Result<T, Failure> {
        let value = self.get(section, key);
        T::read(value.map(|value| value.text.as_str())).ok_or_else(|| match value {
            Some(Value { text, origin }) => {
                Failure::refused(format!("`{section}.{key}` cannot be `{text}` ({origin}): it must be {}", T::WANTED))
            }
            None => Failure::refused(format!("`{section}.{key}` is not set")),
        })
    }
}

/// A kind of value.
pub trait Setting: Sized {
    /// What it must be, in words.
    const WANTED: &'static str;

    /// Reads it; `None` if it cannot be one.
    fn read(text: Option<&str>) -> Option<Self>;
}

impl Setting for String {
    const WANTED: &'static str = "a text";

    fn read(text: Option<&str>) -> Option<Self> {
        text.map(str::to_owned)
    }
}

impl Setting for PathBuf {
    const WANTED: &'static str = "a path";

    fn read(text: Option<&str>) -> Option<Self> {
        text.filter(|text| !text.is_empty()).map(Self::from)
    }
}

impl Setting for u64 {
    const WANTED: &'static str = "a whole number above zero";

    fn read(text: Option<&str>) -> Option<Self> {
        text?.trim().parse().ok().filter(|number| *number > 0)
    }
}

impl Setting for Duration {
    const WANTED: &'static str = "a length of time like `14 days` or `36h`, or a number of days";

    fn read(text: Option<&str>) -> Option<Self> {
        parse_length(text?)
    }
}

impl<T: Setting> Setting for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn read(text: Option<&str>) -> Option<Self> {
        match text {
            None => Some(None),
            Some(_) => T::read(text).map(Some),
        }
    }
}
