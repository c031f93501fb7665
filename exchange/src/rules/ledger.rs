//! The ledger: which edition takes effect when, and for whom. It alone decides what a reader sees.

use std::collections::HashMap;

use entity::{Audience, EditionKind};
use uuid::Uuid;

use crate::clock::Instant;

/// An edition in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The edition.
    pub edition_id: i64,
    /// The instant from which readers see it.
    pub effective_at: Instant,
    /// Whom it is for.
    pub audience: Audience,
    /// What it holds.
    pub kind: EditionKind,
    /// The partnership whose figures it holds.
    pub partnership_id: Option<i32>,
    /// The collection that it answers.
    pub collection_id: Option<i32>,
    /// The return that it comes from.
    pub return_id: Option<Uuid>,
    /// The release that published it.
    pub release_id: Option<Uuid>,
}

impl Published {
    const fn answers(&self) -> Answer {
        (self.partnership_id, self.collection_id, self.kind)
    }
}

/// What a published answer speaks of: how many publications had taken effect, and when the newest did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// How many publications had taken effect.
    pub publications: usize,
    /// When the newest took effect, in microseconds since 1970; 0 before the first.
    pub newest: i64,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.publications, self.newest)
    }
}

/// Every publication, past and to come, in order of effect.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    version: i64,
    epoch: String,
    published: Vec<Published>,
    by_edition: HashMap<i64, usize>,
    metadata_effects: Vec<Instant>,
    answers: HashMap<Answer, Vec<usize>>,
}

/// What editions of returns answer: a later one for the same partnership, collection and part replaces an earlier one.
type Answer = (Option<i32>, Option<i32>, EditionKind);

impl Ledger {
    /// Builds the ledger of a version from its publications, in any order.
    pub fn new(version: i64, epoch: String, mut published: Vec<Published>) -> Self {
        published.sort_by_key(|publication| (publication.effective_at, publication.edition_id));
        let by_edition = published.iter().enumerate().map(|(at, publication)| (publication.edition_id, at)).collect();
        let metadata = published.iter().filter(|publication| publication.kind == EditionKind::Metadata);
        let metadata_effects = metadata.map(|publication| publication.effective_at).collect();
        let mut answers: HashMap<Answer, Vec<usize>> = HashMap::new();
        for (at, publication) in published.iter().enumerate() {
            answers.entry(publication.answers()).or_default().push(at);
        }
        Self { version, epoch, published, by_edition, metadata_effects, answers }
    }

    /// Counts the changes of the ledger.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Drawn at random when the database was made or restored.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The publication of an edition, in effect or to come.
    pub fn publication(&self, edition_id: i64) -> Option<&Published> {
        self.by_edition.get(&edition_id).map(|at| &self.published[*at])
    }

    /// The publications in effect at an instant, oldest first.
    pub fn in_effect(&self, at: Instant) -> &[Published] {
        &self.published[..self.published.partition_point(|publication| publication.effective_at <= at)]
    }

    /// The publications of one answer to a collection, this one among them, the newest first: the newest that a reader sees
    /// stands for all of them.
    pub fn answers_like(&self, publication: &Published) -> impl Iterator<Item = &Published> {
        let places = self.answers.get(&publication.answers()).into_iter().flatten().rev();
        places.map(|at| &self.published[*at])
    }

    /// Whether a later publication of the same answer is in effect at an instant.
    pub fn is_replaced(&self, publication: &Published, at: Instant) -> bool {
        let newest = self.answers_like(publication).find(|other| other.effective_at <= at);
        publication.effective_at <= at && newest.is_some_and(|newest| newest.edition_id != publication.edition_id)
    }

    /// The state at an instant.
    pub fn state(&self, at: Instant) -> State {
        let in_effect = self.in_effect(at);
        let newest = in_effect.last().map_or(0, |publication| publication.effective_at.timestamp_micros());
        State { publications: in_effect.len(), newest }
    }

    /// How many publications of metadata are in effect at an instant: they are never moved, so that the number names the
    /// catalogue.
    pub fn metadata_in_effect(&self, at: Instant) -> usize {
        self.metadata_effects.partition_point(|effective_at| *effective_at <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::instant;

    fn published(edition_id: i64, at: i64) -> Published {
        Published {
            edition_id,
            effective_at: instant(at),
            audience: Audience::Public,
            kind: EditionKind::Metadata,
            partnership_id: None,
            collection_id: None,
            return_id: None,
            release_id: None,
        }
    }

    #[test]
    fn an_embargo_passes_with_nothing_done() {
        let ledger = Ledger::new(2, "e".into(), vec![published(2, 2_000), published(1, 1_000)]);
        assert_eq!(ledger.in_effect(instant(1_999)).len(), 1);
        assert_eq!(ledger.in_effect(instant(2_000)).len(), 2);
    }

    #[test]
    fn the_state_names_the_newest_publication_in_effect() {
        let ledger = Ledger::new(2, "e".into(), vec![published(2, 2_000), published(1, 1_000)]);
        assert_eq!(ledger.state(instant(500)), State { publications: 0, newest: 0 });
        assert_eq!(ledger.state(instant(5_000)).to_string(), "2-2000");
    }

    /// An edition of Southwark's figures for one collection.
    fn answer(edition_id: i64, at: i64, kind: EditionKind) -> Published {
        Published { kind, partnership_id: Some(7), collection_id: Some(1), ..published(edition_id, at) }
    }

    fn national(edition_id: i64, at: i64) -> Published {
        answer(edition_id, at, EditionKind::ReturnNational)
    }

    /// Which editions are replaced at an instant.
    fn replaced(published: &[Published], at: i64) -> Vec<i64> {
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        let replaced = published.iter().filter(|publication| ledger.is_replaced(publication, instant(at)));
        replaced.map(|publication| publication.edition_id).collect()
    }

    #[test]
    fn a_later_return_replaces_an_earlier_one_from_the_instant_of_its_effect() {
        let published = [national(2, 2_000), national(1, 1_000)];
        assert_eq!(replaced(&published[1..], 5_000), Vec::<i64>::new());
        assert_eq!(replaced(&published, 2_000), [1]);
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        assert!(!ledger.is_replaced(&published[1], instant(1_999)));
    }

    #[test]
    fn of_three_returns_the_last_to_take_effect_stands() {
        assert_eq!(replaced(&[national(1, 1_000), national(2, 2_000), national(3, 3_000)], 3_000), [1, 2]);
    }

    #[test]
    fn the_order_of_publication_counts_and_not_that_of_sign_off() {
        assert_eq!(replaced(&[national(1, 2_000), national(2, 1_000)], 2_000), [2]);
    }

    #[test]
    fn what_answers_something_else_replaces_nothing() {
        let of_lambeth = Published { partnership_id: Some(8), ..national(3, 3_000) };
        let next_year = Published { collection_id: Some(2), ..national(4, 4_000) };
        let local = answer(2, 2_000, EditionKind::ReturnLocal);
        assert_eq!(replaced(&[national(1, 1_000), local, of_lambeth, next_year], 9_000), Vec::<i64>::new());
    }

    #[test]
    fn a_return_under_embargo_is_not_replaced_by_the_one_before_it() {
        let published = [national(1, 1_000), national(2, 2_000)];
        assert_eq!(replaced(&published, 1_500), Vec::<i64>::new());
    }

    #[test]
    fn the_answers_like_one_are_listed_newest_first() {
        let published = [national(1, 1_000), answer(2, 2_000, EditionKind::ReturnLocal), national(3, 3_000)];
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        let editions: Vec<i64> = ledger.answers_like(&published[0]).map(|other| other.edition_id).collect();
        assert_eq!(editions, [3, 1]);
    }
}
