//! The number of statements of a request does not grow with the rows that it asks for.
//!
//! Statements are counted once the exchange knows ledger, catalogue and periods; each request then begins with one
//! statement that reads the ledger's head, unless somebody has just looked at it.

use std::sync::Arc;

use exchange::{
    Caller, Scope, Settings,
    rules::{catalogue::Catalogue, metadata::Document},
    service::{comparison::ComparisonQuery, view::AsOf},
    vocabulary::{FigureKind, MetadataFamily},
};
use serde_json::{Value, json};
use tests::on_both_databases;

use crate::loaded::{INDICATORS, Loaded, YEARS, exchange_over, exchange_with, list, told};

/// The statements that `$ask` takes when it is asked for the second time.
macro_rules! statements {
    ($loaded:expr, $ask:expr) => {{
        $ask;
        let before = $loaded.statements();
        $ask;
        $loaded.statements() - before
    }};
}

on_both_databases! {
    async fn forty_comparisons_take_as_many_statements_as_one(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let path = |indicators: &str, periods: &str| {
            format!("/v1/partnerships/fictional-kestrelby/comparison?indicators={indicators}&periods={periods}")
        };
        let (one, forty) = (path("NI 16", "FY2009-10"), path(INDICATORS, YEARS));
        assert_eq!(loaded.json(&one).await["comparisons"].as_array().unwrap().len(), 1);
        assert_eq!(loaded.json(&forty).await["comparisons"].as_array().unwrap().len(), 40);
        let of_one = statements!(loaded, loaded.json(&one).await);
        let of_forty = statements!(loaded, loaded.json(&forty).await);
        told(engine, "statements of a comparison of 1 indicator in 1 period", of_one);
        told(engine, "statements of a comparison of 10 indicators in 4 periods", of_forty);
        // The ledger's head, the figures, and what the partnership's own plan prints.
        assert_eq!((of_one, of_forty), (3, 3));
    }

    async fn a_comparison_reads_its_figures_in_one_statement(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let exchange = &loaded.exchange;
        let view = exchange.view(Arc::new(Caller::anonymous()), None).await.unwrap();
        let codes = |codes: &str| codes.split(',').map(str::to_owned).collect();
        let query = ComparisonQuery {
            partnership: "fictional-kestrelby".to_owned(),
            indicators: codes(INDICATORS),
            periods: codes(YEARS),
            ..ComparisonQuery::default()
        };
        let of_comparison = statements!(loaded, exchange.compare(&view, &query).await.unwrap());
        // The same figures, and nothing else: all of these indicators, of any period, of the partnership's peers.
        let indicators: Vec<i32> =
            query.indicators.iter().map(|code| view.catalogue.indicator(code, None).unwrap().id).collect();
        let group = view.catalogue.peer_group("fictional-kestrelby-msg").unwrap();
        let members: Vec<i32> =
            group.members.iter().map(|code| view.catalogue.partnership(code).unwrap().id).collect();
        let periods: Vec<i32> = (1..1000).collect();
        let kinds = [FigureKind::Actual, FigureKind::Baseline];
        let read = || exchange::store::figures::range(
            exchange.database().reader(), &indicators, &periods, &kinds, &members, None
        );
        let of_figures = statements!(loaded, assert!(read().await.unwrap().len() > 1_000));
        told(engine, "statements of a comparison in a view that is taken", of_comparison);
        told(engine, "statements of reading its figures", of_figures);
        // The figures, and what the partnership's own plan prints.
        assert_eq!((of_comparison, of_figures), (2, 1));
    }

    async fn a_page_of_a_thousand_figures_takes_as_many_statements_as_one_of_three(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        for filter in ["", "&partnerships=fictional-kestrelby,fictional-larkwold,fictional-ottermarsh,fictional-lanternby,\
            fictional-velvetmoor,fictional-tinderhythe,fictional-mallowstead,fictional-umberstow,fictional-vellumby"] {
            let (three, thousand) = (format!("/v1/figures?limit=3{filter}"), format!("/v1/figures?limit=1000{filter}"));
            assert_eq!(loaded.json(&three).await["items"].as_array().unwrap().len(), 3);
            assert_eq!(loaded.json(&thousand).await["items"].as_array().unwrap().len(), 1000);
            let of_three = statements!(loaded, loaded.json(&three).await);
            let of_thousand = statements!(loaded, loaded.json(&thousand).await);
            let of = if filter.is_empty() { "any partnership" } else { "nine partnerships" };
            told(engine, &format!("statements of a page of 3 figures of {of}"), of_three);
            told(engine, &format!("statements of a page of 1000 figures of {of}"), of_thousand);
            // The ledger's head, the figures, and their texts as printed. A page of up to three reads figures twice: the
            // few rows that it reads beyond its end do not show whether there is another version of the last one.
            assert!(of_thousand == 3 && of_three <= 4, "{of_three}, {of_thousand}");
        }
    }
    async fn twenty_partnerships_with_all_that_hangs_on_them_take_as_many_statements_as_three(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let document = "query($first: Int!, $indicators: [String!]!, $periods: [String!]!) {
            partnerships(first: $first, fictional: true) { nodes {
                code name area { code name within { code name } } region { code name }
                peerGroups { code members { code name area { code } } }
                actuals(indicators: $indicators, periods: $periods) {
                    value asPrinted comment partnership { code } area { code } indicator { code } period { code }
                }
            } }
        }";
        let variables = |first: u32| {
            json!({ "first": first, "indicators": list(INDICATORS), "periods": list("FY2008-09,FY2009-10") })
        };
        let found = |data: Value| {
            let nodes = data["partnerships"]["nodes"].as_array().unwrap().clone();
            assert!(nodes.iter().all(|node| node["actuals"].as_array().unwrap().len() == 20), "{nodes:#?}");
            assert!(nodes.iter().all(|node| node["peerGroups"][0]["members"].as_array().unwrap().len() == 15));
            nodes.len()
        };
        assert_eq!(found(loaded.graphql(document, &variables(3)).await), 3);
        assert_eq!(found(loaded.graphql(document, &variables(20)).await), 20);
        let of_three = statements!(loaded, loaded.graphql(document, &variables(3)).await);
        let of_twenty = statements!(loaded, loaded.graphql(document, &variables(20)).await);
        told(engine, "statements of 3 partnerships with area, peer groups, members and actuals", of_three);
        told(engine, "statements of 20 partnerships with area, peer groups, members and actuals", of_twenty);
        // The ledger's head, the figures of all partnerships, and their texts as printed.
        assert_eq!((of_three, of_twenty), (3, 3));
    }

    async fn a_framework_of_a_hundred_lines_takes_as_many_statements_as_any_and_two_as_one(db: Database) {
        let engine = db.engine();
        let loaded = Loaded::over(db).await;
        let of = |partnership: &str| format!("/v1/partnerships/{partnership}/framework");
        let of_southwark = statements!(loaded, loaded.json(&of("southwark")).await);
        let of_southampton = statements!(loaded, loaded.json(&of("southampton")).await);
        let every = "{ partnerships(first: 40) { nodes { code framework { sections { lines { sourceRow } } } } } }";
        let of_all = statements!(loaded, loaded.graphql(every, &json!({})).await);
        told(engine, "statements of a framework of 58 rows, of 105 rows, of all partnerships at once",
            format!("{of_southwark}, {of_southampton}, {of_all}"));
        // The ledger's head, the figures, and the lines that they were made from.
        assert_eq!((of_southwark, of_southampton, of_all), (3, 3, 3));
    }

    async fn a_server_that_has_just_started_takes_no_more_statements_for_more_rows(db: Database) {
        let engine = db.engine();
        let mut counts = Vec::new();
        for (indicators, periods) in [("NI 16", "FY2009-10"), (INDICATORS, YEARS)] {
            let loaded = Loaded::over(db.clone()).await;
            loaded
                .json(&format!(
                    "/v1/partnerships/fictional-kestrelby/comparison?indicators={indicators}&periods={periods}"
                ))
                .await;
            counts.push(loaded.statements());
        }
        told(engine, "statements of the first comparison of a server, of 1 and of 40", format!("{counts:?}"));
        // Besides the three: the ledger, the names of the catalogue's documents, the documents and the periods.
        assert_eq!(counts, [7, 7]);
    }

    /// A look at the ledger is good for all who read within half the margin.
    async fn readers_share_a_look_at_the_ledger(db: Database) {
        let margin = std::time::Duration::from_secs(3600);
        let exchange = exchange_with(&db, Settings { margin }).await;
        let view = || exchange.view(Arc::new(Caller::anonymous()), None);
        let first = view().await.unwrap();
        let of_two = statements!(exchange.database(), for _ in 0..2 {
            let next = view().await.unwrap();
            assert!(next.as_of > first.as_of && next.state == first.state);
        });
        assert_eq!(of_two, 0);
        // A reader of the past needs none either; whoever previews a release looks for it.
        assert_eq!(statements!(exchange.database(), exchange.view(Arc::default(), Some(AsOf::Instant(first.as_of))).await.unwrap()), 0);
        let release = Some(AsOf::Release(uuid::Uuid::new_v4()));
        assert_eq!(statements!(exchange.database(), exchange.view(Arc::default(), release).await.unwrap_err()), 1);
    }

    /// However much the catalogue holds: what has changed is read, and what has not is shared.
    async fn a_change_of_metadata_reads_the_documents_that_are_new_and_shares_the_rest(db: Database) {
        let (exchange, office) = (exchange_over(&db).await, exchange_with(&db, Settings::default()).await);
        let editor = Caller::identified("editor").with_scopes([Scope::MetadataWrite]);
        let put = |family: MetadataFamily, json: Value| {
            let document = Document::from_json(family, &json.to_string()).unwrap();
            let (office, editor) = (&office, &editor);
            async move { office.put_metadata(editor, vec![document]).await.unwrap().effective_at.unwrap() }
        };
        let plan = |title: &str| {
            json!({ "code": "night-plan", "partnership": "southwark", "title": title, "status": "DRAFT",
                "valid_from": "2009-04-01", "valid_to": "2010-03-31" })
        };
        let view = || exchange.view(Arc::new(Caller::anonymous()), None);
        put(MetadataFamily::Area, json!({ "code": "E09000028", "name": "Southwark", "kind": "PARTNERSHIP_AREA" })).await;
        put(MetadataFamily::Partnership, json!({ "code": "southwark", "name": "Southwark", "area": "E09000028" })).await;
        let first = put(MetadataFamily::Plan, plan("By night")).await;
        let before = view().await.unwrap().catalogue;
        put(MetadataFamily::Indicator, json!({ "code": "NI 15" })).await;

        let counted = exchange.database().statements();
        let after = view().await.unwrap().catalogue;
        // The ledger's head, and what has come to it; the name of the document that has come, and the document.
        assert_eq!(exchange.database().statements() - counted, 4);
        assert_eq!((before.indicators.len(), after.indicators.len()), (0, 1));
        let plan_of = |catalogue: &Catalogue| Arc::clone(&catalogue.plan("southwark", "night-plan").unwrap().document);
        assert!(Arc::ptr_eq(&plan_of(&before), &plan_of(&after)));

        put(MetadataFamily::Plan, plan("By day")).await;
        assert_eq!(plan_of(&view().await.unwrap().catalogue).title, "By day");
        // A server that has seen none of this reads the plan as it was.
        let other = exchange_over(&db).await;
        for exchange in [&exchange, &other] {
            let then = exchange.view(Arc::new(Caller::anonymous()), Some(AsOf::Instant(first))).await.unwrap();
            assert_eq!(plan_of(&then.catalogue).title, "By night");
        }
    }
}
