//! From text to tree, and from text to well-set text.
//!
//! Invariants: [`parse()`] gives a tree and its diagnostics for any text, never panics and never hangs; names are not
//! looked up here. The way is [`lexer`] (tokens that cover the text), [`structure`] (brackets and the limits of
//! statements), [`words`] (which words are keywords), `grammar/exo.lalrpop` (single statements), [`build`] (nodes).

#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::unreachable)
)]
#![allow(clippy::large_enum_variant, reason = "trees are built once and held by few; boxes would only hide the nodes")]

pub mod ast;
pub mod build;
mod format;
pub mod lexer;
mod mend;
mod parse;
pub mod print;
mod reports;
pub mod structure;
pub mod token;
pub mod words;

pub use format::format;
pub use parse::parse;
