//! Questions to a store: a running goldstream that holds the file is asked over HTTP; where none runs,
//! one is started for the question, on a port of its own, and answers once it has folded the log.
//! On servers one is started in any case, to serve what stands there. The answer always comes by the
//! same route.

use crate::api_settings::ApiSettings;
use crate::backend::{Backend, block_on};
use crate::finding::{must_have_store, of_question};
use crate::process::Process;
use anyhow::{Context, bail};
use goldstream_platform::embedded::{Embedded, OpenError};
use goldstream_platform::secret::Secret;
use goldstream_platform::server_file::ServerFile;
use goldstream_platform::settings::Settings;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use ureq::RequestBuilder;

/// How long a goldstream that holds the store may take to say where it listens.
const START_MAX: Duration = Duration::from_secs(10);
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// How a question is put.
#[derive(Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
}

/// Who answers: one goldstream for all questions of a command.
pub(crate) enum Asked<'a> {
    /// It was started for them, and listens there.
    Own(SocketAddr),
    /// It holds the store, and runs.
    Running(&'a Settings),
}

impl Asked<'_> {
    /// The body of the answer to `path`.
    pub(crate) fn ask(&self, method: Method, path: &str) -> anyhow::Result<String> {
        let mut body = Vec::new();
        self.answer(method, path, &mut body)?;
        String::from_utf8(body).context("the answer is no text")
    }

    /// Writes the body of the answer to `path` as it comes.
    pub(crate) fn answer(
        &self,
        method: Method,
        path: &str,
        out: &mut (dyn Write + Send),
    ) -> anyhow::Result<()> {
        let address = match self {
            Self::Own(address) => address,
            Self::Running(settings) => return ask_running(settings, method, path, out),
        };
        match request(method, &format!("http://{address}{path}"), None, out)? {
            Answer::Written => Ok(()),
            Answer::Refused(status, body) => bail!("{status}: {body}"),
        }
    }
}

/// The body of the answer to `path`.
pub(crate) fn ask(settings: &Settings, method: Method, path: &str) -> anyhow::Result<String> {
    with(settings, |asked| asked.ask(method, path))
}

/// Writes the body of the answer to `path` as it comes.
pub(crate) fn ask_into(
    settings: &Settings,
    path: &str,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    with(settings, |asked| asked.answer(Method::Get, path, out))
}

/// Several questions to the same goldstream.
pub(crate) fn with<T>(
    settings: &Settings,
    questions: impl FnOnce(&Asked<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if let Some(servers) = &settings.servers {
        return block_on(async {
            let process = Process::new(Backend::existing(settings, servers).await?)?;
            let process = process.with_api(ApiSettings::of_question(settings));
            let own = begin(process, &["serve"], None).await?;
            loaded(&own.process).await?;
            own.answer(questions).await
        })?;
    }
    let settings = &of_question(settings);
    let dir = &settings.data_dir;
    must_have_store(dir)?;
    let (partitions, future_days) = (settings.partitions, settings.future_days);
    match Embedded::open_under(dir, partitions, future_days) {
        Err(OpenError::InUse(_)) => questions(&Asked::Running(settings)),
        opened => block_on(async {
            let own = match folded(opened, settings).await {
                Err(error) if is_unwritable(&error) => {
                    // What is wrong with it otherwise is better said by who opened it first.
                    let Some(aside) = aside(settings).await else { return Err(error) };
                    tracing::warn!(
                        "{} cannot be written ({error:#}); what is still to be counted is counted for \
                         this answer alone",
                        dir.display()
                    );
                    folded(Ok(aside), settings).await?
                }
                own => own?,
            };
            own.answer(questions).await
        })?,
    }
}

/// A goldstream for the questions of one command.
struct Own {
    process: Process,
    address: SocketAddr,
    /// The file that it works on, if that is what it works on.
    file: Option<Embedded>,
}

/// The file could not be written before all was counted.
#[derive(Debug)]
struct Unwritable(String);

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

/// Whether reading alone may still be done.
fn is_unwritable(error: &anyhow::Error) -> bool {
    let is_of_opening =
        matches!(error.downcast_ref::<OpenError>(), Some(OpenError::Unusable { .. }));
    is_of_opening || error.is::<Unwritable>()
}

/// The file as it stands, once who had it has let it go; none where it cannot be read either.
async fn aside(settings: &Settings) -> Option<Embedded> {
    let began = Instant::now();
    let Settings { data_dir, partitions, future_days, .. } = settings;
    loop {
        match Embedded::open_aside(data_dir, *partitions, *future_days) {
            Err(OpenError::InUse(_)) if began.elapsed() < START_MAX => {
                tokio::time::sleep(ASK_AGAIN).await;
            }
            opened => return opened.ok(),
        }
    }
}

/// One over a file, once it has counted every row there.
async fn folded(opened: Result<Embedded, OpenError>, settings: &Settings) -> anyhow::Result<Own> {
    let file = opened?;
    let backend = Backend::embedded(file.clone(), &settings.data_dir);
    let mut process = Process::new(backend)?.with_api(ApiSettings::of_question(settings));
    process.add_stages()?;
    // Before it serves: what it serves first is then the last generation.
    let rebuilt = process.rebuilt().await;
    let own = begin(process, &["consume", "serve"], Some(file.clone())).await?;
    let ends = own.process.bronze_ends().await?;
    let counted = match rebuilt {
        Ok(()) => own.process.counted(&ends).await,
        failed => failed,
    };
    match counted {
        Ok(()) => Ok(own),
        Err(error) => {
            let stopped = own.process.stop().await;
            tracing::debug!(?stopped, "a question cannot be answered");
            match file.has_failed() {
                true => Err(Unwritable(format!("{error:#}")).into()),
                false => Err(error),
            }
        }
    }
}

async fn begin(
    mut process: Process,
    roles: &[&str],
    file: Option<Embedded>,
) -> anyhow::Result<Own> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    let address = process.serve(listener, roles).await?;
    Ok(Own { process, address, file })
}

impl Own {
    async fn answer<T>(
        self,
        questions: impl FnOnce(&Asked<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let Self { process, address, file } = self;
        // The other threads of the runtime serve meanwhile.
        let answered = tokio::task::block_in_place(|| questions(&Asked::Own(address)));
        match process.stop().await {
            // The answer is none the less right, and the log has everything.
            Err(error) if file.is_some_and(|file| file.has_failed()) => {
                tracing::warn!("what was counted is not kept: {error:#}");
            }
            stopped => stopped?,
        }
        answered
    }
}

/// Resolves once the store is loaded, or says why it is not.
async fn loaded(process: &Process) -> anyhow::Result<()> {
    let loaded = tokio::time::timeout(START_MAX, process.view()?.wait_loaded()).await;
    loaded.map_err(|_| {
        let troubles = process.backend.health.troubles().into_values().collect::<Vec<_>>();
        anyhow::anyhow!("the store could not be loaded: {}", troubles.join("; "))
    })
}

fn ask_running(
    settings: &Settings,
    method: Method,
    path: &str,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let dir = settings.data_dir.display();
    let began = Instant::now();
    loop {
        let answer = match ServerFile::read(&settings.data_dir) {
            Some(server) => request(method, &server.url(path), server.token.as_ref(), out),
            None => Err(anyhow::anyhow!("it does not say where it listens")),
        };
        match answer {
            Ok(Answer::Written) => return Ok(()),
            // What has begun to come cannot begin again.
            Err(error) if error.is::<CutOff>() => return Err(error),
            // It is loading, or has just been started or ended.
            Ok(Answer::Refused(503, _)) | Err(_) if began.elapsed() < START_MAX => {
                std::thread::sleep(ASK_AGAIN);
            }
            Ok(Answer::Refused(status, body)) => {
                bail!("the goldstream that holds {dir} answers {status}: {body}")
            }
            Err(error) => {
                return Err(
                    error.context(format!("another process holds {dir} and does not answer"))
                );
            }
        }
    }
}

/// What came of a question.
enum Answer {
    Written,
    Refused(u16, String),
}

/// An answer that began to come and did not end.
#[derive(Debug)]
struct CutOff;

impl std::fmt::Display for CutOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer did not come whole")
    }
}

/// What a problem says to people; the body itself where it is none.
fn sentence(body: &str) -> String {
    let problem: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let detail = problem.as_ref().and_then(|problem| problem["detail"].as_str());
    detail.unwrap_or(body).to_owned()
}

/// With the token that the server wants.
fn shown<B>(request: RequestBuilder<B>, token: Option<&Secret>) -> RequestBuilder<B> {
    match token {
        Some(token) => request.header("authorization", format!("Bearer {}", token.expose())),
        None => request,
    }
}

fn request(
    method: Method,
    url: &str,
    token: Option<&Secret>,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<Answer> {
    let agent = ureq::Agent::new_with_config(
        ureq::Agent::config_builder().http_status_as_error(false).build(),
    );
    let mut response = match method {
        Method::Get => shown(agent.get(url), token).call()?,
        Method::Post => shown(agent.post(url), token).send_empty()?,
    };
    let status = response.status().as_u16();
    let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
    if !matches!(status, 200 | 202) {
        let mut text = String::new();
        body.read_to_string(&mut text)?;
        return Ok(Answer::Refused(status, sentence(&text)));
    }
    io::copy(&mut body, out).context(CutOff)?;
    Ok(Answer::Written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_problem_people_hear_its_sentence_and_of_anything_else_all() {
        let problem = r#"{"detail":"reason is one of …","status":400}"#;
        assert_eq!(sentence(problem), "reason is one of …");
        for other in ["gone", "[1]", "{}"] {
            assert_eq!(sentence(other), other);
        }
    }
}
