//! From one posted reported comparison to a typed one.

use super::LineReader;
use crate::{
    problem::ProblemCode,
    rules::{free_text::shortened, line::ReportedComparison},
};

impl LineReader<'_, '_> {
    pub(in crate::rules::validation) fn reported_comparison(mut self) -> ReportedComparison {
        if self.line.unreadable {
            return ReportedComparison { line: self.line.line, ..ReportedComparison::default() };
        }
        let peer_group = self.text("peer_group");
        if let Some(code) = peer_group.as_ref().filter(|code| self.context.catalogue.peer_group(code).is_none()) {
            let message = format!("`{}` is not the code of a peer group.", shortened(code));
            let place = self.line.place_of("peer_group");
            self.report(ProblemCode::UnknownWord, place, message, "the code of a registered peer group");
        }
        ReportedComparison {
            line: self.line.line,
            source_row: self.text("source_row"),
            indicator: self.indicator().map(|known| known.qualified_code()).unwrap_or_default(),
            indicator_as_printed: self.text("indicator_as_printed"),
            period: self.period("period").map(|period| period.code()).unwrap_or_default(),
            peer_group,
            rank: self.whole_number("rank"),
            rank_as_printed: self.text("rank_as_printed"),
            group_size: self.whole_number("group_size"),
            rank_order: self.word("rank_order"),
            position: self.word("position"),
            position_as_printed: self.text("position_as_printed"),
            progress: self.word("progress"),
            progress_as_printed: self.text("progress_as_printed"),
            own_change: self.figure("own_change"),
            own_change_as_printed: self.text("own_change_as_printed"),
            regional_change: self.figure("regional_change"),
            regional_change_as_printed: self.text("regional_change_as_printed"),
            source: self.text("source"),
        }
    }

    fn whole_number(&mut self, path: &str) -> Option<u32> {
        let posted = self.line.get(path)?;
        let number = posted.text.parse().ok().filter(|number| *number > 0);
        if number.is_none() {
            let message = format!("`{}` is not a whole number above zero.", shortened(&posted.text));
            self.report(ProblemCode::NotANumber, posted.place.clone(), message, "a whole number such as 7");
        }
        number
    }
}
