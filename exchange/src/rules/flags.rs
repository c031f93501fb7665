//! Flags: what a stored figure carries beside its value, packed into one integer of the fact table.
//!
//! The numbers below are a stored format. A word may be added with a free number; a number is never given to another
//! word.
//!
//! | bits | holds | numbers |
//! |---|---|---|
//! | 0–15 | status | the bits of [`StatusSet`] |
//! | 16–20 | missing reason | 0 none, 1–14 as in `missing_number` |
//! | 21–22 | basis | 0 `OFFICIAL`, 1 `LOCAL_DATA`, 2 `PROXY`, 3 `PROJECTED` |
//! | 23–24 | form | 0 `LEVEL`, 1 `RELATIVE_CHANGE`, 2 `POINT_CHANGE` |
//! | 25–26 | traffic light | 0 none, 1 `GREEN`, 2 `AMBER`, 3 `RED` |
//! | 27 | tombstone | 1 if the revision withdraws the figure |
//! | 28–31 | nothing | 0, so that the integer is never negative |

use entity::{Basis, FigureForm, MissingReason, TrafficLight};

use super::status::StatusSet;

const MISSING_SHIFT: u32 = 16;
const BASIS_SHIFT: u32 = 21;
const FORM_SHIFT: u32 = 23;
const LIGHT_SHIFT: u32 = 25;
const TOMBSTONE_SHIFT: u32 = 27;
const END_SHIFT: u32 = 28;

/// What a stored figure carries beside its value. The default, an official level of which nothing is remarked, packs to
/// 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Flags {
    /// The statuses of the figure.
    pub status: StatusSet,
    /// Why there is no number.
    pub missing: Option<MissingReason>,
    /// What the figure rests on.
    pub basis: Basis,
    /// How the figure is to be read.
    pub form: FigureForm,
    /// The traffic light that was reported with it.
    pub light: Option<TrafficLight>,
    /// The revision withdraws the figure.
    pub tombstone: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            status: StatusSet::EMPTY,
            missing: None,
            basis: Basis::Official,
            form: FigureForm::Level,
            light: None,
            tombstone: false,
        }
    }
}

impl Flags {
    /// The flags as they are stored; never negative.
    pub fn pack(self) -> i32 {
        i32::from(self.status.bits())
            | self.missing.map_or(0, missing_number) << MISSING_SHIFT
            | basis_number(self.basis) << BASIS_SHIFT
            | form_number(self.form) << FORM_SHIFT
            | self.light.map_or(0, light_number) << LIGHT_SHIFT
            | i32::from(self.tombstone) << TOMBSTONE_SHIFT
    }

    /// The flags that are stored as `packed`; `None` if a number has no meaning.
    pub fn unpack(packed: i32) -> Option<Self> {
        if packed < 0 || packed >> END_SHIFT != 0 {
            return None;
        }
        let field = |from: u32, to: u32| packed >> from & ((1 << (to - from)) - 1);
        Some(Self {
            status: StatusSet::from_bits(u16::try_from(field(0, MISSING_SHIFT)).ok()?)?,
            missing: match field(MISSING_SHIFT, BASIS_SHIFT) {
                0 => None,
                number => Some(numbered(number, MissingReason::ALL, missing_number)?),
            },
            basis: numbered(field(BASIS_SHIFT, FORM_SHIFT), Basis::ALL, basis_number)?,
            form: numbered(field(FORM_SHIFT, LIGHT_SHIFT), FigureForm::ALL, form_number)?,
            light: match field(LIGHT_SHIFT, TOMBSTONE_SHIFT) {
                0 => None,
                number => Some(numbered(number, TrafficLight::ALL, light_number)?),
            },
            tombstone: field(TOMBSTONE_SHIFT, END_SHIFT) == 1,
        })
    }
}

/// The word that has a number. One table serves both ways, so that they cannot differ.
fn numbered<T: Copy>(number: i32, words: &[T], number_of: fn(T) -> i32) -> Option<T> {
    words.iter().copied().find(|&word| number_of(word) == number)
}

const fn missing_number(reason: MissingReason) -> i32 {
    match reason {
        MissingReason::NewIndicator => 1,
        MissingReason::AwaitingData => 2,
        MissingReason::BaselinePending => 3,
        MissingReason::NotAsked => 4,
        MissingReason::NotYetIntroduced => 5,
        MissingReason::Tbc => 6,
        MissingReason::NotApplicable => 7,
        MissingReason::ToBeSet => 8,
        MissingReason::NoTarget => 9,
        MissingReason::Withdrawn => 10,
        MissingReason::UnknownMark => 11,
        MissingReason::Blank => 12,
        MissingReason::Unreadable => 13,
        MissingReason::Replaced => 14,
    }
}

const fn basis_number(basis: Basis) -> i32 {
    match basis {
        Basis::Official => 0,
        Basis::LocalData => 1,
        Basis::Proxy => 2,
        Basis::Projected => 3,
    }
}

const fn form_number(form: FigureForm) -> i32 {
    match form {
        FigureForm::Level => 0,
        FigureForm::RelativeChange => 1,
        FigureForm::PointChange => 2,
    }
}

const fn light_number(light: TrafficLight) -> i32 {
    match light {
        TrafficLight::Green => 1,
        TrafficLight::Amber => 2,
        TrafficLight::Red => 3,
    }
}

#[cfg(test)]
mod tests {
    use entity::ObsStatus;
    use proptest::{option, prelude::*, sample::select};
    use rstest::rstest;

    use super::*;

    fn any_flags() -> impl Strategy<Value = Flags> {
        (
            (0_u16..0x4000).prop_filter_map("a bit without a meaning", StatusSet::from_bits),
            option::of(select(MissingReason::ALL)),
            select(Basis::ALL),
            select(FigureForm::ALL),
            option::of(select(TrafficLight::ALL)),
            any::<bool>(),
        )
            .prop_map(|(status, missing, basis, form, light, tombstone)| Flags {
                status,
                missing,
                basis,
                form,
                light,
                tombstone,
            })
    }

    #[test]
    fn an_official_level_without_a_remark_is_stored_as_nought() {
        assert_eq!(Flags::default().pack(), 0);
        assert_eq!(Flags::unpack(0), Some(Flags::default()));
    }

    #[rstest]
    #[case::new_indicator(Flags { missing: Some(MissingReason::NewIndicator), ..Flags::default() }, 0x0001_0000)]
    #[case::awaiting_data(Flags { missing: Some(MissingReason::AwaitingData), ..Flags::default() }, 0x0002_0000)]
    #[case::baseline_pending(Flags { missing: Some(MissingReason::BaselinePending), ..Flags::default() }, 0x0003_0000)]
    #[case::not_asked(Flags { missing: Some(MissingReason::NotAsked), ..Flags::default() }, 0x0004_0000)]
    #[case::not_introduced(Flags { missing: Some(MissingReason::NotYetIntroduced), ..Flags::default() }, 0x0005_0000)]
    #[case::tbc(Flags { missing: Some(MissingReason::Tbc), ..Flags::default() }, 0x0006_0000)]
    #[case::not_applicable(Flags { missing: Some(MissingReason::NotApplicable), ..Flags::default() }, 0x0007_0000)]
    #[case::to_be_set(Flags { missing: Some(MissingReason::ToBeSet), ..Flags::default() }, 0x0008_0000)]
    #[case::no_target(Flags { missing: Some(MissingReason::NoTarget), ..Flags::default() }, 0x0009_0000)]
    #[case::withdrawn(Flags { missing: Some(MissingReason::Withdrawn), ..Flags::default() }, 0x000A_0000)]
    #[case::unknown_mark(Flags { missing: Some(MissingReason::UnknownMark), ..Flags::default() }, 0x000B_0000)]
    #[case::blank(Flags { missing: Some(MissingReason::Blank), ..Flags::default() }, 0x000C_0000)]
    #[case::unreadable(Flags { missing: Some(MissingReason::Unreadable), ..Flags::default() }, 0x000D_0000)]
    #[case::replaced(Flags { missing: Some(MissingReason::Replaced), ..Flags::default() }, 0x000E_0000)]
    #[case::local_data(Flags { basis: Basis::LocalData, ..Flags::default() }, 0x0020_0000)]
    #[case::proxy(Flags { basis: Basis::Proxy, ..Flags::default() }, 0x0040_0000)]
    #[case::projected(Flags { basis: Basis::Projected, ..Flags::default() }, 0x0060_0000)]
    #[case::relative_change(Flags { form: FigureForm::RelativeChange, ..Flags::default() }, 0x0080_0000)]
    #[case::point_change(Flags { form: FigureForm::PointChange, ..Flags::default() }, 0x0100_0000)]
    #[case::green(Flags { light: Some(TrafficLight::Green), ..Flags::default() }, 0x0200_0000)]
    #[case::amber(Flags { light: Some(TrafficLight::Amber), ..Flags::default() }, 0x0400_0000)]
    #[case::red(Flags { light: Some(TrafficLight::Red), ..Flags::default() }, 0x0600_0000)]
    #[case::tombstone(Flags { tombstone: true, ..Flags::default() }, 0x0800_0000)]
    #[case::provisional_break(
        Flags { status: [ObsStatus::Provisional, ObsStatus::Break].into_iter().collect(), ..Flags::default() },
        0x0000_0102
    )]
    fn the_stored_number_of_a_word_never_changes(#[case] flags: Flags, #[case] packed: i32) {
        assert_eq!(flags.pack(), packed);
        assert_eq!(Flags::unpack(packed), Some(flags));
    }

    #[rstest]
    #[case::unknown_status(0x0000_4000)]
    #[case::unknown_reason(0x000F_0000)]
    #[case::unknown_form(0x0180_0000)]
    #[case::bit_beyond_the_format(0x1000_0000)]
    #[case::negative(-1)]
    #[case::most_negative(i32::MIN)]
    fn a_number_without_a_meaning_is_refused(#[case] packed: i32) {
        assert_eq!(Flags::unpack(packed), None);
    }

    proptest! {
        #[test]
        fn flags_read_back_as_they_were_stored(flags in any_flags()) {
            prop_assert!(flags.pack() >= 0);
            prop_assert_eq!(Flags::unpack(flags.pack()), Some(flags));
        }

        #[test]
        fn one_state_has_one_stored_number(packed: i32) {
            if let Some(flags) = Flags::unpack(packed) {
                prop_assert_eq!(flags.pack(), packed);
            }
        }
    }
}
