//! Random choices that a seed repeats.

use std::hash::{BuildHasher, RandomState};

/// A source of random choices (`SplitMix64`: enough for choosing, and short).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// From `SEED`, or from a seed of its own, which is printed so that a failure can be repeated.
    pub fn of_this_run(what: &str) -> Self {
        let seed = crate::setting("SEED", RandomState::new().hash_one(what) >> 16);
        println!("{what}: SEED={seed}");
        Self(seed)
    }

    /// Another source, whose choices are its own.
    pub fn split(&mut self) -> Self {
        Self(self.draw())
    }

    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` on, below `bound`.
    pub fn between(&mut self, least: u64, bound: u64) -> u64 {
        least + self.draw() % (bound - least)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.between(0, times) == 0
    }

    /// One of several.
    pub fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let at = usize::try_from(self.between(0, choices.len() as u64)).unwrap();
        &choices[at]
    }
}
