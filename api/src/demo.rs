//! The demo: two real plans with the figures that they print, and a fictional region for trying things out.

pub mod fictional;

use crate::load::{Files, Source};

/// Embeds files of the folder `data`, by their paths within it.
macro_rules! embedded {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../data/", $path)))),+]
    };
}

/// The files of the demo, which are part of the program.
const EMBEDDED: [(&str, &str); 17] = embedded![
    "areas.csv",
    "partnerships.csv",
    "indicators.csv",
    "definitions.csv",
    "breaks.csv",
    "peer-groups.csv",
    "collections.csv",
    "plans/southampton.safe-city-plan-2009-12.json",
    "plans/southampton.safe-city-plan-2009-12.actions.csv",
    "plans/southampton.safe-city-plan-2009-12.commitments.csv",
    "plans/southampton.safe-city-plan-2009-12.lines.csv",
    "plans/southwark.rolling-plan-2008-12.json",
    "plans/southwark.rolling-plan-2008-12.commitments.csv",
    "plans/southwark.rolling-plan-2008-12.lines.csv",
    "returns/southampton.plans-2009.lines.csv",
    "returns/southwark.plans-2009.lines.csv",
    "returns/southwark.plans-2009.reported-comparisons.csv",
];

/// The plans of Southwark and Southampton with their figures, Southwark's Most Similar Group, and the fictional region.
pub fn source() -> Result<Source, String> {
    let files: Files = EMBEDDED.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect();
    let mut source = Source::from_files(&files)?;
    source.documents.extend(fictional::metadata());
    for body in fictional::returns() {
        source.add_return(&body);
    }
    Ok(source)
}
