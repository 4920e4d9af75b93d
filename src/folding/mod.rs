//! The stages of the generations that a process works on: those that are served, and those that are folded beside.

pub(crate) mod file;
mod pair;
pub(crate) mod servers;

pub(crate) use pair::StageKind;
