use super::*;
use crate::kernel::order::Hoisted;
use crate::kernel::{Builder, Value};

/// Every lane of a schedule has the interpreter's bits.
fn check<const W: usize>(program: &Program, numbers: &mut impl FnMut() -> f64) {
    let mut row = || -> [f64; W] { std::array::from_fn(|_| numbers()) };
    let y: Vec<[f64; W]> = (0..program.inputs().states).map(|_| row()).collect();
    let p: Vec<[f64; W]> = (0..program.inputs().parameters).map(|_| row()).collect();
    let t = row();
    let mut out = vec![[f64::NAN; W]; program.outputs().len()];
    Schedule::new(program).run(&t, &y, &p, &mut out, &mut LaneScratch::default());
    for lane in 0..W {
        let of = |rows: &[[f64; W]]| rows.iter().map(|row| row[lane]).collect::<Vec<f64>>();
        let expected = program.evaluate(t[lane], &of(&y), &of(&p));
        for (found, expected) in of(&out).iter().zip(expected) {
            let same = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
            assert!(same, "{found:?}, not {expected:?}, in lane {lane} of\n{program}");
        }
    }
}

fn numbers() -> impl FnMut() -> f64 {
    let mut state = 1u64;
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f64 / 4096.0 - 2048.0
    }
}

fn program(states: usize, parameters: usize, make: impl FnOnce(&mut Builder) -> Vec<Value>) -> Program {
    let mut builder = Builder::new();
    let outputs = make(&mut builder);
    builder.extract(&outputs, Inputs { states, parameters }, &Hoisted::default())
}

/// Elimination without pivots on a dense matrix, as solvers do it: products taken into sums, divisions between.
fn elimination(size: usize) -> Program {
    program(size * size, 0, |b| {
        let mut a: Vec<Value> = (0..size * size).map(|i| b.state(i)).collect();
        for k in 0..size {
            for i in k + 1..size {
                a[i * size + k] = b.div(a[i * size + k], a[k * size + k]);
                for j in k + 1..size {
                    let product = b.mul(a[i * size + k], a[k * size + j]);
                    a[i * size + j] = b.sub(a[i * size + j], product);
                }
            }
        }
        a
    })
}

#[test]
fn lanes_have_the_interpreters_bits() {
    let mut numbers = numbers();
    for size in [1, 2, 5, 9] {
        check::<2>(&elimination(size), &mut numbers);
        check::<8>(&elimination(size), &mut numbers);
    }
}

#[test]
fn products_and_negations_are_taken_into_sums() {
    let program = program(4, 2, |b| {
        let [a, c, d, e] = [0, 1, 2, 3].map(|i| b.state(i));
        let (p, q) = (b.parameter(0), b.parameter(1));
        let root = b.unary(UnaryOp::Sqrt, a);
        let product = b.mul(root, c);
        let opposite = b.neg(d);
        let sum = b.sub(opposite, product);
        let sum = b.sub(sum, e);
        let inputs = b.mul(p, q);
        let cubic = b.mul(inputs, a);
        let total = b.add(sum, cubic);
        let time = b.time();
        let seven = b.constant(7.0);
        vec![total, total, a, time, seven, cubic]
    });
    let schedule = Schedule::new(&program);
    // Of seven operations three remain; the rest are copies, to slots and to outputs.
    let computing = |s: &&Step| !matches!(s.kind.operation, Operation::Copy);
    assert_eq!(schedule.steps.iter().filter(computing).map(|s| s.nodes).sum::<usize>(), 3, "{schedule:?}");
    check::<2>(&program, &mut numbers());
    check::<8>(&program, &mut numbers());
}

#[test]
fn slots_are_used_again() {
    let program = program(1, 0, |b| {
        let mut value = b.state(0);
        for _ in 0..1000 {
            value = b.unary(UnaryOp::Sqrt, value);
            value = b.unary(UnaryOp::Abs, value);
        }
        vec![value]
    });
    assert!(Schedule::new(&program).slots() <= 2);
}

#[test]
fn long_programs_are_taken_in_windows() {
    let program = program(3, 0, |b| {
        let (mut x, y, z) = (b.state(0), b.state(1), b.state(2));
        let mut outputs = Vec::new();
        for i in 0..6000 {
            let scaled = b.mul(x, y);
            let shifted = b.sub(scaled, z);
            x = b.unary(UnaryOp::Tanh, shifted);
            if i % 1000 == 0 {
                outputs.push(x);
            }
        }
        outputs
    });
    check::<8>(&program, &mut numbers());
}
