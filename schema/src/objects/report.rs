//! Validation reports, and what can be wrong.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use exchange::{ProblemCode, ReportOutcome, problem, vocabulary::Severity};
use uuid::Uuid;

use super::{Collection, Partnership};
use crate::{
    error::Result,
    scalars::DateTime,
    session::{linked, session},
};

/// The validation report of a return: the same for a dry run, a refused and an accepted return, on every interface.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct Report {
    #[graphql(skip)]
    partnership: String,
    #[graphql(skip)]
    collection: String,
    #[graphql(skip)]
    id: Uuid,
    /// What became of the return.
    outcome: ReportOutcome,
    /// How many lines were read.
    lines: u32,
    /// How many problems of severity ERROR there are.
    errors: u32,
    /// How many of severity WARNING.
    warnings: u32,
    /// How many of severity INFO.
    infos: u32,
    /// All problems, in the order of their places.
    problems: Vec<Problem>,
    /// When the return was validated.
    created_at: DateTime,
}

impl From<problem::Report> for Report {
    fn from(report: problem::Report) -> Self {
        Self {
            partnership: report.partnership,
            collection: report.collection,
            id: report.id,
            outcome: report.outcome,
            lines: report.lines,
            errors: report.errors,
            warnings: report.warnings,
            infos: report.infos,
            problems: report.problems.into_iter().map(Problem::from).collect(),
            created_at: DateTime(report.created_at),
        }
    }
}

#[ComplexObject]
impl Report {
    /// Its identifier, a UUID: the same on every interface. It stays readable as `report`.
    pub async fn id(&self) -> ID {
        self.id.into()
    }

    /// The partnership reported for.
    async fn partnership(&self, ctx: &Context<'_>) -> Result<Partnership> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.partnership(&self.partnership), &self.partnership)
    }

    /// The collection answered.
    async fn collection(&self, ctx: &Context<'_>) -> Result<Collection> {
        let reading = session(ctx)?.reading(None).await?;
        linked(reading.collection(&self.collection), &self.collection)
    }
}

/// One thing that is wrong, or worth knowing, about a return.
#[derive(Debug, SimpleObject)]
pub struct Problem {
    /// Its code.
    code: ProblemCode,
    /// How much it weighs.
    severity: Severity,
    /// Plain English: what is wrong with what was given.
    message: String,
    /// What was expected instead.
    expected: Option<String>,
    /// Where.
    place: Place,
}

impl From<problem::Problem> for Problem {
    fn from(problem: problem::Problem) -> Self {
        let problem::Place { line, source_row, column, pointer } = problem.place;
        Self {
            code: problem.code,
            severity: problem.severity,
            message: problem.message,
            expected: problem.expected,
            place: Place { line, source_row, column, pointer },
        }
    }
}

/// Where in a return a problem lies.
#[derive(Debug, SimpleObject)]
pub struct Place {
    /// The line of the return, from 1 in the order posted.
    line: Option<u32>,
    /// The source row that the line names, as printed in the source.
    source_row: Option<String>,
    /// The column, if the return was posted as CSV.
    column: Option<String>,
    /// The JSON pointer (RFC 6901) into the return as REST spells it: `/lines/2/actual/as_printed` is `asPrinted` here.
    pointer: Option<String>,
}

/// A code that errors and problems carry.
#[derive(Debug, SimpleObject)]
#[graphql(name = "ProblemKind")]
pub struct ProblemType {
    /// The code, as it stands in `extensions.code`.
    code: ProblemCode,
    /// The HTTP status of an answer that fails with this code.
    status: u16,
    /// A short title, the same for every occurrence.
    title: &'static str,
    /// What it means and what to do about it.
    explanation: &'static str,
}

impl From<ProblemCode> for ProblemType {
    fn from(code: ProblemCode) -> Self {
        Self { code, status: code.status(), title: code.title(), explanation: code.explanation() }
    }
}
