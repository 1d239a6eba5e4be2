//! Loops compiled for the processor at hand, without `unsafe` of our own.
//!
//! No operation is fused and none reordered, so the results are the same bits on every processor.

use pulp::{Arch, Simd, WithSimd};

/// Runs `f` as compiled for the widest vectors that this processor has. Mark the closure, and what it calls,
/// `#[inline(always)]`: only what is inlined here is compiled so.
#[inline(always)]
pub(crate) fn vectorised<R>(f: impl FnMut() -> R) -> R {
    Arch::new().dispatch(Operation(f))
}

/// One number for each lane, as `lanes!(l => a[l] + b[l])`. A loop in place, because `std::array::from_fn` and `map` go
/// through functions of their own, which are compiled for any processor and called for each lane.
macro_rules! lanes {
    ($l:ident => $value:expr) => {{
        let mut row = [0.0; W];
        for $l in 0..W {
            row[$l] = $value;
        }
        row
    }};
}
pub(crate) use lanes;

struct Operation<F>(F);

impl<R, F: FnMut() -> R> WithSimd for Operation<F> {
    type Output = R;

    // By reference: calling an `Fn` by value goes through a function of its own, which is not inlined.
    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _simd: S) -> R {
        (self.0)()
    }
}
