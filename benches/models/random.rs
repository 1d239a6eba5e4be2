//! The Mersenne Twister of Matsumoto and Nishimura (1998), drawn from as Python's `random` does, so that the peers'
//! Python generators and this one give the same models.

const N: usize = 624;

pub struct Random {
    state: [u32; N],
    next: usize,
}

impl Random {
    /// As `random.Random(seed)`.
    pub fn new(seed: u32) -> Random {
        let mut state = [0u32; N];
        state[0] = 19_650_218;
        for i in 1..N {
            let last = state[i - 1];
            state[i] = 1_812_433_253u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(i as u32);
        }
        let mut i = 1;
        let mut step = |state: &mut [u32; N], factor: u32, add: u32, subtract_index: bool| {
            let last = state[i - 1];
            let mixed = (state[i] ^ (last ^ (last >> 30)).wrapping_mul(factor)).wrapping_add(add);
            state[i] = if subtract_index { mixed.wrapping_sub(i as u32) } else { mixed };
            i += 1;
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        };
        for _ in 0..N {
            step(&mut state, 1_664_525, seed, false);
        }
        for _ in 0..N - 1 {
            step(&mut state, 1_566_083_941, 0, true);
        }
        state[0] = 0x8000_0000;
        Random { state, next: N }
    }

    fn word(&mut self) -> u32 {
        if self.next == N {
            for i in 0..N {
                let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % N] & 0x7fff_ffff);
                let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[i] = self.state[(i + 397) % N] ^ (y >> 1) ^ odd;
            }
            self.next = 0;
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// `random()`: from 0 to 1, 53 bits.
    pub fn unit(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
    }

    /// `uniform(low, high)`.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// `randrange(bound)`.
    pub fn below(&mut self, bound: usize) -> usize {
        let bits = usize::BITS - bound.leading_zeros();
        loop {
            let drawn = (self.word() >> (32 - bits)) as usize;
            if drawn < bound {
                return drawn;
            }
        }
    }

    /// `round(uniform(low, high), 3)`.
    pub fn rounded(&mut self, low: f64, high: f64) -> f64 {
        number(&format!("{:.3}", self.uniform(low, high)))
    }

    /// Ten to a power between the bounds, to four digits.
    pub fn decades(&mut self, low: f64, high: f64) -> f64 {
        number(&format!("{:.3e}", 10f64.powf(self.uniform(low, high))))
    }
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}
