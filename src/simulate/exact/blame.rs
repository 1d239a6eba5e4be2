//! What went wrong in an exact run, in names.

use super::ExactModel;
use crate::simulate::error::{Culprit, Problem, SimulationError, significant};
use crate::solve::jump::{Fault, JumpError};

impl ExactModel<'_> {
    pub(super) fn named(&self, JumpError { t: time, fault }: JumpError) -> SimulationError {
        let (problem, culprit) = match fault {
            Fault::Negative { channel, value } => {
                (Problem::NegativeRate { rate: significant(value) }, self.process(channel))
            }
            Fault::NotFinite { channel } => (Problem::RateNotFinite, self.process(channel)),
            Fault::TotalNotFinite => (Problem::RateNotFinite, None),
            Fault::Budget { events, channel } => (Problem::TooManyEvents { events }, self.process(channel)),
            Fault::TooMany { state, value } => {
                (Problem::TooManyCopies { copies: significant(value) }, self.species(state))
            }
            Fault::StepUnderflow => (Problem::StepUnderflow { step: 0.0 }, None),
        };
        SimulationError { time, problem, culprit }
    }

    /// The process of a channel, and the first species that it changes.
    fn process(&self, channel: usize) -> Option<Box<Culprit>> {
        let network = self.model.network();
        let reaction = network.reactions.get(*self.reactions.get(channel)?)?;
        let process = network.processes.get(reaction.process.index())?;
        let species = reaction.stoichiometry.first().and_then(|(s, _)| network.species.get(s.index()));
        let species = species.map_or_else(String::new, |s| s.name.clone());
        Some(Box::new(Culprit { species, processes: vec![process.name.clone()], span: process.span }))
    }

    fn species(&self, state: usize) -> Option<Box<Culprit>> {
        let species = self.model.network().species.get(state)?;
        Some(Box::new(Culprit { species: species.name.clone(), processes: Vec::new(), span: species.span }))
    }
}
