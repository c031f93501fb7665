//! Lists are walked both ways, and every identifier leads back to what it identifies.

use serde_json::{Value, json};
use tests::on_both_databases;

use crate::loaded::Loaded;

/// A page of a list of the schema: `field` with its own arguments, and those of the page.
async fn page(loaded: &Loaded, (field, own): (&str, &str), part: &str) -> (Vec<String>, Value) {
    let document = format!(
        "{{ {field}({own} {part}) {{ edges {{ cursor }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let mut answer = loaded.graphql(&document, &Value::Null).await;
    let page = answer[field].take();
    let cursors = page["edges"].as_array().unwrap().iter().map(|edge| edge["cursor"].as_str().unwrap().to_owned());
    (cursors.collect(), page["pageInfo"].clone())
}

on_both_databases! {
    async fn a_list_walked_backwards_is_the_list_walked_forwards(db: Database) {
        let loaded = Loaded::over(db).await;
        for (field, own, size, at_least) in [
            ("partnerships", "", 7, 41),
            ("partnerships", "fictional: true,", 4, 25),
            ("indicators", "", 50, 80),
            ("areas", "", 9, 40),
            ("peerGroups", "", 5, 25),
            ("releases", "", 2, 3),
            ("auditAnchors", "", 2, 7),
            ("figures", "indicators: [\"NI 16\", \"NI 20\"],", 37, 100),
            ("figures", "partnerships: [\"southwark\"],", 23, 100),
            // Two rows print one target of NI 41 differently: a page may end between them.
            ("figures", "partnerships: [\"southampton\"], indicators: [\"NI 41\"],", 1, 4),
        ] {
            let list = (field, own);
            let (all, info) = page(&loaded, list, "first: 1000").await;
            assert!(all.len() >= at_least, "{list:?}: {} items", all.len());
            assert_eq!([&info["hasNextPage"], &info["hasPreviousPage"]], [false, false], "{list:?}");
            for backwards in [false, true] {
                let (count, from, edge) =
                    if backwards { ("last", "before", "startCursor") } else { ("first", "after", "endCursor") };
                let mut walked: Vec<String> = Vec::new();
                let mut part = format!("{count}: {size}");
                loop {
                    let (cursors, info) = page(&loaded, list, &part).await;
                    let (before, after) = if backwards {
                        walked.splice(0..0, cursors);
                        (walked.len() < all.len(), part.contains(from))
                    } else {
                        walked.extend(cursors);
                        (part.contains(from), walked.len() < all.len())
                    };
                    assert_eq!([&info["hasPreviousPage"], &info["hasNextPage"]], [before, after], "{list:?} {part}");
                    if walked.len() >= all.len() {
                        break;
                    }
                    part = format!("{count}: {size}, {from}: {}", info[edge]);
                }
                assert_eq!(walked, all, "{list:?}, backwards: {backwards}");
            }
        }
    }

    async fn a_page_that_asks_for_both_ends_is_refused(db: Database) {
        let loaded = Loaded::over(db).await;
        let (cursors, _) = page(&loaded, ("areas", ""), "first: 1").await;
        for (part, named) in [
            ("first: 1, last: 1".to_owned(), "last"),
            (format!("first: 1, before: \"{}\"", cursors[0]), "before"),
            (format!("after: \"{}\", last: 1", cursors[0]), "last"),
            ("last: 0".to_owned(), "last"),
            ("first: 1001".to_owned(), "first"),
        ] {
            let answer = loaded.try_graphql(&format!("{{ areas({part}) {{ nodes {{ code }} }} }}"), &Value::Null).await;
            let error = &answer.json()["errors"][0];
            assert_eq!(error["extensions"]["code"], "INVALID_PARAMETER", "{part}: {error}");
            assert!(error["message"].as_str().unwrap().contains(&format!("`{named}`")), "{part}: {error}");
        }
    }

    async fn every_identifier_leads_back_to_its_object(db: Database) {
        let loaded = Loaded::over(db).await;
        let document = "{ partnerships(first: 3) { nodes { __typename id plans { __typename id } } }
            areas(first: 3) { nodes { __typename id } } indicators(last: 3) { nodes { __typename id } }
            peerGroups(first: 3) { nodes { __typename id } } collections(first: 3) { nodes { __typename id } }
            releases(first: 3) { nodes { __typename id } }
            southwark: partnership(code: \"southwark\") { plans { __typename id } } }";
        let answer = loaded.graphql(document, &Value::Null).await;
        let mut told = Vec::new();
        gather(&answer, &mut told);
        assert!(told.len() >= 17, "{told:?}");
        let ids: Vec<&Value> = told.iter().map(|object| &object["id"]).collect();
        let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
        let nodes = loaded.graphql(nodes, &json!({ "ids": ids })).await;
        assert_eq!(nodes["nodes"], json!(told));
        let node = "query ($id: ID!) { node(id: $id) { ... on Partnership { code } } }";
        let partnership = loaded.graphql("{ partnership(code: \"southwark\") { id } }", &Value::Null).await;
        let node = loaded.graphql(node, &json!({ "id": partnership["partnership"]["id"] })).await;
        assert_eq!(node["node"]["code"], "southwark");
    }

    async fn what_is_not_known_is_null_among_what_is(db: Database) {
        let loaded = Loaded::over(db).await;
        let known = loaded.graphql("{ area(code: \"E09000028\") { id } }", &Value::Null).await["area"]["id"].take();
        let ids = json!([known, "nothing", "019e0000-0000-7000-8000-000000000000", ""]);
        let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let nodes = loaded.graphql(query, &json!({ "ids": ids })).await;
        assert_eq!(nodes["nodes"], json!([{ "id": known }, null, null, null]));
        let answer = loaded.try_graphql(query, &json!({ "ids": vec!["x"; 101] })).await;
        assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "INVALID_PARAMETER");
        // Before the exchange knew it, there was nothing.
        let then = "query ($id: ID!) { node(id: $id, asOf: \"2000-01-01T00:00:00Z\") { id } }";
        assert_eq!(loaded.graphql(then, &json!({ "id": known })).await["node"], Value::Null);
    }
}

/// All objects with a type and an identifier, at any depth.
fn gather(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(members) => {
            if members.contains_key("id") {
                found.push(json!({ "__typename": members["__typename"], "id": members["id"] }));
            }
            members.values().for_each(|member| gather(member, found));
        }
        _ => {}
    }
}
