//! The event loop as machine code, once it pays.
//!
//! Invariant: with and without it a run has the same bits, so it may come at any time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ExactModel;
use crate::codegen::{Effort, Engine, EventLoop, LoopChannel, LoopExit, LoopLaw, LoopPlan, LoopState};
use crate::kernel::jumps;
use crate::solve::jump::{BATCH, Effect, Halt, Propensity, Search, Window};

/// After so many events for each operation of the loop they have cost about as much time as compiling takes.
const EVENTS_PER_OPERATION: u64 = 32;
/// Longer loops are compiled in the quickest way.
const MOST_FOR_CARE: usize = 10_000;

/// The loop, if it was worth making.
#[derive(Debug)]
pub(super) struct Compiled {
    engine: Engine,
    /// Calls that went without.
    calls: AtomicU64,
    /// Operations, once they were counted.
    size: OnceLock<usize>,
    made: OnceLock<Result<EventLoop, String>>,
}

impl Compiled {
    pub fn new(engine: Engine) -> Compiled {
        Compiled { engine, calls: AtomicU64::new(0), size: OnceLock::new(), made: OnceLock::new() }
    }

    pub fn explain(&self) -> String {
        match (self.engine, self.made.get()) {
            (Engine::Interpreter, _) => "interpreter, as asked".to_owned(),
            (_, None) => "tables".to_owned(),
            (_, Some(Ok(_))) => "native code".to_owned(),
            (_, Some(Err(reason))) => format!("interpreter, because {reason}"),
        }
    }
}

impl ExactModel<'_> {
    /// The loop, once there were events enough.
    pub(super) fn event_loop(&self) -> Option<&EventLoop> {
        if let Some(made) = self.compiled.made.get() {
            return made.as_ref().ok();
        }
        if self.compiled.engine == Engine::Interpreter || self.scheme.drifts() || !self.has_loop() {
            return None;
        }
        let events = BATCH as u64 * self.compiled.calls.fetch_add(1, Ordering::Relaxed);
        if events < EVENTS_PER_OPERATION * self.scheme.channels().len() as u64 {
            return None;
        }
        let size = *self.compiled.size.get_or_init(|| self.plan().size());
        if events < EVENTS_PER_OPERATION * size as u64 {
            return None;
        }
        self.compile_now()
    }

    /// Whether there can be one: sums in fixed point have a loop of their own.
    pub(super) fn has_loop(&self) -> bool {
        self.scheme.search() != Search::Fixed
    }

    /// The loop without delay, if it can be had.
    pub(super) fn compile_now(&self) -> Option<&EventLoop> {
        let made = self.compiled.made.get_or_init(|| {
            let plan = self.plan();
            let size = plan.size();
            let effort = if size > MOST_FOR_CARE { Effort::Least } else { Effort::Little };
            EventLoop::compile(&plan, effort).map_err(|reason| reason.to_string())
        });
        made.as_ref().ok()
    }

    fn plan(&self) -> LoopPlan<'_> {
        let scheme = &self.scheme;
        let before = self.jumps.derived.inputs().parameters + self.jumps.derived.outputs().len();
        let channel = |index: usize| {
            let channel = &scheme.channels()[index];
            let reaction = self.reactions[index];
            let law = match (&channel.propensity, &self.jumps.propensities[reaction]) {
                (_, jumps::Propensity::General(program)) => LoopLaw::General(program),
                (&Propensity::Combination { i, j, less }, _) => {
                    LoopLaw::Combination { coefficient: before + reaction, i: i as usize, j: j as usize, less }
                }
                (Propensity::General, _) => unreachable!("a general propensity has a program"),
            };
            let changes = match &channel.effect {
                Effect::Change(changes) => Some(changes.as_slice()),
                Effect::Individual { .. } => None,
            };
            LoopChannel {
                law,
                changes,
                watched: scheme.is_watched(index),
                dependents: scheme.dependents(index),
                groups: scheme.groups(index),
            }
        };
        LoopPlan {
            states: scheme.states() + 1,
            parameters: before + self.jumps.propensities.len(),
            sums: scheme.layout().len(),
            levels: scheme.layout().starts(),
            channels: (0..scheme.channels().len()).map(channel).collect(),
        }
    }
}

/// Runs the loop on the engine's window; `p` has the coefficients of all reactions at its end.
pub(super) fn run(code: &EventLoop, p: &[f64], powers: &mut Vec<f64>, window: &mut Window<'_>) -> Halt {
    powers.resize(code.powers(), f64::NAN);
    let mut state = LoopState {
        time: window.time,
        limit: window.limit,
        x: window.x,
        p,
        sums: window.sums,
        exponentials: window.exponentials,
        uniforms: window.uniforms,
        position: window.position,
        end: window.end,
        powers,
    };
    let exit = code.run(&mut state);
    (window.time, window.position) = (state.time, state.position);
    match exit {
        LoopExit::Limit => Halt::Limit,
        LoopExit::Numbers => Halt::Numbers,
        LoopExit::Chosen(channel) => Halt::Chosen { channel },
        LoopExit::Watched(channel) => Halt::Watched { channel },
        LoopExit::Fault(channel) => Halt::Fault { channel },
        LoopExit::Total => Halt::Total,
        LoopExit::Odd => Halt::Odd,
    }
}
