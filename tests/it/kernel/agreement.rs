//! Native code and interpreter give the same bits; models give what the formulas say.

use super::networks::{Sketch, c, driven, generated, parameter_id, rab};
use exoc::codegen::{CompiledModel, Engine};
use exoc::kernel::{Model, Part};
use exoc::network::{Network, ParameterId};

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn agree(network: &Network, t: f64, y: &[f64]) {
    let native = CompiledModel::new(Model::new(network), Engine::Native);
    let interpreted = CompiledModel::new(Model::new(network), Engine::Interpreter);
    assert_eq!(native.engine(), Engine::Native, "{:?}", native.fallback());
    let p = native.model().parameter_values(&[]);
    for part in Part::ALL {
        let count = native.model().program(part).outputs().len();
        let (mut a, mut b) = (vec![0.0; count], vec![0.0; count]);
        native.run(part, t, y, &p, &mut a);
        interpreted.run(part, t, y, &p, &mut b);
        assert!(a.iter().zip(&b).all(|(a, b)| same(*a, *b)), "{part:?}: {a:?} {b:?}");
    }
}

#[test]
fn both_engines_agree_on_small_networks() {
    for t in [0.0, 12.5, 1e9] {
        for y in [[600.0, 400.0, 3.0], [0.0, 0.0, 0.0], [-1.0, 5.0, f64::INFINITY], [f64::NAN, 1.0, 2.0]] {
            agree(&rab(), t, &y);
            agree(&driven(), t, &y);
        }
    }
}

#[test]
fn the_right_hand_side_is_what_the_formulas_say() {
    let model = CompiledModel::new(Model::new(&rab()), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    assert_eq!(y, [600.0, 400.0, 0.0]);
    let mut dy = [0.0; 3];
    model.rhs(0.0, &y, &p, &mut dy);
    let hill = 400f64.powf(2.5) / (300f64.powf(2.5) + 400f64.powf(2.5));
    let (exchange, hydrolysis, loss) = (0.4 * 600.0 * (1.0 + hill), 0.1 * 400.0, 2.0 * 400.0 / 700.0);
    let expected = [hydrolysis - exchange, exchange - hydrolysis - 2.0 * loss, loss];
    for (dy, expected) in dy.iter().zip(expected) {
        assert!((dy - expected).abs() < 1e-12 * expected.abs(), "{dy} {expected}");
    }
}

#[test]
fn overrides_flow_into_what_depends_on_them() {
    let network = rab();
    let model = Model::new(&network);
    let plain = model.parameter_values(&[]);
    let halved = model.parameter_values(&[(ParameterId(1), 0.05)]);
    assert_eq!((plain[4], halved[4]), (2.0, 1.0));
    let fixed = model.parameter_values(&[(ParameterId(1), 0.05), (ParameterId(4), 7.0)]);
    assert_eq!(fixed[4], 7.0);
    assert!(plain.len() > network.parameters.len(), "half^n is hoisted");
}

#[test]
fn a_long_sum_neither_overflows_the_stack_nor_loses_terms() {
    let mut s = Sketch::default();
    let k = s.parameter("k", 1.0);
    let mut total = c(0.0);
    for i in 0..20_000 {
        total = total + s.species(&format!("s{i}"), 1.0);
    }
    s.observable("total", total);
    assert_eq!(parameter_id(&k), ParameterId(0));
    let model = CompiledModel::new(Model::new(&s.0), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let mut out = [0.0];
    model.observables(0.0, &model.model().initial_state(&p), &p, &mut out);
    assert_eq!((out[0], model.engine()), (20_000.0, Engine::Native));
    // The tree's own destructor recurses: leave it to a thread with room.
    let big = s.0;
    std::thread::Builder::new().stack_size(64 << 20).spawn(move || drop(big)).unwrap().join().unwrap();
}

#[test]
fn long_programs_run_in_parts_with_the_same_bits() {
    let network = generated(400, 1500);
    let model = Model::new(&network);
    let p = model.parameter_values(&[]);
    assert!(model.program(Part::Jacobian).operations() > 3000);
    agree(&network, 0.0, &model.initial_state(&p));
}

#[test]
fn compiled_models_are_called_from_several_threads() {
    let model = CompiledModel::new(Model::new(&generated(100, 400)), Engine::Native);
    let p = model.model().parameter_values(&[]);
    let y = model.model().initial_state(&p);
    let run = || {
        let mut out = vec![0.0; y.len()];
        model.rhs(0.0, &y, &p, &mut out);
        out
    };
    let here = run();
    std::thread::scope(|scope| {
        let others: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        assert!(others.into_iter().all(|other| other.join().unwrap() == here));
    });
}

#[test]
#[should_panic(expected = "2 states given, 3 needed")]
fn short_slices_are_refused() {
    let model = CompiledModel::new(Model::new(&rab()), Engine::Native);
    let p = model.model().parameter_values(&[]);
    model.rhs(0.0, &[1.0, 2.0], &p, &mut [0.0; 3]);
}
