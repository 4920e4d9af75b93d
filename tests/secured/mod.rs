//! Kafka and Redis as companies have them: TLS, logins, and users with no more rights than the documents name.

mod kafka;
mod retail;

use crate::harness::home::Home;
use crate::harness::servers::secured_kafka::SecuredKafka;
use goldstream_notify::testing::certificates::Certificates;
use goldstream_platform::conformance::servers;

const USER: &str = "goldstream";
const PASSWORD: &str = "tr0ub4dor";

/// A Kafka, who signed its certificates, and one Redis.
struct Company {
    certificates: Certificates,
    kafka: SecuredKafka,
}

impl Company {
    fn new() -> Self {
        let certificates = Certificates::new();
        let kafka = SecuredKafka::start(&certificates, USER, PASSWORD);
        Self { certificates, kafka }
    }

    /// A home whose commands log in, by this mechanism, with the rights that the documents give their user.
    fn home(&self, mechanism: &str, redis: String) -> Home {
        self.allowed(self.stranger(mechanism, redis))
    }

    /// A home whose user has his rights.
    fn allowed(&self, home: Home) -> Home {
        self.allow(&home, USER, USER);
        home
    }

    /// Gives `principal` the rights that the documents give `user`, for the prefix of a home.
    fn allow(&self, home: &Home, user: &str, principal: &str) {
        for line in rights(home, user) {
            let line = line.replace(&format!("User:{user} "), &format!("User:{principal} "));
            self.kafka.tool(&line.split_whitespace().collect::<Vec<_>>());
        }
    }

    /// The same of whom nobody gave a right.
    fn stranger(&self, mechanism: &str, redis: String) -> Home {
        if !cfg!(feature = "kafka-tls") {
            panic!(
                "goldstream was built without TLS for Kafka: `make test` builds it with OpenSSL's headers there, or cargo \
                 test --features kafka-tls"
            );
        }
        let home = Home::on(self.kafka.sasl_ssl(), redis, "secured");
        home.write("password", format!("{PASSWORD}\n"));
        home.with("GOLDSTREAM_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
            .with("GOLDSTREAM_KAFKA_SSL_CA_LOCATION", self.certificates.text("ca.pem"))
            .with("GOLDSTREAM_KAFKA_SASL_MECHANISM", mechanism)
            .with("GOLDSTREAM_KAFKA_SASL_USERNAME", USER)
            .with("GOLDSTREAM_KAFKA_SASL_PASSWORD_FILE", "password")
    }

    /// One on the Redis that all tests share.
    fn home_by(&self, mechanism: &str) -> Home {
        self.home(mechanism, servers::redis())
    }
}

/// The lines of docs/servers.md that give a user his rights on Kafka, for a home's prefix, as arguments of the tool.
fn rights(home: &Home, user: &str) -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/servers.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mine = format!("--allow-principal User:{user} ");
    let lines = text.lines().filter(|line| line.starts_with("kafka-acls") && line.contains(&mine));
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    let lines: Vec<_> = lines
        .map(|line| {
            let line = line.split_once("HOST:PORT ").unwrap().1;
            let line = line.replace("--topic goldstream.", &format!("--topic {prefix}."));
            format!("acls {}", line.replace("--group goldstream-", &format!("--group {prefix}-")))
        })
        .collect();
    assert!(lines.len() >= 2, "docs/servers.md gives {user} {} rights", lines.len());
    lines
}
