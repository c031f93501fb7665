//! Documents of metadata as rows: what is short enough for a cell.

use exchange::rules::catalogue::{Area, Collection, Indicator, Partnership, PeerGroup};

use super::{Row, list, text};

impl Row for Area {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "old_code",
        "name",
        "kind",
        "within",
        "valid_from",
        "valid_to",
        "populations",
        "fictional",
        "note",
        "wards",
        "deprivation",
    ];
    const OF: &'static [&'static str] = &["Area"];
    const KEY: &'static [&'static str] = &["code"];

    fn cells(&self) -> Vec<String> {
        let populations = self.populations.iter();
        let populations: Vec<String> =
            populations.map(|of| format!("{}/{}/{}", text(of.year.as_ref()), of.vintage, of.people)).collect();
        let deprivation = self.deprivation.iter();
        let deprivation: Vec<String> =
            deprivation.map(|of| format!("{}/{}/{}", of.index, of.rank, text(of.of.as_ref()))).collect();
        vec![
            self.code.clone(),
            text(self.old_code.as_ref()),
            self.name.clone(),
            self.kind.to_string(),
            list(&self.within),
            text(self.valid_from.as_ref()),
            text(self.valid_to.as_ref()),
            list(&populations),
            self.fictional.to_string(),
            text(self.note.as_ref()),
            text(self.wards.as_ref()),
            list(&deprivation),
        ]
    }
}

impl Row for Partnership {
    const COLUMNS: &'static [&'static str] = &[
        "code",
        "name",
        "kinds",
        "area",
        "police_force_area",
        "region",
        "valid_from",
        "valid_to",
        "succeeded_by",
        "fictional",
        "note",
    ];
    const OF: &'static [&'static str] = &["Partnership"];
    const KEY: &'static [&'static str] = &["code"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            list(&self.kinds),
            self.area.clone(),
            text(self.police_force_area.as_ref()),
            text(self.region.as_ref()),
            text(self.valid_from.as_ref()),
            text(self.valid_to.as_ref()),
            text(self.succeeded_by.as_ref()),
            self.fictional.to_string(),
            text(self.note.as_ref()),
        ]
    }
}

impl Row for Indicator {
    const COLUMNS: &'static [&'static str] = &["code", "owner", "scheme", "aliases", "links", "agreements", "note"];
    const OF: &'static [&'static str] = &["Indicator", "IndicatorDocument"];
    const KEY: &'static [&'static str] = &["code"];

    fn cells(&self) -> Vec<String> {
        let links: Vec<String> = self.links.iter().map(|link| format!("{} {}", link.kind, link.indicator)).collect();
        vec![
            self.code.clone(),
            text(self.owner.as_ref()),
            text(self.scheme().as_ref()),
            list(&self.aliases),
            list(&links),
            list(&self.agreements),
            text(self.note.as_ref()),
        ]
    }
}

impl Row for PeerGroup {
    const COLUMNS: &'static [&'static str] = &["code", "name", "owner", "members", "valid_from", "valid_to", "source"];
    const OF: &'static [&'static str] = &["PeerGroup"];
    const KEY: &'static [&'static str] = &["code"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            self.owner.clone(),
            list(&self.members),
            self.valid_from.to_string(),
            text(self.valid_to.as_ref()),
            text(self.source.as_ref()),
        ]
    }
}

impl Row for Collection {
    const COLUMNS: &'static [&'static str] =
        &["code", "name", "periods", "indicators", "partnerships", "opens", "due", "closes"];
    const OF: &'static [&'static str] = &["Collection"];
    const KEY: &'static [&'static str] = &["code"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.code.clone(),
            self.name.clone(),
            list(&self.periods),
            list(&self.indicators),
            list(&self.partnerships),
            self.opens.to_string(),
            self.due.to_string(),
            text(self.closes.as_ref()),
        ]
    }
}
