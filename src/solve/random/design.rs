//! Designs: where the members of an ensemble lie in the unit cube, one number in (0, 1) for each member and dimension.
//!
//! Invariants: a coordinate is a pure function of seed, member and dimension (of a Latin hypercube also of the number of
//! members), so members can be computed in any order and anywhere; no state is kept and memory does not grow with the
//! number of members.

use std::fmt;

use sobol::Sobol as Sequence;
use sobol::params::JoeKuoD6;

use super::{Philox, Purpose, unit};

/// How members are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Sampling {
    /// A Sobol sequence with the direction numbers of Joe and Kuo (SIAM J. Sci. Comput. 30, 2008), scrambled by a random
    /// linear map (Matoušek, J. Complexity 14, 1998) and a random shift: even in each dimension and in all together.
    #[default]
    Sobol,
    /// A Latin hypercube (McKay, Beckman, Conover, Technometrics 21, 1979): of N members each has one of N equal shares
    /// of each dimension to itself.
    Latin,
    /// Independent members.
    Random,
}

/// A design with more dimensions than it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Sobol sequence has at most {SOBOL_DIMENSIONS} dimensions, and {dimensions} are needed")]
pub struct TooManyDimensions {
    pub dimensions: usize,
}

/// As many as direction numbers are at hand for.
pub const SOBOL_DIMENSIONS: usize = 1000;
/// Bits of a coordinate; with as many members at most.
const BITS: usize = 64;

/// A design with its seed.
#[derive(Clone)]
pub struct Design {
    philox: Philox,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Sobol(Vec<Dimension>),
    Latin { members: u64 },
    Random,
}

/// One dimension of a scrambled Sobol sequence.
#[derive(Clone)]
struct Dimension {
    directions: [u64; BITS],
    shift: u64,
}

impl fmt::Debug for Design {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match &self.kind {
            Kind::Sobol(dimensions) => format!("Sobol in {} dimensions", dimensions.len()),
            Kind::Latin { members } => format!("Latin hypercube of {members}"),
            Kind::Random => "random".to_owned(),
        };
        write!(f, "Design({kind})")
    }
}

impl Design {
    /// A design of so many members in so many dimensions.
    ///
    /// # Errors
    /// A Sobol sequence in more than [`SOBOL_DIMENSIONS`] dimensions.
    pub fn new(sampling: Sampling, seed: u64, members: u64, dimensions: usize) -> Result<Design, TooManyDimensions> {
        let philox = Philox::new(seed);
        let kind = match sampling {
            Sampling::Random => Kind::Random,
            Sampling::Latin => Kind::Latin { members: members.max(1) },
            Sampling::Sobol if dimensions > SOBOL_DIMENSIONS => return Err(TooManyDimensions { dimensions }),
            Sampling::Sobol => Kind::Sobol(scrambled(dimensions, &philox)),
        };
        Ok(Design { philox, kind })
    }

    /// The coordinate of a member (from 0) in a dimension (from 0).
    pub fn coordinate(&self, member: u64, dimension: usize) -> f64 {
        match &self.kind {
            Kind::Random => unit(self.philox.bits(Purpose::Member, member, dimension as u32)),
            Kind::Latin { members } => {
                let stratum = permuted(&self.philox, dimension as u64, *members, member % *members);
                let within = unit(self.philox.bits(Purpose::Member, member, dimension as u32));
                // The sum may round up to 1, which is outside.
                ((stratum as f64 + within) / *members as f64).min(1.0 - f64::EPSILON / 2.0)
            }
            Kind::Sobol(dimensions) => dimensions.get(dimension).map_or(f64::NAN, |d| unit(d.at(member))),
        }
    }
}

impl Dimension {
    /// The point of that index, in the order of Gray codes.
    fn at(&self, index: u64) -> u64 {
        let mut gray = index ^ (index >> 1);
        let mut bits = self.shift;
        while gray != 0 {
            bits ^= self.directions[gray.trailing_zeros() as usize];
            gray &= gray - 1;
        }
        bits
    }
}

fn scrambled(dimensions: usize, philox: &Philox) -> Vec<Dimension> {
    if dimensions == 0 {
        return Vec::new();
    }
    let directions =
        Sequence::<u64>::init_direction_vals::<u32>(dimensions, BITS, &JoeKuoD6::standard()).into_iter().enumerate();
    directions
        .map(|(dimension, plain)| {
            let mut random = philox.stream(Purpose::Scramble, dimension as u64);
            let shift = random.next().unwrap_or_default();
            // Row by row from the uppermost bit: each new bit is its own old one and a random sum of those above.
            let rows: Vec<u64> = random.take(BITS).enumerate().map(|(row, bits)| row_of(row, bits)).collect();
            let mut directions = [0; BITS];
            for (direction, plain) in directions.iter_mut().zip(plain) {
                for (row, mask) in rows.iter().enumerate() {
                    *direction |= u64::from((plain & mask).count_ones() & 1) << (BITS - 1 - row);
                }
            }
            Dimension { directions, shift }
        })
        .collect()
}

/// The bits above a row's own as given, its own set, those below not.
fn row_of(row: usize, bits: u64) -> u64 {
    let own = 1u64 << (BITS - 1 - row);
    let above = !(own | (own - 1));
    own | (bits & above)
}

/// A permutation of `0..size`, another one for each dimension: a Feistel network over the next power of four, walked
/// until inside (Black, Rogaway, CT-RSA 2002).
fn permuted(philox: &Philox, dimension: u64, size: u64, index: u64) -> u64 {
    let half = (u64::BITS - size.saturating_sub(1).leading_zeros()).div_ceil(2).max(1);
    let mask = (1u64 << half) - 1;
    let mut x = index;
    loop {
        let (mut left, mut right) = (x >> half, x & mask);
        for round in 0..6u64 {
            // `half` is 32 at most, so the round fits above.
            let mixed = philox.bits(Purpose::Strata, dimension << 3 | round, right as u32);
            (left, right) = (right, left ^ (mixed & mask));
        }
        x = left << half | right;
        if x < size {
            return x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(sampling: Sampling, members: u64, dimensions: usize) -> Design {
        Design::new(sampling, 2026, members, dimensions).unwrap()
    }

    #[test]
    fn a_latin_hypercube_has_each_stratum_once() {
        for members in [1, 2, 7, 64, 1000] {
            let design = design(Sampling::Latin, members, 3);
            for dimension in 0..3 {
                let mut seen = vec![false; members as usize];
                for member in 0..members {
                    let at = design.coordinate(member, dimension);
                    let stratum = (at * members as f64) as usize;
                    assert!(!std::mem::replace(&mut seen[stratum], true), "{members} {dimension} {member}: {at}");
                }
            }
        }
    }

    #[test]
    fn dimensions_of_a_latin_hypercube_are_not_correlated() {
        let design = design(Sampling::Latin, 4096, 2);
        let products = (0..4096).map(|m| (design.coordinate(m, 0) - 0.5) * (design.coordinate(m, 1) - 0.5));
        let correlation = 12.0 * products.sum::<f64>() / 4096.0;
        assert!(correlation.abs() < 0.06, "{correlation}");
    }

    #[test]
    fn a_scrambled_sobol_sequence_is_a_net() {
        // Of 2^k successive points each of 2^k equal shares of a dimension has one, in the first and the last of them.
        let design = design(Sampling::Sobol, 1024, SOBOL_DIMENSIONS);
        for dimension in [0, 1, 2, 17, 500, SOBOL_DIMENSIONS - 1] {
            for start in [0u64, 1024] {
                let mut seen = [false; 1024];
                for member in start..start + 1024 {
                    let share = (design.coordinate(member, dimension) * 1024.0) as usize;
                    assert!(!std::mem::replace(&mut seen[share], true), "{dimension} {member}");
                }
            }
        }
    }

    #[test]
    fn the_first_two_dimensions_fill_the_square_evenly() {
        let design = design(Sampling::Sobol, 256, 2);
        let mut seen = [[0; 16]; 16];
        for member in 0..256 {
            let at = |d| (design.coordinate(member, d) * 16.0) as usize;
            seen[at(0)][at(1)] += 1;
        }
        assert!(seen.iter().flatten().all(|&n| n == 1), "{seen:?}");
    }

    #[test]
    fn without_scrambling_the_sequence_is_the_published_one() {
        let plain = Sequence::<u64>::init_direction_vals::<u32>(5, BITS, &JoeKuoD6::standard());
        for (dimension, directions) in plain.into_iter().enumerate() {
            let directions: [u64; BITS] = directions.try_into().unwrap();
            let ours = Dimension { directions, shift: 0 };
            let theirs = Sequence::<f64>::new(5, &JoeKuoD6::standard()).take(100);
            for (index, point) in theirs.enumerate() {
                let at = ours.at(index as u64) as f64 / 2f64.powi(64);
                assert!((at - point[dimension]).abs() < 1e-15, "{dimension} {index}");
            }
        }
    }

    #[test]
    fn another_seed_is_another_design_and_too_many_dimensions_are_refused() {
        for sampling in [Sampling::Sobol, Sampling::Latin, Sampling::Random] {
            let one = Design::new(sampling, 1, 100, 2).unwrap();
            let other = Design::new(sampling, 2, 100, 2).unwrap();
            assert!((0..100).any(|m| one.coordinate(m, 1) != other.coordinate(m, 1)));
            let mean = (0..100).map(|m| one.coordinate(m, 1)).sum::<f64>() / 100.0;
            assert!((mean - 0.5).abs() < 0.1, "{sampling:?} {mean}");
        }
        assert!(Design::new(Sampling::Sobol, 1, 100, SOBOL_DIMENSIONS + 1).is_err());
    }
}
