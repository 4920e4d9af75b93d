//! How the other processes of the pipeline are, as they say and as their work shows: a server tells it, whichever
//! it is. It reads and decides nothing.

pub(crate) mod known;
pub(crate) mod looking;
mod standing;
pub(crate) mod told;

pub use told::Told;
