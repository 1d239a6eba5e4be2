//! Random expressions: both engines agree to the bit, simplification keeps values, derivatives match differences.

use super::networks::{Sketch, c};
use exoc::codegen::{CompiledModel, Engine};
use exoc::kernel::{Model, Part, expressions, math};
use exoc::network::{BinaryOp, Expr, Network, ParameterId, SpeciesId, UnaryOp};
use proptest::prelude::*;

const STATES: u32 = 3;
const PARAMETERS: u32 = 2;

fn leaf() -> impl Strategy<Value = Expr> {
    prop_oneof![
        prop_oneof![Just(0.0), Just(1.0), Just(-1.0), Just(2.0), Just(0.5), -4.0..4.0].prop_map(Expr::Constant),
        Just(Expr::Time),
        (0..STATES).prop_map(|i| Expr::Species(SpeciesId(i))),
        (0..STATES).prop_map(|i| Expr::Species(SpeciesId(i))),
        (0..PARAMETERS).prop_map(|i| Expr::Parameter(ParameterId(i))),
    ]
}

fn any_expression() -> impl Strategy<Value = Expr> {
    use BinaryOp::*;
    use UnaryOp::*;
    let unary = prop::sample::select(vec![Neg, Abs, Sqrt, Exp, Ln, Log10, Sin, Cos, Tanh, Floor, Ceil, Not]);
    let binary = prop::sample::select(vec![Add, Sub, Mul, Div, Pow, Min, Max, Less, LessEqual, Equal, And, Or]);
    expression(unary.boxed(), binary.boxed())
}

/// Only operators that have derivatives nearly everywhere.
fn smooth_expression() -> impl Strategy<Value = Expr> {
    use BinaryOp::*;
    use UnaryOp::*;
    let unary = prop::sample::select(vec![Neg, Abs, Sqrt, Exp, Ln, Log10, Sin, Cos, Tanh]);
    let binary = prop::sample::select(vec![Add, Sub, Mul, Div, Pow, Min, Max]);
    expression(unary.boxed(), binary.boxed())
}

/// Without powers, whose rewriting as multiplications moves the last bits.
fn exact_expression() -> impl Strategy<Value = Expr> {
    use BinaryOp::*;
    use UnaryOp::*;
    let unary = prop::sample::select(vec![Neg, Abs, Sqrt, Exp, Ln, Sin, Tanh, Floor, Ceil, Not]);
    let binary = prop::sample::select(vec![Add, Sub, Mul, Div, Min, Max, Less, LessEqual, Equal, And, Or]);
    expression(unary.boxed(), binary.boxed())
}

fn expression(unary: BoxedStrategy<UnaryOp>, binary: BoxedStrategy<BinaryOp>) -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(6, 40, 3, move |inner| {
        prop_oneof![
            2 => (unary.clone(), inner.clone()).prop_map(|(op, a)| Expr::unary(op, a)),
            5 => (binary.clone(), inner.clone(), inner.clone()).prop_map(|(op, a, b)| Expr::binary(op, a, b)),
            1 => (inner.clone(), inner.clone(), inner.clone(), inner).prop_map(|(a, b, then, otherwise)| {
                Expr::select(Expr::binary(BinaryOp::Less, a, b), then, otherwise)
            }),
        ]
    })
}

fn any_number() -> impl Strategy<Value = f64> {
    let special = vec![0.0, -0.0, 1.0, -1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, 1e300, -1e300, 1e-200];
    prop_oneof![3 => -10.0..10.0, 1 => prop::sample::select(special), 1 => any::<f64>()]
}

/// Reactions with these rates, each feeding one state and draining another; the same expressions observed.
fn network(exprs: &[Expr]) -> Network {
    let mut s = Sketch::default();
    let states: Vec<Expr> = (0..STATES).map(|i| s.species(&format!("x{i}"), 1.0)).collect();
    for i in 0..PARAMETERS {
        s.parameter(&format!("p{i}"), 1.0);
    }
    for (i, expr) in exprs.iter().enumerate() {
        let (from, to) = (&states[i % 3], &states[(i + 1) % 3]);
        s.reaction("r", expr.clone(), &[(from, -1.0), (to, 2.0)]);
        s.observable("o", expr.clone());
        s.event(expr.clone() - c(1.0), 0.0, vec![]);
    }
    s.0
}

fn overrides(p: [f64; 2]) -> [(ParameterId, f64); 2] {
    [(ParameterId(0), p[0]), (ParameterId(1), p[1])]
}

/// The expression's value, operator by operator; `None` once anything on the way isn't finite.
fn by_hand(expr: &Expr, t: f64, y: &[f64], p: &[f64]) -> Option<f64> {
    let value = match expr {
        Expr::Constant(c) => *c,
        Expr::Time => t,
        Expr::Species(id) => y[id.index()],
        Expr::Parameter(id) => p[id.index()],
        Expr::Definition(_) => unreachable!("none are made"),
        Expr::Unary(op, a) => math::unary(*op, by_hand(a, t, y, p)?),
        Expr::Binary(op, a, b) => math::binary(*op, by_hand(a, t, y, p)?, by_hand(b, t, y, p)?),
        Expr::Select(s) => {
            let condition = by_hand(&s.condition, t, y, p)?;
            math::select(condition, by_hand(&s.then, t, y, p)?, by_hand(&s.otherwise, t, y, p)?)
        }
    };
    value.is_finite().then_some(value)
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn interpreter_and_native_code_agree_to_the_bit(
        exprs in prop::collection::vec(any_expression(), 1..5),
        inputs in prop::collection::vec((any_number(), [any_number(), any_number(), any_number()]), 8),
        p in [any_number(), any_number()],
    ) {
        let network = network(&exprs);
        let native = CompiledModel::new(Model::new(&network), Engine::Native);
        let interpreted = CompiledModel::new(Model::new(&network), Engine::Interpreter);
        prop_assert_eq!(native.engine(), Engine::Native);
        let p = native.model().parameter_values(&overrides(p));
        for part in Part::ALL {
            let program = native.model().program(part);
            prop_assert_eq!(program.verify(), Ok(()));
            let (mut a, mut b) = (vec![0.0; program.outputs().len()], vec![1.0; program.outputs().len()]);
            for (t, y) in &inputs {
                native.run(part, *t, y, &p, &mut a);
                interpreted.run(part, *t, y, &p, &mut b);
                for (a, b) in a.iter().zip(&b) {
                    prop_assert!(same(*a, *b), "{:?}: {:?} {:?}\n{}", part, a, b, program);
                }
            }
            for model in [&native, &interpreted] {
                prop_assert_eq!(lanes_apart::<1>(model, part, &inputs, &p), None);
                prop_assert_eq!(lanes_apart::<2>(model, part, &inputs, &p), None);
                prop_assert_eq!(lanes_apart::<8>(model, part, &inputs, &p), None);
            }
        }
    }
}

/// The first lane and output where several sets of inputs at once give other bits than one alone, with what they give.
fn lanes_apart<const W: usize>(
    model: &CompiledModel,
    part: Part,
    inputs: &[(f64, [f64; 3])],
    p: &[f64],
) -> Option<(usize, usize, f64, f64)> {
    let count = model.model().program(part).outputs().len();
    let y: Vec<[f64; W]> = (0..3).map(|i| std::array::from_fn(|lane| inputs[lane].1[i])).collect();
    let p_rows: Vec<[f64; W]> = p.iter().map(|&p| [p; W]).collect();
    let mut rows = vec![[0.5; W]; count];
    model.run_lanes(part, &std::array::from_fn(|lane| inputs[lane].0), &y, &p_rows, &mut rows);
    let mut alone = vec![0.0; count];
    for (lane, (t, y)) in inputs.iter().enumerate().take(W) {
        model.run(part, *t, y, p, &mut alone);
        if let Some(i) = (0..count).find(|&i| !same(rows[i][lane], alone[i])) {
            return Some((lane, i, rows[i][lane], alone[i]));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn sharing_folding_and_simplifying_keep_values(
        exprs in prop::collection::vec(exact_expression(), 1..4),
        t in 0.0..10.0,
        y in [-3.0..3.0, -3.0..3.0, 0.1..3.0],
        p in [-3.0..3.0, 0.5..2.0],
    ) {
        let network = network(&exprs);
        let program = expressions(&network, &exprs);
        prop_assert_eq!(program.verify(), Ok(()));
        let found = program.evaluate(t, &y, &p);
        let model = Model::new(&network);
        let hoisted = model.program(Part::Observables).evaluate(t, &y, &model.parameter_values(&overrides(p)));
        for ((expr, found), hoisted) in exprs.iter().zip(found).zip(hoisted) {
            prop_assert!(same(found, hoisted), "{} {}", found, hoisted);
            if let Some(expected) = by_hand(expr, t, &y, &p) {
                prop_assert!(found == expected, "{} {}\n{:?}\n{}", found, expected, expr, program);
            }
        }
    }

    #[test]
    fn derivatives_match_differences(
        expr in smooth_expression(),
        t in 0.5..2.0,
        y in [0.5..2.0, 0.5..2.0, 0.5..2.0],
        p in [0.5..2.0, 0.5..2.0],
    ) {
        let network = network(std::slice::from_ref(&expr));
        let model = Model::new(&network);
        let p = model.parameter_values(&overrides(p));
        let jacobian = model.program(Part::Jacobian).evaluate(t, &y, &p);
        let slope = model.program(Part::TimeDerivative).evaluate(t, &y, &p)[1] / 2.0;
        // The rate's own derivatives: state 1 gains 2 per firing.
        let sparsity = model.sparsity();
        let entry = |column: usize| {
            let range = sparsity.column_starts[column]..sparsity.column_starts[column + 1];
            range.clone().find(|&k| sparsity.rows[k] == 1).map_or(0.0, |k| jacobian[k] / 2.0)
        };
        let program = expressions(&network, std::slice::from_ref(&expr));
        let at = |t: f64, y: [f64; 3]| program.evaluate(t, &y, &p)[0];
        for variable in 0..4 {
            let moved = |h: f64| match variable {
                3 => at(t + h, y),
                i => at(t, std::array::from_fn(|k| if k == i { y[k] + h } else { y[k] })),
            };
            let central = |h: f64| (moved(h) - moved(-h)) / (2.0 * h);
            let (coarse, fine) = (central(2e-5), central(1e-5));
            let one_sided = (moved(1e-5) - moved(0.0)) / 1e-5;
            let scale = 1.0 + fine.abs() + moved(0.0).abs();
            // Steep, kinked or undefined here: differences say nothing.
            let settled = (coarse - fine).abs() < 1e-6 * scale && (one_sided - fine).abs() < 1e-2 * scale;
            if settled && scale < 1e5 {
                let found = if variable == 3 { slope } else { entry(variable) };
                // Zero to a power below one inside something flat there: infinity times zero.
                prop_assume!(found.is_finite());
                prop_assert!((found - fine).abs() < 1e-4 * scale, "{variable}: {found} {fine}\n{expr:?}\n{program}");
            }
        }
    }
}
