//! Kernel and code generator: programs of small networks, interpreted and compiled.

mod agreement;
mod derivatives;
mod golden;
mod networks;
mod object;
mod properties;
