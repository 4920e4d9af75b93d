//! Every way to log in to Kafka, and every way to be refused, each with its sentence.

use super::{Company, PASSWORD, USER};
use crate::harness::home::Home;
use crate::harness::pages::block;
use crate::harness::process::wait_for_end;
use crate::harness::shop::{PURCHASES, lines, purchase, write};
use crate::harness::wait::eventually;
use goldstream_platform::conformance::servers;

/// Every command does its work, and none shows the password.
fn works(home: &Home) {
    write(home, 20, 200);
    for line in ["run shop --once", "export gold", "verify", "status", "doctor", "reset --yes"] {
        let answer = home.ask(line).expect(0);
        let said = format!("{}{}", answer.stdout, answer.stderr);
        assert!(!said.contains(PASSWORD), "{line} shows the password");
        assert!(!said.contains("lacks a right"), "{line}: {said}");
    }
}

#[test]
fn a_shop_is_counted_by_every_way_to_log_in() {
    let company = Company::new();
    for mechanism in ["PLAIN", "SCRAM-SHA-256"] {
        works(&company.home_by(mechanism).with("GOLDSTREAM_LOG", "trace"));
    }
    // As the documents show it.
    let home = company.allowed(Home::on(company.kafka.sasl_ssl(), servers::redis(), "page"));
    let (ca, password) = (company.certificates.text("ca.pem"), home.path("password"));
    home.write("password", PASSWORD);
    let table = block("docs/servers.md", "toml");
    let table = table.replace("/etc/ssl/company-ca.pem", &ca);
    home.write(
        "goldstream.toml",
        table.replace("/run/secrets/kafka-password", password.to_str().unwrap()),
    );
    works(&home);
    let token = company
        .home_by("OAUTHBEARER")
        .with("GOLDSTREAM_KAFKA_ENABLE_SASL_OAUTHBEARER_UNSECURE_JWT", "true")
        .with("GOLDSTREAM_KAFKA_SASL_OAUTHBEARER_CONFIG", format!("principal={USER}"));
    works(&token);
    // A certificate is a login of its own; the broker takes its common name for the user.
    let certificates = &company.certificates;
    let home = Home::on(company.kafka.ssl(), servers::redis(), "mutual");
    home.write(
        "goldstream.toml",
        format!(
            "[kafka]\nsecurity.protocol = \"SSL\"\nssl.ca.location = {:?}\n\
             ssl.certificate.location = {:?}\nssl.key.location = {:?}\n",
            certificates.text("ca.pem"),
            certificates.text("client.pem"),
            certificates.text("client.key"),
        ),
    );
    company.allow(&home, USER, "client");
    works(&home);
}

#[test]
fn who_may_only_look_can_serve_but_not_count() {
    let company = Company::new();
    let home = company.home_by("SCRAM-SHA-512");
    write(&home, 20, 200);
    home.ok("run shop --once");
    let certificates = &company.certificates;
    company.allow(&home, "looks", "client");
    let looks = |line: &str| {
        let mut command = home.command(line);
        command.env("GOLDSTREAM_KAFKA", company.kafka.ssl());
        command.env("GOLDSTREAM_KAFKA_SECURITY_PROTOCOL", "SSL");
        command.env("GOLDSTREAM_KAFKA_SSL_CERTIFICATE_LOCATION", certificates.text("client.pem"));
        command.env("GOLDSTREAM_KAFKA_SSL_KEY_LOCATION", certificates.text("client.key"));
        command
    };
    for line in ["export gold", "verify", "status", "doctor"] {
        wait_for_end(looks(line).spawn().unwrap(), line).expect(0);
    }
    // While somebody counts, so that there are groups to be in.
    let mut counting = home.start("run shop").ready();
    counting.counts(220);
    let prefix = home.variable("GOLDSTREAM_PREFIX");
    eventually("rights that are missing are named", || {
        let told = wait_for_end(looks("doctor").spawn().unwrap(), "doctor").expect(0).stdout;
        let words = [
            "only a rebuild needs it".to_owned(),
            "lacks what counting needs".to_owned(),
            format!("Write on topic {prefix}.bronze.purchases"),
            format!("Read on group {prefix}-gold-4"),
        ];
        if words.iter().all(|words| told.contains(words)) { Ok(()) } else { Err(told) }
    });
    // What was sent to see whether it may be written is nowhere.
    assert!(home.ok("doctor").contains("may read and write the topics, and be in the groups"));
    assert_eq!(home.ok("export bronze --format ndjson").lines().count(), 220);
    assert_eq!(counting.end("TERM"), Some(0));
    home.write("shop/achats.csv", PURCHASES.to_owned() + &lines(purchase, 0..300));
    // It may be permitted a moment later, so it is waited for.
    let running = home.run(looks("run shop"));
    eventually("it says what it may not", || {
        let said = running.said();
        let told = said.contains("lacks a right") && said.contains("docs/servers.md");
        if told { Ok(()) } else { Err(said) }
    });
    assert!(matches!(running.end("TERM"), Some(0 | 1)));
}

#[test]
fn whatever_keeps_somebody_out_is_told_in_a_sentence_and_not_waited_for() {
    let company = Company::new();
    let secured = || company.stranger("SCRAM-SHA-512", servers::redis());
    let plain = Home::on(company.kafka.plain(), servers::redis(), "plain");
    let without_tls = secured().with("GOLDSTREAM_KAFKA", company.kafka.plain());
    let no_certificate = secured()
        .with("GOLDSTREAM_KAFKA", company.kafka.ssl())
        .with("GOLDSTREAM_KAFKA_SECURITY_PROTOCOL", "SSL");
    let wrong_password = secured();
    wrong_password.write("password", "hushhush\n");
    let other = company.certificates.text("other.pem");
    let by_name = company.kafka.sasl_ssl().replace("127.0.0.1", "localhost");
    for (home, sentence) in [
        (wrong_password, "the login of user goldstream by SCRAM-SHA-512 is refused"),
        (secured().with("GOLDSTREAM_KAFKA_SASL_USERNAME", "nobody"), "the login of user nobody"),
        (secured().with("GOLDSTREAM_KAFKA_SASL_MECHANISM", "GSSAPI"), "GSSAPI"),
        (secured().with("GOLDSTREAM_KAFKA_SSL_CA_LOCATION", other), "ssl.ca.location must name"),
        (secured().with("GOLDSTREAM_KAFKA", by_name), "the host that --kafka names"),
        (no_certificate, "wants a certificate of its clients"),
        // Nobody gave him a right, and there is no topic that he could see.
        (secured(), "lacks a right"),
    ] {
        write(&home, 2, 2);
        let answer = home.ask("consume all").expect(1).says(&[sentence]);
        let told = home.ask("doctor").expect(3);
        assert!(told.stdout.contains(sentence), "{}", told.stdout);
        for text in [answer.stdout, answer.stderr, told.stdout, told.stderr] {
            assert!(!text.contains("hushhush") && !text.contains(PASSWORD), "{text}");
        }
    }
    // It may be a broker that is going away, so it is waited for, with the hint.
    write(&without_tls, 2, 2);
    without_tls.ask("consume all --fail-fast").expect(1).says(&["does not speak TLS"]);
    // Whoever comes without TLS is told what to set; the plain listener takes him.
    let hint = Home::on(company.kafka.sasl_ssl(), servers::redis(), "hint");
    write(&hint, 2, 2);
    hint.ask("consume all --fail-fast").expect(1).says(&["security.protocol", "SASL_SSL"]);
    write(&plain, 2, 2);
    plain.ok("run shop --once");
}

#[test]
fn properties_are_refused_before_anything_is_asked() {
    let home = || Home::on("127.0.0.1:1".to_owned(), servers::redis(), "property");
    let refused = |line: &str| home().ask(line).expect(2);
    refused("doctor -X acks=1").says(&["acks", "in-sync copies"]);
    refused("doctor -X sasl.pasword.file=x")
        .says(&["cannot read x", "which sasl.pasword.file names"]);
    refused("doctor -X linger.msec=5").says(&[
        "linger.msec",
        "No such configuration property",
        "GOLDSTREAM_KAFKA_LINGER_MSEC",
    ]);
    let said = refused("doctor -X sasl.password=hushhush").says(&["sasl.password.file"]).stderr;
    assert!(!said.contains("hushhush"), "{said}");
    // Where only a consumer has something against it, it is not waited for either.
    let there = Home::on_servers("property");
    there.ask("consume all -X fetch.max.bytes=1000").expect(1).says(&["do not go together"]);
    let variable = home().with("GOLDSTREAM_KAFKA_SESSION_TIMEOUT_MS", "1");
    variable.ask("doctor").expect(2).says(&["session.timeout.ms", "--prefix"]);
    let half = home().with("GOLDSTREAM_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT");
    let half = half.with("GOLDSTREAM_KAFKA_SASL_MECHANISM", "PLAIN");
    half.ask("doctor").expect(3);
    half.ask("consume all").expect(1).says(&["do not go together", "sasl.username"]);
}
