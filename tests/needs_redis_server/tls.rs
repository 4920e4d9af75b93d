//! Redis over TLS, with certificates of a test's own: one server, and a cluster.

use crate::harness::home::Home;
use crate::harness::port::free_port;
use crate::harness::redis_cluster::RedisCluster;
use crate::harness::servers::redis_server::RedisServer;
use crate::harness::shop::write;
use goldstream_notify::testing::certificates::Certificates;
use goldstream_platform::conformance::servers;
use std::cell::RefCell;

pub(crate) fn settings(certificates: &Certificates, port: u16, auth_clients: &str) -> Vec<String> {
    let (certificate, key) = (certificates.text("server.pem"), certificates.text("server.key"));
    let line = format!(
        "--tls-port {port} --tls-cert-file {certificate} --tls-key-file {key} --tls-ca-cert-file {} \
         --tls-auth-clients {auth_clients}",
        certificates.text("ca.pem")
    );
    line.split(' ').map(str::to_owned).collect()
}

/// One that is reached over TLS only.
fn server(certificates: &Certificates, auth_clients: &str) -> RedisServer {
    RedisServer::start(|port, _| {
        let plain = ["--port".to_owned(), "0".to_owned()].to_vec();
        [plain, settings(certificates, port, auth_clients)].concat()
    })
}

fn home(url: &str) -> Home {
    let home = Home::on(servers::kafka(), url.to_owned(), "tls");
    write(&home, 20, 200);
    home
}

#[test]
fn a_shop_is_counted_over_tls_by_whom_each_side_trusts() {
    let certificates = Certificates::new();
    let server = server(&certificates, "yes");
    let url = format!("rediss://127.0.0.1:{}", server.port());
    let with_ca = |ca: &str| home(&url).with("GOLDSTREAM_REDIS_CA_FILE", certificates.text(ca));
    let trusted = with_ca("ca.pem")
        .with("GOLDSTREAM_REDIS_CERT_FILE", certificates.text("client.pem"))
        .with("GOLDSTREAM_REDIS_KEY_FILE", certificates.text("client.key"));
    trusted.ok("run shop --once");
    assert_eq!(trusted.accounting().rows(), 220);
    trusted.verify_equal();
    // Who has no certificate to show, who was lied to, and who does not know whom to trust.
    let at = format!("127.0.0.1:{}", server.port());
    for home in [with_ca("ca.pem"), with_ca("other.pem"), home(&url)] {
        home.ask("run shop --once").expect(1).says(&[&at]);
    }
    // No waiting mends that.
    let untrusted = "a certificate that is not trusted";
    with_ca("other.pem").ask("consume all").expect(1).says(&[untrusted, "--redis-ca-file"]);
}

#[test]
fn a_server_of_another_name_or_without_tls_is_refused() {
    let certificates = Certificates::new();
    let server = server(&certificates, "no");
    let ca = certificates.text("ca.pem");
    let at = |host: &str| {
        let url = format!("rediss://{host}:{}", server.port());
        home(&url).with("GOLDSTREAM_REDIS_CA_FILE", ca.clone())
    };
    at("127.0.0.1").ok("run shop --once");
    // The certificate is of an address, not of a name.
    at("localhost").ask("consume all").expect(1).says(&["certificate", "a host that it is for"]);
    let plain = format!("redis://127.0.0.1:{}", server.port());
    home(&plain).ask("run shop --once").expect(1).says(&["redis at 127.0.0.1"]);
    let half = home(&plain).with("GOLDSTREAM_REDIS_CA_FILE", ca.clone());
    half.ask("run shop --once").expect(2).says(&["rediss://"]);
    let no_pem = at("127.0.0.1").with("GOLDSTREAM_REDIS_CERT_FILE", ca.clone());
    no_pem.ask("doctor").expect(2).says(&["--redis-key-file"]);
}

#[test]
fn every_node_of_a_cluster_is_reached_over_tls() {
    let certificates = Certificates::new();
    let ports = RefCell::new(Vec::new());
    let cluster = RedisCluster::of(|_, _| {
        let port = free_port();
        ports.borrow_mut().push(port);
        // Else nodes tell every client their port without TLS.
        let cluster = ["--tls-cluster".to_owned(), "yes".to_owned()];
        [settings(&certificates, port, "no"), cluster.to_vec()].concat()
    });
    let url = format!("rediss://127.0.0.1:{}", ports.borrow()[0]);
    let home = home(&url).with("GOLDSTREAM_REDIS_CA_FILE", certificates.text("ca.pem"));
    home.ok("run shop --once");
    home.verify_equal();
    assert!(cluster.nodes().iter().all(|node| node.type_in(&["DBSIZE"]) != "0"));
}

#[test]
fn a_listener_for_tls_in_the_place_of_kafka_is_named_as_such() {
    let certificates = Certificates::new();
    // Whoever speaks TLS hangs up on who does not, as Kafka's listener does.
    let listener = server(&certificates, "no");
    let home = Home::on(format!("127.0.0.1:{}", listener.port()), servers::redis(), "no-tls");
    write(&home, 2, 2);
    home.ask("produce shop").expect(1).says(&["PLAINTEXT listener", "security.protocol"]);
    let told = home.ask("doctor").expect(3).stdout;
    assert!(told.contains("PLAINTEXT listener"), "{told}");
}
