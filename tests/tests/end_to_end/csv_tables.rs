//! Tables, and what describes them.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::{Client, Database, Server, TestClock, on_both_databases};

use crate::people::office_of_london;
use crate::steps::{IN_TIME, published_plan};

async fn server_with_plan(db: &Database) -> Server {
    let clock = TestClock::at(IN_TIME);
    let server = Server::with(db).clock(&clock).arg("--data-licence").arg("https://example.org/licence").start();
    published_plan(&server, &clock).await;
    server
}

/// The addresses of tables in the OpenAPI document, with the parameters in their paths and those that they need.
async fn tables(client: &Client) -> Vec<String> {
    let document = client.get("/openapi.json").await.expect(200).json();
    let mut addresses = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if item.pointer("/get/responses/200/content/text~1csv").is_some() {
            let path = path.replace("{plan}", "rolling-plan-2008-12");
            let path = path.replace("{code}", if path.contains("indicators") { "NI 16" } else { "southwark" });
            addresses.push(path);
        }
    }
    addresses
}

on_both_databases! { with_catalogue:
    /// What a column holds is written once, and said wherever it comes.
    async fn every_table_says_what_its_columns_hold(db: Database) {
        let server = server_with_plan(&db).await;
        let office = office_of_london(&server);
        let mut described = BTreeSet::new();
        for address in tables(&office).await {
            let csv = office.get(&format!("{address}.csv")).await;
            if csv.status != 200 {
                // Of a plan, a group, a report and the like that are not there.
                assert!([400, 403, 404].contains(&csv.status.as_u16()), "{csv:?}");
                continue;
            }
            let header = csv.text().lines().next().unwrap().to_owned();
            let description = office.get(&format!("{address}.csv-metadata.json")).await.expect(200).json();
            assert_eq!(description["@context"][0], "http://www.w3.org/ns/csvw");
            let columns = description["tableSchema"]["columns"].as_array().unwrap();
            let names: Vec<&str> = columns.iter().map(|column| column["titles"].as_str().unwrap()).collect();
            assert_eq!(names.join(","), header, "{address}");
            for column in columns {
                assert!(column["dc:description"].as_str().unwrap().len() > 3, "{address}: {column}");
            }
            described.insert(address);
        }
        for address in ["/v1/actuals", "/v1/changes", "/v1/returns", "/v1/releases", "/v1/audit/anchors", "/v1/areas"] {
            assert!(described.contains(address), "{address} is not among {described:?}");
        }
    }

    /// A column's datatype is that of the member in JSON.
    async fn a_description_names_datatypes_required_cells_and_the_licence(db: Database) {
        let server = server_with_plan(&db).await;
        let answer = server.client().get("/v1/figures.csv-metadata.json").await.expect(200);
        assert!(answer.expect_header("content-type").starts_with("application/csvm+json"), "{answer:?}");
        let description = answer.json();
        assert_eq!(description["dc:license"]["@id"], "https://example.org/licence");
        let columns = description["tableSchema"]["columns"].as_array().unwrap();
        let column = |name: &str| columns.iter().find(|column| column["name"] == name).unwrap();
        assert_eq!(column("value")["datatype"], "decimal");
        assert_eq!(column("period_start")["datatype"], "date");
        assert_eq!(column("published_at")["datatype"], "dateTimeStamp");
        assert_eq!(column("indicator")["required"], true);
        assert_eq!(column("value")["required"], Value::Null);
        assert_eq!(column("doubts")["separator"], "; ");
        assert!(column("kind")["datatype"]["format"].as_str().unwrap().starts_with("ACTUAL|"), "{}", column("kind"));
        let one = server.client().get("/v1/partnerships.csv-metadata.json").await.expect(200);
        assert_eq!(one.at("/tableSchema/primaryKey/0"), "code");
    }

    /// Tools take the table as it is; a spreadsheet wants to be told that it is UTF-8.
    async fn a_table_has_a_byte_order_mark_if_it_is_wanted(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let plain = client.get("/v1/actuals.csv?periods=2008/09").await.expect(200);
        assert_eq!(plain.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
        assert_eq!(plain.header("content-disposition"), Some("attachment; filename=\"actuals.csv\""));
        assert!(plain.text().starts_with("indicator,period,"), "{plain:?}");
        let marked = client.get("/v1/actuals.csv?periods=2008/09&bom=true").await.expect(200);
        assert_eq!(marked.text().strip_prefix('\u{feff}'), Some(plain.text()));
        assert_ne!(marked.etag(), plain.etag());
        client.get("/v1/actuals?bom=true").await.expect(200).json();
        let detail = client.get("/v1/actuals.csv?bom=yes").await.expect(400).at("/detail");
        assert!(detail.as_str().unwrap().contains("`true` or `false`"), "{detail}");
        let one = client.get("/v1/indicators/NI%2016.csv").await.expect(200);
        assert_eq!(one.header("content-disposition"), Some("attachment; filename=\"indicators-NI-16.csv\""));
    }

    /// One document names all tables that are published, and types their columns.
    async fn the_published_tables_are_a_data_package(db: Database) {
        let server = server_with_plan(&db).await;
        let client = server.client();
        let package = client.get("/v1/datapackage.json").await.expect(200);
        assert_eq!(package.at("/licenses/0/path"), "https://example.org/licence");
        let resources = package.at("/resources");
        for resource in resources.as_array().unwrap() {
            let csv = client.get(&format!("/v1/{}", resource["path"].as_str().unwrap())).await.expect(200);
            let fields = resource["schema"]["fields"].as_array().unwrap();
            let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
            assert_eq!(csv.text().lines().next(), Some(names.join(",").as_str()), "{resource}");
        }
        assert_eq!(resources[0]["name"], "actuals");
        assert_eq!(resources[0]["schema"]["fields"][0]["constraints"]["required"], true);
    }
}
