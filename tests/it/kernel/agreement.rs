//! Native code and interpreter give the same bits; models give what the formulas say.

use super::networks::{Sketch, assembly, c, driven, generated, parameter_id, rab, scattered};
use exoc::codegen::{CompiledModel, Engine};
use exoc::kernel::{Builder, Hoisted, Inputs, Model, Part};
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
        lanes_agree::<2>(&native, part, t, y, &p);
        lanes_agree::<8>(&native, part, t, y, &p);
    }
}

/// Lanes with inputs a little apart, each against itself alone.
fn lanes_agree<const W: usize>(model: &CompiledModel, part: Part, t: f64, y: &[f64], p: &[f64]) {
    let moved = |x: f64, lane: usize| x * (1.0 + lane as f64 / 7.0);
    let rows = |numbers: &[f64]| numbers.iter().map(|&x| std::array::from_fn(|lane| moved(x, lane))).collect();
    let (y_rows, p_rows): (Vec<[f64; W]>, Vec<[f64; W]>) = (rows(y), rows(p));
    let mut out = vec![[0.0; W]; model.model().program(part).outputs().len()];
    model.run_lanes(part, &std::array::from_fn(|lane| moved(t, lane)), &y_rows, &p_rows, &mut out);
    for lane in 0..W {
        let of = |rows: &[[f64; W]]| rows.iter().map(|row| row[lane]).collect::<Vec<f64>>();
        let mut alone = vec![0.0; out.len()];
        model.run(part, moved(t, lane), &of(&y_rows), &of(&p_rows), &mut alone);
        assert!(of(&out).iter().zip(&alone).all(|(a, b)| same(*a, *b)), "{part:?} in lane {lane} of {W}");
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
fn networks_of_mass_action_have_the_same_bits_everywhere() {
    for network in [assembly(), scattered(50, 150)] {
        agree(&network, 0.0, &(0..network.species.len()).map(|i| 0.3 + i as f64 / 9.0).collect::<Vec<_>>());
    }
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
fn programs_beside_the_model_run_with_inputs_of_their_own() {
    let mut builder = Builder::new();
    let (a, b) = (builder.state(0), builder.parameter(0));
    let quotient = builder.div(a, b);
    let outputs = [quotient, a];
    let program = builder.extract(&outputs, Inputs { states: 1, parameters: 1 }, &Hoisted::default());
    for engine in [Engine::Native, Engine::Interpreter] {
        let model = CompiledModel::with_extra(Model::new(&rab()), engine, vec![program.clone()]);
        let mut out = [0.0; 2];
        model.run_extra(0, 0.0, &[1.0], &[3.0], &mut out);
        assert_eq!(out, [1.0 / 3.0, 1.0]);
        let mut rows = [[0.0; 2]; 2];
        model.run_extra_lanes(0, &[0.0; 2], &[[1.0, 5.0]], &[[3.0, 7.0]], &mut rows);
        assert_eq!(rows, [[1.0 / 3.0, 5.0 / 7.0], [1.0, 5.0]]);
    }
}

#[test]
#[should_panic(expected = "2 states given, 3 needed")]
fn short_slices_are_refused() {
    let model = CompiledModel::new(Model::new(&rab()), Engine::Native);
    let p = model.model().parameter_values(&[]);
    model.rhs(0.0, &[1.0, 2.0], &p, &mut [0.0; 3]);
}
