//! Many short programs of one output each, any of which may be asked for at any time, such as propensities.
//!
//! Invariants: code is made for all of them at once, when they have been called so often that it pays; with and without it
//! results have the same bits.

use super::compiled::Engine;
use super::jit::{Codes, Effort};
use crate::kernel::{Program, Scratch};
use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// After so many calls for each program, interpreting has cost about as much time as compiling takes.
const CALLS_BEFORE_CODE: u64 = 500;
/// Operations of all together from which they are compiled in the quickest way, and from which not at all.
const MOST_FOR_CARE: usize = 20_000;
const MOST_AT_ALL: usize = 400_000;

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// The programs, with what runs them.
#[derive(Debug)]
pub struct Laws {
    programs: Vec<Program>,
    engine: Engine,
    calls: AtomicU64,
    /// `None` if code can't be had.
    made: OnceLock<Option<Codes>>,
}

impl Laws {
    /// Programs of one output each.
    pub fn new(programs: Vec<Program>, engine: Engine) -> Laws {
        Laws { programs, engine, calls: AtomicU64::new(0), made: OnceLock::new() }
    }

    /// What the program at a position gives.
    ///
    /// # Panics
    /// If there is none, or a slice is shorter than it needs.
    #[inline]
    pub fn run(&self, index: usize, t: f64, y: &[f64], p: &[f64]) -> f64 {
        match self.made.get() {
            Some(Some(codes)) => codes.run(index, t, y, p),
            _ => self.run_otherwise(index, t, y, p),
        }
    }

    #[cold]
    fn run_otherwise(&self, index: usize, t: f64, y: &[f64], p: &[f64]) -> f64 {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed);
        let pays = self.engine == Engine::Native && calls > CALLS_BEFORE_CODE * self.programs.len() as u64;
        if pays && let Some(codes) = self.made.get_or_init(|| self.compile()) {
            return codes.run(index, t, y, p);
        }
        let mut out = [0.0];
        SCRATCH.with_borrow_mut(|scratch| self.programs[index].interpret(t, y, p, &mut out, scratch));
        out[0]
    }

    fn compile(&self) -> Option<Codes> {
        let operations: usize = self.programs.iter().map(Program::operations).sum();
        let effort = if operations > MOST_FOR_CARE { Effort::Least } else { Effort::Little };
        if operations > MOST_AT_ALL { None } else { Codes::compile(&self.programs, effort).ok() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::jumps::lone;
    use crate::network::{Expr, Network};

    #[test]
    fn code_comes_and_the_bits_stay() {
        let network = Network::default();
        let numbers = [0.1, 0.7, 3.0];
        let programs = numbers.map(|number| lone(&network, &(Expr::Time * Expr::Constant(number)), None));
        let laws = Laws::new(programs.to_vec(), Engine::Native);
        let all = |t: f64| -> Vec<u64> { (0..3).map(|k| laws.run(k, t, &[], &[]).to_bits()).collect() };
        let before = all(0.3);
        (0..2000).for_each(|n| drop(all(f64::from(n))));
        assert!(laws.made.get().is_some_and(Option::is_some));
        assert_eq!(all(0.3), before);
    }
}
