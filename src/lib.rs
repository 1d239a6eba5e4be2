//! exoc, the compiler for Exo, a language for exosome biology: from `.exo` text to native code to a picture.
//!
//! This page is the architecture. The folders of `src/` are the pipeline, in order; what happens to a file is:
//!
//! 1. **Text.** A [`source::SourceMap`] holds every text; a [`source::Span`] is a place in one. Modules are found by
//!    a [`source::Loader`]: [`source::DiskLoader`] looks beside the file and in the embedded library.
//! 2. **Tree.** [`syntax::parse`] gives a tree and its diagnostics, however broken the text. [`syntax::format`]
//!    gives the same text, well set.
//! 3. **Types.** [`hir::check`] resolves names, infers dimensions, checks membranes, balance and cells, and lowers
//!    everything into an [`hir::Hir`]. A [`hir::CheckedModel`] is what exists only when nothing was wrong: *the one
//!    gate*. Past it no code handles a user's mistake; only numerics can still fail, as typed errors.
//! 4. **Network.** [`network::build`] makes one model concrete: cells instantiated, vesicles lowered to populations
//!    with contents, rate laws derived, experiments planned ([`network::plan::Plan`]). [`network::Network`] is the
//!    pivot: everything above is language, everything below is mathematics.
//! 5. **Kernel.** [`kernel::Model`] is the network as straight-line programs over slots, with symbolic derivatives;
//!    [`kernel::Program::interpret`] runs any of them, and is the oracle of the native code.
//! 6. **Code.** [`codegen::CompiledModel`] owns machine code made by Cranelift and shows safe functions over slices;
//!    [`codegen::object()`] writes the same as a native object for other programs.
//! 7. **Time.** [`solve::Integrator`] integrates any [`solve::System`]; it knows slices, never a compiler type.
//!    [`simulate`] is the glue: [`simulate::run`] takes a [`simulate::Model`] through doses, additions and events,
//!    [`simulate::settle()`] finds the steady state of its cells; a [`simulate::SimulationError`] names the species and
//!    the processes to blame.
//! 8. **Experiments.** [`experiment::run`] runs all arms of all experiments, and holds the claims against what came
//!    of them; the outcome is columns with names and units, [`experiment::results::Results`].
//! 9. **Output.** [`output::summary::summary`] is the text for a terminal; [`output::save`] and
//!    [`output::save_plot`] write tables and pictures; [`output::listing`], [`output::equations`] and
//!    [`output::graph`] show the network.
//!
//! Beside the pipeline: whatever a stage has to say to the user is a [`diagnostics::Diagnostic`], plain data with a
//! stable code from [`diagnostics::registry`], and is rendered at the edge, by [`diagnostics::render`]. [`cli`] is the
//! command line, the only part that knows of terminals and arguments.
//!
//! # What may use what
//!
//! ```text
//! source ← diagnostics ← syntax ← hir ← network ← kernel ← codegen
//! solve      → nothing of the compiler
//! simulate   → network, kernel, codegen, solve
//! experiment → hir, network, simulate
//! output     → experiment's results, network, solve
//! document   → syntax, hir, experiment's results, output
//! cli        → anything
//! ```
//!
//! A module may use what is to the left of it; `tests/it/layering.rs` holds the `crate::` paths to this drawing.
//!
//! # Running a model from a program
//!
//! ```
//! use exoc::experiment::{self, Bench, Options};
//! use exoc::source::{MemoryLoader, SourceMap};
//!
//! let mut sources = SourceMap::new();
//! let root = sources.add("decay.exo", "
//!     compartment cytosol = 2 pL
//!     species A = 100 copies in cytosol   assumed
//!     process loss: A ->   at 0.1 / min   assumed
//!     experiment watch {
//!         run 10 min every 1 min
//!         measure left = A
//!     }
//! ");
//! let (program, diagnostics) = exoc::hir::check(&mut sources, &MemoryLoader::default(), root).gate();
//! let program = program.ok_or_else(|| format!("{diagnostics:?}"))?;
//! let built = exoc::network::build(&program, 0)?;
//! let model = exoc::simulate::Model::new(built.network, exoc::codegen::Engine::Native);
//! let benches = [Bench { model, plans: built.experiments, set: Vec::new() }];
//! let outcome = experiment::run(&program, &benches, &Options::default(), &mut |_| {});
//! let left = outcome.results.experiments.first().and_then(|e| e.control()?.series.first()?.values.last().copied());
//! assert!(left.is_some_and(|left| (left - 100.0 * (-1.0f64).exp()).abs() < 1e-3));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod codegen;
pub mod diagnostics;
pub mod document;
pub mod experiment;
pub mod hir;
pub mod kernel;
pub mod network;
pub mod output;
pub mod simulate;
pub mod solve;
pub mod source;
pub mod syntax;
