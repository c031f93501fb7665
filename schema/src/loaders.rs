//! Gathering: what many objects of one request ask alike is asked of the exchange once.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
    sync::{Arc, Mutex as Lock, PoisonError},
};

use exchange::{
    Error, Exchange, View,
    service::{
        figures::PublishedFigure,
        framework::{Framework, FrameworkQuery},
    },
    vocabulary::FigureKind,
};
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

/// Gathers questions for performance frameworks in one view: one call for all of them. It waits as [`FigureGatherer`]
/// does.
pub struct FrameworkGatherer {
    exchange: Arc<Exchange>,
    view: Arc<View>,
    waiting: Lock<HashSet<FrameworkQuery>>,
    answers: Mutex<Frameworks>,
}

type Frameworks = HashMap<FrameworkQuery, Result<Arc<Framework>>>;

impl fmt::Debug for FrameworkGatherer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameworkGatherer").field("view", &self.view).finish_non_exhaustive()
    }
}

impl FrameworkGatherer {
    /// A gatherer for one view.
    pub fn new(exchange: Arc<Exchange>, view: Arc<View>) -> Self {
        Self { exchange, view, waiting: Lock::default(), answers: Mutex::default() }
    }

    /// One framework. Its partnership, plan and period must be known: one question that cannot be answered fails all
    /// that are gathered with it.
    pub async fn of(&self, query: FrameworkQuery) -> Result<Arc<Framework>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(query.clone());
        yield_now().await;
        let mut answers = self.answers.lock().await;
        if !answers.contains_key(&query) {
            self.ask(&mut answers).await;
        }
        let unanswered = || Err(Error::internal("gathering frameworks", "one was asked for, none came").into());
        answers.get(&query).cloned().unwrap_or_else(unanswered)
    }

    /// Asks for every framework that waits for its first answer.
    async fn ask(&self, answers: &mut Frameworks) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let queries: Vec<FrameworkQuery> = waiting.into_iter().filter(|query| !answers.contains_key(query)).collect();
        match self.exchange.frameworks(&self.view, &queries).await {
            Ok(found) => answers.extend(queries.into_iter().zip(found.into_iter().map(|found| Ok(Arc::new(found))))),
            Err(error) => {
                let told = Told::from(error);
                answers.extend(queries.into_iter().map(|query| (query, Err(told.clone()))));
            }
        }
    }
}
