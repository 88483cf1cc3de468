//! A dry run that takes a while: the form does not wait for it, and a page shows how far it is.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use doorstep_core::id::ImportId;
use doorstep_core::tenant::Role;
use doorstep_engine::import::{About, Upload};
use doorstep_server::{Limits, Settings};
use doorstep_store::on_both;
use doorstep_store::testing::{TestStore, create_tenant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::JoinHandle;

use super::search::link;
use super::{HTML, check_whole, post, signed_in, token};
use crate::api::imports::{CONTACTS, settle, spooled, zip};
use crate::entry::{cookie, operator, user};
use crate::house::House;
use crate::wire::{Answer, LIMIT, ask, get};

/// A server whose forms wait for nothing.
pub async fn hasty(store: &TestStore) -> House {
    let limits = Limits { plan_patience: Duration::ZERO, ..Limits::default() };
    House::real(store, Settings { limits, ..Settings::default() }).await
}

/// Sends a file by the form.
pub async fn send(house: &House, session: &str, file: &[u8], name: &str, notes: &str) -> Answer {
    let token = token(house, session).await;
    let part = |name: &str, value: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
    };
    let head = format!("--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    let whole =
        [part("csrf_token", &token), part("notes", notes), head.into_bytes(), file.to_vec(), b"\r\n--b--\r\n".to_vec()];
    let kind = "content-type: multipart/form-data; boundary=b";
    ask(house.address, "POST", "/imports", &[HTML, kind, session], &whole.concat()).await
}

/// The page of an import once it is not being read any more.
pub async fn read(house: &House, session: &str, path: &str) -> Answer {
    let ended = async {
        loop {
            let page = get(house.address, path, &[HTML, session]).await;
            if !page.text().contains("It is being read") {
                return page;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, ended).await.expect("it is read to its end")
}

/// A plan that waits at its first step until it is let go, at the latest with its test: it holds a thread meanwhile.
struct Held {
    id: ImportId,
    gate: Arc<Semaphore>,
    work: Option<JoinHandle<()>>,
}

impl Held {
    /// Lets it go on to its end.
    async fn go_on(mut self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS / 2);
        self.work.take().unwrap().await.unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gate.close();
    }
}

async fn held(house: &House, store: &TestStore) -> Held {
    let gate = Arc::new(Semaphore::new(1));
    let scope = operator(store.tenant.id);
    let mut upload: Upload = house.engine.begin_upload(&scope, 1 << 20).await.unwrap();
    upload.write(zip("contacts.csv", CONTACTS)).await.unwrap();
    let (id, engine, steps) = (upload.id(), house.engine.clone(), gate.clone());
    let work = async move {
        let aliases = BTreeMap::new();
        let about = About { file_name: "history.zip", notes: None, aliases: &aliases };
        let tell = |_| {
            tokio::task::block_in_place(|| {
                let step = async { steps.acquire().await.map(SemaphorePermit::forget) };
                let _ = tokio::runtime::Handle::current().block_on(step);
            });
        };
        // Whether it was made or stopped, the pages say.
        let _ = engine.plan_upload(&scope, upload, &about, Default::default(), &tell).await;
    };
    #[allow(clippy::disallowed_methods, reason = "it ends with its test")]
    let work = tokio::spawn(work);
    let begun = async {
        while house.engine.watch_plan(&operator(store.tenant.id), id).unwrap().is_none_or(|at| at.borrow().total == 0) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, begun).await.expect("the plan begins");
    Held { id, gate, work: Some(work) }
}

on_both! {
    async fn a_dry_run_that_takes_long_shows_how_far_it_is(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let plan = held(&house, &store).await;
        let path = format!("/imports/{}", plan.id);
        let page = get(house.address, &path, &[HTML, &admin]).await;
        let text = page.text();
        check_whole(&path, &text);
        assert!(page.status == 200 && text.contains("It is being read") && text.contains(" max=\""), "{text}");
        // By itself with a script, and without one.
        assert!(text.contains("hx-trigger=\"every 1s") && text.contains("<noscript><meta http-equiv=\"refresh\""), "{text}");
        let asked = get(house.address, &format!("{path}?reading=yes"), &[HTML, &admin]).await;
        assert!(asked.text().contains("id=\"reading\"") && asked.header("hx-redirect").is_none());
        // Nobody else sees it: not who may not import, not another business.
        let staff = signed_in(&house, &store, "bob@example.com", Role::Staff).await;
        assert_eq!(get(house.address, &path, &[HTML, &staff]).await.status, 403);
        let other = create_tenant(&store.db, "Other", "+16174719999").await;
        user(&house, other.id, "eve@example.com", Role::Owner).await;
        let eve = cookie(&house, "eve@example.com").await;
        assert_eq!(get(house.address, &path, &[HTML, &eve]).await.status, 404);
        assert_eq!(post(&house, &format!("{path}/stop"), &eve, &[]).await.header("location"), Some(path.clone()));
        plan.go_on().await;
        let asked = get(house.address, &format!("{path}?reading=yes"), &[HTML, &admin]).await;
        assert_eq!(asked.header("hx-redirect").as_deref(), Some(path.as_str()));
        assert!(get(house.address, &path, &[HTML, &admin]).await.text().contains("This is what would come in"));
        // One that nobody wants any more.
        let plan = held(&house, &store).await;
        let path = format!("/imports/{}", plan.id);
        let stopped = post(&house, &format!("{path}/stop"), &admin, &[]).await;
        assert_eq!(stopped.header("location").as_deref(), Some("/imports/new"));
        plan.go_on().await;
        assert_eq!(get(house.address, &path, &[HTML, &admin]).await.status, 404);
    }

    async fn the_form_leads_to_what_is_read_or_why_it_is_not(store: TestStore) {
        let house = hasty(&store).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let evil = "a<b>.zip";
        let sent = send(&house, &admin, &zip("contacts.csv", CONTACTS), evil, "<i>ours</i>").await;
        let path = sent.header("location").unwrap();
        assert!(sent.status == 303 && path.starts_with("/imports/imp_"), "{path}");
        let page = read(&house, &admin, &path).await.text();
        assert!(page.contains("This is what would come in") && page.contains("a&#60;b&#62;.zip"), "{page}");
        let sent = send(&house, &admin, b"no archive", evil, "<i>ours</i>").await;
        let path = sent.header("location").unwrap();
        let page = read(&house, &admin, &path).await.text();
        check_whole(&path, &page);
        assert!(page.contains("It could not be read") && page.contains("Not taken.") && page.contains("a&#60;b&#62;.zip"), "{page}");
        // What was typed beside it is not typed twice.
        let again = link(&page, "/imports/new").unwrap();
        let form = get(house.address, &again, &[HTML, &admin]).await.text();
        assert!(form.contains("value=\"&#60;i&#62;ours&#60;/i&#62;\""), "{again}: {form}");
        let gone = get(house.address, "/imports/imp_01h455vb4pex5vsknk084sn02q", &[HTML, &admin]).await;
        assert!(gone.status == 404 && gone.text().contains("no such import"), "{}", gone.text());
        let files: Vec<_> = std::fs::read_dir(store.dir.path().join("spool")).unwrap().flatten().collect();
        assert_eq!(files.len(), 1, "the plan keeps its archive, the other is gone");
    }

    async fn a_file_that_is_being_read_stands_in_the_list_and_is_given_up(store: TestStore) {
        let mut house = hasty(&store).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let other = create_tenant(&store.db, "Other", "+16174719999").await;
        user(&house, other.id, "eve@example.com", Role::Owner).await;
        let eve = cookie(&house, "eve@example.com").await;
        // Whoever holds the turn to commit keeps the plan from being stored.
        let mut holder = store.db.write(&store.scope()).await.unwrap();
        holder.lock_identity().await.unwrap();
        let sent = send(&house, &admin, &zip("contacts.csv", CONTACTS), "a<b>.zip", "").await;
        let path = sent.header("location").unwrap();
        let page = get(house.address, &path, &[HTML, &admin]).await.text();
        assert!(page.contains("It is being read") && page.contains("a&#60;b&#62;.zip"), "{page}");
        let list = get(house.address, "/imports", &[HTML, &admin]).await.text();
        assert!(list.contains("</bdi> is being read") && list.contains(&path), "{list}");
        let theirs = get(house.address, "/imports", &[HTML, &eve]).await.text();
        assert!(theirs.contains("No imports yet") && !theirs.contains("is being read"), "{theirs}");
        let stopped = post(&house, &format!("{path}/stop"), &admin, &[]).await;
        assert_eq!((stopped.status, stopped.header("location").as_deref()), (303, Some("/imports/new")));
        drop(holder);
        let given_up = read(&house, &admin, &path).await;
        assert_eq!(given_up.status, 404, "{}", given_up.text());
        let list = get(house.address, "/imports", &[HTML, &admin]).await.text();
        assert!(list.contains("No imports yet") && !list.contains("is being read"), "{list}");
        // A server that stops reads to the end what it reads: nothing was going on behind our back.
        let (scope, engine) = (operator(store.tenant.id), house.engine.clone());
        house.tell_to_stop();
        house.ended().await;
        assert_eq!(engine.imports(&scope, None, 9).await.unwrap(), []);
    }

    async fn a_form_that_is_cut_off_leaves_nothing_and_a_plan_is_brought_in_once(store: TestStore) {
        let house = House::real(&store, Settings::default()).await;
        let admin = signed_in(&house, &store, "ann@example.com", Role::Admin).await;
        let token = token(&house, &admin).await;
        // The body ends before the form does.
        let field = format!("--b\r\ncontent-disposition: form-data; name=\"csrf_token\"\r\n\r\n{token}\r\n");
        let file = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.zip\"\r\n\r\nPK";
        let kind = "content-type: multipart/form-data; boundary=b";
        let cut = ask(house.address, "POST", "/imports", &[HTML, kind, &admin], (field + file).as_bytes()).await;
        assert_eq!((cut.status, spooled(store.dir.path())), (400, 0), "{}", cut.text());
        assert!(get(house.address, "/imports", &[HTML, &admin]).await.text().contains("No imports yet"));
        let path = send(&house, &admin, &zip("contacts.csv", CONTACTS), "a.zip", "").await.header("location").unwrap();
        assert!(read(&house, &admin, &path).await.text().contains("This is what would come in"));
        let apply = format!("{path}/apply");
        let first = post(&house, &apply, &admin, &[]).await;
        assert_eq!((first.status, first.header("location")), (303, Some(path.clone())));
        let again = post(&house, &apply, &admin, &[]).await;
        assert!(again.status == 409 && again.text().contains("only a plan can be applied"), "{}", again.text());
        settle(&house).await;
        assert!(get(house.address, &path, &[HTML, &admin]).await.text().contains("It is in"));
        let late = post(&house, &apply, &admin, &[]).await;
        assert!(late.status == 409 && late.text().contains("It is in"), "{}", late.text());
    }
}
