//! Following: what is done with an input again and again, and what is told of it. An input that cannot be
//! read stands still by itself: it ends nothing, and is looked at again.

use crate::files;
use crate::input::{Input, NamedInput};
use crate::player::{FOLLOW_PACE, Played, Player, Reader};
use crate::replay::{AtEnd, ReplayError};
use crate::source::SourceError;
use goldstream_platform::inputs::{InputState, InputStatus, Inputs};
use goldstream_platform::shutdown::Shutdown;
use std::time::Duration;
use tokio::time::Instant;

/// How often the folder is looked into.
const SEARCH_PACE: Duration = Duration::from_secs(1);
/// How often one is that could not be read for a while …
const FAILING_PACE: Duration = Duration::from_secs(1);
/// … longer than this: at first it may be between two steps of who rotates it.
const ROTATION_MAX: Duration = Duration::from_secs(3);
/// So long nothing is said of it.
const ROTATION_GAP: Duration = Duration::from_millis(250);
/// A quote that is open at the end of a file is waited for while the end moves, and so long behind that.
const OPEN_QUOTE_MAX: Duration = Duration::from_secs(2);
/// A file that is being rewritten is read anew once it has stood still so long: until then it may still get
/// the content that was read of it.
const REWRITE_STILL: Duration = Duration::from_millis(200);
/// It is not waited for longer than that.
const REWRITE_MAX: Duration = Duration::from_secs(1);
/// How often a large file that was written to is read again, to see whether what was read still stands there.
const PROOF_PACE: Duration = Duration::from_secs(1);
/// Of the time, proofs take one part in so many at most.
const PROOF_SHARE: u32 = 10;

/// Who wants an input read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Who started the process.
    Start,
    /// Another process, once.
    Another,
    /// Both.
    Both,
    /// Nobody any more.
    Nobody,
}

/// An input that is looked at again and again.
pub(crate) struct Followed {
    pub(crate) named: NamedInput,
    pub(crate) asker: Asker,
    /// None where it was never opened, or must be looked at from its beginning.
    pub(crate) reader: Option<Reader>,
    /// Why it could not be read the last time, and since when it cannot.
    pub(crate) failing: Option<(String, Instant)>,
    /// Whether that was told.
    is_told: bool,
    /// When it is looked at again.
    next_look: Instant,
    next_proof: Instant,
    /// The end at which a quote is open, and since when it has been that.
    open_end: Option<(u64, Instant)>,
    /// Since when it is being rewritten, its size, and since when that is its size.
    pub(crate) rewritten: Option<(Instant, u64, Instant)>,
}

impl Followed {
    pub(crate) fn new(named: NamedInput) -> Self {
        let now = Instant::now();
        Self {
            named,
            asker: Asker::Start,
            reader: None,
            failing: None,
            is_told: false,
            next_look: now,
            next_proof: now + PROOF_PACE,
            open_end: None,
            rewritten: None,
        }
    }

    /// One that another process wants read.
    pub(crate) fn for_another(named: NamedInput) -> Self {
        Self { asker: Asker::Another, ..Self::new(named) }
    }

    /// What was read of it does not stand there any more. Whether it is time to read it anew.
    fn is_rewritten_for_good(&mut self) -> bool {
        let now = Instant::now();
        let size_bytes = self.named.input.size_bytes();
        let (since, size_since) = match self.rewritten {
            Some((since, size, size_since)) if size == size_bytes => (since, size_since),
            Some((since, ..)) => (since, now),
            None => (now, now),
        };
        self.rewritten = Some((since, size_bytes, size_since));
        now - size_since >= REWRITE_STILL || now - since >= REWRITE_MAX
    }

    pub(crate) fn status(&self, state: InputState, board: &Inputs) -> InputStatus {
        let unread = || (0, self.named.input.size_bytes());
        let (read_bytes, size_bytes) =
            self.reader.as_ref().map_or_else(unread, |reader| reader.source.sizes());
        InputStatus {
            source: self.named.key.to_string(),
            state,
            detail: None,
            warnings: self
                .reader
                .as_ref()
                .and_then(|reader| reader.source.warnings())
                .unwrap_or_else(|| board.warnings_of(&self.named.key)),
            rows: self.reader.as_ref().map_or(0, |reader| reader.source.rows()),
            read_bytes,
            size_bytes,
        }
    }
}

impl Player<'_> {
    /// Takes in what has appeared in the shop's folder, as a restart would.
    fn search(&self, followed: &mut Vec<Followed>) {
        let found = self.replay.folder.as_deref().map(files::find_in);
        for file in found.into_iter().flatten().flatten() {
            let Ok(named) = files::named_input(file.kind, &file.path) else { continue };
            if followed.iter().all(|known| known.named.key != named.key) {
                tracing::info!(source = &*named.key, "a file has appeared");
                followed.push(Followed::new(named));
            }
        }
        self.take_handed(followed);
    }

    /// Looks at all inputs again and again, until the end is wished.
    pub(crate) async fn follow(
        &mut self,
        mut followed: Vec<Followed>,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        let mut next_search = Instant::now();
        while !shutdown.is_wished() {
            if next_search <= Instant::now() {
                next_search = Instant::now() + SEARCH_PACE;
                self.search(&mut followed);
            }
            for input in &mut followed {
                self.look(input, shutdown).await?;
                self.hand_back(input, shutdown).await?;
            }
            followed.retain(|input| input.asker != Asker::Nobody);
            tokio::select! {
                () = tokio::time::sleep(FOLLOW_PACE) => {}
                () = shutdown.wished() => {}
            }
        }
        Ok(())
    }

    /// Reads an input on to its end. Where it is followed and cannot be read, that is noted and told.
    pub(crate) async fn look(
        &mut self,
        input: &mut Followed,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        if Instant::now() < input.next_look {
            return Ok(());
        }
        if input.reader.is_none() && input.failing.is_none() {
            self.replay.board.note(input.status(InputState::Reading, &self.replay.board));
        }
        match self.read_on(input, shutdown).await {
            Ok(()) => {
                input.failing = None;
                if std::mem::take(&mut input.is_told) {
                    tracing::info!(source = &*input.named.key, "it can be read again");
                }
                self.tell(input);
                Ok(())
            }
            Err(error) if self.replay.at_end == AtEnd::Follow && error.is_of_one_input() => {
                self.set_aside(input, &error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// An input that cannot be read is looked at again. A reader that met a wrong header gives no rows any more,
    /// whatever the file becomes, nor does one that met the broken end of a packed file; one that another was
    /// ahead of goes on from where that one is.
    pub(crate) fn set_aside(&mut self, input: &mut Followed, error: &ReplayError) {
        let is_io = matches!(error, ReplayError::Source(SourceError::Io { .. }));
        if !is_io || matches!(input.named.input, Input::Packed(..)) {
            self.forget_in_flight();
            input.reader = None;
        }
        self.stand_aside(input, error);
    }

    /// It is told unless that may be a rotation's gap.
    fn stand_aside(&self, input: &mut Followed, error: &ReplayError) {
        let (reason, now) = (error.to_string(), Instant::now());
        let known = input.failing.take();
        let since = known.as_ref().map_or(now, |(_, since)| *since);
        let is_new = known.is_none_or(|(known, _)| known != reason);
        let lasts = now - since;
        if !is_gap(error) || lasts >= ROTATION_GAP {
            if is_new || !input.is_told {
                tracing::error!(%error, "an input stands still; it is looked at again every second");
            }
            input.is_told = true;
            let detail = Some(reason.clone());
            self.replay.board.note(InputStatus {
                detail,
                ..input.status(InputState::Failing, &self.replay.board)
            });
        }
        input.failing = Some((reason, since));
        let may_be_rotation = matches!(error, ReplayError::Source(SourceError::Io { .. }));
        let is_fresh = may_be_rotation && lasts < ROTATION_MAX;
        let pace = if is_fresh { FOLLOW_PACE } else { FAILING_PACE };
        input.next_look = now + pace;
    }

    async fn read_on(
        &mut self,
        input: &mut Followed,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        // Looked at before it is read to its end: then all that the old file had is read.
        let replaced = input.reader.as_ref().map(|reader| reader.source.is_replaced());
        let is_first = input.reader.is_none();
        self.play_through(input, shutdown).await?;
        // It stopped somewhere, perhaps within a line: nothing follows from that.
        if shutdown.is_wished() {
            return Ok(());
        }
        if replaced.transpose()? == Some(true) {
            self.replace(input).await?;
            self.play_through(input, shutdown).await?;
        }
        if !is_first && Instant::now() >= input.next_proof {
            self.prove(input, shutdown).await?;
        }
        self.wait_for_quote(input).await
    }

    /// Reads to the end. A file that is being rewritten is read anew where nobody looks again, or it is time.
    async fn play_through(
        &mut self,
        input: &mut Followed,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        loop {
            match self.play_on(&input.named, &mut input.reader, shutdown).await? {
                Played::ToEnd => {
                    input.rewritten = None;
                    return Ok(());
                }
                Played::Rewritten => {
                    let looks_again = self.replay.at_end == AtEnd::Follow;
                    if looks_again && !input.is_rewritten_for_good() {
                        return Ok(());
                    }
                    (input.reader, input.rewritten) = (None, None);
                }
            }
        }
    }

    /// Goes over to the file that stands under the name now. Where it goes on from what was read of the
    /// other one it is the same source; else that one has ended, its last line with it.
    async fn replace(&mut self, input: &mut Followed) -> Result<(), ReplayError> {
        let Some(old) = &mut input.reader else { return Ok(()) };
        let mut new = self.open(input.named.clone()).await?;
        if new.source.generation() != old.source.generation() {
            self.end(old).await?;
            new = self.open(input.named.clone()).await?;
        }
        input.reader = Some(new);
        Ok(())
    }

    /// Reads a file that was written to once more, and from its beginning where it is another now.
    async fn prove(
        &mut self,
        input: &mut Followed,
        shutdown: &mut Shutdown,
    ) -> Result<(), ReplayError> {
        let Some(reader) = &mut input.reader else { return Ok(()) };
        let began = std::time::Instant::now();
        let is_same = reader.source.is_proven_again()?;
        input.next_proof = Instant::now() + PROOF_PACE.max(began.elapsed() * PROOF_SHARE);
        if !is_same {
            input.reader = None;
            self.play_through(input, shutdown).await?;
        }
        Ok(())
    }

    /// A quote that is open at an end that has stood still was never closed.
    async fn wait_for_quote(&mut self, input: &mut Followed) -> Result<(), ReplayError> {
        let Some(reader) = &mut input.reader else { return Ok(()) };
        let Some(open) = reader.source.open_row() else {
            input.open_end = None;
            return Ok(());
        };
        let now = Instant::now();
        match input.open_end {
            Some((bytes, since)) if bytes == open.bytes => {
                if now - since >= OPEN_QUOTE_MAX && self.replay.at_end == AtEnd::Follow {
                    self.stand_still(reader).await?;
                    input.open_end = None;
                }
            }
            _ => input.open_end = Some((open.bytes, now)),
        }
        Ok(())
    }

    fn tell(&self, input: &Followed) {
        let open = input.reader.as_ref().and_then(|reader| reader.source.open_row());
        let can_grow = input.named.input.can_grow();
        let state = match (open, self.replay.at_end) {
            (Some(_), AtEnd::Follow) => InputState::OpenQuote,
            (_, AtEnd::Follow) if can_grow => InputState::Following,
            _ => InputState::Finished,
        };
        let detail = open.map(|open| {
            let waits_ms = input.open_end.map_or(0, |(_, since)| since.elapsed().as_millis());
            format!(
                "a quote is open since line {}, over {} bytes, and has been for {waits_ms} ms",
                open.line, open.bytes
            )
        });
        self.replay.board.note(InputStatus { detail, ..input.status(state, &self.replay.board) });
    }
}

/// Whether the name leads nowhere for now, as it does between two steps of a rotation.
fn is_gap(error: &ReplayError) -> bool {
    let ReplayError::Source(SourceError::Io { error, .. }) = error else { return false };
    error.kind() == std::io::ErrorKind::NotFound
}
