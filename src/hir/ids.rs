//! Typed positions in the tables of a [`Hir`](super::Hir).

/// Positions that can't be mixed up: a type for each table.
macro_rules! typed_ids {
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

pub(crate) use typed_ids;

typed_ids! {
    ModuleId
    CompartmentId
    MoleculeId
    VesicleId
    ParamId
    LetId
    InputId
    ProcessId
    RuleId
    EventId
    ObservableId
    /// A pathway, hypothesis, cell, model or file: a set of declarations.
    GroupId
    PerturbationId
    DrugId
    ExperimentId
    ClaimId
    /// A function of the user's; inlined by checking.
    FunctionId
    /// A unit of the user's; a number after checking.
    UserUnitId
    /// A `source` that citations name.
    SourceId
    /// A nest of names: a file, a group, one round of a `for`.
    SiteId
    /// Position in a molecule's or vesicle's list of states.
    StateId
    /// Position in [`Model::scopes`](super::model::Model::scopes).
    ScopeId
}
