//! Budgets, and the rule by which tokens are counted.

use proptest::prelude::*;
use tiktoken_rs::{CoreBPE, o200k_base};

use super::customers::{all, rich};
use super::*;

const LEFT_OUT: &str = "Left out for want of room: ";

fn tokenizer() -> CoreBPE {
    o200k_base().unwrap()
}

fn real(tokenizer: &CoreBPE, text: &str) -> usize {
    tokenizer.encode_ordinary(text).len()
}

/// The contexts that budgets are tried on: the dozen, and each hostile text.
fn corpus() -> Vec<(String, CustomerContext)> {
    let typical = all().into_iter().map(|(name, known)| (name.to_owned(), known));
    let hostile = hostile::TEXTS.iter().map(|text| ((*text).to_owned(), hostile::known(text)));
    let known = typical.chain(hostile).chain(alphabets()).chain([("equipped".to_owned(), customers::well_equipped())]);
    known.map(|(name, known)| (name, told(&known, Assurance::Staff))).collect()
}

/// Customers who write in ways of which a rule for English knows nothing.
fn alphabets() -> impl Iterator<Item = (String, Known)> {
    [
        "xjqzvkw bcdfgh aeiouae qwrtz",
        "hQ7xKq2ZpL9+vT/8mBw3Rf5Yc1Nd6",
        "Привет, у меня протекает водонагреватель",
        "你好,我家的热水器漏水了,明天早上能来修吗?",
        "안녕하세요, 온수기가 새고 있어요",
        "Xin chào, máy nước nóng nhà tôi bị rò rỉ",
        "مرحبا، سخان المياه يسرب",
        "👍🏽😀🚿🔧💧",
        "WATER HEATER LEAKING PLEASE CALL ASAP",
    ]
    .into_iter()
    .map(|text| (text.to_owned(), hostile::known(&format!("{text} ").repeat(12))))
}

#[test]
fn the_rule_is_never_under_a_real_tokenizer() {
    let tokenizer = tokenizer();
    for (name, context) in corpus() {
        for budget in [Budget::MIN, Budget::default(), Budget::MAX] {
            let text = context.text(budget);
            let (rule, real) = (tokens(&text), real(&tokenizer, &text));
            assert!(rule >= real, "{name}: the rule says {rule}, the tokenizer {real}");
        }
    }
    for (name, known) in all().into_iter().filter(|(name, _)| *name != "hostile_text") {
        let text = told(&known, Assurance::Staff).text(Budget::MAX);
        let (rule, real) = (tokens(&text), real(&tokenizer, &text));
        assert!(rule * 2 <= real * 3, "{name}: the rule says {rule}, the tokenizer only {real}");
    }
}

#[test]
fn a_rich_customer_fits_into_a_prompt_whole() {
    let text = told(&rich(), Assurance::Staff).text(Budget::default());
    let real = real(&tokenizer(), &text);
    assert!(real <= 1_200 && tokens(&text) <= 1_200, "{real} tokens");
    assert!(!text.contains(LEFT_OUT), "{text}");
}

#[test]
fn a_budget_below_the_least_is_refused() {
    assert_eq!(Budget::new(Budget::MIN.tokens() - 1), Err(BudgetTooSmall));
    assert_eq!(Budget::new(Budget::MIN.tokens()), Ok(Budget::MIN));
    assert_eq!(Budget::new(usize::MAX), Ok(Budget::MAX));
    assert_eq!(Budget::default().tokens(), 1_200);
}

/// The lines of a text without the one that says what was left out.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with(LEFT_OUT) && !line.is_empty()).collect()
}

/// Whether `some` are among `all`, in their order.
fn are_in_order(some: &[&str], all: &[&str]) -> bool {
    let mut all = all.iter();
    some.iter().all(|line| all.any(|other| other == line))
}

fn check(name: &str, context: &CustomerContext, smaller: usize, larger: usize) {
    let text = |tokens| context.text(Budget::new(tokens).unwrap());
    let (whole, small, large) = (context.text(Budget::MAX), text(smaller), text(larger));
    for (text, budget) in [(&small, smaller), (&large, larger)] {
        assert!(tokens(text) <= budget, "{name}: {} tokens in {budget}\n{text}", tokens(text));
        assert!(are_in_order(&lines(text), &lines(&whole)), "{name} in {budget}: another order\n{text}");
        if lines(text).len() < lines(&whole).len() {
            assert!(text.lines().last().unwrap().starts_with(LEFT_OUT), "{name} in {budget}: does not say so\n{text}");
        }
        // What never goes.
        for line in whole.lines() {
            let stays = ["Name: ", "Phone: ", "Do not text"].iter().any(|start| line.starts_with(start));
            assert!(!stays || text.lines().any(|other| other == line), "{name} in {budget}: `{line}` went\n{text}");
        }
        let visits = |text: &str| {
            let part = text.split("## Upcoming Appointments\n").nth(1)?.split("\n\n").next()?.to_owned();
            Some(part.lines().filter(|line| line.starts_with("- ")).count())
        };
        assert!(
            visits(text) >= visits(&whole).map(|all| all.min(3)),
            "{name} in {budget}: an appointment went\n{text}"
        );
        // No part of something that went.
        for pair in lines(text).windows(2) {
            let depth = |line: &str| line.len() - line.trim_start().len();
            assert!(
                depth(pair[1]) <= depth(pair[0]) + 3,
                "{name} in {budget}: `{}` belongs to nothing\n{text}",
                pair[1]
            );
            let is_orphan = pair[0].starts_with("## ") && pair[1].starts_with(' ');
            assert!(!is_orphan, "{name} in {budget}: `{}` belongs to nothing\n{text}", pair[1]);
        }
    }
    assert!(are_in_order(&lines(&small), &lines(&large)), "{name}: {larger} leaves out what {smaller} keeps");
}

#[test]
fn every_context_fits_every_budget() {
    for (name, context) in corpus() {
        for tokens in (Budget::MIN.tokens()..2_000).step_by(149) {
            check(&name, &context, tokens, tokens + 149);
        }
    }
}

#[test]
fn what_is_left_out_is_counted() {
    let context = told(&customers::huge(), Assurance::Staff);
    let last = context.text(Budget::default()).lines().last().unwrap().to_owned();
    assert!(last.starts_with("Left out for want of room: 4"), "{last}");
    for noun in ["older messages", "notes of jobs", "older jobs", "pieces of equipment"] {
        assert!(last.contains(noun), "no {noun}: {last}");
    }
    // Also what the context itself has no room for, in any budget.
    let last = context.text(Budget::MAX).lines().last().unwrap().to_owned();
    assert_eq!(last, format!("{LEFT_OUT}385 older messages, 390 pieces of equipment, 387 older jobs."));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn growing_the_budget_never_drops_more(
        words in prop::collection::vec("([A-Za-z]{1,14}|\\PC{1,6}|[0-9]{1,8})", 1..40),
        smaller in Budget::MIN.tokens()..1_500,
        more in 0..1_000_usize,
        jobs in 0..30_usize,
        properties in 0..6_usize,
    ) {
        let text = words.join(" ");
        let mut known = hostile::known(&text);
        known.do_not_text.extend((0..jobs).map(|number| {
            row(&format!("f{number}"), forbidden(&format!("+1617471{number:04}"), SaidBy::MarketingOptOutList))
        }));
        for number in 0..jobs {
            known.jobs.push(row(&format!("g{number}"), booked(&text, "2025-04-01T12:30:00Z", "2025-04-01T14:30:00Z")));
            known.jobs.push(row(&format!("h{number}"), done(&text, "2024-04-01T12:30:00Z", 12_345)));
        }
        for number in 0..properties {
            known.properties.push(row(&format!("z{number}"), property(&format!("{number} {text}"))));
        }
        check("generated", &told(&known, Assurance::Staff), smaller, smaller + more);
    }
}
