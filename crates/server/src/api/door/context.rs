//! Doors to what is told of customers.

use axum::http::Method;

use super::super::context;
use super::{Door, door};

pub(super) fn telling() -> Vec<Door> {
    vec![
        door(
            Method::GET,
            "/customer-context/{identifier}",
            "getCustomerContext",
            context::get,
            "What may be told of whoever a number, an address or an id names; as `text/event-stream` when that changes",
        )
        .query(&["type", "assurance", "format", "budget", "fresh", "timeout_ms", "as_of"])
        .gives(200, Some("ToldContext"))
        .also(&[304, 404, 409, 410])
        .versioned(),
    ]
}

pub(super) fn proving() -> Vec<Door> {
    vec![
        door(
            Method::GET,
            "/context-receipts/{receipt}",
            "getContextReceipt",
            context::receipt,
            "Exactly what was told under a receipt",
        )
        .gives(200, Some("GivenReceipt"))
        .also(&[404]),
        door(
            Method::GET,
            "/customers/{customer}/context-receipts",
            "listContextReceipts",
            context::receipts,
            "What was told of a customer up to an instant, newest first",
        )
        .query(&["until"])
        .gives(200, Some("ReceiptList"))
        .also(&[404]),
    ]
}
