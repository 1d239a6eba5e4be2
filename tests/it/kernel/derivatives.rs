//! Derivatives where differences can't judge: at zero, at kinks, beside what is not finite; patterns.

use super::networks::{Sketch, c, driven};
use exoc::kernel::{Model, Part};
use exoc::network::{BinaryOp, Expr, UnaryOp};

/// `d rate / d x` at `x`, for a rate over one species and one parameter.
fn slope(rate: impl Fn(Expr, Expr) -> Expr, x: f64, parameter: f64) -> f64 {
    let mut s = Sketch::default();
    let species = s.species("x", x);
    let p = s.parameter("n", parameter);
    s.reaction("r", rate(species.clone(), p), &[(&species, 1.0)]);
    let model = Model::new(&s.0);
    let p = model.parameter_values(&[]);
    model.program(Part::Jacobian).evaluate(0.0, &[x], &p)[0]
}

fn pow(x: Expr, n: Expr) -> Expr {
    Expr::binary(BinaryOp::Pow, x, n)
}

#[test]
fn powers_at_zero_have_finite_slopes_from_one_up() {
    for (n, expected) in [(1.0, 1.0), (1.3, 0.0), (2.0, 0.0), (4.0, 0.0), (0.0, 0.0), (0.7, f64::INFINITY)] {
        assert_eq!(slope(pow, 0.0, n), expected, "x^n, n = {n} a parameter");
        assert_eq!(slope(|x, _| pow(x, c(n)), 0.0, 0.0), expected, "x^{n}, a constant");
    }
    let hill = |x: Expr, n: Expr| pow(x.clone(), n.clone()) / (c(1.0) + pow(x, n));
    assert_eq!(slope(hill, 0.0, 2.5), 0.0);
    assert_eq!(slope(hill, 0.0, 1.0), 1.0);
}

#[test]
fn powers_of_negative_numbers_by_whole_exponents() {
    assert_eq!(slope(pow, -2.0, 3.0), 12.0);
    assert_eq!(slope(|x, _| pow(x, c(3.0)), -2.0, 0.0), 12.0);
    assert_eq!(slope(|x, _| pow(x, c(-2.0)), 2.0, 0.0), -0.25);
}

#[test]
fn a_state_in_the_exponent_of_zero() {
    assert_eq!(slope(|x, n| pow(n, x), 2.0, 0.0), 0.0);
    assert!((slope(|x, n| pow(n, x), 2.0, 3.0) / (9.0 * 3f64.ln()) - 1.0).abs() < 1e-15);
}

#[test]
fn the_side_not_chosen_contributes_nothing() {
    let guarded = |x: Expr, _| {
        let positive = Expr::binary(BinaryOp::Less, c(0.0), x.clone());
        Expr::select(positive, Expr::unary(UnaryOp::Ln, x.clone()), x)
    };
    assert_eq!(slope(guarded, 0.0, 0.0), 1.0);
    assert_eq!(slope(guarded, 2.0, 0.0), 0.5);
}

#[test]
fn kinks_take_the_side_that_the_value_takes() {
    let with = |op| move |x: Expr, n: Expr| Expr::binary(op, x * c(2.0), n);
    assert_eq!(slope(with(BinaryOp::Min), 1.0, 5.0), 2.0);
    assert_eq!(slope(with(BinaryOp::Min), 3.0, 5.0), 0.0);
    assert_eq!(slope(with(BinaryOp::Max), 1.0, 5.0), 0.0);
    assert_eq!(slope(with(BinaryOp::Max), 3.0, 5.0), 2.0);
    assert_eq!(slope(|x, _| Expr::unary(UnaryOp::Abs, x * c(3.0)), -1.0, 0.0), -3.0);
    assert_eq!(slope(|x, _| x.clone() * Expr::unary(UnaryOp::Floor, x), 2.5, 0.0), 2.0);
}

#[test]
fn the_pattern_holds_the_diagonal_and_what_structure_allows() {
    let model = Model::new(&driven());
    let sparsity = model.sparsity();
    assert_eq!(sparsity.column_starts, [0, 1, 2, 4]);
    assert_eq!(sparsity.rows, [0, 1, 1, 2]);
}
