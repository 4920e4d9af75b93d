//! The same rows through Kafka and Redis, each role a process: what each costs, how soon one purchase
//! is seen, how soon killed consumers count again.

use crate::latency;
use crate::measure::{Cost, Table, cpu_of, peak_memory_bytes, run_once};
use crate::rebuild;
use crate::scaling;
use crate::servers::{Role, Servers};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(600);
const LOOK_PACE: Duration = Duration::from_millis(10);

pub(crate) fn measure(shop: &Path, rows: u64, table: &mut Table) -> Result<()> {
    let servers = Servers::start()?;
    let dir = tempfile::tempdir()?;
    throughput(&servers, shop, rows, dir.path(), table)?;
    one_purchase(&servers, dir.path(), table)?;
    killed_consumers(&servers, dir.path(), table)?;
    scaling::measure(&servers, table)?;
    rebuild::measure(&servers, table)
}

/// Rows from the files to gold, CPU-seconds by process.
fn throughput(
    servers: &Servers,
    shop: &Path,
    rows: u64,
    dir: &Path,
    table: &mut Table,
) -> Result<()> {
    let environment = servers.environment("throughput");
    let lines = ["consume silver", "consume gold", "serve"];
    let mut roles = Vec::new();
    for line in lines {
        roles.push(Role::start(line, &environment, dir)?);
    }
    let address = roles[2].address()?;
    let of_servers = [cpu_of(servers.kafka.0.id())?, cpu_of(servers.redis.0.id())?];
    let began = Instant::now();
    let mut command = Command::new(crate::GOLDSTREAM);
    command.arg("produce").arg(shop).envs(environment.iter().cloned());
    let produce = run_once(command)?;
    wait_counted(&address, |counted| counted >= rows)?;
    let wall_seconds = began.elapsed().as_secs_f64();
    let mut costs = vec![("produce", produce)];
    for (line, role) in lines.into_iter().zip(&roles) {
        let peak_bytes = peak_memory_bytes(role.pid()).unwrap_or(0);
        costs.push((line, Cost { cpu_seconds: cpu_of(role.pid())?, wall_seconds, peak_bytes }));
    }
    let total: f64 = costs.iter().map(|(_, cost)| cost.cpu_seconds).sum();
    let name = "Kafka + Redis";
    table.add(&format!("{name}: rows per CPU-second of goldstream"), (rows as f64 / total) as u64);
    table.add(&format!("{name}: wall seconds"), format!("{wall_seconds:.1}"));
    for (role, cost) in &costs {
        table.add(&format!("{name}: {role}, CPU-seconds"), format!("{:.2}", cost.cpu_seconds));
        table.add(&format!("{name}: {role}, peak memory, MB"), cost.peak_bytes / 1_000_000);
    }
    for (server, pid, before) in [
        ("broker", servers.kafka.0.id(), of_servers[0]),
        ("Redis server", servers.redis.0.id(), of_servers[1]),
    ] {
        let cpu_seconds = cpu_of(pid)? - before;
        table.add(&format!("{name}: {server}, CPU-seconds"), format!("{cpu_seconds:.2}"));
    }
    Ok(())
}

/// One purchase at a time on idle processes.
fn one_purchase(servers: &Servers, dir: &Path, table: &mut Table) -> Result<()> {
    let environment = servers.environment("latency");
    std::fs::write(dir.join("achats.csv"), "id_achat,id_client,date_achat,montant,produit\n")?;
    let mut roles = Vec::new();
    for line in ["serve", "consume silver", "consume gold", "produce . --follow"] {
        roles.push(Role::start(line, &environment, dir)?);
    }
    let address = roles[0].address()?;
    wait_counted(&address, |_| true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let times = runtime.block_on(latency::purchases(&dir.join("achats.csv"), &address))?;
    latency::tell("Kafka + Redis, one purchase, idle", times, table);
    Ok(())
}

/// Kills both consumers and starts them again: how long until rows are counted that were not before.
fn killed_consumers(servers: &Servers, dir: &Path, table: &mut Table) -> Result<()> {
    let environment = servers.environment("restart");
    crate::data::write(dir, 200_000)?;
    let mut server = Role::start("serve", &environment, dir)?;
    let address = server.address()?;
    let consumers = ["consume silver", "consume gold"];
    let start = || -> Result<Vec<Role>> {
        consumers.iter().map(|line| Role::start(line, &environment, dir)).collect()
    };
    let mut running = start()?;
    let _producer = Role::start("produce . --rate 5000 --follow", &environment, dir)?;
    let mut worst = Duration::ZERO;
    for round in 1..=3 {
        wait_counted(&address, |counted| counted >= round * 20_000)?;
        for consumer in &mut running {
            consumer.process.kill()?;
        }
        let before = counted(&address)?;
        let began = Instant::now();
        running = start()?;
        wait_counted(&address, |counted| counted > before)?;
        worst = worst.max(began.elapsed());
    }
    table.add(
        "Kafka + Redis: both consumers killed and restarted, counting again, ms, worst of 3",
        worst.as_millis(),
    );
    Ok(())
}

pub(crate) fn counted(address: &str) -> Result<u64> {
    let url = format!("http://{address}/api/v1/accounting");
    let body = ureq::get(url).call()?.body_mut().read_to_string()?;
    let accounting: Value = serde_json::from_str(&body)?;
    let number = |name: &str| accounting[name].as_u64().unwrap_or(0);
    let quarantined = accounting["quarantined"].as_object().context("no accounting")?;
    let quarantined: u64 = quarantined.values().filter_map(Value::as_u64).sum();
    let counted = number("accepted_purchases") + number("duplicate_purchases");
    Ok(counted + number("customer_versions") + quarantined)
}

pub(crate) fn wait_counted(address: &str, holds: impl Fn(u64) -> bool) -> Result<()> {
    let began = Instant::now();
    loop {
        let now = counted(address);
        if now.as_ref().is_ok_and(|now| holds(*now)) {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "rows are not counted; last {now:?}");
        sleep(LOOK_PACE);
    }
}
