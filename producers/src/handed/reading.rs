//! Reading what was handed over: beside what is followed, once each. How a file is read is not decided here.

use super::HandedOver;
use crate::follow::{Asker, Followed};
use crate::player::Player;
use crate::replay::{AtEnd, ReplayError};
use goldstream_platform::inputs::InputState;
use goldstream_platform::shutdown::Shutdown;

impl Player<'_> {
    /// Takes in what others hand over, and lets go of what they want no more.
    pub(crate) fn take_handed(&self, followed: &mut Vec<Followed>) {
        let Some(handed) = &self.replay.handed else { return };
        followed.retain(|known| {
            let is_wanted = known.asker != Asker::Another || handed.waits(&known.named);
            if !is_wanted {
                self.replay.board.forget(&known.named.key);
            }
            is_wanted
        });
        for named in handed.all() {
            match followed.iter_mut().find(|known| known.named.key == named.key) {
                Some(known) if known.asker == Asker::Start => known.asker = Asker::Both,
                Some(_) => {}
                None => {
                    tracing::info!(source = &*named.key, "a file was handed over");
                    followed.push(Followed::for_another(named));
                }
            }
        }
    }

    /// Reads what others have handed over, and no more.
    pub(crate) async fn read_handed(
        &mut self,
        mut followed: Vec<Followed>,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        self.take_handed(&mut followed);
        for input in followed.iter_mut().filter(|input| input.asker != Asker::Start) {
            if !shutdown.is_wished() {
                self.look(input, shutdown).await?;
                self.hand_back(input, shutdown).await?;
            }
        }
        Ok(())
    }

    /// Lets who handed a file over know that it is read. Unless it is followed anyway, its last line is a row
    /// with its end or without.
    pub(crate) async fn hand_back(
        &mut self,
        input: &mut Followed,
        shutdown: &Shutdown,
    ) -> Result<(), ReplayError> {
        let (Some(handed), false) = (&self.replay.handed, input.asker == Asker::Start) else {
            return Ok(());
        };
        // Whoever was told to end may have stopped within a line: the next one reads on.
        let is_read = !shutdown.is_wished() && input.failing.is_none() && input.rewritten.is_none();
        let Some(reader) = input.reader.as_mut().filter(|_| is_read) else { return Ok(()) };
        if input.asker == Asker::Another {
            match self.end(reader).await {
                Ok(()) => {}
                Err(error) if self.replay.at_end == AtEnd::Follow && error.is_of_one_input() => {
                    self.set_aside(input, &error);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            self.replay.board.note(input.status(InputState::Finished, &self.replay.board));
        }
        input.asker = if input.asker == Asker::Both { Asker::Start } else { Asker::Nobody };
        told(handed, input);
        Ok(())
    }
}

fn told(handed: &HandedOver, input: &Followed) {
    if let Err(error) = handed.remove(&input.named) {
        let source = &*input.named.key;
        tracing::warn!(%error, source, "who handed a file over is not told that it is read");
    }
}
