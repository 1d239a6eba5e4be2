//! Typed positions in a [`Network`](super::Network)'s tables.

use crate::hir::typed_ids;

typed_ids! {
    /// A place of the network: one compartment or membrane of one cell, or of the model.
    PlaceId
    /// A state variable.
    SpeciesId
    /// A number that stays put between interventions.
    ParameterId
    /// A named expression (`let`).
    DefinitionId
    /// A cell type placed in the model; its amounts are per cell.
    CellId
    /// A process of the source, instantiated: one or several reactions come of it.
    ProcessId
}
