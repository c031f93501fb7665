//! Gathering: what many objects of one request ask alike is asked of the exchange once.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex as Lock, PoisonError},
};

use exchange::{Exchange, View, service::figures::PublishedFigure, vocabulary::FigureKind};
use tokio::{sync::Mutex, task::yield_now};

use crate::error::{Result, Told};

/// What is asked of each partnership.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FigureQuestion {
    /// Kinds of figure.
    pub kinds: Vec<FigureKind>,
    /// Indicators, by any code.
    pub indicators: Vec<String>,
    /// Periods, in any spelling.
    pub periods: Vec<String>,
}

/// Gathers questions for figures of partnerships in one view: one call for all partnerships that are asked the same.
///
/// It does not wait for a span of time, as a data loader does, but for the resolvers: each leaves its question, lets all
/// others come as far, and only then does the first of them ask for all.
pub struct FigureGatherer {
    exchange: Arc<Exchange>,
    view: Arc<View>,
    waiting: Lock<HashMap<FigureQuestion, BTreeSet<String>>>,
    answers: Mutex<HashMap<FigureQuestion, Answers>>,
}

/// Answers by partnership. One question that fails leaves the answers to others alone.
type Answers = HashMap<String, Result<Vec<PublishedFigure>>>;

impl fmt::Debug for FigureGatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FigureGatherer").field("view", &self.view).finish_non_exhaustive()
    }
}

impl FigureGatherer {
    /// A gatherer for one view.
    pub fn new(exchange: Arc<Exchange>, view: Arc<View>) -> Self {
        Self { exchange, view, waiting: Lock::default(), answers: Mutex::default() }
    }

    /// The figures of one partnership.
    pub async fn of(&self, partnership: &str, question: FigureQuestion) -> Result<Vec<PublishedFigure>> {
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.entry(question.clone()).or_default().insert(partnership.to_owned());
        }
        yield_now().await;
        let mut answers = self.answers.lock().await;
        let known = answers.entry(question.clone()).or_default();
        if !known.contains_key(partnership) {
            known.extend(self.ask(&question).await);
        }
        known.get(partnership).cloned().unwrap_or_else(|| Ok(Vec::new()))
    }

    /// Asks for every partnership that waits for the answer.
    async fn ask(&self, question: &FigureQuestion) -> Answers {
        let waiting = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.remove(question).unwrap_or_default()
        };
        let partnerships: Vec<String> = waiting.into_iter().collect();
        let FigureQuestion { kinds, indicators, periods } = question;
        let found = self.exchange.figures_by_partnership(&self.view, kinds, &partnerships, indicators, periods).await;
        let mut found = found.map_err(Told::from);
        let answer = |partnership: String| match &mut found {
            Ok(figures) => (partnership.clone(), Ok(figures.remove(&partnership).unwrap_or_default())),
            Err(told) => (partnership, Err(told.clone())),
        };
        partnerships.into_iter().map(answer).collect()
    }
}
