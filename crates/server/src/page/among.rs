//! Which list a card was opened from: what was searched for, or the order. Addresses carry it on, so that the customer
//! before and after it are those of that list, and the way back leads there.

use doorstep_engine::listing;
use doorstep_store::listing::Order;

/// Letters that are looked for; more is a text pasted by mistake.
const MAX_QUERY_CHARS: usize = 200;

/// A list of customers; by default none in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Among {
    /// What was searched for; empty where nothing was.
    pub query: String,
    /// The order, where nothing was searched for.
    pub order: Option<Order>,
}

impl Among {
    /// As an address says it; what it says wrongly counts as not said.
    pub fn read(query: &str, order: &str) -> Self {
        let query: String = query.trim().chars().take(MAX_QUERY_CHARS).collect();
        let order = match order {
            "newest" => Some(Order::Newest),
            "name" => Some(Order::Name),
            _ => None,
        };
        Self { order: order.filter(|_| query.is_empty()), query }
    }

    /// Whether it is any list.
    pub fn is_some(&self) -> bool {
        !self.query.is_empty() || self.order.is_some()
    }

    /// For the engine.
    pub fn of_engine(&self) -> listing::Among<'_> {
        match self.query.as_str() {
            "" => listing::Among::All(self.order.unwrap_or(Order::Newest)),
            query => listing::Among::Found(query),
        }
    }

    /// `path` with this list and what else is said there; what is empty is left out.
    pub fn address(&self, path: &str, more: &[(&str, &str)]) -> String {
        let order = self.order.map(order_word).unwrap_or_default();
        let said: Vec<(&str, &str)> = [("q", self.query.as_str()), ("order", order)]
            .into_iter()
            .chain(more.iter().copied())
            .filter(|(_, value)| !value.is_empty())
            .collect();
        if said.is_empty() {
            return path.to_owned();
        }
        format!("{path}?{}", serde_urlencoded::to_string(said).unwrap_or_default())
    }
}

/// An order as addresses say it.
pub(super) fn order_word(order: Order) -> &'static str {
    match order {
        Order::Newest => "newest",
        Order::Name => "name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_the_list_on() {
        let check = |query: &str, order: &str, expected: &str| {
            assert_eq!(Among::read(query, order).address("/customers", &[("at", ""), ("tab", "x")]), expected);
        };
        check("", "", "/customers?tab=x");
        check("", "name", "/customers?order=name&tab=x");
        check("", "sideways", "/customers?tab=x");
        check(" a&b=\"><i> ", "name", "/customers?q=a%26b%3D%22%3E%3Ci%3E&tab=x");
        assert_eq!(Among::default().address("/customers", &[]), "/customers");
        assert_eq!(Among::read(&"ü".repeat(10_000), "").query.chars().count(), MAX_QUERY_CHARS);
        assert!(
            !Among::read(" ", "").is_some() && Among::read("x", "").is_some() && Among::read("", "newest").is_some()
        );
    }
}
