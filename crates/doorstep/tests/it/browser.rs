//! A browser, driven as its own developer tools drive it: JSON over a WebSocket on this machine. Little is needed of
//! either, so that both are written out here.

use std::io::{BufRead, BufReader as StdReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longer than anything here takes.
const LIMIT: Duration = Duration::from_secs(60);
/// The names under which systems install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/// One page of a browser of its own.
pub struct Browser {
    child: Child,
    socket: BufReader<TcpStream>,
    session: String,
    asked: u64,
    /// What the page complained of.
    pub complaints: Vec<String>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    /// Starts one that keeps its things in `profile`.
    pub async fn start(profile: &Path) -> Self {
        let (child, address) = launch(profile);
        let (host, path) = address.strip_prefix("ws://").unwrap().split_once('/').unwrap();
        let mut socket = BufReader::new(TcpStream::connect(host).await.unwrap());
        let key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ZG9vcnN0ZXAgdGVzdHMhIQ==";
        let head = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{key}\r\n\r\n"
        );
        socket.get_mut().write_all(head.as_bytes()).await.unwrap();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(socket.read_line(&mut line).await.unwrap() > 0, "the browser hung up");
        }
        let mut browser = Self { child, socket, session: String::new(), asked: 0, complaints: Vec::new() };
        let page = browser.call("Target.createTarget", json!({ "url": "about:blank" })).await;
        let attach = json!({ "targetId": page["targetId"], "flatten": true });
        browser.session = browser.call("Target.attachToTarget", attach).await["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network", "DOM"] {
            browser.call(&format!("{domain}.enable"), json!({})).await;
        }
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
        self.send(request.to_string().as_bytes()).await;
        loop {
            let told = tokio::time::timeout(LIMIT, self.receive()).await.expect("the browser says nothing");
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
            Some("Log.entryAdded")
                if ["error", "warning"].contains(&params["entry"]["level"].as_str().unwrap_or("")) =>
            {
                self.complaints.push(params["entry"].to_string());
            }
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled") => self.complaints.push(params["args"].to_string()),
            _ => {}
        }
    }

    /// One frame, masked with nothing: it stays on this machine.
    async fn send(&mut self, text: &[u8]) {
        let mut frame = vec![0x81, 0x80 | 127];
        frame.extend((text.len() as u64).to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text);
        self.socket.get_mut().write_all(&frame).await.unwrap();
    }

    async fn receive(&mut self) -> Value {
        let mut whole = Vec::new();
        loop {
            let mut head = [0; 2];
            self.socket.read_exact(&mut head).await.unwrap();
            let length = match head[1] & 127 {
                126 => u64::from(self.socket.read_u16().await.unwrap()),
                127 => self.socket.read_u64().await.unwrap(),
                short => u64::from(short),
            };
            let mut part = vec![0; usize::try_from(length).unwrap()];
            self.socket.read_exact(&mut part).await.unwrap();
            if head[0] & 0x0f <= 1 {
                whole.extend(part);
                if head[0] & 0x80 != 0 {
                    return serde_json::from_slice(&whole).unwrap();
                }
            }
        }
    }

    /// What an expression comes to; nothing while a page is on its way.
    pub async fn eval(&mut self, script: &str) -> Value {
        let params = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        self.ask("Runtime.evaluate", params).await["result"]["result"]["value"].clone()
    }

    /// Waits until an expression is true; when it was.
    pub async fn wait(&mut self, condition: &str) -> Instant {
        let began = Instant::now();
        while self.eval(&format!("!!({condition})")).await != json!(true) {
            if began.elapsed() > LIMIT {
                let shown = self.eval("location.href + ' ' + document.body.innerText").await;
                panic!("it is not so: {condition}\n{shown}\n{:?}", self.complaints);
            }
            tokio::task::yield_now().await;
        }
        Instant::now()
    }

    /// Waits until the page shows a text.
    pub async fn wait_for(&mut self, text: &str) -> Instant {
        self.wait(&format!("document.body.innerText.includes({})", json!(text))).await
    }

    /// Goes somewhere and waits until it is there, whole.
    pub async fn go(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address })).await;
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'").await;
    }

    /// Writes into a field, as typing does.
    pub async fn write(&mut self, field: &str, text: &str) {
        let script = format!(
            "(() => {{ const field = document.querySelector({}); field.focus(); field.value = {}; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }})); }})()",
            json!(field),
            json!(text)
        );
        self.eval(&script).await;
    }

    /// Clicks on what is there.
    pub async fn click(&mut self, what: &str) {
        let script = format!("(() => {{ document.querySelector({}).click(); return true; }})()", json!(what));
        assert_eq!(self.eval(&script).await, json!(true), "nothing to click on: {what}");
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
}

fn launch(profile: &Path) -> (Child, String) {
    let spawn = |name: &&str| {
        let mut command = Command::new(name);
        command.args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-port=0",
        ]);
        command.arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().ok()
    };
    let mut child = NAMES.iter().find_map(spawn).expect("no Chromium is installed");
    let mut said = StdReader::new(child.stderr.take().unwrap());
    let Some(address) = address(&mut said) else {
        let _ = child.kill();
        panic!("the browser did not start: {:?}", child.wait());
    };
    // Read on, or it waits for a reader once its pipe is full.
    std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
    (child, address)
}

/// Where it says that its tools listen.
fn address(said: &mut impl BufRead) -> Option<String> {
    let mut lines = said.lines().map_while(Result::ok);
    lines.find_map(|line| line.trim().strip_prefix("DevTools listening on ").map(str::to_owned))
}
