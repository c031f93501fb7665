//! Documents of metadata that are put together.

use serde_json::{Value, json};
use tests::{Server, TestClock, on_both_databases};

use crate::{
    people::{editor, lola},
    steps::{IN_TIME, pass_the_margin, pluck},
};

const PUT: &str =
    "mutation ($documents: [MetadataInput!]!) { putMetadata(documents: $documents) { created effectiveAt } }";

/// A town that is new: its area, its partnership whose area is `area`, and an indicator of its own.
fn nighttown(area: &str) -> Value {
    json!({ "documents": [
        { "area": { "code": "NIGHT", "name": "Nighttown", "kind": "PARTNERSHIP_AREA", "within": ["E12000007"] } },
        { "partnership": { "code": "nighttown", "name": "Safer Nighttown", "area": area, "region": "E12000007" } },
        { "indicator": { "code": "LI 1", "owner": "nighttown" } },
    ] })
}

const ADDRESSES: [&str; 3] = ["/v1/areas/NIGHT", "/v1/partnerships/nighttown", "/v1/indicators/nighttown:LI 1"];

on_both_databases! { with_catalogue:
    /// One that is wrong leaves the others unwritten, and is named by its place; what is right takes effect at one instant.
    async fn documents_that_are_put_together_are_put_all_or_none(db: Database) {
        let clock = TestClock::at(IN_TIME);
        let server = Server::with(&db).clock(&clock).start();
        let refused = editor(&server).graphql(PUT, &nighttown("NIHGT")).await;
        assert_eq!(refused.graphql_codes(), ["INVALID_DOCUMENT"]);
        let problems = refused.at("/errors/0/extensions/problems");
        assert_eq!(pluck(&problems, "/place/pointer")[0], "/documents/1/partnership/area");
        assert_eq!(pluck(&problems, "/code")[0], "UNKNOWN_AREA");
        pass_the_margin(&clock);
        for address in ADDRESSES {
            server.client().get(address).await.expect(404);
        }
        let unauthorised = lola(&server).graphql(PUT, &nighttown("NIGHT")).await;
        assert_eq!(unauthorised.graphql_codes(), ["NOT_YOUR_PARTNERSHIP"]);
        assert_eq!(unauthorised.at("/errors/0/extensions/problems/0/place/pointer"), "/documents/0/area");
        assert_eq!(server.client().graphql(PUT, &nighttown("NIGHT")).await.graphql_codes(), ["UNAUTHENTICATED"]);

        let put = editor(&server).graphql(PUT, &nighttown("NIGHT")).await.graphql_data();
        assert_eq!(put["putMetadata"]["created"], 3);
        let at = put["putMetadata"]["effectiveAt"].as_str().unwrap();
        pass_the_margin(&clock);
        for address in ADDRESSES {
            server.client().get(address).query("as_of", at).await.expect(200);
        }
        let changes = server.client().get("/v1/changes?partnerships=nighttown").await.expect(200).at("/items");
        assert!(pluck(&changes, "/effective_at").iter().all(|instant| instant == at), "{changes}");
    }
}
