//! Gathering: what many objects of one request ask alike is asked of the exchange once.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;
use exchange::{Exchange, View, service::figures::PublishedFigure, vocabulary::FigureKind};

use crate::error::{Result, Told};

/// Which figures of a partnership are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FigureKey {
    /// The partnership, by code.
    pub partnership: String,
    /// Which of its figures.
    pub question: FigureQuestion,
}

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

/// Loads figures of partnerships in one view: one call for all partnerships that are asked the same.
#[derive(Debug)]
pub struct FigureLoader {
    /// The exchange.
    pub exchange: Arc<Exchange>,
    /// The view that is read.
    pub view: Arc<View>,
}

impl Loader<FigureKey> for FigureLoader {
    /// One question that fails leaves the answers to others alone.
    type Value = Result<Vec<PublishedFigure>>;
    type Error = Told;

    async fn load(&self, keys: &[FigureKey]) -> Result<HashMap<FigureKey, Self::Value>> {
        let mut partnerships: HashMap<&FigureQuestion, Vec<String>> = HashMap::new();
        for key in keys {
            partnerships.entry(&key.question).or_default().push(key.partnership.clone());
        }
        let mut answers = HashMap::with_capacity(keys.len());
        for (question, partnerships) in partnerships {
            let FigureQuestion { kinds, indicators, periods } = question;
            let found =
                self.exchange.figures_by_partnership(&self.view, kinds, &partnerships, indicators, periods).await;
            let mut found = found.map_err(Told::from);
            for partnership in partnerships {
                let answer = match &mut found {
                    Ok(figures) => Ok(figures.remove(&partnership).unwrap_or_default()),
                    Err(told) => Err(told.clone()),
                };
                answers.insert(FigureKey { partnership, question: question.clone() }, answer);
            }
        }
        Ok(answers)
    }
}
