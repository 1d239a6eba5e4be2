//! Random networks that conserve their matter, so that nothing explodes.

use super::models::{MassAction, Reaction};

/// The generator of Steele and others (SplitMix64, 2014).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Draw {
        Draw(seed)
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.word() % bound as u64) as usize
    }
}

/// Three to fifteen species; each reaction makes as many molecules as it takes, one or two, with constants over five
/// decades.
pub fn network(seed: u64) -> MassAction {
    let mut draw = Draw::new(seed);
    let n = 3 + draw.below(13);
    let amount = |draw: &mut Draw| if draw.unit() < 0.3 { 0.0 } else { (draw.unit() * 1e4).round() / 1e3 };
    let species = (0..n).map(|i| (format!("X{i}"), amount(&mut draw))).collect();
    let reaction = |draw: &mut Draw| {
        let order = 1 + usize::from(draw.unit() < 0.5);
        let side = |draw: &mut Draw| (0..order).map(|_| draw.below(n)).collect::<Vec<_>>();
        let (from, mut to) = (side(draw), side(draw));
        while to.iter().all(|s| from.contains(s)) {
            to = side(draw);
        }
        Reaction { from, to, k: (10f64.powf(5.0 * draw.unit() - 3.0) * 1e6).round() / 1e6 }
    };
    let reactions = (0..2 * n).map(|_| reaction(&mut draw)).collect();
    MassAction { species, reactions }
}
