//! The methods and the driver against closed forms and published end values.

mod driver;
mod lanes;
mod networks;
mod orders;
mod positive;
pub(super) mod problems;
mod published;
