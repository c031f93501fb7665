//! Chance that is the same at every start and on every machine: drawn by splitmix64 from texts, in integer arithmetic.

/// A number from one bound to the other, both included: always the same for the same key.
pub fn draw(key: &str, from: i64, to: i64) -> i64 {
    let bits = key.bytes().fold(0, |state, byte| splitmix64(state ^ u64::from(byte)));
    from + (bits >> 1).cast_signed() % (to - from + 1)
}

/// One step of splitmix64 (Steele, Lea and Flood, “Fast splittable pseudorandom number generators”, 2014).
const fn splitmix64(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
