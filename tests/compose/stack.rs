//! The services of docker-compose.yml as a project of the test's own: on free ports, with volumes of
//! its own, and gone at the end.

use crate::harness::http;
use crate::harness::port::free_port;
use crate::harness::wait::eventually;
use goldstream_domain::gold::report::Accounting;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Once;
use std::time::Instant;

/// The image is built under this name, quick to build.
const IMAGE: &str = "goldstream:test";

/// It is built once.
static BUILT: Once = Once::new();

pub(crate) struct Stack {
    project: String,
    /// What is said before the verb.
    options: &'static str,
    environment: Vec<(&'static str, String)>,
    /// Where the one `serve` and the other listen.
    pub(crate) first: String,
    pub(crate) second: String,
    /// Where MinIO is, in the profile that has one.
    pub(crate) minio: String,
}

impl Stack {
    /// Builds the image, starts all over the shop in this folder and waits until all are healthy.
    pub(crate) fn up(shop: &Path) -> Self {
        Self::of("plain", "", shop)
    }

    /// The same with a lake in a MinIO.
    pub(crate) fn up_with_lake(shop: &Path) -> Self {
        Self::of("lake", "--profile lake", shop)
    }

    fn of(name: &str, options: &'static str, shop: &Path) -> Self {
        let (first, second, minio) = (free_port(), free_port(), free_port());
        let environment = vec![
            ("SHOP", shop.display().to_string()),
            ("RATE", String::new()),
            ("PROFILE", "ci".to_owned()),
            ("GOLDSTREAM_IMAGE", IMAGE.to_owned()),
            ("SERVE_PORT_1", first.to_string()),
            ("SERVE_PORT_2", second.to_string()),
            ("KAFKA_PORT", free_port().to_string()),
            ("REDIS_PORT", free_port().to_string()),
            ("MINIO_PORT", minio.to_string()),
            ("MINIO_CONSOLE_PORT", free_port().to_string()),
        ];
        let stack = Self {
            project: format!("goldstream-test-{name}-{}", std::process::id()),
            options,
            environment,
            first: format!("127.0.0.1:{first}"),
            second: format!("127.0.0.1:{second}"),
            minio: format!("127.0.0.1:{minio}"),
        };
        stack.must_have_docker();
        BUILT.call_once(|| stack.timed("build --quiet"));
        stack.timed("up --detach --wait");
        stack
    }

    /// A missing daemon is a failure that says what to do.
    fn must_have_docker(&self) {
        let output = Command::new("docker").args(["compose", "version"]).output();
        assert!(
            output.is_ok_and(|output| output.status.success()),
            "there is no `docker compose`; all other tests need none: make test"
        );
        let output = Command::new("docker").arg("version").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "no Docker daemon answers: {said}");
    }

    fn try_compose(&self, line: &str) -> Output {
        let mut command = Command::new("docker");
        command.args(["compose", "--project-name", &self.project]);
        command.args(self.options.split_whitespace());
        command.args(line.split_whitespace()).envs(self.environment.iter().cloned());
        command.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// What `docker compose LINE` prints, where it must succeed.
    pub(crate) fn compose(&self, line: &str) -> String {
        let output = self.try_compose(line);
        let said = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "docker compose {line}: {printed}\n{said}");
        printed
    }

    /// The same, and how long it took.
    fn timed(&self, line: &str) {
        let began = Instant::now();
        self.compose(line);
        println!("docker compose {line}: {:.1} s", began.elapsed().as_secs_f64());
    }

    /// What `goldstream LINE` prints in the container of the one `serve`.
    pub(crate) fn goldstream(&self, line: &str) -> String {
        self.compose(&format!("exec -T serve-1 goldstream {line}"))
    }

    pub(crate) fn verify_equal(&self) {
        let said = self.goldstream("verify");
        assert!(said.starts_with("equal"), "{said}");
    }

    /// How many containers of this service run.
    pub(crate) fn running(&self, service: &str) -> usize {
        self.compose(&format!("ps --quiet --status running {service}")).lines().count()
    }

    /// SIGKILL to one container of this service. Who is killed by hand is not started again.
    pub(crate) fn kill_one(&self, service: &str) {
        let containers = self.compose(&format!("ps --quiet {service}"));
        let container = containers.lines().next().unwrap();
        let killed = Command::new("docker").args(["kill", container]).output().unwrap();
        assert!(killed.status.success(), "{}", String::from_utf8_lossy(&killed.stderr));
    }

    /// Waits until both servers count so many rows.
    pub(crate) fn counts(&self, rows: u64) {
        for address in [&self.first, &self.second] {
            let url = format!("http://{address}/api/v1/accounting");
            eventually(&format!("{rows} rows are counted"), || {
                let (_, body) = http::get(&url)?;
                let accounting: Accounting =
                    serde_json::from_str(&body).map_err(|_| body.clone())?;
                if accounting.rows() == rows { Ok(()) } else { Err(body) }
            });
        }
    }

    /// Posts to the one `serve`.
    pub(crate) fn post(&self, path: &str, body: &Value) {
        let url = format!("http://{}{path}", self.first);
        let answer = http::post(&url, "application/json", &body.to_string());
        assert_eq!(answer.as_ref().map(|(status, _)| *status), Ok(202), "{answer:?}");
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in ["ps --all", "logs --no-color --tail 15"] {
                println!("{}", String::from_utf8_lossy(&self.try_compose(line).stdout));
            }
        }
        self.try_compose("down --volumes --remove-orphans --timeout 5");
    }
}
