//! The replay: reads the inputs one after another onto the bronze topics, then follows them.

use crate::follow::Followed;
use crate::player::Player;
use crate::replay::{AtEnd, Replay, ReplayError};
use goldstream_platform::shutdown::Shutdown;

impl Replay {
    /// Runs until the inputs are read and acknowledged, or for ever where they are followed, or
    /// until the end is wished.
    ///
    /// # Errors
    /// [`ReplayError`].
    pub async fn run(self, mut shutdown: Shutdown) -> Result<(), ReplayError> {
        let mut player = Player::new(&self);
        let mut followed = Vec::new();
        for named in &self.inputs {
            let mut input = Followed::new(named.clone());
            player.look(&mut input, &mut shutdown).await?;
            followed.push(input);
            if shutdown.is_wished() {
                return Ok(());
            }
        }
        player.progress.finish();
        match self.at_end {
            AtEnd::Follow => player.follow(followed, &mut shutdown).await,
            AtEnd::Stop => player.read_handed(followed, &mut shutdown).await,
        }
    }
}
