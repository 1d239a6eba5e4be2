//! Typed positions in a [`Network`](super::Network)'s tables.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        })*
    };
}

ids! {
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
