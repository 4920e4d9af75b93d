//! Where processes say how they are.

use goldstream_platform::reports::Reports;
use std::sync::Arc;

/// Where the processes of a pipeline say how they are, and which of them this one is.
#[derive(Clone)]
pub struct Told {
    /// Where.
    pub reports: Arc<dyn Reports>,
    /// The id of this process in its own reports.
    pub id: String,
}
