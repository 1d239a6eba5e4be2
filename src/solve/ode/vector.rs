//! The vector operations that all methods are made of.

use crate::solve::SparsePattern;

/// out = y + scale Σ a_j k_j, over as many k as there are coefficients (at most eight).
pub(super) fn combine(out: &mut [f64], y: &[f64], scale: f64, a: &[f64], k: &[Vec<f64>]) {
    match a.len() {
        0 => out.copy_from_slice(y),
        1 => fixed::<1>(out, y, scale, a, k),
        2 => fixed::<2>(out, y, scale, a, k),
        3 => fixed::<3>(out, y, scale, a, k),
        4 => fixed::<4>(out, y, scale, a, k),
        5 => fixed::<5>(out, y, scale, a, k),
        6 => fixed::<6>(out, y, scale, a, k),
        7 => fixed::<7>(out, y, scale, a, k),
        8 => fixed::<8>(out, y, scale, a, k),
        more => unreachable!("no method here has {more} stages"),
    }
}

/// One pass over memory, the sum over j unrolled.
#[inline]
fn fixed<const N: usize>(out: &mut [f64], y: &[f64], scale: f64, a: &[f64], k: &[Vec<f64>]) {
    let n = out.len();
    let y = &y[..n];
    let a: [f64; N] = std::array::from_fn(|j| scale * a[j]);
    let k: [&[f64]; N] = std::array::from_fn(|j| &k[j][..n]);
    for i in 0..n {
        let mut sum = 0.0;
        for j in 0..N {
            sum += a[j] * k[j][i];
        }
        out[i] = y[i] + sum;
    }
}

/// out += J x, for x and out with `stride` numbers to each component.
pub(super) fn product(pattern: &SparsePattern, jacobian: &[f64], x: &[f64], out: &mut [f64], stride: usize) {
    pulp::Arch::new().dispatch(|| {
        for column in 0..pattern.dimension() {
            let from = &x[column * stride..(column + 1) * stride];
            for (entry, &row) in pattern.column(column).zip(pattern.rows(column)) {
                let value = jacobian[entry];
                if value != 0.0 {
                    let to = &mut out[row * stride..(row + 1) * stride];
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += value * from);
                }
            }
        }
    });
}
