/// `SplitMix64`: small, quick, the same everywhere for ever. Every invocation and every part of the world draws from a stream
/// of its own, and rolls for its faults apart from everything else: so a fault that is left out changes what follows from it,
/// and as little else as possible.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random {
    state: u64,
    rolls: u64,
    stream: u32,
    rolled: u32,
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// One stream of a seed.
    pub(crate) fn of(seed: u64, stream: u32) -> Self {
        let state = mixed(seed.wrapping_mul(GOLDEN) ^ mixed(u64::from(stream).wrapping_add(GOLDEN)));
        Self { state, rolls: mixed(!state), stream, rolled: 0 }
    }

    /// 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mixed(self.state)
    }

    /// 32 bits for whether a fault happens.
    pub(crate) fn roll(&mut self) -> u64 {
        self.rolled += 1;
        self.rolls = self.rolls.wrapping_add(GOLDEN);
        mixed(self.rolls) >> 32
    }

    /// What names the latest roll among all of a history.
    pub(crate) fn place(&self) -> u64 {
        u64::from(self.stream) << 32 | u64::from(self.rolled)
    }

    /// A stream of its own for what is begun here and happens elsewhere.
    pub(crate) fn fork(&mut self) -> Self {
        self.roll();
        let rolls = mixed(!self.rolls);
        Self { state: mixed(rolls), rolls, stream: self.stream | 1 << 31, rolled: self.rolled << 8 }
    }

    /// Whether one of `of` draws says yes.
    pub(crate) fn once_in(&mut self, of: u64) -> bool {
        self.next().is_multiple_of(of)
    }

    /// A place in a list of this length, which must not be empty.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.next() % length as u64).unwrap_or_default()
    }

    /// One of a list, which must not be empty.
    pub(crate) fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.index(of.len())]
    }

    /// A whole number of both ends and all between.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        least + (self.next() % (most - least + 1).unsigned_abs()).cast_signed()
    }
}

pub(crate) fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
