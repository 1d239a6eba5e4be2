//! The coefficients of Rodas5P.
//!
//! G. Steinebach, "Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks within
//! the Julia Differential Equations package", BIT Numerical Mathematics 63 (2023) 27. Order 5(4),
//! eight stages, stiffly accurate, L-stable, dense output of order 4, no more than one order lost on
//! the Prothero-Robinson problem's dense output. Against RODAS (Hairer and Wanner's, six stages) it
//! needed fewer solves for a smaller error at every tolerance from 1e-3 to 1e-8 on HIRES, POLLU,
//! the Oregonator and chains, so it is the only one here.

use super::tableau::Tableau;

/// Rodas5P.
pub static RODAS5P: Tableau = Tableau {
    gamma: 0.21193756319429014,
    a: &[
        &[],
        &[3.0],
        &[2.849394379747939, 0.45842242204463923],
        &[-6.954028509809101, 2.489845061869568, -10.358996098473584],
        &[2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
        &[-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
        &[-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946, 1.0],
        &[
            -7.502846399306121,
            2.561846144803919,
            -11.627539656261098,
            -0.18268767659942256,
            0.030198172008377946,
            1.0,
            1.0,
        ],
    ],
    c: &[
        &[],
        &[-14.155112264123755],
        &[-17.97296035885952, -2.859693295451294],
        &[147.12150275711716, -1.41221402718213, 71.68940251302358],
        &[165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
        &[24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
        &[
            30.91273214028599,
            -3.1208243349937974,
            77.79954646070892,
            34.28646028294783,
            -19.097331116725623,
            -28.087943162872662,
        ],
        &[
            37.80277123390563,
            -3.2571969029072276,
            112.26918849496327,
            66.9347231244047,
            -40.06618937091002,
            -54.66780262877968,
            -9.48861652309627,
        ],
    ],
    continued: 5,
    alpha: &[0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1.0, 1.0, 1.0],
    d: &[
        0.21193756319429014,
        -0.42387512638858027,
        -0.3384627126235924,
        1.8046452872882734,
        2.325825639765069,
        0.0,
        0.0,
        0.0,
    ],
    m: &[
        -7.502846399306121,
        2.561846144803919,
        -11.627539656261098,
        -0.18268767659942256,
        0.030198172008377946,
        1.0,
        1.0,
        1.0,
    ],
    dense: [
        &[
            25.948786856663858,
            -2.5579724845846235,
            10.433815404888879,
            -2.3679251022685204,
            0.524948541321073,
            1.1241088310450404,
            0.4272876194431874,
            -0.17202221070155493,
        ],
        &[
            -9.91568850695171,
            -0.9689944594115154,
            3.0438037242978453,
            -24.495224566215796,
            20.176138334709044,
            15.98066361424651,
            -6.789040303419874,
            -6.710236069923372,
        ],
        &[
            11.419903575922262,
            2.8879645146136994,
            72.92137995996029,
            80.12511834622643,
            -52.072871366152654,
            -59.78993625266729,
            -0.15582684282751913,
            4.883087185713722,
        ],
    ],
    // A sixteenth of the combination of the first seven that fulfils, for zero, all order conditions up to the fourth; there is
    // but one.
    // Between half and five times the error that stiffness makes, on HIRES and a stiff assembly of 100 species.
    doubt: &[
        -0.09027363877241805,
        0.001786760244320546,
        -0.4516229837501043,
        -0.42775918195100604,
        0.2747350355764368,
        0.3482506556848627,
        0.0625,
        0.0,
    ],
    order_of_error: 5.0,
};

#[cfg(test)]
mod tests {
    use super::RODAS5P;
    use crate::solve::ode::rosenbrock::interpolant::{FROM_NODES, NODES};

    /// Weights of the k of which these are weights of the u = Γ k, with Γ⁻¹ = I/γ − C (*Solving ODEs II*, IV.7, (7.24)).
    fn untransformed(of_u: &[f64]) -> Vec<f64> {
        let s = RODAS5P.a.len();
        let mut weights = [of_u, &vec![0.0; s - of_u.len()]].concat();
        for j in (0..s).rev() {
            let later: f64 = (j + 1..s).map(|i| weights[i] * RODAS5P.c[i][j]).sum();
            weights[j] = RODAS5P.gamma * (weights[j] + later);
        }
        weights
    }

    fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn the_doubt_vanishes_to_fourth_order() {
        let s = RODAS5P.a.len();
        let unit = |i: usize| (0..s).map(|j| f64::from(u8::from(i == j))).collect::<Vec<f64>>();
        let alpha: Vec<Vec<f64>> = RODAS5P.a.iter().map(|row| untransformed(row)).collect();
        let gamma = |i: usize| untransformed(&unit(i));
        let beta: Vec<Vec<f64>> =
            alpha.iter().enumerate().map(|(i, row)| row.iter().zip(gamma(i)).map(|(a, g)| a + g).collect()).collect();
        let times = |m: &[Vec<f64>], x: &[f64]| m.iter().map(|row| dot(row, x)).collect::<Vec<f64>>();
        let each = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f64>>();
        let (one, weights) = (vec![1.0; s], untransformed(RODAS5P.doubt));
        let (a, b) = (times(&alpha, &one), times(&beta, &one));
        let a2 = each(&a, &a);
        let conditions = [
            one,
            b.clone(),
            a2.clone(),
            times(&beta, &b),
            each(&a, &a2),
            each(&a, &times(&alpha, &b)),
            times(&beta, &a2),
            times(&beta, &times(&beta, &b)),
        ];
        for (i, condition) in conditions.iter().enumerate() {
            let sum = dot(&weights, condition);
            assert!(sum.abs() < 1e-13, "condition {i}: {sum:e}");
        }
        assert!(weights.iter().any(|w| w.abs() > 0.01));
        // The solution fulfils those of the same trees, so they are the right ones.
        let (m, expected) =
            (untransformed(RODAS5P.m), [1.0, 0.5, 1.0 / 3.0, 1.0 / 6.0, 0.25, 0.125, 1.0 / 12.0, 1.0 / 24.0]);
        for (i, (condition, expected)) in conditions.iter().zip(expected).enumerate() {
            assert!((dot(&m, condition) - expected).abs() < 1e-13, "condition {i} of the solution");
        }
    }

    #[test]
    fn corrections_are_met_at_the_nodes() {
        for (node, factors) in FROM_NODES.iter().enumerate() {
            for (other, theta) in NODES.into_iter().enumerate() {
                let inner = factors[0] + theta * (factors[1] + theta * factors[2]);
                let value = theta * (1.0 - theta) * inner;
                assert!((value - f64::from(u8::from(node == other))).abs() < 1e-14, "{node} at {other}: {value}");
            }
        }
    }

    #[test]
    fn the_last_stages_and_the_end_continue() {
        let rows = [RODAS5P.a, &[RODAS5P.m]].concat();
        for i in RODAS5P.continued + 1..rows.len() {
            assert_eq!(rows[i], [rows[i - 1], &[1.0]].concat());
        }
        assert_ne!(rows[RODAS5P.continued][..RODAS5P.continued - 1], *rows[RODAS5P.continued - 1]);
    }
}
