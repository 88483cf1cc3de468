//! A browser, driven as its own developer tools drive it: JSON over a WebSocket on this machine. Little is needed of
//! either, so that both are written out here.

mod axe;
mod process;
mod socket;

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use socket::Socket;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);
/// Time between two looks at whether something has come to be so.
const LOOK_EVERY: Duration = Duration::from_millis(8);
/// Names of keys that write nothing, with their old numbers, by which browsers still know them.
const KEYS: [(&str, u32); 7] =
    [("Enter", 13), ("Escape", 27), ("Tab", 9), ("ArrowDown", 40), ("ArrowUp", 38), ("Backspace", 8), ("Space", 32)];

/// One page, with cookies that no other page has.
pub struct Browser {
    socket: Socket,
    session: String,
    asked: u64,
    /// Live streams that were answered.
    streams: u64,
    /// What the page complained of.
    pub complaints: Vec<String>,
}

impl Browser {
    /// Opens an empty page; it is gone with what this returns.
    pub async fn open() -> Self {
        let (host, path) = process::address();
        let socket = Socket::connect(host, path).await;
        let mut browser = Self { socket, session: String::new(), asked: 0, streams: 0, complaints: Vec::new() };
        let own = browser.call("Target.createBrowserContext", json!({ "disposeOnDetach": true })).await;
        let target = json!({ "url": "about:blank", "browserContextId": own["browserContextId"], "newWindow": true });
        let page = browser.call("Target.createTarget", target).await;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", attach).await["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
        // Several pages are looked at at once, and each believes that it is the one.
        browser.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
        browser
    }

    /// Asks the browser for something.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut request = json!({ "id": self.asked, "method": method, "params": params });
        if !self.session.is_empty() {
            request["sessionId"] = json!(self.session);
        }
        self.socket.send(&request).await;
        // All of it: a page that is told something every now and then must not keep a question without an answer waiting.
        tokio::time::timeout(LIMIT, self.answer()).await.unwrap_or_else(|_| panic!("no answer: {request}"))
    }

    async fn answer(&mut self) -> Value {
        loop {
            let told = self.socket.receive().await;
            if told["id"] == json!(self.asked) {
                return told;
            }
            self.hear(&told);
        }
    }

    /// Keeps what a page should not say.
    fn hear(&mut self, told: &Value) {
        let params = &told["params"];
        match told["method"].as_str() {
            Some("Log.entryAdded") => self.complaints.push(params["entry"].to_string()),
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            Some("Network.responseReceived") if params["response"]["mimeType"] == "text/event-stream" => {
                self.streams += 1
            }
            Some("Runtime.consoleAPICalled") => self.complaints.push(params["args"].to_string()),
            _ => {}
        }
    }

    /// Forgets complaints that hold these words: those that a story brings about on purpose.
    pub fn forgive(&mut self, words: &str) {
        self.complaints.retain(|complaint| !complaint.contains(words));
    }

    /// What an expression comes to; nothing while a page is on its way.
    pub async fn eval(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        self.ask("Runtime.evaluate", params).await["result"]["result"]["value"].clone()
    }

    /// An expression that says whether something is so, and is.
    pub async fn check(&mut self, condition: &str) {
        if self.eval(&format!("!!({condition})")).await != json!(true) {
            self.give_up(condition).await;
        }
    }

    /// Waits until an expression is true; when it was.
    pub async fn wait(&mut self, condition: &str) -> Instant {
        let began = Instant::now();
        while self.eval(&format!("!!({condition})")).await != json!(true) {
            if began.elapsed() > LIMIT {
                self.give_up(condition).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Instant::now()
    }

    async fn give_up(&mut self, condition: &str) {
        let shown = self.eval("location.href + ' ' + document.body.innerText").await;
        panic!("it is not so: {condition}\n{}\n{:?}", shown.as_str().unwrap_or_default(), self.complaints);
    }

    /// Waits until the page shows a text.
    pub async fn wait_for(&mut self, text: &str) -> Instant {
        self.wait(&format!("document.body.innerText.includes({})", json!(text))).await
    }

    /// Waits until another page is there, at an address that begins so.
    pub async fn arrive(&mut self, path: &str) {
        let path = json!(path);
        self.wait(&format!("document.readyState === 'complete' && location.pathname.startsWith({path})")).await;
    }

    /// Goes somewhere and waits until it is there, whole.
    pub async fn go(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address })).await;
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'").await;
    }

    /// Goes somewhere and waits until the page listens to what others do.
    pub async fn go_and_listen(&mut self, address: &str) {
        let before = self.streams;
        self.go(address).await;
        let began = Instant::now();
        while self.streams == before {
            assert!(began.elapsed() < LIMIT, "{address} listens to nothing: {:?}", self.complaints);
            // Asked so that what the browser tells is read.
            self.wait("true").await;
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Writes into a field, in place of what was there, as typing does.
    pub async fn write(&mut self, field: &str, text: &str) {
        let field = json!(field);
        let script = format!(
            "(() => {{ const field = document.querySelector({field}); field.focus(); field.select?.(); \
             return document.activeElement === field; }})()"
        );
        assert_eq!(self.eval(&script).await, json!(true), "nothing to write into: {field}");
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Clicks on what is there.
    pub async fn click(&mut self, what: &str) {
        let script = format!("(() => {{ document.querySelector({}).click(); return true; }})()", json!(what));
        assert_eq!(self.eval(&script).await, json!(true), "nothing to click on: {what}");
    }

    /// Presses a key and lets it go: `j`, `?`, `Enter`, `Control+k`, `Shift+Tab`.
    pub async fn press(&mut self, keys: &str) {
        let (modifiers, key) = match keys.split_once('+') {
            Some(("Control", key)) => (2, key),
            Some(("Shift", key)) => (8, key),
            _ => (0, keys),
        };
        let number = KEYS.iter().find(|(name, _)| *name == key).map(|(_, number)| *number);
        let mut event = json!({ "key": key, "modifiers": modifiers });
        match (key, number) {
            ("Enter", _) => event["text"] = json!("\r"),
            (_, None) if modifiers == 0 => event["text"] = json!(key),
            _ => {}
        }
        let code = number.or_else(|| key.to_ascii_uppercase().chars().next().map(u32::from));
        event["windowsVirtualKeyCode"] = json!(code);
        for kind in ["keyDown", "keyUp"] {
            event["type"] = json!(kind);
            self.call("Input.dispatchKeyEvent", event.clone()).await;
        }
    }

    /// Chooses a file.
    pub async fn choose(&mut self, field: &str, file: &str) {
        let root = self.call("DOM.getDocument", json!({})).await["root"]["nodeId"].clone();
        let node = self.call("DOM.querySelector", json!({ "nodeId": root, "selector": field })).await["nodeId"].clone();
        self.call("DOM.setFileInputFiles", json!({ "nodeId": node, "files": [file] })).await;
    }

    /// Makes the window that wide.
    pub async fn resize(&mut self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// What the system says: `light` or `dark`.
    pub async fn theme(&mut self, theme: &str) {
        let features = [("prefers-color-scheme", theme), ("prefers-reduced-motion", "reduce")];
        let features = features.map(|(name, value)| json!({ "name": name, "value": value }));
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        self.settle().await;
    }

    /// Lets come to its end what moves: colours that change are looked at when they have. A window of which no frame is
    /// drawn would never get there by itself.
    async fn settle(&mut self) {
        self.eval("document.getAnimations().forEach((one) => one.finish())").await;
    }

    /// Lets pages run scripts, or not.
    pub async fn scripts(&mut self, run: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !run })).await;
    }

    /// Writes what the window shows to a PNG file.
    pub async fn picture(&mut self, file: &Path) {
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png", "optimizeForSpeed": false })).await;
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, decode(shot["data"].as_str().unwrap())).unwrap();
    }
}

/// Base64, which is how the tools hand files over.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |letter: u8| ALPHABET.iter().position(|it| *it == letter).map(|at| u32::try_from(at).unwrap());
    let values: Vec<u32> = text.bytes().filter_map(value).collect();
    let bytes = values.chunks(4).flat_map(|four| {
        let bits = four.iter().enumerate().fold(0, |bits, (at, value)| bits | value << (18 - 6 * at));
        bits.to_be_bytes()[1..four.len()].to_vec()
    });
    bytes.collect()
}
