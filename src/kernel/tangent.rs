//! What forward sensitivities need of a model: programs for its derivatives along directions.
//!
//! With `s = ∂y/∂θ` and `p' = ∂p/∂θ` along a run, `ds/dt = J s + f_p p'`, J and `f_p = ∂f/∂p` at (t, y). Linearly
//! implicit methods need the Jacobian of that too, `∂(J s + f_p p')/∂y`; and because second derivatives commute, its
//! product with a vector v is `(∂J/∂y · v) s + (∂f_p/∂y · v) p'`. So four programs serve any number of sensitivities,
//! and none of them reads s or p': J, f_p, and the derivative of each along v.
//!
//! Invariants: a tangent program reads the inputs of the program it is of, and behind them how fast they move.
//! Programs are differentiated as they were cut out, so what was computed once per parameter set stays so.
//! Deliberately absent: derivatives of where a side of `select` is chosen; the sides are taken to meet there.

use super::build::Builder;
use super::differentiate::{Direction, Variables, gradients};
use super::model::{Model, Part};
use super::order::Hoisted;
use super::program::{Inputs, Program, Value};

/// The programs that an integration of sensitivities calls at every step.
#[derive(Clone, PartialEq, Debug)]
pub struct Tangents {
    /// Where `∂f/∂p` may differ from zero, as (species, position in `p`), in the order of [`Tangents::slopes`].
    pub entries: Vec<(u32, u32)>,
    /// `∂f/∂p`, per second and unit of the parameter.
    pub slopes: Program,
    /// The derivatives along v of the Jacobian's entries, then of [`Tangents::slopes`]; `y` is followed by v.
    pub curvature: Program,
    /// The same along t; none where no rate reads the time.
    pub in_time: Option<Program>,
}

impl Tangents {
    /// Differentiates a model.
    pub fn new(model: &Model) -> Tangents {
        let (states, parameters) = (model.states(), model.parameters());
        let mut builder = Builder::new();
        let rates = builder.replay(model.program(Part::Rhs));
        let jacobian = builder.replay(model.program(Part::Jacobian));
        let zero = builder.constant(0.0);
        let mut entries = Vec::new();
        let mut slopes = Vec::new();
        for (species, gradient) in (0u32..).zip(gradients(&mut builder, &rates, Variables::Parameters)) {
            for &(parameter, slope) in gradient.iter().filter(|(_, slope)| *slope != zero) {
                entries.push((species, parameter));
                slopes.push(slope);
            }
        }
        let all = [jacobian, slopes.clone()].concat();
        let direction = Direction { states: Some(states as u32), ..Direction::default() };
        let curvature = moved(&mut builder, &all, Variables::Along(direction));
        let in_time = moved(&mut builder, &all, Variables::Time);
        let cut =
            |values: &[Value], states| builder.extract(values, Inputs { states, parameters }, &Hoisted::default());
        let depends = in_time.iter().any(|d| *d != zero);
        Tangents {
            entries,
            slopes: cut(&slopes, states),
            curvature: cut(&curvature, 2 * states),
            in_time: depends.then(|| cut(&in_time, states)),
        }
    }
}

/// How fast the outputs of a program move when its inputs do: `y` is followed by how fast each of its numbers moves, `p`
/// by the same and by how fast t moves.
pub fn tangent(program: &Program) -> Program {
    let Inputs { states, parameters } = program.inputs();
    let direction = Direction {
        states: Some(states as u32),
        parameters: Some(parameters as u32),
        time: Some(2 * parameters as u32),
    };
    let mut builder = Builder::new();
    let outputs = builder.replay(program);
    let moved = moved(&mut builder, &outputs, Variables::Along(direction));
    let inputs = Inputs { states: 2 * states, parameters: 2 * parameters + 1 };
    builder.extract(&moved, inputs, &Hoisted::default())
}

/// The derivatives by the only variable there is.
fn moved(builder: &mut Builder, roots: &[Value], variables: Variables) -> Vec<Value> {
    let zero = builder.constant(0.0);
    let gradients = gradients(builder, roots, variables);
    gradients.iter().map(|gradient| gradient.first().map_or(zero, |&(_, d)| d)).collect()
}
