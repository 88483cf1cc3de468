//! A store with an engine, and archives to bring in.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorstep_core::contact::Contact;
use doorstep_core::id::{CustomerId, ImportId};
use doorstep_core::name::Name;
use doorstep_core::phone::{Phone, Region};
use doorstep_core::{IdMaker, Scope};
use doorstep_engine::import::{Applied, NewImport};
use doorstep_engine::task::Tasks;
use doorstep_engine::worker::Worker;
use doorstep_engine::{Engine, Result};
use doorstep_store::import::Stored;
use doorstep_store::testing::TestStore;

pub struct House {
    pub store: TestStore,
    pub engine: Engine,
}

impl House {
    pub fn new(store: TestStore) -> Self {
        let spool = store.dir.path().join("imports");
        let engine = Engine::new(store.db.clone(), Arc::new(IdMaker::seeded(7)), spool);
        Self { store, engine }
    }

    pub fn scope(&self) -> Scope {
        self.store.scope()
    }

    pub async fn plan(&self, file: &Path) -> Result<Stored> {
        let new = NewImport {
            file,
            file_name: "history.zip".to_owned(),
            notes: None,
            aliases: BTreeMap::new(),
            limits: Default::default(),
        };
        self.engine.plan_import(&self.scope(), &new, &|_| {}).await
    }

    pub async fn settle(&self) {
        Worker::new(self.engine.clone(), Tasks).run_due().await.unwrap();
    }

    pub async fn apply(&self, id: ImportId) {
        assert_eq!(self.engine.apply_import(&self.scope(), id, &|_| {}).await.unwrap(), Applied::Started);
        self.settle().await;
    }

    pub async fn import(&self, files: &[(&str, &str)]) -> Stored {
        let planned = self.plan(&self.archive(files)).await.unwrap();
        self.apply(planned.import.id).await;
        let stored = self.engine.import(&self.scope(), planned.import.id).await.unwrap();
        assert_eq!(stored.import.state.as_str(), "applied", "{:?}", self.tasks().await);
        stored
    }

    pub async fn undo(&self, id: ImportId) {
        self.engine.undo_import(&self.scope(), id).await.unwrap();
        self.settle().await;
    }

    pub async fn tasks(&self) -> Vec<doorstep_store::task::Task> {
        let mut tx = self.store.db.read(&self.scope()).await.unwrap();
        doorstep_store::task::list(&mut tx, 10).await.unwrap()
    }

    /// Writes an archive into the store's directory.
    pub fn archive(&self, files: &[(&str, &str)]) -> PathBuf {
        let path = self.store.dir.path().join("history.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (name, text) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    /// Everything that the tenant's customers show, ids left out: equal for equal hubs.
    pub async fn picture(&self) -> Vec<String> {
        let mut tx = self.store.db.read(&self.scope()).await.unwrap();
        let listed = doorstep_store::customer::list(&mut tx, None, 10_000).await.unwrap();
        drop(tx);
        let mut picture = Vec::new();
        for customer in listed {
            picture.push(self.card(customer.id).await);
        }
        picture.sort();
        picture
    }

    pub async fn card(&self, id: CustomerId) -> String {
        let card = self.engine.card(&self.scope(), id, 100, 100).await.unwrap().unwrap();
        let identities: Vec<&str> =
            card.customer.identities.iter().map(|identity| identity.identifier.value.as_str()).collect();
        let mut text = format!("{} [{}]", card.customer.display_name, identities.join(" "));
        for conversation in &card.conversations {
            let bodies: Vec<&str> = conversation.messages.iter().map(|message| message.body.as_str()).collect();
            text.push_str(&format!(" | {}: {}", conversation.conversation.message_count, bodies.join(" / ")));
        }
        for call in &card.calls {
            text.push_str(&format!(" | call {}", call.started_at));
        }
        text
    }

    pub async fn assert_rebuilt_the_same(&self) {
        let rebuilt = self.engine.rebuild(&self.scope(), true, |_| {}).await.unwrap();
        assert_eq!(rebuilt.different, 0, "{rebuilt:?}");
    }
}

pub fn contact(name: Option<&str>, phone: &str) -> Contact {
    Contact {
        name: name.and_then(Name::parse),
        phones: vec![Phone::parse(phone, Region::US).unwrap()],
        ..Contact::default()
    }
}
