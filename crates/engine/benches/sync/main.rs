//! Reading a live source: the first load, a run with nothing new, and a thousand tenants at once. The source is a sim in a process of its own, so that its memory is not counted as ours; its time is, since it
//! has the same cores.
//!
//! Each measurement is a process of its own. Without arguments all are made; `load sqlite 10000` and the like make one.

#![allow(missing_docs, clippy::print_stdout)]

mod house;
mod load;
mod loader;
mod memory;
mod tenants;
mod watched;
mod world;

use std::process::Command;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Customers of first loads: the smaller one shows the curve.
const CUSTOMERS: [&str; 2] = ["10000", "100000"];
/// Customers of the load that keeps to the vendor's limits.
const LIMITED: &str = "5000";
/// Customers that the open loader is measured with.
const LOADER: &str = "10000";

fn main() {
    // `cargo bench` and `cargo test` pass switches of their own.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["world", options] => world::serve(options),
        ["load", database, customers] => load::measure(database, number(customers)),
        ["limits", customers] => load::measure_limits(number(customers)),
        ["tenants", database, count] => tenants::measure(database, number(count)),
        ["loader", customers] => loader::measure(number(customers)),
        [] => all(),
        other => panic!("`{}` is no measurement", other.join(" ")),
    }
}

fn number(text: &str) -> u32 {
    text.parse().expect("a number")
}

/// Everything, a table each.
fn all() {
    let mut is_within = true;
    let mut part = |args: &[&str]| {
        let this = std::env::current_exe().expect("this program");
        is_within &= Command::new(this).args(args).status().expect("a process for the measurement").success();
    };
    println!("{}", load::HEAD);
    for customers in CUSTOMERS {
        part(&["load", "sqlite", customers]);
    }
    part(&["load", "postgres", CUSTOMERS[0]]);
    println!("\n{}", load::LIMITS_HEAD);
    part(&["limits", LIMITED]);
    println!("\n{}", tenants::HEAD);
    part(&["tenants", "sqlite", "1000"]);
    part(&["tenants", "postgres", "1000"]);
    println!("\n{}", loader::HEAD);
    part(&["loader", LOADER]);
    assert!(is_within, "a figure misses its limit");
}
