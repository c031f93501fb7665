//! The demo data: what is invented says so, and a visitor can try out every part of a comparison.

use api::load::Tally;
use serde_json::Value;
use tests::on_both_databases;

use crate::loaded::Loaded;

/// The members of one comparison of the last year.
async fn members(loaded: &Loaded, partnership: &str, indicator: &str) -> (Value, Vec<Value>) {
    let path = format!("/v1/partnerships/{partnership}/comparison?indicators={indicator}&periods=FY2011-12");
    let mut comparison = loaded.json(&path).await["comparisons"][0].take();
    let Value::Array(members) = comparison["members"].take() else { panic!("{comparison:#}") };
    (comparison, members)
}

fn member<'a>(members: &'a [Value], code: &str) -> &'a Value {
    members.iter().find(|member| member["partnership"] == code).unwrap_or_else(|| panic!("no {code}: {members:#?}"))
}

on_both_databases! {
    async fn only_what_is_invented_is_marked_as_fictional(db: Database) {
        let loaded = Loaded::over(db).await;
        let partnerships = loaded.json("/v1/partnerships?limit=1000").await;
        let partnerships = partnerships["items"].as_array().unwrap();
        for partnership in partnerships {
            let [code, name] = ["code", "name"].map(|member| partnership[member].as_str().unwrap());
            let fictional = partnership["fictional"] == true;
            assert_eq!(fictional, code.starts_with("fictional-"), "{partnership:#}");
            assert_eq!(fictional, name.ends_with("(fictional)"), "{partnership:#}");
        }
        let fictional = partnerships.iter().filter(|partnership| partnership["fictional"] == true).count();
        assert_eq!((partnerships.len(), fictional), (41, 25));
        let areas = loaded.json("/v1/areas?limit=1000").await;
        for area in areas["items"].as_array().unwrap() {
            let invented = area["name"].as_str().unwrap().ends_with("(fictional)");
            assert_eq!(area["fictional"] == true, invented, "{area:#}");
        }
        let figures = loaded.json("/v1/figures?limit=1000&partnerships=southwark").await;
        let figures = figures["items"].as_array().unwrap();
        assert!(!figures.is_empty() && figures.iter().all(|figure| figure["fictional"] == false), "{figures:#?}");
        let figures = loaded.json("/v1/figures?limit=1000&partnerships=fictional-kestrelby").await;
        let figures = figures["items"].as_array().unwrap();
        assert!(!figures.is_empty() && figures.iter().all(|figure| figure["fictional"] == true));
    }

    async fn every_invented_partnership_has_a_group_of_fifteen(db: Database) {
        let loaded = Loaded::over(db).await;
        let groups = loaded.json("/v1/peer-groups?limit=1000").await;
        let invented: Vec<&Value> = groups["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|group| group["owner"].as_str().unwrap().starts_with("fictional-"))
            .collect();
        assert_eq!(invented.len(), 25);
        for group in invented {
            let members = group["members"].as_array().unwrap();
            assert_eq!(members.len(), 15, "{group:#}");
            assert!(members.contains(&group["owner"]), "{group:#}");
            assert!(members.iter().all(|member| member.as_str().unwrap().starts_with("fictional-")), "{group:#}");
        }
    }

    async fn who_still_awaits_data_is_left_out_as_missing(db: Database) {
        let loaded = Loaded::over(db).await;
        let (comparison, members) = members(&loaded, "fictional-duskwater", "NI 16").await;
        let waiting = member(&members, "fictional-duskwater");
        assert_eq!(
            (&waiting["value"], &waiting["missing"], &waiting["used"], &waiting["left_out"], &waiting["rank"]),
            (&Value::Null, &"AWAITING_DATA".into(), &false.into(), &"MISSING".into(), &Value::Null)
        );
        assert_eq!((&comparison["used"], &comparison["coverage"]), (&14.into(), &"14 of 15 used".into()));
        assert!(comparison["average"].is_number(), "{comparison:#}");
        let others = members.iter().filter(|member| member["rank"].is_number()).count();
        assert_eq!(others, 14);
    }

    async fn who_has_a_survey_of_its_own_is_left_out_as_not_official(db: Database) {
        let loaded = Loaded::over(db).await;
        let (comparison, members) = members(&loaded, "fictional-lanternby", "NI 21").await;
        let own = member(&members, "fictional-lanternby");
        assert!(own["value"].is_number(), "the figure itself is shown: {own:#}");
        assert_eq!(
            (&own["basis"], &own["used"], &own["left_out"], &own["rank"]),
            (&"LOCAL_DATA".into(), &false.into(), &"NOT_OFFICIAL".into(), &Value::Null)
        );
        assert_eq!(comparison["coverage"], "14 of 15 used");
    }

    async fn a_rank_is_the_same_for_every_partnership_that_shares_it(db: Database) {
        let loaded = Loaded::over(db).await;
        let (comparison, members) = members(&loaded, "fictional-kestrelby", "NI 16").await;
        assert_eq!(comparison["rank_order"], "LOWEST_FIRST");
        let mut ranked: Vec<(u64, f64)> = members
            .iter()
            .filter(|member| member["used"] == true)
            .map(|member| (member["rank"].as_u64().unwrap(), member["value"].as_f64().unwrap()))
            .collect();
        ranked.sort_by(|one, other| one.1.total_cmp(&other.1));
        for (rank, value) in &ranked {
            let better = ranked.iter().filter(|(_, other)| other < value).count() as u64;
            assert_eq!(*rank, better + 1, "{ranked:?}");
        }
    }

    async fn loading_the_demo_again_changes_nothing(db: Database) {
        let loaded = Loaded::over(db).await;
        let state = || async { loaded.json("/v1/figures?limit=1").await["state"].clone() };
        let before = state().await;
        let again = api::load::push(&loaded.exchange, api::demo::source().unwrap()).await.unwrap();
        assert_eq!(again, Tally { documents: 0, returns: 0, known: 102, warnings: Vec::new() });
        assert_eq!(state().await, before);
    }
}
