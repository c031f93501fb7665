//! A limit of what is worked on at a time. Who comes when all places are taken waits a little; who comes when many wait
//! already is sent away at once, so that those who are answered are answered in time.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a request waits for a place.
const PATIENCE: Duration = Duration::from_secs(1);

/// The places of a server.
#[derive(Debug)]
pub struct Slots {
    places: Option<Arc<Semaphore>>,
    /// As many may wait as are worked on.
    most_waiting: usize,
    waiting: AtomicUsize,
    shed: AtomicU64,
}

/// There is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPlace;

impl Slots {
    /// So many places; 0 for no limit.
    pub fn new(places: usize) -> Self {
        Self {
            places: (places > 0).then(|| Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)))),
            most_waiting: places,
            waiting: AtomicUsize::new(0),
            shed: AtomicU64::new(0),
        }
    }

    /// Takes a place; none is needed without a limit.
    ///
    /// # Errors
    /// If there is none for too long, or too many wait already.
    pub async fn take(&self) -> Result<Option<OwnedSemaphorePermit>, NoPlace> {
        let Some(places) = &self.places else {
            return Ok(None);
        };
        if let Ok(place) = Arc::clone(places).try_acquire_owned() {
            return Ok(Some(place));
        }
        let waiting = Waiting::new(&self.waiting);
        let place = if waiting.before >= self.most_waiting {
            None
        } else {
            tokio::time::timeout(PATIENCE, Arc::clone(places).acquire_owned()).await.ok().and_then(Result::ok)
        };
        if place.is_none() {
            self.shed.fetch_add(1, Ordering::Relaxed);
        }
        place.map(Some).ok_or(NoPlace)
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many were sent away so far.
    pub fn shed(&self) -> u64 {
        self.shed.load(Ordering::Relaxed)
    }
}

/// Somebody who waits, and may leave at any time.
struct Waiting<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Self { count, before: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_when_all_places_are_taken_waits_a_little() {
        let slots = Arc::new(Slots::new(1));
        let first = slots.take().await.unwrap();
        assert_eq!(slots.take().await.unwrap_err(), NoPlace);
        let second = tokio::spawn({
            let slots = Arc::clone(&slots);
            async move { slots.take().await.map(|_| ()) }
        });
        tokio::task::yield_now().await;
        assert_eq!(slots.waiting(), 1);
        // The queue is as long as there are places: the third is sent away at once.
        let began = tokio::time::Instant::now();
        assert_eq!(slots.take().await.unwrap_err(), NoPlace);
        assert_eq!(began.elapsed(), Duration::ZERO);
        drop(first);
        second.await.unwrap().unwrap();
        assert_eq!((slots.waiting(), slots.shed()), (0, 2));
    }

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        let slots = Slots::new(0);
        assert!(slots.take().await.unwrap().is_none() && slots.take().await.unwrap().is_none());
    }
}
