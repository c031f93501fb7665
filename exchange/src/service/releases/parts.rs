//! What a release is about: the editions of its returns that are the caller's to release.

use entity::{Audience, EditionKind, ReleaseAction, ReturnState, Scheme, edition};
use uuid::Uuid;

use super::{ReleaseRequest, ReleasedReturn};
use crate::{
    caller::Caller,
    clock::{Instant, instant},
    problem::{Error, ProblemCode, Result},
    rules::catalogue::{Catalogue, Partnership},
    service::returns::own_return,
    store::{
        self, Tx,
        ledger::{self, EditionOf},
        returns::StoredReturn,
    },
};

/// An edition that is to be released or withdrawn.
pub(super) struct Chosen {
    pub(super) edition: edition::Model,
    pub(super) audience: Audience,
    pub(super) return_id: Uuid,
    pub(super) partnership: String,
}

impl Chosen {
    /// The edition as it enters the ledger: itself, or the one that will withdraw it.
    pub(super) fn as_entered(&self, is_withdrawal: bool) -> edition::Model {
        let withdrawn =
            edition::Model { kind: EditionKind::Withdrawal, withdraws: Some(self.edition.id), ..self.edition.clone() };
        if is_withdrawal { withdrawn } else { self.edition.clone() }
    }
}

/// A regional office releases what is national, a partnership its own.
pub(super) fn may_release(caller: &Caller, scheme: Option<Scheme>, partnership: &Partnership) -> bool {
    match scheme {
        Some(Scheme::Li | Scheme::Local) => caller.speaks_for(partnership),
        Some(Scheme::Ni | Scheme::Crime) => caller.speaks_for_region_of(partnership),
        None => false,
    }
}

/// Chooses the editions that a request is about, in the order of sign-off, which decides within a release as it does between
/// releases.
pub(super) async fn choose(
    tx: &Tx,
    caller: &Caller,
    catalogue: &Catalogue,
    request: &ReleaseRequest,
    at: Instant,
) -> Result<Vec<Chosen>> {
    let mut chosen = Vec::new();
    for id in &request.returns {
        let (stored, partnership) = own_return(store::returns::find(&**tx, *id).await?, caller, catalogue, *id)?;
        let left = match request.action {
            ReleaseAction::Publish => releasable(tx, &stored, request.audience.unwrap_or(Audience::Public)).await?,
            ReleaseAction::Withdraw => withdrawable(tx, &stored, at).await?,
        };
        let asked = |edition: &edition::Model| {
            request.schemes.is_empty() || edition.scheme.is_some_and(|scheme| request.schemes.contains(&scheme))
        };
        let left: Vec<_> = left.into_iter().filter(|(edition, _)| asked(edition)).collect();
        if left.is_empty() {
            return Err(nothing_left(&stored, request.action));
        }
        let yours = left.into_iter().filter(|(edition, _)| may_release(caller, edition.scheme, partnership));
        let before = chosen.len();
        chosen.extend(yours.map(|(edition, audience)| Chosen {
            edition,
            audience,
            return_id: *id,
            partnership: partnership.code.clone(),
        }));
        if chosen.len() == before {
            let detail = format!(
                "What is left of the return {id} is not yours to release: a regional office releases the national indicators \
                 of its region, a partnership its own local ones."
            );
            return Err(Error::problem(ProblemCode::NotYourPartnership, detail));
        }
    }
    chosen.sort_by_key(|part| part.edition.id);
    Ok(chosen)
}

/// The editions of a signed-off return that are not in the ledger.
async fn releasable(tx: &Tx, stored: &StoredReturn, audience: Audience) -> Result<Vec<(edition::Model, Audience)>> {
    if stored.state != ReturnState::SignedOff {
        let detail =
            format!("The return {} is {}; only a signed-off return can be released.", stored.public_id, stored.state);
        return Err(Error::problem(ProblemCode::WrongState, detail));
    }
    let mut left = Vec::new();
    for edition in ledger::editions_of(&**tx, stored.id).await? {
        if ledger::publication_of(&**tx, edition.id).await?.is_none() {
            left.push((edition, audience));
        }
    }
    Ok(left)
}

/// The editions of a return that are published by an instant and not withdrawn, nor to be.
async fn withdrawable(tx: &Tx, stored: &StoredReturn, at: Instant) -> Result<Vec<(edition::Model, Audience)>> {
    let mut left = Vec::new();
    for edition in ledger::editions_of(&**tx, stored.id).await? {
        let Some(publication) = ledger::publication_of(&**tx, edition.id).await? else { continue };
        let in_effect = publication.effective_at.is_some_and(|effective_at| instant(effective_at) < at);
        if in_effect && !ledger::is_withdrawn(&**tx, edition.id).await? {
            left.push((edition, publication.audience));
        }
    }
    Ok(left)
}

fn nothing_left(stored: &StoredReturn, action: ReleaseAction) -> Error {
    let id = stored.public_id;
    let detail = match action {
        ReleaseAction::Publish => format!("Everything of the return {id} that is asked for has been released."),
        ReleaseAction::Withdraw => {
            format!("Nothing of the return {id} that is asked for is published by then, or it is withdrawn already.")
        }
    };
    Error::problem(ProblemCode::WrongState, detail)
}

/// Makes the edition that withdraws another one.
pub(super) async fn withdrawal_of(tx: &Tx, edition: &edition::Model, now: Instant) -> Result<i64> {
    let of = match (edition.return_id, edition.partnership_id, edition.collection_id, edition.scheme) {
        (Some(return_id), Some(partnership_id), Some(collection_id), Some(scheme)) => {
            EditionOf { return_id, partnership_id, collection_id, scheme }
        }
        _ => return Err(Error::internal("withdrawing figures", "an edition is of no return")),
    };
    ledger::insert_withdrawal(&**tx, of, edition.id, now).await
}

/// The parts of a release by return, in their order.
pub(super) fn by_return(chosen: &[Chosen]) -> Vec<ReleasedReturn> {
    let mut returns = Vec::new();
    for part in chosen {
        ReleasedReturn::enter(&mut returns, part.return_id, &part.partnership, part.edition.scheme);
    }
    returns
}
