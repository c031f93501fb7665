//! The vocabulary: every closed list of words that the exchange stores, sends or accepts.
//!
//! Each list is defined once, here. The database, JSON, GraphQL and OpenAPI all derive from the one definition, so that a
//! word is spelt alike on every interface: `SCREAMING_SNAKE_CASE`.

use std::{fmt, str::FromStr};

use async_graphql::Enum;
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text that is not one of the words of a closed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The list's name, for example `Polarity`.
    pub list: &'static str,
    /// What was given.
    pub given: String,
    /// The words that would have been understood.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not one of {}", self.given, self.known.join(", "))
    }
}

impl std::error::Error for UnknownWord {}

/// Defines one closed list of words, for all interfaces at once.
macro_rules! vocabulary {
    ($($(#[$meta:meta])* $name:ident { $($(#[$word_meta:meta])* $variant:ident = $word:tt,)+ })+) => {$(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord,
            Serialize, Deserialize, Enum, ToSchema, DeriveActiveEnum, EnumIter,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum $name {
            $(
                $(#[$word_meta])*
                #[serde(rename = $word)]
                #[graphql(name = $word)]
                #[sea_orm(string_value = $word)]
                $variant,
            )+
        }

        impl $name {
            /// Every word of the list, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The words as they are written.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it is written on every interface.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { list: stringify!($name), given: text.to_owned(), known: Self::WORDS }),
                }
            }
        }
    )+};
}

vocabulary! {
    /// What kind of place an area is.
    AreaKind {
        /// The area of one partnership, usually a local authority district.
        PartnershipArea = "PARTNERSHIP_AREA",
        /// A part of a partnership's area, for example an estate.
        SubArea = "SUB_AREA",
        /// The area of one police force.
        PoliceForceArea = "POLICE_FORCE_AREA",
        /// A Government Office region.
        Region = "REGION",
        /// England.
        Country = "COUNTRY",
    }

    /// What a partnership is constituted as; one partnership may be several at once.
    PartnershipKind {
        /// Crime and disorder reduction partnership.
        Cdrp = "CDRP",
        /// Drug and alcohol action team.
        Daat = "DAAT",
        /// Youth offending team.
        Yot = "YOT",
        /// Local strategic partnership.
        Lsp = "LSP",
    }

    /// Who defines an indicator, and so how its code reads.
    Scheme {
        /// The national indicator set (`NI 15`).
        Ni = "NI",
        /// Local indicators numbered by the partnership that owns them (`LI 1`).
        Li = "LI",
        /// Local indicators without a number, named by the partnership that owns them (`LOCAL asbo-breach-rate`).
        Local = "LOCAL",
        /// Recorded-crime measures that nobody owns (`CRIME personal-robbery`).
        Crime = "CRIME",
    }

    /// How two indicators are connected.
    IndicatorLinkKind {
        /// Both measure the same thing.
        SameMeasure = "SAME_MEASURE",
        /// The indicator supports the linked one.
        Supports = "SUPPORTS",
        /// The indicator is a part of the linked one.
        PartOf = "PART_OF",
        /// The indicator replaces the linked one.
        Replaces = "REPLACES",
    }

    /// What a figure is expressed in.
    Unit {
        /// Events per so many of a denominator; `per` says how many.
        Rate = "RATE",
        /// Hundredths.
        Percent = "PERCENT",
        /// A difference of two percentages.
        PercentagePoint = "PERCENTAGE_POINT",
        /// A number of things or people.
        Count = "COUNT",
        /// A proportion of one quantity to another, 1 meaning equal.
        Ratio = "RATIO",
        /// A score on a scale of its own.
        Score = "SCORE",
        /// A grade or band.
        Grade = "GRADE",
        /// Pounds sterling.
        Money = "MONEY",
        /// The source does not say.
        Unknown = "UNKNOWN",
    }

    /// Which direction is good.
    Polarity {
        /// A lower figure is better.
        LowerIsBetter = "LOWER_IS_BETTER",
        /// A higher figure is better.
        HigherIsBetter = "HIGHER_IS_BETTER",
        /// The nearer to zero the better.
        TowardsZero = "TOWARDS_ZERO",
        /// Neither direction is better.
        None = "NONE",
        /// The source does not say.
        Unknown = "UNKNOWN",
    }

    /// How figures of parts of a year combine into the year's.
    Aggregation {
        /// They add up.
        Sum = "SUM",
        /// The latest stands for the whole.
        Last = "LAST",
        /// They do not combine.
        NotAdditive = "NOT_ADDITIVE",
    }

    /// The kinds of period that a figure may be for.
    PeriodKind {
        /// 1 April to 31 March.
        FinancialYear = "FINANCIAL_YEAR",
        /// A quarter of a financial year; Q1 is April to June.
        Quarter = "QUARTER",
        /// Any other stretch of days.
        Range = "RANGE",
        /// From 1 April to a day of the same financial year.
        YearToDate = "YEAR_TO_DATE",
        /// The twelve months that end on a day.
        Rolling12Months = "ROLLING_12_MONTHS",
        /// People who entered in a stretch of days, followed for some months.
        Cohort = "COHORT",
        /// A day.
        AsAt = "AS_AT",
        /// One wave of a survey.
        SurveyWave = "SURVEY_WAVE",
        /// 1 September to 31 August.
        AcademicYear = "ACADEMIC_YEAR",
        /// 1 January to 31 December.
        CalendarYear = "CALENDAR_YEAR",
    }

    /// What a figure of a line is.
    FigureKind {
        /// An outturn.
        Actual = "ACTUAL",
        /// The value that change is measured from.
        Baseline = "BASELINE",
        /// A target.
        Target = "TARGET",
        /// A target that includes the stretch agreed in a local area agreement.
        TargetWithStretch = "TARGET_WITH_STRETCH",
        /// A target that leaves the agreed stretch out.
        TargetWithoutStretch = "TARGET_WITHOUT_STRETCH",
        /// A change as the source prints it.
        ReportedChange = "REPORTED_CHANGE",
        /// A traffic light as the source prints it.
        ReportedLight = "REPORTED_LIGHT",
    }

    /// How a target or a change is to be read.
    FigureForm {
        /// A level in the indicator's unit.
        Level = "LEVEL",
        /// A change relative to the level before, in per cent.
        RelativeChange = "RELATIVE_CHANGE",
        /// A change in points of the indicator's unit.
        PointChange = "POINT_CHANGE",
    }

    /// Observation status, after the SDMX code list `CL_OBS_STATUS` (version 2.2), several of which may hold at once.
    ObsStatus {
        /// `A`: nothing to remark.
        Normal = "NORMAL",
        /// `B`: not comparable with figures before.
        Break = "BREAK",
        /// `E`: estimated.
        Estimated = "ESTIMATED",
        /// `F`: a forecast or projection.
        Forecast = "FORECAST",
        /// `I`: imputed by the receiving organisation.
        Imputed = "IMPUTED",
        /// `L`: missing; data exist but were not collected.
        NotCollected = "NOT_COLLECTED",
        /// `M`: missing; data cannot exist.
        CannotExist = "CANNOT_EXIST",
        /// `O`: missing.
        Missing = "MISSING",
        /// `P`: provisional.
        Provisional = "PROVISIONAL",
        /// `Q`: missing; suppressed.
        Suppressed = "SUPPRESSED",
        /// `S`: affected by a strike or another special event.
        SpecialEvent = "SPECIAL_EVENT",
        /// `U`: low reliability.
        LowReliability = "LOW_RELIABILITY",
        /// `V`: unvalidated.
        Unvalidated = "UNVALIDATED",
        /// `D`: the definition differs.
        DefinitionDiffers = "DEFINITION_DIFFERS",
    }

    /// What a figure rests on.
    Basis {
        /// The official source of the indicator.
        Official = "OFFICIAL",
        /// The partnership's own data.
        LocalData = "LOCAL_DATA",
        /// A stand-in for the real measure.
        Proxy = "PROXY",
        /// A projection of a part of the period.
        Projected = "PROJECTED",
    }

    /// Why there is no number.
    MissingReason {
        /// The indicator was new.
        NewIndicator = "NEW_INDICATOR",
        /// The data had not arrived.
        AwaitingData = "AWAITING_DATA",
        /// A baseline was still to be established.
        BaselinePending = "BASELINE_PENDING",
        /// The question was not asked.
        NotAsked = "NOT_ASKED",
        /// The indicator was not yet in force.
        NotYetIntroduced = "NOT_YET_INTRODUCED",
        /// Printed `tbc` and no more.
        Tbc = "TBC",
        /// Printed `n/a` and no more.
        NotApplicable = "NOT_APPLICABLE",
        /// A target was still to be set.
        ToBeSet = "TO_BE_SET",
        /// No target was going to be set.
        NoTarget = "NO_TARGET",
        /// A target was withdrawn.
        Withdrawn = "WITHDRAWN",
        /// A mark was printed whose meaning the source does not give.
        UnknownMark = "UNKNOWN_MARK",
        /// The cell was empty.
        Blank = "BLANK",
        /// The print is damaged and has no single reading.
        Unreadable = "UNREADABLE",
        /// Another indicator measures it from now on.
        Replaced = "REPLACED",
    }

    /// What a baseline is.
    BaselineKind {
        /// The outturn of its period.
        Outturn = "OUTTURN",
        /// Agreed between the parties, whatever has become of the outturn since.
        Agreed = "AGREED",
        /// The outturn after the data were refreshed.
        Refreshed = "REFRESHED",
        /// The average of several years.
        Average = "AVERAGE",
    }

    /// Why what a source prints is doubtful.
    Doubt {
        /// The printed title is that of another indicator.
        AnotherIndicator = "ANOTHER_INDICATOR",
        /// The figures are not of the indicator's official measure.
        AnotherMeasure = "ANOTHER_MEASURE",
        /// The figures seem to belong to another row.
        WrongRow = "WRONG_ROW",
        /// The figures are not in the unit of the row.
        WrongUnit = "WRONG_UNIT",
        /// The print is damaged.
        Damaged = "DAMAGED",
        /// A code or a name is printed wrongly.
        Misnamed = "MISNAMED",
    }

    /// How a printed change agrees with the two figures printed beside it.
    ChangeMatch {
        /// The printed figures give it, rounded to its printed decimals.
        Matches = "MATCHES",
        /// The printed figures do not, but figures that round to them do: the source computed it before it rounded.
        WithinRounding = "WITHIN_ROUNDING",
        /// It is a change in points where a relative change was stated, or the reverse.
        OtherBasis = "OTHER_BASIS",
        /// Nothing above accounts for it.
        Unexplained = "UNEXPLAINED",
    }

    /// Why the exchange computes nothing from a figure.
    NotComputed {
        /// There is no numeric actual for the period.
        NoActual = "NO_ACTUAL",
        /// The target is not a number.
        NoTarget = "NO_TARGET",
        /// The target or the change starts from a baseline that is not a number.
        NoBaseline = "NO_BASELINE",
        /// Neither direction is better, or the source does not say which.
        NoPolarity = "NO_POLARITY",
        /// The figures follow another definition than the indicator's, and the plan does not say which direction is good.
        DefinitionDiffers = "DEFINITION_DIFFERS",
        /// One figure is of a part of the other's period, as ten months of a year, and does not stand for the whole.
        PartOfPeriod = "PART_OF_PERIOD",
        /// Rows contradict each other.
        Conflict = "CONFLICT",
        /// The figures lie on both sides of a break.
        Break = "BREAK",
        /// The base of the change is zero, or the result has too many digits.
        OutOfRange = "OUT_OF_RANGE",
    }

    /// Where a plan stands.
    PlanStatus {
        /// Proposed, not yet agreed.
        Draft = "DRAFT",
        /// Agreed.
        Agreed = "AGREED",
        /// Agreed and revised since.
        Revised = "REVISED",
        /// Replaced by another plan.
        Superseded = "SUPERSEDED",
    }

    /// What a plan sets out to do.
    PriorityKind {
        /// A priority for the whole plan.
        Priority = "PRIORITY",
        /// A theme that cuts across priorities.
        Theme = "THEME",
        /// What goes on as before.
        Continuing = "CONTINUING",
    }

    /// How high a plan places an indicator.
    Tier {
        /// Strategic.
        Strategic = "STRATEGIC",
        /// Below the strategic ones.
        Sub = "SUB",
        /// Local.
        Local = "LOCAL",
    }

    /// How a Local Area Agreement (LAA) uses an indicator.
    LaaStatus {
        /// One of the designated indicators, negotiated with government.
        Designated = "DESIGNATED",
        /// Agreed locally.
        Local = "LOCAL",
        /// The plan says that it is in the agreement, and no more.
        Unspecified = "UNSPECIFIED",
    }

    /// A traffic light (red, amber, green).
    TrafficLight {
        /// On or better than target.
        Green = "GREEN",
        /// Near target.
        Amber = "AMBER",
        /// Off target.
        Red = "RED",
    }

    /// Where a return stands.
    ReturnState {
        /// Accepted and still editable by its respondent.
        Draft = "DRAFT",
        /// Handed in, waiting for a second person.
        Submitted = "SUBMITTED",
        /// Sent back to its respondent with a reason.
        Returned = "RETURNED",
        /// Signed off by somebody other than its submitter; its figures can be released.
        SignedOff = "SIGNED_OFF",
        /// Every figure of it has been published.
        Released = "RELEASED",
        /// Taken back: by its respondent before release, or afterwards by a release that withdraws its figures.
        Withdrawn = "WITHDRAWN",
        /// Replaced by a later revision, or by a later return for the same collection.
        Superseded = "SUPERSEDED",
    }

    /// Whom a release is for.
    Audience {
        /// Everybody.
        Public = "PUBLIC",
        /// The members of the partnership's Most Similar Group.
        PeerGroup = "PEER_GROUP",
        /// The regional office of the partnership and the partnerships of its region.
        Region = "REGION",
    }

    /// What a release does.
    ReleaseAction {
        /// It publishes signed-off returns.
        Publish = "PUBLISH",
        /// It withdraws published figures: readers see that they are gone, and why.
        Withdraw = "WITHDRAW",
    }

    /// Where a release stands.
    ReleaseState {
        /// Its embargo is not over.
        Scheduled = "SCHEDULED",
        /// It is in effect.
        Effective = "EFFECTIVE",
        /// It was cancelled before its embargo was over.
        Cancelled = "CANCELLED",
    }

    /// What became of a published figure or document.
    ChangeKind {
        /// It was not there before.
        Added = "ADDED",
        /// It says something else than before.
        Revised = "REVISED",
        /// It was withdrawn; a tombstone stands in its place.
        Withdrawn = "WITHDRAWN",
        /// The return or document that brought it was replaced by one that leaves it out.
        Removed = "REMOVED",
    }

    /// Which end of a ranking comes first.
    RankOrder {
        /// Rank 1 is the lowest figure.
        LowestFirst = "LOWEST_FIRST",
        /// Rank 1 is the highest figure.
        HighestFirst = "HIGHEST_FIRST",
        /// Rank 1 is the figure nearest to zero.
        NearestZeroFirst = "NEAREST_ZERO_FIRST",
    }

    /// Where a figure lies against the average of its peer group: in value, not in merit.
    Position {
        /// Above the average.
        Above = "ABOVE",
        /// Slightly above the average, as a source prints it.
        JustAbove = "JUST_ABOVE",
        /// Equal to the average.
        At = "AT",
        /// Slightly below the average, as a source prints it.
        JustBelow = "JUST_BELOW",
        /// Below the average.
        Below = "BELOW",
    }

    /// Movement between two periods, in merit: of a rank (progress) or of a partnership's own figure (direction of travel).
    Movement {
        /// Better than before.
        Improved = "IMPROVED",
        /// As before.
        Unchanged = "UNCHANGED",
        /// Worse than before.
        Worsened = "WORSENED",
    }

    /// Why a member of a peer group was left out of an average and a ranking.
    LeftOut {
        /// Nothing is published for it.
        NoFigure = "NO_FIGURE",
        /// What is published says that there is no number.
        Missing = "MISSING",
        /// Two rows of its return contradict each other.
        Conflict = "CONFLICT",
        /// Its figure is a proxy, a projection or local data.
        NotOfficial = "NOT_OFFICIAL",
        /// Its figure is marked as following another definition, or is no level.
        NotComparable = "NOT_COMPARABLE",
        /// The partnership did not exist in the period.
        NotInExistence = "NOT_IN_EXISTENCE",
        /// Its figure was withdrawn.
        Withdrawn = "WITHDRAWN",
    }

    /// Why there is no comparison, or no change.
    NotCompared {
        /// The partnership has no peer group in the period.
        NoPeerGroup = "NO_PEER_GROUP",
        /// The indicator has no definition.
        NoDefinition = "NO_DEFINITION",
        /// The figures lie on both sides of a break.
        Break = "BREAK",
    }

    /// How much a problem weighs.
    Severity {
        /// Stops a return.
        Error = "ERROR",
        /// Asks for a comment.
        Warning = "WARNING",
        /// Worth knowing.
        Info = "INFO",
    }

    /// What was done, in the audit trail.
    AuditAction {
        /// Metadata was put.
        MetadataPut = "METADATA_PUT",
        /// A return was created.
        ReturnCreated = "RETURN_CREATED",
        /// A draft was replaced.
        ReturnReplaced = "RETURN_REPLACED",
        /// A return was submitted.
        ReturnSubmitted = "RETURN_SUBMITTED",
        /// A return was sent back.
        ReturnSentBack = "RETURN_SENT_BACK",
        /// A return was signed off.
        ReturnSignedOff = "RETURN_SIGNED_OFF",
        /// A signed-off return was superseded by another one that was signed off.
        ReturnSuperseded = "RETURN_SUPERSEDED",
        /// A return was withdrawn.
        ReturnWithdrawn = "RETURN_WITHDRAWN",
        /// A return was refused; its report was kept.
        ReturnRefused = "RETURN_REFUSED",
        /// A return was tried out; its report was kept.
        ReturnTried = "RETURN_TRIED",
        /// A released return was reopened as a revision.
        ReturnReopened = "RETURN_REOPENED",
        /// A return was released, whole or in part.
        Released = "RELEASED",
        /// Published figures of a return were withdrawn.
        Withdrew = "WITHDREW",
        /// The embargo of a release was moved.
        ReleaseMoved = "RELEASE_MOVED",
        /// A release was cancelled before its embargo was over.
        ReleaseCancelled = "RELEASE_CANCELLED",
        /// A backup was restored: what came after it is not here.
        Restored = "RESTORED",
    }

    /// What an edition holds.
    EditionKind {
        /// The figures of a return in one scheme.
        Return = "RETURN",
        /// That such figures are withdrawn.
        Withdrawal = "WITHDRAWAL",
        /// A change of the catalogue.
        Metadata = "METADATA",
    }

    /// The families of metadata.
    MetadataFamily {
        /// Areas.
        Area = "AREA",
        /// Partnerships.
        Partnership = "PARTNERSHIP",
        /// Indicators.
        Indicator = "INDICATOR",
        /// Definitions of indicators.
        Definition = "DEFINITION",
        /// Breaks between definitions.
        Break = "BREAK",
        /// Peer groups.
        PeerGroup = "PEER_GROUP",
        /// Collections.
        Collection = "COLLECTION",
        /// Plans.
        Plan = "PLAN",
    }
}
