//! A fictional exchange of any size.

use serde_json::json;
use tests::{Database, Ran, Server, indicator_exchange, on_both_databases};

/// Generates into a database.
fn generate(db: &Database, seed: &str) -> Ran {
    let sizes = ["--partnerships", "6", "--indicators", "12", "--quarters", "5"];
    let mut arguments = vec!["generate", "--seed", seed, "--release-margin-ms", "10"];
    arguments.extend(sizes);
    let url = db.url();
    arguments.extend(["--database-url", &url]);
    indicator_exchange(arguments)
}

/// Every actual of a server, page by page.
async fn actuals(server: &Server) -> Vec<serde_json::Value> {
    let mut found = Vec::new();
    let mut path = "/v1/actuals?limit=100".to_owned();
    loop {
        let page = server.client().get(&path).await.expect(200);
        found.extend(page.at("/items").as_array().unwrap().clone());
        match page.at("/next").as_str() {
            Some(next) => path = format!("/v1/actuals?limit=100&cursor={next}"),
            None => return found,
        }
    }
}

on_both_databases! {
    /// Every figure is there, was judged and released as any other, and is compared with its peers' and with its target.
    async fn a_generated_exchange_is_one_like_any_other(db: Database) {
        let told = generate(&db, "7").expect_success();
        assert!(told.ends_with("\n55 documents, 30 returns with 360 actuals generated\n"), "{told}");
        let server = Server::with(&db).start();
        let actuals = actuals(&server).await;
        assert_eq!(actuals.len(), 360);
        let codes = |member: &str| {
            let codes: std::collections::BTreeSet<_> = actuals.iter().map(|actual| actual[member].to_string()).collect();
            codes.len()
        };
        assert_eq!((codes("partnership"), codes("indicator"), codes("period")), (6, 12, 5));
        assert!(actuals.iter().all(|actual| actual["fictional"] == json!(true) && actual["value"].is_number()));

        let path = "/v1/partnerships/generated-0001/comparison?indicators=CRIME+generated-001&periods=FY2006-07-Q1";
        let compared = server.client().get(path).await.expect(200);
        assert_eq!(compared.at("/comparisons/0/coverage"), json!("6 of 6 used"));
        assert_eq!(compared.at("/comparisons/0/members/0/change/from_period"), json!("FY2005-06-Q4"));
        let framework = server.client().get("/v1/partnerships/generated-0001/framework?period=FY2005-06-Q4").await.expect(200);
        assert_eq!(framework.at("/sections").as_array().unwrap().len(), 2);
        assert_eq!(framework.at("/sections/0/lines/0/targets/0/met/rule"), json!("met-equality-counts"));

        let trail = indicator_exchange(["verify-audit", "--database-url", &db.url()]).expect_success();
        assert!(trail.contains("the audit trail is whole"), "{trail}");
        let again = generate(&db, "7");
        assert!(!again.status.success() && again.stderr.contains("REVISION_REQUIRED"), "{again:#?}");
    }

    async fn a_seed_gives_the_same_figures_again_and_another_one_others(db: Database) {
        let of_seed = async |seed: &str, db: &Database| {
            generate(db, seed).expect_success();
            let server = Server::with(db).start();
            let values: Vec<String> = actuals(&server).await.iter().map(|actual| actual["value"].to_string()).collect();
            values
        };
        let (same, other) = (Database::fresh(db.engine()).unwrap(), Database::fresh(db.engine()).unwrap());
        let first = of_seed("1", &db).await;
        assert_eq!(first, of_seed("1", &same).await);
        assert_ne!(first, of_seed("2", &other).await);
    }
}
