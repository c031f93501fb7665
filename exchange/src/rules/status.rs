//! Observation status: several words of SDMX's `CL_OBS_STATUS` at once.
//!
//! Sources: the code list `CL_OBS_STATUS`, version 2.2 (<https://sdmx.org/?page_id=3215>), and the SDMX guideline
//! "Possible Ways of Implementing the Observation Status Concept", version 2.0 of May 2019
//! (<https://sdmx.org/?page_id=4345>), section 2, whose table gives both the precedence and which status goes with a
//! number.

use std::fmt;

use entity::ObsStatus;

/// Every status, the most important first: the guideline's hierarchy (`B O M L H Q J S D K W I F E P N U V G A`)
/// without the codes that the exchange does not use.
const PRECEDENCE: [ObsStatus; 14] = [
    ObsStatus::Break,
    ObsStatus::Missing,
    ObsStatus::CannotExist,
    ObsStatus::NotCollected,
    ObsStatus::Suppressed,
    ObsStatus::SpecialEvent,
    ObsStatus::DefinitionDiffers,
    ObsStatus::Imputed,
    ObsStatus::Forecast,
    ObsStatus::Estimated,
    ObsStatus::Provisional,
    ObsStatus::LowReliability,
    ObsStatus::Unvalidated,
    ObsStatus::Normal,
];

/// The statuses of one figure.
///
/// A set may be empty: nothing was said. Its bits are a stored format.
///
/// | bit | status | bit | status |
/// |---|---|---|---|
/// | 0 | `NORMAL` | 7 | `MISSING` |
/// | 1 | `BREAK` | 8 | `PROVISIONAL` |
/// | 2 | `ESTIMATED` | 9 | `SUPPRESSED` |
/// | 3 | `FORECAST` | 10 | `SPECIAL_EVENT` |
/// | 4 | `IMPUTED` | 11 | `LOW_RELIABILITY` |
/// | 5 | `NOT_COLLECTED` | 12 | `UNVALIDATED` |
/// | 6 | `CANNOT_EXIST` | 13 | `DEFINITION_DIFFERS` |
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct StatusSet(u16);

impl StatusSet {
    /// The set without a status.
    pub const EMPTY: Self = Self(0);

    /// The set as it is stored.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// The set that is stored as `bits`; `None` if a bit has no meaning.
    pub fn from_bits(bits: u16) -> Option<Self> {
        let known = Self::from_iter(PRECEDENCE);
        (bits & !known.0 == 0).then_some(Self(bits))
    }

    /// The set with one status more.
    #[must_use]
    pub const fn with(self, status: ObsStatus) -> Self {
        Self(self.0 | bit(status))
    }

    /// Whether the set has a status.
    pub const fn contains(self, status: ObsStatus) -> bool {
        self.0 & bit(status) != 0
    }

    /// Whether the set has no status.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The statuses, the most important first.
    pub fn iter(self) -> impl Iterator<Item = ObsStatus> {
        PRECEDENCE.into_iter().filter(move |&status| self.contains(status))
    }

    /// The one status to show where there is room for only one.
    pub fn most_important(self) -> Option<ObsStatus> {
        self.iter().next()
    }

    /// Checks that the statuses go together, and with a number or the lack of one.
    ///
    /// # Errors
    /// The first [`StatusError`] that applies, with every status at fault.
    pub fn check(self, has_number: bool) -> Result<(), StatusError> {
        let others = self.only(|status| status != ObsStatus::Normal);
        if self.contains(ObsStatus::Normal) && !others.is_empty() {
            return Err(StatusError::NormalWithOthers { others });
        }
        let needless = self.only(|status| company(status) == Company::NoNumber);
        if has_number && !needless.is_empty() {
            return Err(StatusError::OnlyWithoutNumber { statuses: needless });
        }
        let wanting = self.only(|status| company(status) == Company::Number);
        if !has_number && !wanting.is_empty() {
            return Err(StatusError::NeedsNumber { statuses: wanting });
        }
        Ok(())
    }

    /// Whether a status of the set says that there is no number.
    pub fn says_missing(self) -> bool {
        self.iter().any(|status| company(status) == Company::NoNumber)
    }

    fn only(self, keep: impl Fn(ObsStatus) -> bool) -> Self {
        self.iter().filter(|&status| keep(status)).collect()
    }
}

impl FromIterator<ObsStatus> for StatusSet {
    fn from_iter<I: IntoIterator<Item = ObsStatus>>(statuses: I) -> Self {
        statuses.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Display for StatusSet {
    /// The words, the most important first: `BREAK, ESTIMATED`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(ObsStatus::as_str).collect();
        f.write_str(&words.join(", "))
    }
}

/// Why a set of statuses cannot stand. The message is meant for the person who sent it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StatusError {
    /// `NORMAL` stands beside a remark.
    #[error("NORMAL means that there is nothing to remark; it cannot stand beside {others}")]
    NormalWithOthers {
        /// The remarks.
        others: StatusSet,
    },
    /// A status that describes a number stands where there is none.
    #[error("{statuses} describes a number, and there is none; give the number or leave the status out")]
    NeedsNumber {
        /// The statuses that need a number.
        statuses: StatusSet,
    },
    /// A status that says that there is no number stands beside one.
    #[error("{statuses} means that there is no number, and there is one; leave out the number or the status")]
    OnlyWithoutNumber {
        /// The statuses that go only without a number.
        statuses: StatusSet,
    },
}

/// What a status stands beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Company {
    Number,
    NoNumber,
    Either,
}

/// The columns "relevant in conjunction with numeric values" and "with missing values" of the guideline's table.
const fn company(status: ObsStatus) -> Company {
    match status {
        ObsStatus::Break | ObsStatus::SpecialEvent => Company::Either,
        ObsStatus::Missing | ObsStatus::CannotExist | ObsStatus::NotCollected | ObsStatus::Suppressed => {
            Company::NoNumber
        }
        ObsStatus::DefinitionDiffers
        | ObsStatus::Imputed
        | ObsStatus::Forecast
        | ObsStatus::Estimated
        | ObsStatus::Provisional
        | ObsStatus::LowReliability
        | ObsStatus::Unvalidated
        | ObsStatus::Normal => Company::Number,
    }
}

/// The bit of a status. These are stored: a number that was once given never changes.
const fn bit(status: ObsStatus) -> u16 {
    match status {
        ObsStatus::Normal => 1 << 0,
        ObsStatus::Break => 1 << 1,
        ObsStatus::Estimated => 1 << 2,
        ObsStatus::Forecast => 1 << 3,
        ObsStatus::Imputed => 1 << 4,
        ObsStatus::NotCollected => 1 << 5,
        ObsStatus::CannotExist => 1 << 6,
        ObsStatus::Missing => 1 << 7,
        ObsStatus::Provisional => 1 << 8,
        ObsStatus::Suppressed => 1 << 9,
        ObsStatus::SpecialEvent => 1 << 10,
        ObsStatus::LowReliability => 1 << 11,
        ObsStatus::Unvalidated => 1 << 12,
        ObsStatus::DefinitionDiffers => 1 << 13,
    }
}

#[cfg(test)]
mod tests {
    use entity::ObsStatus::{
        Break, CannotExist, DefinitionDiffers, Estimated, Forecast, Imputed, LowReliability, Missing, Normal,
        NotCollected, Provisional, SpecialEvent, Suppressed, Unvalidated,
    };
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn set<const N: usize>(statuses: [ObsStatus; N]) -> StatusSet {
        statuses.into_iter().collect()
    }

    #[rstest]
    #[case(Normal, 0x0001)]
    #[case(Break, 0x0002)]
    #[case(Estimated, 0x0004)]
    #[case(Forecast, 0x0008)]
    #[case(Imputed, 0x0010)]
    #[case(NotCollected, 0x0020)]
    #[case(CannotExist, 0x0040)]
    #[case(Missing, 0x0080)]
    #[case(Provisional, 0x0100)]
    #[case(Suppressed, 0x0200)]
    #[case(SpecialEvent, 0x0400)]
    #[case(LowReliability, 0x0800)]
    #[case(Unvalidated, 0x1000)]
    #[case(DefinitionDiffers, 0x2000)]
    fn the_stored_bit_of_a_status_never_changes(#[case] status: ObsStatus, #[case] bits: u16) {
        assert_eq!(set([status]).bits(), bits);
        assert_eq!(StatusSet::from_bits(bits), Some(set([status])));
    }

    #[test]
    fn every_status_has_a_place_in_the_precedence() {
        assert_eq!(ObsStatus::ALL.iter().copied().collect::<StatusSet>().iter().collect::<Vec<_>>(), PRECEDENCE);
        assert_eq!(PRECEDENCE.len(), ObsStatus::ALL.len());
    }

    #[test]
    fn a_break_comes_before_a_suppressed_value_as_in_the_guidelines_own_example() {
        let statuses = set([Suppressed, Break]);
        assert_eq!(statuses.to_string(), "BREAK, SUPPRESSED");
        assert_eq!(statuses.most_important(), Some(Break));
        assert_eq!(statuses.check(false), Ok(()));
    }

    #[test]
    fn a_status_said_twice_is_one_status() {
        assert_eq!(set([Provisional, Provisional]), set([Provisional]));
    }

    #[test]
    fn a_bit_without_a_meaning_is_refused() {
        assert_eq!(StatusSet::from_bits(0x3FFF), Some(set(PRECEDENCE)));
        assert_eq!(StatusSet::from_bits(0x4000), None);
        assert_eq!(StatusSet::from_bits(0x8001), None);
    }

    #[rstest]
    fn a_quality_of_a_number_needs_the_number(
        #[values(Normal, Estimated, Forecast, Imputed, Provisional, LowReliability, Unvalidated, DefinitionDiffers)]
        status: ObsStatus,
    ) {
        assert_eq!(set([status]).check(true), Ok(()));
        assert_eq!(set([status]).check(false), Err(StatusError::NeedsNumber { statuses: set([status]) }));
    }

    #[rstest]
    fn a_missing_figure_has_no_number(#[values(NotCollected, CannotExist, Missing, Suppressed)] status: ObsStatus) {
        assert_eq!(set([status]).check(false), Ok(()));
        assert_eq!(set([status]).check(true), Err(StatusError::OnlyWithoutNumber { statuses: set([status]) }));
    }

    #[rstest]
    fn a_break_or_a_special_event_goes_with_a_number_and_without(
        #[values(Break, SpecialEvent)] status: ObsStatus,
        #[values(true, false)] has_number: bool,
    ) {
        assert_eq!(set([status]).check(has_number), Ok(()));
    }

    #[test]
    fn a_provisional_figure_after_a_change_of_counting_rules_is_both() {
        assert_eq!(set([Provisional, Break]).check(true), Ok(()));
    }

    #[test]
    fn normal_excludes_every_remark() {
        let error = set([Normal, Estimated, Break]).check(true);
        assert_eq!(error, Err(StatusError::NormalWithOthers { others: set([Break, Estimated]) }));
        let message = "NORMAL means that there is nothing to remark; it cannot stand beside BREAK, ESTIMATED";
        assert_eq!(error.map_err(|error| error.to_string()), Err(message.to_owned()));
    }

    #[test]
    fn every_status_at_fault_is_named() {
        let error = set([Estimated, Missing, Forecast]).check(false);
        assert_eq!(error, Err(StatusError::NeedsNumber { statuses: set([Forecast, Estimated]) }));
    }

    #[rstest]
    fn nothing_said_is_no_error(#[values(true, false)] has_number: bool) {
        assert_eq!(StatusSet::EMPTY.check(has_number), Ok(()));
    }

    proptest! {
        #[test]
        fn a_set_reads_back_from_its_bits_and_its_words(bits in 0_u16..0x4000) {
            let statuses = StatusSet::from_bits(bits);
            prop_assert_eq!(statuses.map(StatusSet::bits), Some(bits));
            prop_assert_eq!(statuses.map(|statuses| statuses.iter().collect()), statuses);
        }
    }
}
