//! The ledger: which edition takes effect when, and for whom. It alone decides what a reader sees.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use entity::{Audience, EditionKind, Scheme};
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
    /// The scheme of the indicators that it is about.
    pub scheme: Option<Scheme>,
    /// The partnership whose figures it holds.
    pub partnership_id: Option<i32>,
    /// The collection that it answers.
    pub collection_id: Option<i32>,
    /// For a withdrawal: the edition that it withdraws.
    pub withdraws: Option<i64>,
    /// The return that it comes from.
    pub return_id: Option<Uuid>,
    /// Which revision of the return's answer it is, from 1.
    pub revision: Option<i32>,
    /// The release that published it.
    pub release_id: Option<Uuid>,
    /// Why it revises or withdraws what was published before.
    pub reason: Option<String>,
}

impl Published {
    const fn answers(&self) -> Answer {
        (self.partnership_id, self.collection_id, self.scheme)
    }
}

/// What a published answer speaks of: how many publications had taken effect, and when the newest did. For a preview that is what
/// has taken effect by now, and it says also which release is previewed, and in which version of the ledger, as what is to
/// come may still be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// How many publications had taken effect.
    pub publications: usize,
    /// When the newest took effect, in microseconds since 1970; 0 before the first.
    pub newest: i64,
    /// The version of the ledger and the release that is previewed.
    pub preview: Option<(i64, Uuid)>,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.preview {
            None => write!(f, "{}-{}", self.publications, self.newest),
            Some((version, release)) => {
                write!(f, "preview-{version}-{}-{}-{release}", self.publications, self.newest)
            }
        }
    }
}

/// Every publication, past and to come, in order of effect.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    version: i64,
    epoch: String,
    published: Vec<Published>,
    by_edition: HashMap<i64, usize>,
    by_release: HashMap<Uuid, Instant>,
    metadata: Vec<(Instant, i64)>,
    answers: HashMap<Answer, Vec<usize>>,
    by_partnership: BTreeMap<i32, Answered>,
    first_restricted: Option<Instant>,
}

/// What a partnership has answered, and by how many editions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Answered {
    answers: Vec<Answer>,
    editions: usize,
}

/// What editions of returns answer: a later one for the same partnership, collection and scheme replaces an earlier one.
type Answer = (Option<i32>, Option<i32>, Option<Scheme>);

/// How many editions there must be, and how many for one that counts, before those that count are asked for by name.
const MANY: usize = 16;
const FEW: usize = 2;

impl Ledger {
    /// Builds the ledger of a version from its publications, in any order.
    pub fn new(version: i64, epoch: String, mut published: Vec<Published>) -> Self {
        published.sort_by_key(|publication| (publication.effective_at, publication.edition_id));
        let mut ledger = Self { version, epoch, ..Self::default() };
        for (at, publication) in published.iter().enumerate() {
            ledger.by_edition.insert(publication.edition_id, at);
            if let Some(release) = publication.release_id {
                ledger.by_release.insert(release, publication.effective_at);
            }
            if publication.kind == EditionKind::Metadata {
                ledger.metadata.push((publication.effective_at, publication.edition_id));
            } else {
                let like = ledger.answers.entry(publication.answers()).or_default();
                let answered = ledger.by_partnership.entry(publication.partnership_id.unwrap_or_default()).or_default();
                if like.is_empty() {
                    answered.answers.push(publication.answers());
                }
                answered.editions += 1;
                like.push(at);
            }
            if publication.audience != Audience::Public && ledger.first_restricted.is_none() {
                ledger.first_restricted = Some(publication.effective_at);
            }
        }
        ledger.published = published;
        ledger
    }

    /// The ledger of a later version: publications that were entered or moved since, and editions that were taken out.
    #[must_use]
    pub fn with(&self, version: i64, changed: Vec<Published>, cancelled: &[i64]) -> Self {
        let mut published: BTreeMap<i64, Published> =
            self.published.iter().map(|publication| (publication.edition_id, publication.clone())).collect();
        for edition in cancelled {
            published.remove(edition);
        }
        published.extend(changed.into_iter().map(|publication| (publication.edition_id, publication)));
        Self::new(version, self.epoch.clone(), published.into_values().collect())
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

    /// When a release takes effect, or took it.
    pub fn effect_of(&self, release: Uuid) -> Option<Instant> {
        self.by_release.get(&release).copied()
    }

    /// The publications in effect at an instant, oldest first.
    pub fn in_effect(&self, at: Instant) -> &[Published] {
        &self.published[..self.published.partition_point(|publication| publication.effective_at <= at)]
    }

    /// The publications that take effect after one instant and up to another, oldest first.
    pub fn between(&self, after: Instant, until: Instant) -> &[Published] {
        let (from, to) = (self.in_effect(after).len(), self.in_effect(until).len());
        self.published.get(from..to).unwrap_or_default()
    }

    /// When the next publication after an instant takes effect.
    pub fn next_effect(&self, after: Instant) -> Option<Instant> {
        self.published.get(self.in_effect(after).len()).map(|publication| publication.effective_at)
    }

    /// The publications of one answer to a collection, this one among them, the newest first: the newest that a reader sees
    /// stands for all of them.
    pub fn answers_like(&self, publication: &Published) -> impl Iterator<Item = &Published> {
        let places = self.answers.get(&publication.answers()).into_iter().flatten().rev();
        places.map(|at| &self.published[*at])
    }

    /// The newest publication of each answer of some partnerships (of all if none are named) that `shows` says is seen, where
    /// they are few among all that have been published; `None` where most are the newest.
    pub fn newest_answers<'a>(
        &'a self,
        partnerships: &'a [i32],
        shows: impl Fn(&Published) -> bool + 'a,
    ) -> Option<impl Iterator<Item = &'a Published>> {
        let all = || self.by_partnership.iter().filter(|(id, _)| partnerships.is_empty() || partnerships.contains(id));
        let editions: usize = all().map(|(_, answered)| answered.editions).sum();
        let answers: usize = all().map(|(_, answered)| answered.answers.len()).sum();
        if editions < FEW.saturating_mul(answers).max(MANY) {
            return None;
        }
        let answers = all().flat_map(|(_, answered)| &answered.answers);
        Some(answers.filter_map(move |answer| {
            let places = self.answers.get(answer)?.iter().rev();
            places.map(|at| &self.published[*at]).find(|publication| shows(publication))
        }))
    }

    /// The later publication of the same answer that stands at an instant, if there is one.
    pub fn replaced_by(&self, publication: &Published, at: Instant) -> Option<&Published> {
        let newest = self.answers_like(publication).find(|other| other.effective_at <= at)?;
        (publication.effective_at <= at && newest.edition_id != publication.edition_id).then_some(newest)
    }

    /// The state at an instant.
    pub fn state(&self, at: Instant) -> State {
        let in_effect = self.in_effect(at);
        let newest = in_effect.last().map_or(0, |publication| publication.effective_at.timestamp_micros());
        State { publications: in_effect.len(), newest, preview: None }
    }

    /// The editions of metadata in effect at an instant, oldest first. They are never moved, so that their number names the
    /// catalogue.
    pub fn metadata_in_effect(&self, at: Instant) -> &[(Instant, i64)] {
        &self.metadata[..self.metadata.partition_point(|(effective_at, _)| *effective_at <= at)]
    }

    /// Whether anything that is not for everybody is in effect at an instant.
    pub fn is_restricted(&self, at: Instant) -> bool {
        self.first_restricted.is_some_and(|first| first <= at)
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
            scheme: None,
            partnership_id: None,
            collection_id: None,
            withdraws: None,
            return_id: None,
            revision: None,
            release_id: None,
            reason: None,
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
        assert_eq!(ledger.state(instant(500)), State { publications: 0, newest: 0, preview: None });
        assert_eq!(ledger.state(instant(5_000)).to_string(), "2-2000");
    }

    /// An edition of Southwark's figures for one collection.
    fn answer(edition_id: i64, at: i64, scheme: Scheme) -> Published {
        Published {
            kind: EditionKind::Return,
            scheme: Some(scheme),
            partnership_id: Some(7),
            collection_id: Some(1),
            ..published(edition_id, at)
        }
    }

    fn national(edition_id: i64, at: i64) -> Published {
        answer(edition_id, at, Scheme::Ni)
    }

    /// Which editions are replaced at an instant.
    fn replaced(published: &[Published], at: i64) -> Vec<i64> {
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        let replaced = published.iter().filter(|publication| ledger.replaced_by(publication, instant(at)).is_some());
        replaced.map(|publication| publication.edition_id).collect()
    }

    #[test]
    fn a_later_return_replaces_an_earlier_one_from_the_instant_of_its_effect() {
        let published = [national(2, 2_000), national(1, 1_000)];
        assert_eq!(replaced(&published[1..], 5_000), Vec::<i64>::new());
        assert_eq!(replaced(&published, 2_000), [1]);
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        assert_eq!(ledger.replaced_by(&published[1], instant(1_999)), None);
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
        let local = answer(2, 2_000, Scheme::Li);
        assert_eq!(replaced(&[national(1, 1_000), local, of_lambeth, next_year], 9_000), Vec::<i64>::new());
    }

    #[test]
    fn a_return_under_embargo_is_not_replaced_by_the_one_before_it() {
        let published = [national(1, 1_000), national(2, 2_000)];
        assert_eq!(replaced(&published, 1_500), Vec::<i64>::new());
    }

    #[test]
    fn the_answers_like_one_are_listed_newest_first() {
        let published = [national(1, 1_000), answer(2, 2_000, Scheme::Li), national(3, 3_000)];
        let ledger = Ledger::new(1, "e".into(), published.to_vec());
        let editions: Vec<i64> = ledger.answers_like(&published[0]).map(|other| other.edition_id).collect();
        assert_eq!(editions, [3, 1]);
    }

    #[test]
    fn a_ledger_that_follows_changes_is_the_one_that_is_read_anew() {
        let before = Ledger::new(1, "e".into(), vec![national(1, 1_000), national(2, 2_000), national(3, 3_000)]);
        let after = before.with(2, vec![national(2, 2_500), national(4, 4_000)], &[3]);
        let anew = Ledger::new(2, "e".into(), vec![national(1, 1_000), national(2, 2_500), national(4, 4_000)]);
        assert_eq!(after.published, anew.published);
        assert_eq!((after.version(), after.by_edition, after.answers), (2, anew.by_edition, anew.answers));
    }

    #[test]
    fn what_counts_is_named_where_it_is_little_of_what_was_published() {
        let revisions = |until: i64| (1..=until).map(|edition| national(edition, edition * 10));
        let other = Published { partnership_id: Some(8), ..national(9_000, 5) };
        let editions = |until: i64, partnerships: &[i32], at: i64| {
            let ledger = Ledger::new(1, "e".into(), revisions(until).chain([other.clone()]).collect());
            let shows = |publication: &Published| publication.effective_at <= instant(at);
            ledger.newest_answers(partnerships, shows).map(|found| found.map(|of| of.edition_id).collect::<Vec<_>>())
        };
        assert_eq!(editions(15, &[7], 5_000), None);
        assert_eq!(editions(300, &[7], 5_000), Some(vec![300]));
        assert_eq!(editions(300, &[], 1_005), Some(vec![100, 9_000]));
        assert_eq!(editions(300, &[8], 5_000), None);
    }

    #[test]
    fn what_takes_effect_between_two_instants_excludes_the_first_and_includes_the_second() {
        let ledger = Ledger::new(1, "e".into(), vec![published(1, 1_000), published(2, 2_000), published(3, 3_000)]);
        let editions: Vec<i64> = ledger.between(instant(1_000), instant(3_000)).iter().map(|p| p.edition_id).collect();
        assert_eq!(editions, [2, 3]);
        assert!(ledger.between(instant(3_000), instant(1_000)).is_empty());
        assert_eq!(ledger.next_effect(instant(1_000)), Some(instant(2_000)));
        assert_eq!(ledger.next_effect(instant(3_000)), None);
    }
}
