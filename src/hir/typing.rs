//! Types of expressions, found on demand.

/// What has been typed so far, each thing once.
#[derive(Debug, Default)]
pub struct Typed {}
