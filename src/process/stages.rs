//! The stages of a process, over what it works on.

use super::Process;
use crate::folding::{self, StageKind};
use crate::team::Team;
use goldstream_platform::throttle::Throttle;

impl Process {
    /// Adds both stages.
    pub(crate) fn add_stages(&mut self) -> anyhow::Result<()> {
        let Some(file) = self.backend.file() else { return self.add_on_servers(&StageKind::ALL) };
        // Before the role begins, so that nobody takes the time until then for the end of a rebuild.
        self.rebuilding.announce(file.served().0, file.next().map(|(next, _)| next));
        let folding = folding::file::Folding {
            throttle: Throttle::new(file.served().0.number),
            file: file.clone(),
            rebuilding: self.rebuilding.clone(),
            // As well as the announcement: a wish that comes before the role begins is not lost.
            wishes: self.rebuilding.wishes(),
            health: self.backend.health.clone(),
            metrics: self.metrics.clone(),
            traces: self.traces.clone(),
        };
        self.add("folding", move |shutdown| folding::file::run(folding, shutdown))
    }

    /// On servers, adds these stages, and that the generation that is served is followed; without any stage the
    /// latter alone.
    pub(crate) fn add_on_servers(&mut self, stages: &[StageKind]) -> anyhow::Result<()> {
        let Some(Team { site, served, .. }) = self.backend.team.clone() else { return Ok(()) };
        self.roles.extend(stages.iter().map(|stage| stage.name()));
        let folding = folding::servers::Folding {
            throttle: Throttle::new(served.generation()),
            site,
            served,
            stages: stages.to_vec(),
            rebuilding: self.rebuilding.clone(),
            wishes: self.rebuilding.wishes(),
            health: self.backend.health.clone(),
            metrics: self.metrics.clone(),
            traces: self.traces.clone(),
        };
        self.start("generations", move |shutdown| folding::servers::run(folding, shutdown))
    }
}
