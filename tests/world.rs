//! A world that does to followed files whatever people and programs do: it rotates, rewrites, edits, swaps,
//! truncates, locks, deletes them, puts other things in their place and kills who follows them. Every line that
//! ever stood in them for two seconds is counted, once.

use crate::harness::chaos::{self, Toll};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::oracle::Oracle;
use crate::harness::process::Running;
use crate::harness::shop::{CUSTOMERS, PURCHASES, append};
use crate::harness::wait::eventually;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The promise: what stood so long is counted.
const STANDS: Duration = Duration::from_secs(2);

/// What leads to a file.
#[derive(Clone, Copy, PartialEq)]
enum Link {
    None,
    OfFile,
    OfFolder,
}

/// One followed file.
struct Place {
    path: PathBuf,
    link: Link,
    is_of_customers: bool,
    /// The rest of a line whose beginning stands there.
    rest: String,
}

impl Place {
    fn header(&self) -> &'static str {
        if self.is_of_customers { CUSTOMERS } else { PURCHASES }
    }
}

struct World {
    home: Home,
    draw: Draw,
    places: Vec<Place>,
    next: u64,
    customers: BTreeSet<String>,
    purchases: BTreeSet<String>,
    running: Option<Running>,
    toll: Toll,
    /// For minutes, by the clock; else as soon as all is counted.
    is_long: bool,
}

const RUN: &str = "run --customers w/clients.csv --purchases w/achats.csv --purchases w/link.csv \
                   --purchases w/now/achats.csv";

impl World {
    fn new() -> Self {
        let home = Home::new();
        fs::create_dir_all(home.path("w")).unwrap();
        let place = |path: &str, link, is_of_customers| Place {
            path: home.path("w").join(path),
            link,
            is_of_customers,
            rest: String::new(),
        };
        let places = vec![
            place("clients.csv", Link::None, true),
            place("achats.csv", Link::None, false),
            place("link.csv", Link::OfFile, false),
            place("now/achats.csv", Link::OfFolder, false),
        ];
        let mut world = Self {
            home,
            draw: Draw::announced("world"),
            places,
            next: 0,
            customers: BTreeSet::new(),
            purchases: BTreeSet::new(),
            running: None,
            toll: Toll::of("files changed under who follows them, and who follows them killed"),
            is_long: chaos::times(1) > 1,
        };
        (0..world.places.len()).for_each(|at| world.set_anew(at));
        world.running = Some(world.home.start(RUN).ready());
        world.stand();
        world
    }

    /// Some lines that never stood anywhere.
    fn lines(&mut self, at: usize) -> String {
        let count = 1 + self.draw.below(40);
        (0..count).map(|_| self.line(at)).collect()
    }

    fn line(&mut self, at: usize) -> String {
        let number = self.next;
        self.next += 1;
        if self.places[at].is_of_customers {
            let country = ["France", "Espagne", "", "Italie"][self.draw.below(4) as usize];
            let line =
                format!("C{number:06},\"Client, {number}\",c{number}@x.fr,2024-01-05,{country}\n");
            self.customers.insert(line.clone());
            return line;
        }
        let (customer, product) = (self.draw.below(60), self.draw.below(9));
        let (day, euros) = (1 + self.draw.below(28), self.draw.below(500));
        let line = format!(
            "A{number:06},C{customer:06},2024-03-{day:02} 10:00:00,{euros}.50,P{product}\n"
        );
        self.purchases.insert(line.clone());
        line
    }

    fn pause(&mut self, at_most_ms: u64) {
        // The length is drawn: nothing is waited for.
        std::thread::sleep(Duration::from_millis(self.draw.below(at_most_ms)));
    }

    /// Another file under the name, with other lines.
    fn set_anew(&mut self, at: usize) {
        let text = self.places[at].header().to_owned() + &self.lines(at);
        let (path, number) = (self.places[at].path.clone(), self.next);
        let (name, beside) = (path.file_name().unwrap().to_owned(), self.home.path("w/beside"));
        match self.places[at].link {
            Link::None => {
                fs::write(&beside, text).unwrap();
                fs::rename(&beside, &path).unwrap();
            }
            Link::OfFile => {
                let target = self.home.path("w").join(format!("target-{number}.csv"));
                fs::write(&target, text).unwrap();
                symlink(&target, &beside).unwrap();
                fs::rename(&beside, &path).unwrap();
            }
            Link::OfFolder => {
                let target = self.home.path("w").join(format!("release-{number}"));
                fs::create_dir(&target).unwrap();
                fs::write(target.join(name), text).unwrap();
                symlink(&target, &beside).unwrap();
                fs::rename(&beside, path.parent().unwrap()).unwrap();
            }
        }
    }

    /// The file that is read now, whatever leads there.
    fn real(&self, at: usize) -> PathBuf {
        self.places[at].path.canonicalize().unwrap()
    }

    /// Does one thing to one file.
    fn act(&mut self, at: usize) {
        let rest = std::mem::take(&mut self.places[at].rest);
        if !rest.is_empty() {
            append(&self.places[at].path, rest);
        }
        match self.draw.below(13) {
            0..=2 => self.append(at),
            3 => self.append_half(at),
            4 | 5 => self.rotate(at),
            6 => self.set_anew(at),
            7 => self.rewrite_in_place(at),
            8 => self.edit_in_place(at),
            9 => self.truncate(at),
            10 => self.lock(at),
            11 => self.delete(at),
            _ => self.put_something_else(at),
        }
        self.toll.struck();
    }

    fn append(&mut self, at: usize) {
        let lines = self.lines(at);
        append(&self.places[at].path, lines);
    }

    fn append_half(&mut self, at: usize) {
        let lines = self.lines(at);
        let cut = self.draw.below(lines.len() as u64) as usize;
        append(&self.places[at].path, &lines[..cut]);
        self.places[at].rest = lines[cut..].to_owned();
        self.pause(300);
        let rest = std::mem::take(&mut self.places[at].rest);
        append(&self.places[at].path, rest);
    }

    /// As logrotate does: the last lines come right before.
    fn rotate(&mut self, at: usize) {
        self.append(at);
        let real = self.real(at);
        fs::rename(&real, real.with_extension(format!("csv.{}", self.next))).unwrap();
        self.pause(400);
        let text = self.places[at].header().to_owned() + &self.lines(at);
        fs::write(&real, text).unwrap();
    }

    /// The same file with other lines: more of them, fewer, or as many bytes.
    fn rewrite_in_place(&mut self, at: usize) {
        let path = self.places[at].path.clone();
        if self.draw.below(2) == 0 {
            let text = self.places[at].header().to_owned() + &self.lines(at);
            return fs::write(&path, text).unwrap();
        }
        let text = fs::read_to_string(&path).unwrap();
        let count = text.lines().count() - 1;
        let header = self.places[at].header();
        let same: String = (0..count).map(|_| self.line(at)).collect();
        fs::write(&path, header.to_owned() + &same).unwrap();
    }

    /// One sign of a line somewhere in the middle.
    fn edit_in_place(&mut self, at: usize) {
        let path = self.places[at].path.clone();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let chosen = 1 + self.draw.below(lines.len() as u64 - 1) as usize;
        let from: usize = lines[..chosen].iter().map(|line| line.len()).sum();
        let id = if lines[chosen].starts_with(['A', 'C']) { "E" } else { "F" };
        let edited = id.to_owned() + &lines[chosen][1..];
        match self.places[at].is_of_customers {
            true => self.customers.insert(edited),
            false => self.purchases.insert(edited),
        };
        let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(from as u64)).unwrap();
        file.write_all(id.as_bytes()).unwrap();
    }

    /// As copytruncate does, the header coming at once, late, or after something that is none.
    fn truncate(&mut self, at: usize) {
        let path = self.places[at].path.clone();
        fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
        self.pause(400);
        if self.draw.below(2) == 0 {
            append(&path, "no,header\n");
            self.pause(1_500);
            fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap();
        }
        append(&path, self.places[at].header());
        self.pause(200);
        self.append(at);
    }

    fn lock(&mut self, at: usize) {
        let path = self.real(at);
        fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
        self.pause(1_500);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        self.append(at);
    }

    fn delete(&mut self, at: usize) {
        fs::remove_file(self.real(at)).unwrap();
        self.pause(1_500);
        // A link must not lead nowhere for `set_anew` to replace it.
        self.set_anew(at);
    }

    /// A file of another kind, a folder, a pipe without a writer.
    fn put_something_else(&mut self, at: usize) {
        let real = self.real(at);
        fs::remove_file(&real).unwrap();
        match self.draw.below(3) {
            0 => fs::write(&real, "nom,prix\nthé,3\n").unwrap(),
            1 => fs::create_dir(&real).unwrap(),
            _ => assert!(Command::new("mkfifo").arg(&real).status().unwrap().success()),
        }
        self.pause(1_500);
        if real.is_dir() {
            fs::remove_dir(&real).unwrap();
        }
        self.set_anew(at);
    }

    fn running(&mut self) -> &mut Running {
        self.running.as_mut().unwrap()
    }

    /// All that stands in the files stands there long enough.
    fn stand(&mut self) {
        if self.is_long {
            self.running().wait_until_ready();
            return std::thread::sleep(STANDS);
        }
        self.wait_until_counted();
    }

    fn wait_until_counted(&mut self) {
        let expected = (self.customers.len() as u64, self.purchases.len() as u64);
        let running = self.running.as_mut().unwrap();
        eventually(&format!("{expected:?} customers and orders are counted"), || {
            let summary: Value = serde_json::from_str(&running.get("/api/v1/summary")).unwrap();
            let [customers, orders] =
                ["customers", "orders"].map(|name| summary[name].as_u64().unwrap());
            let is_it = (customers, orders) == expected;
            if is_it { Ok(()) } else { Err(format!("{summary} {}", running.said())) }
        });
    }

    fn kill(&mut self) {
        self.running.take().unwrap().kill();
        self.toll.struck();
        self.running = Some(self.home.start(RUN));
    }

    /// Gold is that of a batch over all lines, by goldstream and by a plain one.
    fn check(mut self) {
        let mut toll = Toll::of("a world at rest");
        toll.recovers(|| self.wait_until_counted());
        assert_eq!(self.running.take().unwrap().end("TERM"), Some(0));
        self.home.verify_equal();
        let files = RUN.strip_prefix("run ").unwrap();
        let said = self.home.ok(&format!("verify {files}"));
        assert!(said.contains("rows stand in bronze"), "{said}");
        let text = |header: &str, lines: &BTreeSet<String>| {
            header.to_owned() + &lines.iter().map(String::as_str).collect::<String>()
        };
        self.home.write("all/clients.csv", text(CUSTOMERS, &self.customers));
        self.home.write("all/achats.csv", text(PURCHASES, &self.purchases));
        self.home.ok("run all --once --data-dir batch");
        let gold = |line: &str| {
            let mut gold: Value = serde_json::from_str(&self.home.ok(line)).unwrap();
            // What was read again is counted as that.
            gold.as_object_mut().unwrap().remove("accounting");
            gold
        };
        assert_eq!(gold("export gold"), gold("export gold --data-dir batch"));
        let oracle =
            Oracle::of(&self.home.path("all/clients.csv"), &self.home.path("all/achats.csv"));
        let table = |name: &str| -> Value {
            serde_json::from_str(&self.home.ok(&format!("export {name}"))).unwrap()
        };
        assert_eq!(table("summary"), oracle.summary());
        assert_eq!(table("countries"), oracle.countries());
        assert_eq!(table("weekdays"), oracle.weekdays());
    }
}

#[test]
fn every_line_that_stood_in_followed_files_for_two_seconds_is_counted_once_whatever_was_done_to_them()
 {
    let mut world = World::new();
    let acts = if world.is_long { chaos::times(15) } else { 40 };
    for _ in 0..acts {
        let at = world.draw.below(world.places.len() as u64) as usize;
        if world.draw.below(5) == 0 {
            world.kill();
            world.stand();
        }
        world.act(at);
        if world.draw.below(4) == 0 {
            let other = world.draw.below(world.places.len() as u64) as usize;
            if other != at {
                world.act(other);
            }
        }
        world.stand();
    }
    world.check();
}
