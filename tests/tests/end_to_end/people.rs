//! Who acts in these tests.

use tests::{Client, Server, TokenSpec};

/// The Government Office region of London.
const LONDON: &str = "E12000007";
/// That of the East Midlands, whose office has no say in London.
const EAST_MIDLANDS: &str = "E12000004";

/// Anna posts for Southwark, releases its local indicators and registers them.
pub fn anna(server: &Server) -> Client {
    let scope = "returns:read returns:write releases:write metadata:write";
    server.client_for(&TokenSpec::subject("anna").scope(scope).partnership("southwark"))
}

/// Ben signs off for Southwark.
pub fn ben(server: &Server) -> Client {
    signatory_of_southwark(server, "ben")
}

/// Somebody who signs off for Southwark.
pub fn signatory_of_southwark(server: &Server, name: &str) -> Client {
    server.client_for(&TokenSpec::subject(name).scope("returns:read returns:sign-off").partnership("southwark"))
}

/// Lola posts for Lambeth, and may do all that Anna may for Southwark.
pub fn lola(server: &Server) -> Client {
    let scope = "returns:read returns:write returns:sign-off releases:write metadata:write";
    server.client_for(&TokenSpec::subject("lola").scope(scope).partnership("lambeth"))
}

/// The office of Southwark's and Lambeth's region.
pub fn office_of_london(server: &Server) -> Client {
    server.client_for(&TokenSpec::subject("gol").scope("returns:read releases:write").region(LONDON))
}

/// The office of another region.
pub fn office_of_the_east_midlands(server: &Server) -> Client {
    server.client_for(&TokenSpec::subject("goem").scope("returns:read releases:write").region(EAST_MIDLANDS))
}

/// The editor of the catalogue.
pub fn editor(server: &Server) -> Client {
    server.client_for(&TokenSpec::subject("editor").scope("metadata:write"))
}

/// Reads the whole audit trail.
pub fn auditor(server: &Server) -> Client {
    server.client_for(&TokenSpec::subject("auditor").scope("audit:read"))
}
