//! How many processes lie between what a claim perturbs and what it reads.
//!
//! Perturbed is what is done in some arms that the claim reads and not in all of them; of a short claim, what is done
//! to the treated arm. A claim that compares arms in which the same is done perturbs nothing, and has no way.

use super::Bench;
use crate::hir::Hir;
use crate::hir::experiment::{CLAIM_CONTROL, CLAIM_TREATED, Claim, ReadingKind};
use crate::network::plan::{Change, Plan, PlannedArm};
use crate::network::ways::Ways;

/// Finds the ways of claims; each network is looked through once.
pub(super) struct Finder<'a> {
    hir: &'a Hir,
    benches: &'a [Bench],
    ways: Vec<Option<Ways<'a>>>,
}

/// A reading: which arm (and point), and which of the plan's measures.
type Read = (usize, usize, usize);

impl<'a> Finder<'a> {
    pub fn new(hir: &'a Hir, benches: &'a [Bench]) -> Finder<'a> {
        Finder { hir, benches, ways: benches.iter().map(|_| None).collect() }
    }

    /// The names of the processes on the shortest way, if there is one.
    pub fn way(&mut self, claim: &Claim) -> Option<Vec<String>> {
        let mut shortest: Option<Vec<String>> = None;
        for (at, bench) in self.benches.iter().enumerate() {
            for plan in &bench.plans {
                let (done, reads) = self.asked(claim, plan);
                if done.is_empty() || reads.is_empty() {
                    continue;
                }
                let network = bench.model.network();
                let values = reads.iter().filter_map(|m| network.observables.get(*plan.measures.get(*m)?));
                let values: Vec<_> = values.map(|observable| &observable.value).collect();
                let Some(slot) = self.ways.get_mut(at) else { continue };
                let found = slot.get_or_insert_with(|| Ways::new(network)).shortest(&done, &values);
                let found = found.map(|way| way.into_iter().map(str::to_owned).collect::<Vec<_>>());
                shortest = match (shortest, found) {
                    (Some(a), Some(b)) if b.len() < a.len() => Some(b),
                    (None, found) => found,
                    (known, _) => known,
                };
            }
        }
        shortest
    }

    /// What is done in the arms of a plan that a claim reads, and the measures it reads.
    fn asked(&self, claim: &Claim, plan: &'a Plan) -> (Vec<&'a Change>, Vec<usize>) {
        let mut read: Vec<Read> = Vec::new();
        claim.condition.each_reading(&mut |reading| match reading.kind {
            ReadingKind::Measure { experiment, arm, point, measure, .. }
            | ReadingKind::Summary { experiment, arm, point, measure, .. }
                if experiment == plan.experiment =>
            {
                read.push((arm, point.unwrap_or(0), measure));
            }
            _ => {}
        });
        let short = self.hir.experiments.get(plan.experiment.index()).is_some_and(|e| e.synthetic);
        if short {
            read.retain(|(arm, ..)| [CLAIM_CONTROL, CLAIM_TREATED].contains(arm));
        }
        let mut arms: Vec<&PlannedArm> = Vec::new();
        for (arm, point, _) in &read {
            let found = plan.arms.iter().find(|planned| (planned.arm, planned.point) == (*arm, *point));
            arms.extend(found.filter(|found| !arms.iter().any(|known| std::ptr::eq(*known, *found))));
        }
        let in_all = |change: &Change| arms.iter().all(|arm| arm.interventions.iter().any(|i| i.change == *change));
        let done = arms.iter().flat_map(|arm| &arm.interventions).map(|i| &i.change).filter(|change| !in_all(change));
        let done = done.collect();
        let mut measures: Vec<usize> = read.into_iter().map(|(_, _, measure)| measure).collect();
        measures.sort_unstable();
        measures.dedup();
        (done, measures)
    }
}
