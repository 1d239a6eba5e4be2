//! A model's derivatives as programs: those called at every step compiled, the others interpreted.

use crate::codegen::CompiledModel;
use crate::kernel::{Part, Program, Tangents, tangent};
use crate::network::Expr;
use crate::simulate::Model;

/// A model with its derivatives.
#[derive(Debug)]
pub struct Derivatives<'m> {
    pub(super) model: &'m Model,
    code: CompiledModel,
    /// Where ∂f/∂p may differ from zero: (species, position in p).
    pub(super) entries: Vec<(usize, usize)>,
    /// Whether rates read the time.
    pub(super) timed: bool,
    pub(super) observables: Program,
    pub(super) triggers: Program,
    pub(super) initial: Program,
    pub(super) delays: Program,
    /// Of each event.
    pub(super) assignments: Vec<Program>,
    /// Of parameters that are no plain numbers, in order.
    pub(super) dependent: Vec<(usize, Program)>,
    /// Of what is derived from all parameters.
    pub(super) derived: Program,
}

impl<'m> Derivatives<'m> {
    /// Differentiates a model, and compiles what it is compiled with.
    pub fn new(model: &'m Model) -> Derivatives<'m> {
        let kernel = model.kernel();
        let Tangents { entries, slopes, curvature, in_time } = Tangents::new(kernel);
        let timed = in_time.is_some();
        let programs = [slopes, curvature].into_iter().chain(in_time).collect();
        Derivatives {
            model,
            code: CompiledModel::with_extra(kernel.clone(), model.code().engine(), programs),
            entries: entries.into_iter().map(|(species, parameter)| (species as usize, parameter as usize)).collect(),
            timed,
            observables: tangent(kernel.program(Part::Observables)),
            triggers: tangent(kernel.program(Part::Triggers)),
            initial: tangent(&kernel.initial),
            delays: tangent(&kernel.delays),
            assignments: kernel.assignments.iter().map(|a| tangent(&a.program)).collect(),
            dependent: kernel.dependent().iter().map(|(index, program)| (*index, tangent(program))).collect(),
            derived: tangent(kernel.derived()),
        }
    }

    pub fn model(&self) -> &'m Model {
        self.model
    }

    /// ∂f/∂p at the entries.
    pub(super) fn slopes(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.code.run_extra(0, t, y, p, out);
    }

    /// The derivatives of the Jacobian's entries, then of the slopes, along what follows y in `moving`.
    pub(super) fn curvature(&self, t: f64, moving: &[f64], p: &[f64], out: &mut [f64]) {
        self.code.run_extra(1, t, moving, p, out);
    }

    /// The same by t; only where [`Derivatives::timed`].
    pub(super) fn curvature_in_time(&self, t: f64, y: &[f64], p: &[f64], out: &mut [f64]) {
        self.code.run_extra(2, t, y, p, out);
    }

    /// An expression's value, and what gives its derivative.
    pub(super) fn expression(&self, expr: &Expr) -> (Program, Program) {
        let program = crate::kernel::expressions(self.model.network(), std::slice::from_ref(expr));
        let moved = tangent(&program);
        (program, moved)
    }
}
