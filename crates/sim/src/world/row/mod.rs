//! The rows of a tenant, compact: a hundred thousand customers with their jobs stand in memory, their JSON is made
//! when somebody asks.

mod customer;
mod trade;
mod work;

pub use customer::{Address, Contact, ContactKind, Customer, CustomerKind, Location, Note, OptOut, Place};
pub use trade::{Equipment, Membership, MembershipStatus, MembershipType, TagType, Technician};
pub use work::{Appointment, AppointmentStatus, Assignment, Job, JobStatus, JobType, Priority};

/// Gives rows their head, and enums the words that ServiceTitan has for them.
macro_rules! rows {
    ($($row:ident),*) => { $(
        impl crate::world::table::Row for $row {
            fn head(&self) -> &crate::world::table::Head {
                &self.head
            }

            fn head_mut(&mut self) -> &mut crate::world::table::Head {
                &mut self.head
            }
        }
    )* };
}

/// An enum whose variants are written as their names, as ServiceTitan writes its own.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$meaning])* $variant),* }

        impl $name {
            /// As it is written.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant)),* }
            }
        }
    };
}

pub(crate) use {rows, words};
