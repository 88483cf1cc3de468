//! Health and metrics: enough for a machine to act on, nothing that tells a stranger anything.

use doorstep_server::Settings;
use doorstep_store::on_both;

use crate::house::House;
use crate::wire::get;

/// More looks at the metrics than any test needs.
const MAX_LOOKS: usize = 1_000;

on_both! {
    async fn a_server_says_whether_it_lives_and_can_work(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        assert_eq!(get(house.address, "/healthz", &[]).await.text(), "ok\n");
        let stranger = get(house.address, "/readyz", &[]).await;
        assert_eq!((stranger.status, stranger.text().as_str()), (200, "{\"status\":\"ready\"}"));
        let reader = get(house.address, "/readyz", &["authorization: Bearer reader"]).await;
        assert_eq!(reader.text(), stranger.text());
        let owner = get(house.address, "/readyz", &["authorization: Bearer owner"]).await.json();
        assert_eq!(owner["database"], format!("{:?}", store.db.dialect()).to_lowercase());
        assert!(owner["schema"].as_i64().unwrap() > 0, "{owner}");
        // A database that is gone: it lives, and cannot work.
        store.db.close().await;
        assert_eq!(get(house.address, "/healthz", &[]).await.status, 200);
        let gone = get(house.address, "/readyz", &[]).await;
        assert_eq!((gone.status, gone.header("retry-after").as_deref()), (503, Some("5")));
        assert!(gone.json().get("reason").is_none(), "{}", gone.text());
        assert!(get(house.address, "/readyz", &["authorization: Bearer owner"]).await.json()["reason"].is_string());
    }

    async fn metrics_count_routes_and_name_nobody(store: TestStore) {
        let house = House::open(&store, Settings::default()).await;
        get(house.address, "/dev/looks/Ann-Smith?q=Ann", &[]).await;
        get(house.address, "/Ann-Smith-elsewhere", &[]).await;
        // A connection counts until the server has seen that the other side is gone, which may be after the next has come.
        let mut text = get(house.address, "/metrics", &[]).await.text();
        for _ in 0..MAX_LOOKS {
            if text.lines().any(|line| line == "doorstep_http_connections 1") {
                break;
            }
            tokio::task::yield_now().await;
            text = get(house.address, "/metrics", &[]).await.text();
        }
        for part in [
            "doorstep_http_request_duration_seconds_count{method=\"GET\",route=\"/dev/looks/{name}\",status=\"404\"} 1",
            "doorstep_http_request_duration_seconds_count{method=\"GET\",route=\"none\",status=\"404\"} 1",
            "doorstep_http_connections 1",
            "doorstep_live_streams 0",
            "doorstep_customer_context_load_seconds_count{cached=\"true\"} 0",
            "doorstep_customer_context_cache_misses_total 0",
            "doorstep_customer_context_cache_hit_ratio 0",
            "doorstep_customer_context_budget_drops_total 0",
            "doorstep_sync_run_seconds_count 0",
            "doorstep_sync_records_total{outcome=\"new\"} 0",
            "doorstep_sync_due_lag_seconds 0",
        ] {
            assert!(text.lines().any(|line| line == part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("Ann") && !text.contains("Bay State"), "{text}");
    }

    async fn metrics_are_for_whom_the_operator_says(store: TestStore) {
        let token = Settings { metrics_token: Some("s3cret".to_owned().into()), ..Settings::default() };
        let house = House::open(&store, token).await;
        for (line, expected) in
            [("accept: */*", 403), ("authorization: Bearer s3creT", 403), ("authorization: Bearer s3cret", 200)]
        {
            assert_eq!(get(house.address, "/metrics", &[line]).await.status, expected, "{line}");
        }
        // Behind a proxy everybody seems to come from this machine.
        let public = Settings { public_url: Some("https://hub.example".parse().unwrap()), ..Settings::default() };
        let house = House::open(&store, public).await;
        assert_eq!(get(house.address, "/metrics", &[]).await.status, 403);
    }
}
