//! Models that exoc is measured on and held against other solvers with: seconds and copies, rate constants as
//! parameters.
//!
//! A, HIRES and ROBER, and D1 to D3 for jumps, are files beside this one. B, C and the growing ones are generated, the same on every machine.
//! B: 100 species in a tree of assembling complexes, 200 reactions, constants over eight decades. C: 1,000 species,
//! 3,000 reactions, half of them of two molecules, so that a factorisation fills.

#![allow(dead_code)]

mod random;

use std::collections::BTreeMap;
use std::fmt::Write;

use random::Random;

/// Reactions with rates k Π y; k y²/2 for two of one kind, as the language has it.
#[derive(Clone, Debug, Default)]
pub struct MassAction {
    pub species: Vec<(String, f64)>,
    pub reactions: Vec<Reaction>,
}

/// Species consumed and made, with repetition, and the rate constant.
#[derive(Clone, Debug)]
pub struct Reaction {
    pub from: Vec<usize>,
    pub to: Vec<usize>,
    pub k: f64,
}

impl Reaction {
    /// One over the ways to draw the same molecules.
    fn share(&self) -> f64 {
        if let [a, b] = *self.from.as_slice()
            && a == b
        {
            0.5
        } else {
            1.0
        }
    }
}

/// The text of a model by its name.
///
/// # Panics
/// For a name that is none.
pub fn text(name: &str) -> String {
    match name {
        "A" => include_str!("A.exo").to_owned(),
        "D1" => include_str!("D1.exo").to_owned(),
        "D2" => include_str!("D2.exo").to_owned(),
        "D3" => include_str!("D3.exo").to_owned(),
        "HIRES" => include_str!("HIRES.exo").to_owned(),
        "ROBER" => include_str!("ROBER.exo").to_owned(),
        "B" => assembly().text(),
        "C" => tangle().text(),
        other => panic!("no model {other}"),
    }
}

/// When the peers' runs of that model are looked at.
pub fn times(name: &str) -> Vec<f64> {
    let linear = |end: f64| (0..=100).map(|i| end * f64::from(i) / 100.0).collect();
    match name {
        "A" => linear(200.0),
        "B" => linear(1000.0),
        "C" => linear(100.0),
        "HIRES" => linear(321.8122),
        "ROBER" => [0.0].into_iter().chain((0..100).map(|i| 10f64.powf(-5.0 + 12.0 * f64::from(i) / 99.0))).collect(),
        other => panic!("no model {other}"),
    }
}

/// B.
pub fn assembly() -> MassAction {
    let mut model = MassAction::default();
    model.tree(20_240, 20, 80, "");
    model
}

/// Assemblies as B, this many with 100 species each; a subunit of each is exchanged with the next.
pub fn assemblies(count: usize) -> MassAction {
    let mut model = MassAction::default();
    for i in 0..count {
        model.tree(20_240 + i as u32, 20, 80, &format!("{i}_"));
        if i > 0 {
            let (there, here) = (100 * (i - 1), 100 * i);
            model.reaction(vec![there], vec![here], 0.01);
            model.reaction(vec![here], vec![there], 0.02);
        }
    }
    model
}

/// C.
pub fn tangle() -> MassAction {
    let (n, reactions) = (1000, 3000);
    let mut random = Random::new(777);
    let mut model = MassAction::default();
    for i in 0..n {
        model.species.push((format!("X{i}"), random.rounded(0.1, 2.0)));
    }
    let near = |random: &mut Random, i: usize| loop {
        let far = random.unit() < 0.02;
        let j = if far { random.below(n) as i64 } else { i as i64 - 20 + random.below(41) as i64 };
        if (0..n as i64).contains(&j) && j != i as i64 {
            return j as usize;
        }
    };
    for i in (0..n).cycle() {
        if model.reactions.len() == reactions {
            break;
        }
        if random.unit() < 0.5 {
            let [a, c, d] = std::array::from_fn(|_| near(&mut random, i));
            let mut all = [i, a, c, d];
            all.sort_unstable();
            if all.windows(2).all(|pair| pair[0] != pair[1]) {
                let k = random.decades(-3.0, 3.0);
                model.reaction(vec![i, a], vec![c, d], k);
            }
        } else {
            let to = near(&mut random, i);
            let k = random.decades(-3.0, 3.0);
            model.reaction(vec![i], vec![to], k);
        }
    }
    model
}

impl MassAction {
    fn reaction(&mut self, from: Vec<usize>, to: Vec<usize>, k: f64) {
        self.reactions.push(Reaction { from, to, k });
    }

    /// Complexes that grow subunit by subunit from the first, each from one of the six before it, and fall apart
    /// whole: those at the tips, then the others until there are two reactions for each species.
    fn tree(&mut self, seed: u32, subunits: usize, complexes: usize, prefix: &str) {
        let mut random = Random::new(seed);
        let (first, before) = (self.species.len(), self.reactions.len());
        for i in 0..subunits {
            self.species.push((format!("S{prefix}{i}"), random.rounded(0.5, 5.0)));
        }
        for i in 0..complexes {
            self.species.push((format!("C{prefix}{i}"), if i == 0 { 10.0 } else { 0.0 }));
        }
        let (subunit, complex) = (|s: usize| first + s, |c: usize| first + subunits + c);
        let mut held: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new()];
        let mut tip = vec![true; complexes];
        for j in 1..complexes {
            let low = j.saturating_sub(6);
            let i = low + random.below(j - low);
            let s = random.below(subunits);
            tip[i] = false;
            let mut content = held[i].clone();
            *content.entry(s).or_default() += 1;
            held.push(content);
            let k = random.decades(-2.0, 4.0);
            self.reaction(vec![complex(i), subunit(s)], vec![complex(j)], k);
            let k = random.decades(-4.0, 3.0);
            self.reaction(vec![complex(j)], vec![complex(i), subunit(s)], k);
        }
        let tips = (0..complexes).filter(|&j| tip[j]);
        let others = (1..complexes).rev().filter(|&j| !tip[j]);
        for j in tips.chain(others) {
            if self.reactions.len() - before >= 2 * (subunits + complexes) {
                break;
            }
            let parts = held[j].iter().flat_map(|(&s, &copies)| std::iter::repeat_n(subunit(s), copies));
            let to = [complex(0)].into_iter().chain(parts).collect();
            let k = random.decades(-3.0, 0.0);
            self.reaction(vec![complex(j)], to, k);
        }
    }

    /// As Exo. Reaction i (from 1) is process `r<i>` with the parameter `k<i>`.
    pub fn text(&self) -> String {
        let mut text = String::from("compartment cell = 1 um^3   assumed\n\n");
        for (name, amount) in &self.species {
            let _ = writeln!(text, "species {name} = {amount} copies in cell   assumed");
        }
        text.push('\n');
        for (i, reaction) in self.reactions.iter().enumerate() {
            let unit = if reaction.from.len() == 2 { "/ copies / s" } else { "/ s" };
            let _ = writeln!(text, "param k{} = {} {unit}   assumed", i + 1, reaction.k);
        }
        text.push('\n');
        for (i, reaction) in self.reactions.iter().enumerate() {
            let (from, to) = (self.side(&reaction.from), self.side(&reaction.to));
            let _ = writeln!(text, "process r{0}: {from} -> {to}   at k{0}", i + 1);
        }
        text
    }

    fn side(&self, species: &[usize]) -> String {
        let mut counts: Vec<(usize, usize)> = Vec::new();
        for &s in species {
            match counts.iter_mut().find(|(known, _)| *known == s) {
                Some((_, count)) => *count += 1,
                None => counts.push((s, 1)),
            }
        }
        let term = |&(s, count): &(usize, usize)| match count {
            1 => self.species[s].0.clone(),
            more => format!("{more} {}", self.species[s].0),
        };
        counts.iter().map(term).collect::<Vec<_>>().join(" + ")
    }

    /// Constants of the reactions, in order.
    pub fn constants(&self) -> Vec<f64> {
        self.reactions.iter().map(|r| r.k).collect()
    }

    /// dy/dt, reaction by reaction.
    pub fn rhs(&self, k: &[f64], y: &[f64], dydt: &mut [f64]) {
        dydt.fill(0.0);
        for (reaction, k) in self.reactions.iter().zip(k) {
            let rate = reaction.from.iter().fold(k * reaction.share(), |rate, &s| rate * y[s]);
            reaction.from.iter().for_each(|&s| dydt[s] -= rate);
            reaction.to.iter().for_each(|&s| dydt[s] += rate);
        }
    }

    /// Calls `add(row, column, value)` for the terms of ∂f/∂y, several for one element.
    pub fn jacobian(&self, k: &[f64], y: &[f64], add: &mut dyn FnMut(usize, usize, f64)) {
        for (reaction, k) in self.reactions.iter().zip(k) {
            for (at, &column) in reaction.from.iter().enumerate() {
                let others = reaction.from.iter().enumerate().filter(|(i, _)| *i != at);
                let slope = others.fold(k * reaction.share(), |slope, (_, &s)| slope * y[s]);
                reaction.from.iter().for_each(|&row| add(row, column, -slope));
                reaction.to.iter().for_each(|&row| add(row, column, slope));
            }
        }
    }
}
