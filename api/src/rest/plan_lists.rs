//! The lists of a plan, each with an address and a table of its own. A plan bounds them, so that each is answered whole.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use exchange::rules::{
    metadata::plan::{
        Action, Agency, Commitment, DeliveryGroup, Governance, PlanLine, PlanLink, Priority, Resource, ResourceTable,
        Section,
    },
    metadata_check::plan::resource_disagreements,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{plans::plan_at, refusals::ReadRefusals};
use crate::{
    application::Application,
    csv::{Table, cells_of},
    extract::{Params, Segment},
    failure::{Failure, ProblemDocument},
    identity::Identity,
    reading::{AsOfParam, Asked},
};

/// A list of a plan, with an address and a table of its own.
macro_rules! plan_list {
    ($name:ident, $item:ident, $list:ident, $path:literal, $operation:literal, $summary:literal, $more:literal, $columns:expr) => {
        #[doc = $summary]
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $list {
            /// The items, in the order of the plan.
            pub items: Vec<$item>,
            /// The state of the ledger that the answer speaks of.
            #[schema(example = "4-1245000000000000")]
            pub state: String,
        }

        impl Table for $list {
            const COLUMNS: &'static [&'static str] = $columns;
            const OF: &'static [&'static str] = &[stringify!($item)];

            fn rows(&self) -> Vec<Vec<String>> {
                self.items.iter().map(|item| cells_of(item, Self::COLUMNS)).collect()
            }
        }

        #[doc = $summary]
        #[doc = ""]
        #[doc = $more]
        #[utoipa::path(get, path = $path, operation_id = $operation, tag = "Plans",
            params(
                ("code" = String, Path, description = "The partnership's code.", example = "southampton"),
                ("plan" = String, Path, description = "The plan's code.", example = "safe-city-plan-2009-12"),
                AsOfParam,
            ),
            responses(
                (status = 200, description = "The list, whole.", content(
                    ($list = "application/json"),
                    (String = "text/csv"),
                )),
                ReadRefusals,
                (status = 404, description = "There is no such plan.", body = ProblemDocument, content_type = "application/problem+json"),
            ))]
        pub async fn $name(
            State(application): State<Arc<Application>>,
            identity: Identity,
            asked: Asked,
            Segment((partnership, code)): Segment<(String, String)>,
            Params(params): Params<AsOfParam>,
        ) -> Result<Response, Failure> {
            let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
            let plan = plan_at(&reading.view, &partnership, &code)?;
            Ok(reading.answer(&$list { items: plan.$name.clone(), state: reading.view.state.to_string() }))
        }
    };
}

plan_list!(
    priorities,
    Priority,
    PriorityList,
    "/v1/partnerships/{code}/plans/{plan}/priorities",
    "listPlanPriorities",
    "The priorities and themes of a plan, with their high-level outcomes.",
    "Each has its aim, the group and agency in the lead, what is spent on it, and the public service agreements and indicators that it is measured by.",
    &[
        "code",
        "kind",
        "title",
        "aim",
        "period",
        "lead_group",
        "lead_agency",
        "spend",
        "outcomes",
        "agreements",
        "indicators",
        "note",
    ]
);
plan_list!(
    commitments,
    Commitment,
    CommitmentList,
    "/v1/partnerships/{code}/plans/{plan}/commitments",
    "listPlanCommitments",
    "What a plan promises, and until when.",
    "Each belongs to a priority and has its horizon as printed, the last day where the print gives one, and the indicators that it names.",
    &["priority", "horizon", "due", "text", "indicators", "note"]
);
plan_list!(
    actions,
    Action,
    ActionList,
    "/v1/partnerships/{code}/plans/{plan}/actions",
    "listPlanActions",
    "What a plan says is to be done, with leads and the indicators that each action cites.",
    "Each has its printed number, the priority and outcome that it serves, the agency and post in the lead, never a person, and when it is due as printed.",
    &["number", "priority", "outcome", "title", "lead_agency", "lead_post", "indicators", "measures", "due", "note",]
);
plan_list!(
    delivery_groups,
    DeliveryGroup,
    DeliveryGroupList,
    "/v1/partnerships/{code}/plans/{plan}/delivery-groups",
    "listPlanDeliveryGroups",
    "The groups that deliver a plan.",
    "Each says what it is part of, which post of which agency chairs it, how often it meets, and the priorities that it delivers.",
    &["name", "part_of", "chair_post", "chair_agency", "role", "meets", "priorities", "note"]
);
plan_list!(
    agencies,
    Agency,
    AgencyList,
    "/v1/partnerships/{code}/plans/{plan}/agencies",
    "listPlanAgencies",
    "The organisations that take part in a plan.",
    "Each has its name, the short name that the plan uses, and what it is in the partnership, such as a responsible authority.",
    &["name", "short_name", "role", "note"]
);
plan_list!(
    governance,
    Governance,
    GovernanceList,
    "/v1/partnerships/{code}/plans/{plan}/governance",
    "listPlanGovernance",
    "Who watches over a plan, and the reporting cycle.",
    "Each row is one duty of one body, how often it is done as printed, and to whom the body reports.",
    &["body", "duty", "cycle", "reports_to", "note"]
);
plan_list!(
    links,
    PlanLink,
    PlanLinkList,
    "/v1/partnerships/{code}/plans/{plan}/links",
    "listPlanLinks",
    "Other plans and strategies that a plan is connected with.",
    "Each has its title, whose it is, and how it is connected with the plan, such as standing above it.",
    &["title", "owner", "relation", "note"]
);
plan_list!(
    sections,
    Section,
    SectionList,
    "/v1/partnerships/{code}/plans/{plan}/sections",
    "listPlanSections",
    "The sections of a plan's performance framework: aims or themes with their outcomes.",
    "Each has its place and printed table, title and outcomes as printed, the agreements among them, the headings of its columns, and what is doubtful in the print.",
    &[
        "number",
        "table",
        "title",
        "outcomes_as_printed",
        "agreements",
        "periods_as_printed",
        "target_as_printed",
        "doubts",
        "note",
    ]
);
plan_list!(
    lines,
    PlanLine,
    PlanLineList,
    "/v1/partnerships/{code}/plans/{plan}/lines",
    "listPlanLines",
    "The lines of a plan's performance framework, without their figures.",
    "Each is one printed row: the indicator, its area and breakdown, tier, use in the Local Area Agreement, lead and polarity as the plan has them. The figures are at `…/framework`.",
    &[
        "section",
        "source_row",
        "number_as_printed",
        "indicator",
        "indicator_as_printed",
        "area",
        "breakdown_dimension",
        "breakdown_member",
        "tier",
        "tier_as_printed",
        "laa",
        "stretch_target",
        "lead_agency",
        "lead_post",
        "lead_as_printed",
        "polarity",
        "note",
    ]
);

/// The resource tables of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceList {
    /// The tables.
    pub tables: Vec<ResourceTable>,
    /// Their amounts, in the order of the plan.
    pub items: Vec<Resource>,
    /// Where the tables contradict themselves or each other, in words; nothing is put right.
    #[schema(example = json!(["For FY2009-10 Trading standards and licensing has £133,000 in “by agency” and £103,000 in “by priority”."]))]
    pub disagreements: Vec<String>,
    /// The state of the ledger that the answer speaks of.
    #[schema(example = "4-1245000000000000")]
    pub state: String,
}

/// The members of a resource table that close a row.
const OF_TABLE: [&str; 3] = ["title", "period", "printed_total"];

impl Table for ResourceList {
    const COLUMNS: &'static [&'static str] = &[
        "table",
        "source_row",
        "heading",
        "agency",
        "amount",
        "as_printed",
        "is_total",
        "priority",
        "note",
        "table_title",
        "period",
        "table_printed_total",
    ];
    const OF: &'static [&'static str] = &["Resource", "ResourceTable"];
    const OTHERWISE: &'static [(&'static str, &'static str)] =
        &[("table_title", "ResourceTable.title"), ("table_printed_total", "ResourceTable.printed_total")];

    fn rows(&self) -> Vec<Vec<String>> {
        let (of_item, _) = Self::COLUMNS.split_at(Self::COLUMNS.len() - OF_TABLE.len());
        let row = |item: &Resource| {
            let table = self.tables.iter().find(|table| table.code == item.table);
            let of_table = table.map(|table| cells_of(table, &OF_TABLE));
            let mut row = cells_of(item, of_item);
            row.extend(of_table.unwrap_or_else(|| vec![String::new(); OF_TABLE.len()]));
            row
        };
        self.items.iter().map(row).collect()
    }
}

/// The resources of a plan: every printed amount, and where the printed tables disagree.
///
/// Each amount is in pounds, with the agency whose money it is, its table and column, and the cell as printed; in CSV each row
/// says the title, period and printed total of its table, too.
#[utoipa::path(get, path = "/v1/partnerships/{code}/plans/{plan}/resources", operation_id = "listPlanResources", tag = "Plans",
    params(
        ("code" = String, Path, description = "The partnership's code.", example = "southampton"),
        ("plan" = String, Path, description = "The plan's code.", example = "safe-city-plan-2009-12"),
        AsOfParam,
    ),
    responses(
        (status = 200, description = "The list, whole.", content(
            (ResourceList = "application/json"),
            (String = "text/csv"),
        )),
        ReadRefusals,
        (status = 404, description = "There is no such plan.", body = ProblemDocument, content_type = "application/problem+json"),
    ))]
pub async fn resources(
    State(application): State<Arc<Application>>,
    identity: Identity,
    asked: Asked,
    Segment((partnership, code)): Segment<(String, String)>,
    Params(params): Params<AsOfParam>,
) -> Result<Response, Failure> {
    let reading = application.read(identity, asked, params.as_of.as_deref()).await?;
    let plan = plan_at(&reading.view, &partnership, &code)?;
    Ok(reading.answer(&ResourceList {
        tables: plan.resource_tables.clone(),
        items: plan.resources.clone(),
        disagreements: resource_disagreements(plan),
        state: reading.view.state.to_string(),
    }))
}
