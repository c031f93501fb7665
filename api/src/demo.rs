//! The demo: one real return, and a fictional region for trying things out.

pub mod fictional;

use crate::load::{FILES, Source, documents, posted_return};

/// The files of the demo, which are part of the program.
const EMBEDDED: [&str; 7] = [
    include_str!("../../data/areas.csv"),
    include_str!("../../data/partnerships.csv"),
    include_str!("../../data/indicators.csv"),
    include_str!("../../data/definitions.csv"),
    include_str!("../../data/breaks.csv"),
    include_str!("../../data/peer-groups.csv"),
    include_str!("../../data/collections.csv"),
];

/// Southwark's return for 2008/09 with its Most Similar Group, and the fictional region.
pub fn source() -> Result<Source, String> {
    let mut source = Source::default();
    for ((family, _), csv) in FILES.into_iter().zip(EMBEDDED) {
        source.documents.extend(documents(family, csv)?);
    }
    source.documents.extend(fictional::metadata());
    source.returns.push(posted_return(
        "southwark",
        "fy2008-09",
        include_str!("../../data/returns/southwark.fy2008-09.lines.csv"),
        include_str!("../../data/returns/southwark.fy2008-09.reported-comparisons.csv"),
    ));
    for body in fictional::returns() {
        source.add_return(&body);
    }
    Ok(source)
}
