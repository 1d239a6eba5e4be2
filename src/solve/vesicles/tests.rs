//! Promises kept over random events, and closed forms.

use super::*;

/// Laws that are numbers.
struct Plain;

impl Laws for Plain {
    fn capture(&self, law: usize, _t: f64, _x: &[f64]) -> f64 {
        [5.0, 0.001, 2.0][law]
    }

    fn weight(&self, _index: usize, own: &[f64]) -> f64 {
        own.iter().product()
    }
}

const CARGO: Item = Item::Cargo(0);
const SOLUTE: Item = Item::Cargo(1);
const INNER: Item = Item::Kind(1);

/// States: body, cargo in them, inner in them, cargo in these, area; cargo on the membrane, solute, area outside; inner outside, cargo in
/// them; solute in body, in inner, in inner outside; weight.
fn plan() -> Plan {
    let kinds = vec![
        Kind { size: Size::new(0.5, 0.05, Some((0.3, 0.7))), tracked: true },
        Kind { size: Size::new(0.08, 0.02, Some((0.03, 0.15))), tracked: false },
    ];
    let paths =
        Paths::new([vec![CARGO], vec![SOLUTE], vec![INNER], vec![INNER, CARGO], vec![INNER, SOLUTE], vec![Item::Area]]);
    let slots = |ways: &[(&[Item], Slot)]| {
        let mut slots = vec![NOWHERE; paths.len()];
        for (way, slot) in ways {
            slots[usize::from(paths.get(way).unwrap())] = *slot;
        }
        slots
    };
    let body: &[(&[Item], Slot)] = &[
        (&[CARGO], 1),
        (&[INNER], 2),
        (&[INNER, CARGO], 3),
        (&[Item::Area], 4),
        (&[SOLUTE], 10),
        (&[INNER, SOLUTE], 11),
    ];
    let outside: &[(&[Item], Slot)] = &[(&[CARGO], 9), (&[SOLUTE], 12)];
    let populations = vec![
        Population { kind: 0, species: 0, slots: slots(body) },
        Population { kind: 1, species: 8, slots: slots(outside) },
    ];
    let bodies = Members { root: 0, inside: vec![], index: None };
    let nested = Members { root: 0, inside: vec![1], index: Some(0) };
    let loaded = Members { root: 0, inside: vec![], index: Some(1) };
    let cargo = |from, law| Capture { item: CARGO, from, on_membrane: true, law };
    let solute = |from, law| Capture { item: SOLUTE, from, on_membrane: false, law };
    let slot = |slot| From::Slot { slot, fixed: false };
    let acts = vec![
        Act::Bud {
            host: None,
            kind: 0,
            into: Target::Root(0),
            membrane: Membrane::Slot(7),
            captures: vec![cargo(slot(5), 1), solute(slot(6), 1)],
        },
        Act::Bud {
            host: Some(bodies.clone()),
            kind: 1,
            into: Target::Within,
            membrane: Membrane::Host,
            captures: vec![cargo(From::Host, 0), solute(slot(6), 1)],
        },
        Act::Dissolve {
            who: bodies.clone(),
            partner: None,
            contents: vec![(CARGO, Goal::Slot(5)), (SOLUTE, Goal::Slot(6)), (INNER, Goal::Root(1))],
            membrane: Some(Goal::Slot(7)),
        },
        Act::Move {
            who: Members { root: 1, inside: vec![], index: None },
            kind: 1,
            into: Target::Into(bodies.clone()),
        },
        Act::Dissolve {
            who: nested,
            partner: Some(Partner::Carrier),
            contents: vec![(CARGO, Goal::Partner), (SOLUTE, Goal::Slot(6))],
            membrane: Some(Goal::Partner),
        },
        Act::Dissolve {
            who: loaded,
            partner: Some(Partner::Any(bodies)),
            contents: vec![(CARGO, Goal::Partner), (SOLUTE, Goal::Partner), (INNER, Goal::Partner)],
            membrane: Some(Goal::Partner),
        },
    ];
    let inner_count = paths.own(INNER).unwrap();
    let cargo_path = paths.own(CARGO).unwrap();
    let indexes = vec![
        Index { root: 0, inside: vec![1], weight: Weight::Entry(inner_count), sum: NOWHERE },
        Index { root: 0, inside: vec![], weight: Weight::Law(vec![cargo_path]), sum: 13 },
    ];
    let edges = acts.into_iter().map(|act| Edge { turning: Vec::new(), route: 3, act }).collect();
    Plan { kinds, on_membrane: vec![true, false], paths, populations, edges, indexes }
}

/// Free cargo, solute and membrane for a few dozen bodies.
fn start() -> Vec<f64> {
    let mut x = vec![0.0; 14];
    (x[5], x[6], x[7]) = (5000.0, 3000.0, 40.0);
    x
}

/// Copies and membrane in all places; membrane of inner vesicles from their own diameters.
fn totals(store: &Store<'_>, x: &[f64]) -> (f64, f64, f64) {
    let mut inner = 0.0;
    for (root, inside) in [(0, vec![1]), (1, vec![])] {
        store.for_each(&Members { root, inside, index: None }, |one| inner += one.area());
    }
    (x[5] + x[1] + x[3] + x[9], x[6] + x[10] + x[11] + x[12], x[7] + x[4] + inner)
}

#[test]
fn copies_and_membrane_stay_and_nobody_is_in_two_places() {
    let plan = plan();
    for seed in 0..20 {
        let (mut x, mut store) = (start(), Store::new(&plan, seed, 1));
        let whole = totals(&store, &x);
        let mut choice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        for event in 0..3000 {
            choice = choice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let edge = [0, 0, 1, 1, 1, 1, 2, 3, 4, 5][(choice >> 40) as usize % 10];
            store.fire(edge, f64::from(event), &mut x, &Plain);
            if event % 50 == 0 {
                store.check(&x).unwrap();
                assert_eq!(totals(&store, &x), whole);
                assert_eq!(x[13], x[1]);
            }
        }
        store.check(&x).unwrap();
        assert_eq!(totals(&store, &x), whole);
        assert!(store.len() > 10);
    }
}

#[test]
fn vesicles_made_of_sums_have_those_sums() {
    let plan = plan();
    let mut x = start();
    (x[0], x[1], x[2], x[3], x[4]) = (30.0, 700.0, 250.0, 90.0, 30.0 * 0.7);
    (x[8], x[9], x[12]) = (1000.0, 3.0, 4000.0);
    let wanted = x.clone();
    let mut store = Store::new(&plan, 4, 2);
    store.populate(0.0, &mut x, &Plain);
    store.check(&x).unwrap();
    for slot in 0..13 {
        assert!((x[slot] - wanted[slot]).abs() <= GRAIN, "{slot}: {} {}", x[slot], wanted[slot]);
    }
    store.set_sum(8, 400.0, 0.0, &mut x, &Plain);
    store.set_sum(2, 300.0, 0.0, &mut x, &Plain);
    store.set_sum(1, 350.0, 0.0, &mut x, &Plain);
    store.check(&x).unwrap();
    assert_eq!((x[8], x[2], x[1]), (400.0, 300.0, 350.0));
}

#[test]
fn what_a_body_carries_is_not_touched_when_it_moves() {
    let plan = plan();
    let mut x = start();
    (x[0], x[2], x[3], x[4]) = (1.0, 10_000.0, 5000.0, 1.0);
    let mut store = Store::new(&plan, 4, 2);
    store.populate(0.0, &mut x, &Plain);
    let body = store.list(0)[0];
    let nest = (store.nest(body).as_ptr(), store.nest(body).to_vec());
    // What it has of sums grows with the number of paths, not with that of the vesicles.
    let entries = store.entries(body);
    assert!(nest.1.len() == 10_000 && entries.len() <= plan.paths.len());
    store.take(body, &mut x);
    store.settle(body, 0, &mut x);
    store.weigh(&Plain, &mut x);
    assert_eq!((store.nest(body).as_ptr(), store.nest(body).to_vec()), nest);
    assert_eq!(store.entries(body), entries);
    store.check(&x).unwrap();
}

#[test]
fn captured_numbers_are_poisson_from_what_is_never_used_up() {
    // All buds alike, so contents are Poisson: mean and variance are equal.
    let mut plan = plan();
    plan.kinds[1].size = Size::new(0.1, 0.0, None);
    let fixed = From::Slot { slot: 6, fixed: true };
    let captures = vec![Capture { item: SOLUTE, from: fixed, on_membrane: false, law: 2 }];
    let act = Act::Bud { host: None, kind: 1, into: Target::Root(1), membrane: Membrane::Free, captures };
    plan.edges.push(Edge { turning: Vec::new(), route: 0, act });
    let mut x = start();
    let mean = 3000.0 * 2.0 * lumen(0.1);
    let mut store = Store::new(&plan, 8, 0);
    let n = 20_000;
    (0..n).for_each(|_| store.fire(6, 0.0, &mut x, &Plain));
    let path = plan.paths.own(SOLUTE).unwrap();
    let (mut sum, mut squares) = (0.0, 0.0);
    store.for_each(&Members { root: 1, inside: vec![], index: None }, |one| {
        let copies = one.held(path) as f64;
        sum += copies;
        squares += copies * copies;
    });
    let found = sum / f64::from(n);
    let variance = squares / f64::from(n) - found * found;
    // Five standard errors.
    assert!((found - mean).abs() < 5.0 * (mean / f64::from(n)).sqrt(), "{found} {mean}");
    assert!((variance / mean - 1.0).abs() < 5.0 * (3.0 / f64::from(n)).sqrt(), "{variance} {mean}");
    assert!(store.bytes() < 100 * store.len(), "{} for {}", store.bytes(), store.len());
}

#[test]
fn diameters_follow_their_law() {
    let size = Size::new(0.08, 0.025, Some((0.03, 0.15)));
    let n = 100_000;
    let mean = (0..n).map(|i| f64::from(size.draw((f64::from(i) + 0.5) / f64::from(n)))).sum::<f64>() / f64::from(n);
    // mu + sd (phi(a) - phi(b)) / (Phi(b) - Phi(a)) of a truncated normal.
    let (a, b) = (-2.0, 2.8f64);
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let below = crate::solve::random::normal_below;
    let expected = 0.08 + 0.025 * (density(a) - density(b)) / (below(b) - below(a));
    assert!((mean - expected).abs() < 1e-5, "{mean} {expected}");
}
