//! Integrators for initial-value problems, over slices; nothing here knows the compiler.
