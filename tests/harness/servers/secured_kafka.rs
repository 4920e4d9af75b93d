//! A Kafka of this machine with TLS, logins and rights, whose administrator comes over a plain listener. Not one of
//! those that `make test-containers` has in containers.

use super::super::port::free_port;
use super::own::{Kind, Own};
use super::process::Process;
use goldstream_notify::testing::certificates::Certificates;
use std::path::Path;
use std::process::Command;

pub(crate) struct SecuredKafka {
    own: Own,
    sasl_port: u16,
    tls_port: u16,
}

impl SecuredKafka {
    /// Starts one; `user` may log in by PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.
    pub(crate) fn start(certificates: &Certificates, user: &str, password: &str) -> Self {
        let (sasl_port, tls_port) = (free_port(), free_port());
        let directory = certificates.path("").to_str().unwrap().to_owned();
        let own = Own::start_held(Kind::Kafka, |dir, port| {
            let environment = [
                ("KAFKA_CERTIFICATES", directory.clone()),
                ("KAFKA_SASL_SSL_PORT", sasl_port.to_string()),
                ("KAFKA_SSL_PORT", tls_port.to_string()),
                ("KAFKA_PLAIN_USERS", format!("user_{user}=\"{password}\"")),
            ];
            Box::new(Process::new(Kind::Kafka, dir, port).with(environment))
        });
        let this = Self { own, sasl_port, tls_port };
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let credential = format!("{mechanism}=[password={password}]");
            let of_user = ["--entity-type", "users", "--entity-name", user];
            this.tool(
                &[&["configs", "--alter", "--add-config", &credential], &of_user[..]].concat(),
            );
        }
        this
    }

    /// Where its administrator comes in, without TLS.
    pub(crate) fn plain(&self) -> String {
        self.own.address()
    }

    /// Where a login over TLS is wanted.
    pub(crate) fn sasl_ssl(&self) -> String {
        format!("127.0.0.1:{}", self.sasl_port)
    }

    /// Where a certificate is wanted.
    pub(crate) fn ssl(&self) -> String {
        format!("127.0.0.1:{}", self.tls_port)
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.own.kill();
    }

    /// Starts it again on its ports and its data.
    pub(crate) fn restart(&mut self) {
        self.own.restart();
    }

    /// A tool of the Java client, as its administrator.
    pub(crate) fn tool(&self, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/kafka-tool.sh");
        let mut command = Command::new(script);
        command.args(arguments).env("GOLDSTREAM_TEST_KAFKA", self.plain());
        let output = command.env_remove("GOLDSTREAM_TEST_KAFKA_CONTAINER").output();
        let output = output.expect("scripts/kafka-tool.sh can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
    }
}
