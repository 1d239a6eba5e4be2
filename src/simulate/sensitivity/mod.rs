//! How a run moves with its parameters and initial amounts: forward sensitivities.
//!
//! A run is made once as any other; it tells what was done to the model and when ([`Act`](super::Act)). Then the run is
//! gone through again with the derivatives by all that is asked about, between the same acts ([`follow`]). So events are
//! looked for once, however many derivatives there are.
//!
//! At an act that comes at a fixed time the derivatives change with what the act does. Where the time t* itself moves by
//! t' with θ (a condition that becomes true earlier or later, a delay, a dose whose time is computed), the state after
//! it, y⁺ = h(y⁻, p, t*), moves by `h_y (s + f⁻ t') + h_p p' + h_t t' - f⁺ t'`, f⁻ and f⁺ the rates before and after. A
//! condition g > 0 that becomes true by itself does so with `t' = -(g_y s + g_p p') / (g_y f + g_t)`; what follows from
//! an act at once comes with it. (W. Feehery, J. Tolsma, P. Barton, Applied Numerical Mathematics 25 (1997) 41;
//! E. Rozenvasser, Automation and Remote Control 28 (1967) 52.)
//!
//! Derivatives are by θ in units of a size given with it; so they, and their tolerances, have the units of amounts.
//! Times at which a run is looked at stay where they are. Deliberately absent: jumps of a rate within an `if`, whose
//! sides are taken to meet; what must jump is an event.

mod derivatives;
mod moving;
mod replay;
mod settle;
mod system;

pub use derivatives::Derivatives;
pub use moving::{About, Moving, Theta};
pub use replay::{Reading, follow};
pub use settle::settle;

/// Numbers in a row are padded to whole vectors of this many.
const LANES: usize = 4;
