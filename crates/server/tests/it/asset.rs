//! What browsers fetch and keep.

use doorstep_server::Settings;
use doorstep_store::dialect::Dialect;
use doorstep_store::testing::TestStore;
use sha2::{Digest, Sha256};

use crate::house::House;
use crate::wire::get;

#[tokio::test]
async fn a_page_names_files_that_are_kept_for_ever() {
    let store = TestStore::new(Dialect::Sqlite).await;
    let house = House::open(&store, Settings::default()).await;
    let page = get(house.address, "/dev/looks/list", &[]).await.text();
    let paths: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(paths.len() > 3, "{page}");
    for path in paths.iter().map(|path| path.split('#').next().unwrap()) {
        let plain = get(house.address, path, &[]).await;
        assert_eq!(plain.header("cache-control").as_deref(), Some("public, max-age=31536000, immutable"), "{path}");
        assert_eq!(plain.header("content-encoding"), None);
        for (accept, coding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip")] {
            let packed = get(house.address, path, &[&format!("accept-encoding: {accept}")]).await;
            assert_eq!(packed.header("content-encoding").as_deref(), Some(coding), "{path} {accept}");
            assert!(packed.body.len() < plain.body.len(), "{path}");
        }
    }
    assert_eq!(get(house.address, "/assets/app-0000000000.js", &[]).await.status, 404);
    assert_eq!(get(house.address, "/assets/..%2f..%2fCargo.toml", &[]).await.status, 404);
}

#[test]
fn what_others_wrote_is_as_they_wrote_it() {
    let vendor = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/vendor");
    let noted = std::fs::read_to_string(vendor.join("README.md")).unwrap();
    for name in ["htmx.min.js", "hx-sse.min.js"] {
        let sum = Sha256::digest(std::fs::read(vendor.join(name)).unwrap());
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(noted.lines().any(|line| line.contains(name) && line.contains(&sum)), "{name} {sum}");
    }
}
