//! A Redis with a replica and three sentinels of a scenario's own, over TLS: the sentinels want a password, and an
//! administrator comes to the two servers over ports without TLS.

use super::port::free_port;
use super::servers::redis_server::{RedisServer, type_in_at};
use super::wait::eventually;
use goldstream_notify::testing::certificates::Certificates;

/// How the sentinels call the master.
const NAME: &str = "shop";

pub(crate) struct RedisSentinel {
    servers: [Server; 2],
    sentinels: Vec<RedisServer>,
}

struct Server {
    held: RedisServer,
    /// Of its administrator.
    plain: u16,
}

fn tls(certificates: &Certificates, port: u16) -> Vec<String> {
    let (certificate, key) = (certificates.text("server.pem"), certificates.text("server.key"));
    let line = format!(
        "--tls-port {port} --tls-cert-file {certificate} --tls-key-file {key} --tls-ca-cert-file {} \
         --tls-auth-clients yes --tls-replication yes",
        certificates.text("ca.pem")
    );
    line.split(' ').map(str::to_owned).collect()
}

impl RedisSentinel {
    /// Starts all five and waits until every sentinel knows the others and the replica.
    pub(crate) fn start(certificates: &Certificates, password: &str) -> Self {
        let servers = [0, 1].map(|_| {
            let plain = free_port();
            let held = RedisServer::start(|port, _| {
                let administrator = ["--port".to_owned(), plain.to_string()].to_vec();
                [administrator, tls(certificates, port)].concat()
            });
            Server { held, plain }
        });
        let master = servers[0].held.port().to_string();
        servers[1].ok(&["REPLICAOF", "127.0.0.1", &master]);
        let settings = format!(
            "port 0\nrequirepass {password}\nsentinel monitor {NAME} 127.0.0.1 {master} 2\n\
             sentinel down-after-milliseconds {NAME} 1000\nsentinel failover-timeout {NAME} 6000\n"
        );
        let sentinel = |_| {
            RedisServer::start_sentinel(|port, dir| {
                // It writes into its file what it learns.
                let path = dir.join("sentinel.conf");
                std::fs::write(&path, &settings).unwrap();
                [vec![path.to_str().unwrap().to_owned()], tls(certificates, port)].concat()
            })
        };
        let this = Self { servers, sentinels: (0..3).map(sentinel).collect() };
        let ask = |sentinel: &RedisServer| {
            sentinel.type_in_over_tls(certificates, password, &["SENTINEL", "MASTER", NAME])
        };
        for sentinel in &this.sentinels {
            eventually("the sentinels know each other and the replica", || {
                let told = ask(sentinel);
                let words: Vec<_> = told.lines().collect();
                let of = |name| words.windows(2).find(|pair| pair[0] == name).map(|pair| pair[1]);
                let knows = (of("num-slaves"), of("num-other-sentinels"), of("flags"));
                if knows == (Some("1"), Some("2"), Some("master")) { Ok(()) } else { Err(told) }
            });
        }
        this
    }

    /// The setting of who comes as `user`.
    pub(crate) fn url(&self, user: &str) -> String {
        let at: Vec<_> =
            self.sentinels.iter().map(|it| format!("127.0.0.1:{}", it.port())).collect();
        format!("rediss-sentinel://{user}@{}#{NAME}", at.join(","))
    }

    /// The server that was the master at first, 0, or the other one.
    pub(crate) fn type_in(&self, number: usize, words: &[&str]) -> String {
        type_in_at(self.servers[number].plain, words)
    }

    /// On both, for what is not replicated.
    pub(crate) fn ok(&self, words: &[&str]) {
        self.servers.iter().for_each(|server| server.ok(words));
    }

    /// Cuts this replica off: what is written from now on it does not have. Sentinels would mend that after 8 s.
    pub(crate) fn cut_off(&self, replica: usize) {
        self.servers[replica].ok(&["REPLICAOF", "127.0.0.1", "1"]);
    }

    /// SIGKILL of this master, and waits until the other one is the master.
    pub(crate) fn fail_over(&mut self, master: usize) {
        self.servers[master].held.kill();
        eventually("the replica is the master", || {
            let role = self.type_in(1 - master, &["ROLE"]);
            if role.starts_with("master") { Ok(()) } else { Err(role) }
        });
    }

    /// A master of before comes back, with what it had, and is made a replica that follows.
    pub(crate) fn comes_back(&mut self, number: usize) {
        self.servers[number].held.restart();
        eventually("the master of before is a replica", || {
            let info = self.type_in(number, &["INFO", "replication"]);
            let follows = info.contains("role:slave") && info.contains("master_link_status:up");
            if follows { Ok(()) } else { Err(info) }
        });
    }

    /// SIGKILL of one of the sentinels: two are enough.
    pub(crate) fn kill_a_sentinel(&mut self) {
        self.sentinels[0].kill();
    }
}

impl Server {
    fn ok(&self, words: &[&str]) {
        assert_eq!(type_in_at(self.plain, words), "OK", "{words:?}");
    }
}
