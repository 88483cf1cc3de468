//! What a tool takes: one table, of which both its JSON Schema and the reading of a call are made. Nothing that the
//! table does not name comes through, and nothing longer than it says.

use doorstep_core::id::CustomerId;
use serde_json::{Map, Value, json};

use crate::refusal::Refusal;
use crate::session::Session;

/// How much of a wrong name an answer repeats, in characters.
const MAX_NAME_CHARS: usize = 40;
/// Arguments that a call may have; no tool takes as many.
const MAX_ARGUMENTS: usize = 16;

/// One argument.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    pub name: &'static str,
    pub takes: Takes,
    pub is_required: bool,
    /// Whether it says whom the call is about, or whom somebody is: there is none such for an agent in a channel.
    pub names_somebody: bool,
    /// What belongs there, where the name does not say it.
    pub about: &'static str,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// A text of 1 to that many characters.
    Text(usize),
    /// A whole number from 1 to that.
    UpTo(i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// An argument that may be left out.
pub(super) const fn optional(name: &'static str, takes: Takes) -> Argument {
    Argument { name, takes, is_required: false, names_somebody: false, about: "" }
}

/// An argument that must be there.
pub(super) const fn required(name: &'static str, takes: Takes) -> Argument {
    Argument { is_required: true, ..optional(name, takes) }
}

impl Argument {
    pub(super) const fn about(self, about: &'static str) -> Self {
        Self { about, ..self }
    }

    /// Not for an agent in a channel.
    pub(super) const fn naming(self) -> Self {
        Self { names_somebody: true, ..self }
    }

    fn is_for(&self, session: &Session) -> bool {
        !self.names_somebody || session.names_anybody()
    }

    fn schema(&self) -> Value {
        let mut schema = match self.takes {
            Takes::Text(most) => json!({ "type": "string", "maxLength": most }),
            Takes::UpTo(most) => json!({ "type": "integer", "minimum": 1, "maximum": most }),
            Takes::OneOf(words) => json!({ "enum": words }),
        };
        if let (Value::Object(fields), false) = (&mut schema, self.about.is_empty()) {
            fields.insert("description".to_owned(), json!(self.about));
        }
        schema
    }

    fn check(&self, value: &Value) -> Result<(), Refusal> {
        let name = self.name;
        match (self.takes, value) {
            (Takes::Text(most), Value::String(text)) => {
                let length = text.chars().take(most + 1).count();
                let is_blank = text.trim().is_empty();
                if is_blank || length > most {
                    return Err(Refusal::arguments(format!("`{name}` must have 1 to {most} characters.")));
                }
                if text.contains('\0') {
                    return Err(Refusal::arguments(format!("`{name}` holds a NUL character: leave it out.")));
                }
                Ok(())
            }
            (Takes::Text(_), _) => Err(Refusal::arguments(format!("`{name}` must be a text."))),
            (Takes::UpTo(most), value) => match value.as_i64() {
                Some(number) if (1..=most).contains(&number) => Ok(()),
                _ => Err(Refusal::arguments(format!("`{name}` must be a whole number from 1 to {most}."))),
            },
            (Takes::OneOf(words), value) => match value.as_str() {
                Some(word) if words.contains(&word) => Ok(()),
                _ => Err(Refusal::arguments(format!("`{name}` must be one of {}.", words.join(", ")))),
            },
        }
    }
}

/// The JSON Schema (2020-12) of these arguments, for a session.
pub(super) fn schema(arguments: &[Argument], session: &Session) -> Map<String, Value> {
    let mine = || arguments.iter().filter(|argument| argument.is_for(session));
    let properties: Map<String, Value> = mine().map(|one| (one.name.to_owned(), one.schema())).collect();
    let required: Vec<&str> = mine().filter(|one| one.is_required).map(|one| one.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

/// What a call said, which fits its tool's table.
pub(super) struct Said<'a>(&'a Map<String, Value>);

impl<'a> Said<'a> {
    /// Reads the arguments of a call; refuses what the table does not name for this session.
    pub(super) fn read(
        arguments: &'static [Argument],
        session: &Session,
        said: &'a Map<String, Value>,
    ) -> Result<Self, Refusal> {
        if said.len() > MAX_ARGUMENTS {
            return Err(Refusal::arguments(format!("No tool takes more than {MAX_ARGUMENTS} arguments.")));
        }
        for (name, value) in said {
            let Some(argument) = arguments.iter().find(|argument| argument.name == name) else {
                return Err(unknown(arguments, session, name));
            };
            if !argument.is_for(session) {
                return Err(Refusal::arguments(format!(
                    "`{name}` is not taken here: this session talks to one person, and calls are about them. Leave it out."
                )));
            }
            argument.check(value)?;
        }
        let missing =
            arguments.iter().find(|one| one.is_required && one.is_for(session) && !said.contains_key(one.name));
        match missing {
            Some(missing) => Err(Refusal::arguments(format!("`{}` is missing.", missing.name))),
            None => Ok(Self(said)),
        }
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// The text of an argument that the table requires.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.text(name).ok_or_else(|| Refusal::arguments(format!("`{name}` is missing.")))
    }

    /// A customer's id, if the call names one.
    pub(super) fn customer(&self, name: &str) -> Result<Option<CustomerId>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let wrong = |_| {
            Refusal::arguments(format!(
                "`{name}` must be the id of a customer, such as `cus_01h455vb4pex5vsknk084sn02q`."
            ))
        };
        text.trim().parse().map(Some).map_err(wrong)
    }
}

fn unknown(arguments: &[Argument], session: &Session, name: &str) -> Refusal {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    let known: Vec<&str> = arguments.iter().filter(|one| one.is_for(session)).map(|one| one.name).collect();
    let known = if known.is_empty() { "no arguments".to_owned() } else { known.join(", ") };
    Refusal::arguments(format!("`{shown}` is not an argument of this tool, which takes {known}."))
}

#[cfg(test)]
mod tests {
    use doorstep_core::tenant::{Actor, Role};
    use doorstep_core::{Scope, TenantId};
    use proptest::prelude::*;

    use super::*;
    use crate::tool::ALL;

    fn session(role: Role) -> Session {
        Session::of_nobody(Scope::new(TenantId::from_number(1), Actor::Worker, role))
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,300}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map("[a-z_]{1,8}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn any_name() -> impl Strategy<Value = String> {
        let known: Vec<String> = ALL.iter().flat_map(|tool| tool.arguments).map(|one| one.name.to_owned()).collect();
        prop_oneof![3 => prop::sample::select(known), 1 => ".{0,60}"]
    }

    proptest! {
        /// What is let through is what the schema names, of the kind and the length that it says.
        #[test]
        fn what_is_read_fits_the_schema(
            fields in prop::collection::hash_map(any_name(), any_json(), 0..6),
            is_agent in any::<bool>(),
        ) {
            let said: Map<String, Value> = fields.into_iter().collect();
            let session = session(if is_agent { Role::Agent } else { Role::Staff });
            for tool in ALL {
                let schema = tool.input_schema(&session);
                let Ok(read) = Said::read(tool.arguments, &session, &said) else { continue };
                for (name, value) in read.0 {
                    let one = &schema["properties"][name];
                    let fits = match (one["enum"].as_array(), one["type"].as_str()) {
                        (Some(words), _) => words.contains(value),
                        (None, Some("integer")) => value.as_i64().is_some_and(|it| it >= 1 && it <= one["maximum"].as_i64().unwrap()),
                        (None, Some("string")) => value.as_str().is_some_and(|it| it.chars().count() as u64 <= one["maxLength"].as_u64().unwrap()),
                        _ => false,
                    };
                    prop_assert!(fits, "{} {name}: {value} {one}", tool.name);
                }
            }
        }
    }

    #[test]
    fn what_names_somebody_is_not_there_for_an_agent_in_a_channel() {
        let (office, agent) = (session(Role::Staff), session(Role::Agent));
        for tool in ALL.iter().filter(|tool| tool.is_for_channels) {
            let names = |session| {
                tool.input_schema(session)["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
            };
            for name in ["customer_id", "web_user"] {
                assert!(!names(&agent).contains(&name.to_owned()), "{}: {name}", tool.name);
            }
            assert!(names(&agent).iter().all(|name| names(&office).contains(name)), "{}", tool.name);
        }
    }
}
