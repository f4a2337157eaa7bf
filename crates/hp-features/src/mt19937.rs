//! The Mersenne Twister as NumPy's legacy `RandomState` uses it, so that a seed gives the same
//! permutation as there. Algorithm: Matsumoto and Nishimura, "Mersenne Twister", 1998.

const N: usize = 624;
const M: usize = 397;

/// The generator behind `numpy.random.RandomState(seed)`.
pub(crate) struct Mt19937 {
    state: [u32; N],
    next: usize,
}

impl Mt19937 {
    /// Seeds as `init_genrand` of the reference implementation.
    pub(crate) fn new(seed: u32) -> Self {
        let mut state = [0; N];
        let mut previous = seed;
        state[0] = seed;
        for (index, word) in (1..).zip(&mut state[1..]) {
            previous = (previous ^ (previous >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(index);
            *word = previous;
        }
        Self { state, next: N }
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.refill();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn refill(&mut self) {
        for index in 0..N {
            let joined =
                (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % N] & 0x7fff_ffff);
            let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[index] = self.state[(index + M) % N] ^ (joined >> 1) ^ twist;
        }
        self.next = 0;
    }

    /// Uniform in `0..=max` by masked rejection, NumPy's `random_interval`: one word per draw up
    /// to 2³² − 1, two beyond, the high one first.
    fn interval(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let draw = if u32::try_from(max).is_ok() {
                u64::from(self.next_u32())
            } else {
                let high = u64::from(self.next_u32());
                (high << 32) | u64::from(self.next_u32())
            };
            if draw & mask <= max {
                return draw & mask;
            }
        }
    }

    /// `RandomState.permutation(n)`: Fisher–Yates from the end.
    pub(crate) fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the draw is at most `last`, a usize"
            )]
            let other = self.interval(last as u64) as usize;
            order.swap(last, other);
        }
        order
    }
}
