//! REST while 3,000 sockets stand that send nothing, or not all: how long an answer over a new connection
//! takes beside them.

use crate::data;
use crate::measure::{Table, quantile};
use crate::serving::Serving;
use anyhow::Result;
use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

const SOCKETS: usize = 3_000;
const PURCHASES: u64 = 1_000;
const WARM_UP: usize = 200;
const ASKED: usize = 2_000;
const HALF_HEAD: &[u8] = b"GET /api/v1/summary HTTP/1.1\r\nHost: localhost\r\nX-a: ";
const HALF_BODY: &[u8] = b"POST /api/v1/purchases HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[";
const SLOW: [(&str, &[u8]); 3] =
    [("silent", b""), ("half heads", HALF_HEAD), ("half bodies", HALF_BODY)];

pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let dir = tempfile::tempdir()?;
    data::write(dir.path(), PURCHASES)?;
    let serving = Serving::of(dir.path())?;
    ask(&serving, "no slow sockets", table)?;
    for (kind, said) in SLOW {
        let held = hold(&serving.address, said)?;
        ask(&serving, &format!("{SOCKETS} sockets: {kind}"), table)?;
        drop(held);
    }
    Ok(())
}

fn hold(address: &str, said: &[u8]) -> Result<Vec<TcpStream>> {
    let open = |_| -> Result<TcpStream> {
        let mut socket = TcpStream::connect(address)?;
        socket.write_all(said)?;
        Ok(socket)
    };
    (0..SOCKETS).map(open).collect()
}

fn ask(serving: &Serving, beside: &str, table: &mut Table) -> Result<()> {
    for route in ["/api/v1/summary", "/healthz"] {
        let url = format!("http://{}{route}", serving.address);
        let mut micros = Vec::with_capacity(ASKED);
        for number in 0..WARM_UP + ASKED {
            let (agent, began) = (ureq::Agent::new_with_defaults(), Instant::now());
            agent.get(&url).call()?.body_mut().read_to_vec()?;
            if number >= WARM_UP {
                micros.push(began.elapsed().as_secs_f64() * 1_000_000.0);
            }
        }
        micros.sort_by(f64::total_cmp);
        let [p50, p99] = [50, 99].map(|hundredths| quantile(&micros, hundredths) as u64);
        table.add(&format!("{beside}: GET {route}: p50, p99 µs"), format!("{p50}, {p99}"));
    }
    Ok(())
}
