//! `doorstep sim`, as somebody who writes an integration meets it.

use std::io::{BufRead, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use super::house::House;
use super::serve::Running;

/// The body of an answer.
fn ask(listen: &str, head: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(listen).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nHost: sim\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"))
}

#[tokio::test]
async fn an_integrator_starts_a_sim_comes_in_and_ends_it() {
    let house = House::sqlite().await;
    let args = ["sim", "--customers", "30", "--seed", "3", "--changes-per-minute", "0"];
    let mut sim = Running::start_saying(&house, &args, "A made-up ServiceTitan is at http://");
    let mut said = String::new();
    while !said.contains("_control/counts") {
        assert!(sim.out.read_line(&mut said).unwrap() > 0, "it said too little: {said}");
    }
    let told = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("{said}"));
        line.trim().to_owned()
    };
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        told("client id"),
        told("client secret")
    );
    let head = "POST /connect/token HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    let token = ask(&sim.listen, head, &form)["access_token"].as_str().unwrap().to_owned();
    let head = format!(
        "GET /crm/v2/tenant/{}/customers?active=Any&includeTotal=true HTTP/1.1\r\nST-App-Key: {}\r\nAuthorization: Bearer {token}",
        told("tenant"),
        told("app key")
    );
    assert_eq!(ask(&sim.listen, &head, "")["totalCount"], 30);
    assert_eq!(ask(&sim.listen, "GET /_control/counts HTTP/1.1", "")["jobs"], 90);
    let (ended, said) = sim.stop();
    assert!(ended.success(), "{ended} {said}");
    assert!(!house.data_dir().exists(), "it made a data directory");
}

#[tokio::test]
async fn a_place_that_is_taken_is_told_with_what_to_do() {
    let house = House::sqlite().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap().to_string();
    let told = house.run(&["sim", "--customers", "1", "--listen", &listen]).ended(1);
    assert!(told.contains("cannot listen") && told.contains("--listen ADDRESS"), "{told}");
}
