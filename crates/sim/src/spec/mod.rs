//! The upstream's own documents (OpenAPI 3.0), against which requests and answers are checked.
//!
//! The documents are not part of the project. Whoever has them says where they are; without them nothing is checked.

mod schema;

use std::path::Path;

use serde_json::Value;

use self::schema::Schemas;
use crate::log::Entry;

/// The documents of one upstream.
#[derive(Debug)]
pub struct Specs(Vec<Document>);

#[derive(Debug)]
struct Document {
    /// The path of its server, such as `/crm/v2`.
    base: String,
    json: Value,
}

/// One door of a document: what it says of a path and a method.
struct Door<'a> {
    document: &'a Document,
    operation: &'a Value,
}

impl Specs {
    /// Reads all documents of a folder; none if there is no such folder.
    ///
    /// # Errors
    /// A file cannot be read, or is no document.
    pub fn open(folder: &Path) -> std::io::Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let mut documents = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "json") {
                let json: Value = serde_json::from_slice(&std::fs::read(&path)?)?;
                let server = json["servers"][0]["url"].as_str().unwrap_or_default();
                // The host is one of theirs; the path behind it is what counts.
                let base = server.splitn(4, '/').nth(3).map(|it| format!("/{it}")).unwrap_or_default();
                documents.push(Document { base, json });
            }
        }
        Ok(Some(Self(documents)))
    }

    /// The door that a request fits, or what is wrong.
    fn door(&self, method: &str, path: &str) -> Result<Door<'_>, String> {
        let mut best: Option<(usize, &Document, &Value)> = None;
        for document in &self.0 {
            let Some(rest) = path.strip_prefix(&document.base) else { continue };
            for (template, doors) in document.json["paths"].as_object().into_iter().flatten() {
                if let Some(literals) = fits(template, rest)
                    && best.is_none_or(|(most, ..)| literals > most)
                {
                    best = Some((literals, document, doors));
                }
            }
        }
        let (_, document, doors) = best.ok_or_else(|| format!("{method} {path}: no such path"))?;
        match &doors[method.to_lowercase()] {
            Value::Null => Err(format!("{method} {path}: no such method")),
            operation => Ok(Door { document, operation }),
        }
    }

    /// What is wrong with a request; empty if it is as documented.
    pub fn request(&self, entry: &Entry) -> Vec<String> {
        let door = match self.door(&entry.method, &entry.path) {
            Ok(door) => door,
            Err(wrong) => return vec![wrong],
        };
        let named = format!("{} {}", entry.method, entry.path);
        let mut wrong = Vec::new();
        let asked: Vec<(String, String)> = serde_urlencoded::from_str(&entry.query).unwrap_or_default();
        let known: Vec<&Value> = door.operation["parameters"].as_array().into_iter().flatten().collect();
        for (name, text) in &asked {
            match known.iter().find(|it| it["in"] == "query" && it["name"] == name.as_str()) {
                None => wrong.push(format!("{named}: no such parameter `{name}`")),
                Some(it) if !schema::parameter(&it["schema"], text) => {
                    wrong.push(format!("{named}: `{text}` is not what `{name}` takes"));
                }
                Some(_) => {}
            }
        }
        for it in known.iter().filter(|it| it["in"] == "query" && it["required"] == true) {
            if !asked.iter().any(|(name, _)| it["name"] == name.as_str()) {
                wrong.push(format!("{named}: `{}` is required", it["name"]));
            }
        }
        let schema = &door.operation["requestBody"]["content"]["application/json"]["schema"];
        match (&entry.body, schema) {
            (Some(_), Value::Null) => wrong.push(format!("{named}: takes no body")),
            (None, Value::Object(_)) => wrong.push(format!("{named}: a body is missing")),
            (None, _) => {}
            (Some(body), schema) => {
                Schemas { document: &door.document.json }.check(schema, body, &format!("{named} body"), &mut wrong);
            }
        }
        wrong
    }

    /// What is wrong with an answer; empty if it is as documented.
    pub fn answer(&self, method: &str, path: &str, status: u16, body: &Value) -> Vec<String> {
        let door = match self.door(method, path) {
            Ok(door) => door,
            Err(wrong) => return vec![wrong],
        };
        let named = format!("{method} {path} {status}");
        let answer = &door.operation["responses"][status.to_string()];
        if answer.is_null() {
            return vec![format!("{named}: no such status")];
        }
        let mut wrong = Vec::new();
        let schema = &answer["content"]["application/json"]["schema"];
        if !schema.is_null() {
            Schemas { document: &door.document.json }.check(schema, body, &named, &mut wrong);
        }
        wrong
    }

    /// What is wrong with any of these requests, each once.
    pub fn requests(&self, entries: &[Entry]) -> Vec<String> {
        let asked = entries.iter().filter(|it| it.path != "/connect/token" && !it.path.starts_with("/_control"));
        let mut wrong: Vec<String> = asked.flat_map(|it| self.request(it)).collect();
        wrong.sort();
        wrong.dedup();
        wrong
    }
}

/// How many segments of a path are a template's own words; none if it does not fit.
fn fits(template: &str, path: &str) -> Option<usize> {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if template.len() != path.len() {
        return None;
    }
    let mut literals = 0;
    for (wanted, said) in template.iter().zip(&path) {
        if wanted == said {
            literals += 1;
        } else if !wanted.starts_with('{') {
            return None;
        }
    }
    Some(literals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_the_template_with_more_words_of_its_own() {
        assert_eq!(fits("/tenant/{t}/customers/{id}", "/tenant/1/customers/contacts"), Some(3));
        assert_eq!(fits("/tenant/{t}/customers/contacts", "/tenant/1/customers/contacts"), Some(4));
        assert_eq!(fits("/tenant/{t}/customers", "/tenant/1/customers/2"), None);
        assert_eq!(fits("/tenant/{t}/jobs", "/tenant/1/customers"), None);
    }

    #[test]
    fn a_folder_that_is_not_there_is_no_error() {
        assert!(Specs::open(Path::new("no such folder")).unwrap().is_none());
    }
}
