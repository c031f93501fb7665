//! The harness itself: the throw-away cluster starts, as root too, and a copied database is a database of its own.

use tests::Cluster;

#[test]
fn a_copied_database_is_separate_from_its_template() {
    let Some(cluster) = Cluster::of_this_run() else { return };
    cluster.create_database("original", None);
    cluster.psql("original", "CREATE TABLE figure (value integer); INSERT INTO figure VALUES (15)");
    cluster.create_database("copy", Some("original"));
    cluster.psql("copy", "INSERT INTO figure VALUES (16)");
    assert_eq!(cluster.psql("original", "SELECT value FROM figure ORDER BY value"), "15");
    assert_eq!(cluster.psql("copy", "SELECT value FROM figure ORDER BY value"), "15\n16");
    cluster.drop_database("copy");
    assert_eq!(cluster.psql("original", "SELECT count(*) FROM pg_database WHERE datname = 'copy'"), "0");
}

#[test]
fn the_exchange_is_an_ordinary_role_on_a_supported_version() {
    let Some(cluster) = Cluster::of_this_run() else { return };
    assert_eq!(cluster.psql("postgres", "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"), "f");
    assert_eq!(cluster.psql("postgres", "SHOW server_encoding"), "UTF8");
    let new_enough = "SELECT current_setting('server_version_num')::integer >= 150000";
    assert_eq!(cluster.psql("postgres", new_enough), "t");
}
