//! The store's promises, each on both databases.

#![allow(clippy::unwrap_used)]

mod backup;
mod context;
mod crowd;
mod disk;
mod doctor;
mod feed;
mod find;
mod glance;
mod idle;
mod isolation;
mod live;
mod message;
mod past;
mod plan;
mod raw;
mod refresh;
mod said;
mod schema;
mod search;
mod task;
mod upgrade;
mod user;
mod wake;
mod world;
