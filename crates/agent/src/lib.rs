//! Answers somebody waits for: the one list of tools that an agent has, whether it is reached over MCP, chat, text or
//! telephone, and the session that says whom a call is about.
//!
//! A door (MCP is one) makes a [`Session`] of what its caller showed, shows what [`tool::available`] lists, and hands
//! calls to [`tool::call`]. What a model writes is arguments and nothing else: it never says who asks, nor, where it
//! talks to one person, who that is (I-15). What this crate never does: SQL, HTTP, rules about people.

pub mod reference;
pub mod refusal;
pub mod session;
pub mod tool;

pub use refusal::Refusal;
pub use session::Session;
