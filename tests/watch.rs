//! `goldstream watch` from outside: frames, lines, the live table; lost servers, readers that go.

use crate::harness::home::{DATA, Home};
use crate::harness::process::{Running, wait_for_end};
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{ChildStdout, Command};

/// A shop of 5 customers and 20 purchases, counted.
fn shop() -> (Home, Running) {
    let home = Home::new();
    write(&home, 5, 20);
    let mut running = home.start("run shop").ready();
    running.counts(25);
    (home, running)
}

fn buy(home: &Home, numbers: std::ops::Range<u64>) {
    append(&home.path("shop/achats.csv"), lines(purchase, numbers));
}

/// The frames that were printed so far, an unfinished last one left out.
fn frames(watching: &Running) -> Vec<Value> {
    let printed = watching.printed();
    let whole = printed.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Waits for a frame in which the summary has so many orders.
fn frame_of(watching: &Running, orders: u64) -> Value {
    eventually(&format!("a frame tells {orders} orders"), || {
        let mut frames = frames(watching).into_iter();
        let found = frames.find(|frame| frame["views"]["summary"]["orders"] == orders);
        found.ok_or_else(|| format!("{}{}", watching.printed(), watching.said()))
    })
}

/// Each update names the frame before it.
fn follow_each_other(frames: &[Value]) {
    let with_views = |frame: &&Value| frame.get("views").is_some();
    let shown: Vec<_> = frames.iter().filter(with_views).collect();
    assert!(shown.len() > 1 && shown[0]["op"] == "snapshot", "{shown:?}");
    assert!(shown.windows(2).all(|two| two[1]["prev"] == two[0]["version"]), "{shown:?}");
}

fn prints(watching: &Running, words: &str) {
    eventually(&format!("it prints {words:?}"), || match watching.printed() {
        printed if printed.contains(words) => Ok(()),
        printed => Err(format!("{printed}{}", watching.said())),
    });
}

fn says(watching: &Running, words: &str) {
    eventually(&format!("it says {words:?}"), || match watching.said() {
        said if said.contains(words) => Ok(()),
        said => Err(said),
    });
}

#[test]
fn frames_are_printed_as_they_come_one_a_line() {
    let (home, mut running) = shop();
    let watching = home.start("watch summary --json");
    let snapshot = frame_of(&watching, 20);
    assert_eq!((&snapshot["op"], &snapshot["id"]), (&json!("snapshot"), &json!("main")));
    buy(&home, 20..21);
    let update = frame_of(&watching, 21);
    assert_eq!(update["op"], "update");
    let summary: Value = serde_json::from_str(&running.get("/api/v1/summary")).unwrap();
    assert_eq!(update["views"]["summary"], summary);
    let ops: Vec<_> = frames(&watching).iter().map(|frame| frame["op"].clone()).collect();
    assert_eq!(ops[..2], ["hello", "snapshot"]);
    follow_each_other(&frames(&watching));
    assert_eq!(watching.end("TERM"), Some(0));
}

#[test]
fn each_change_is_a_line_where_nobody_watches_a_terminal() {
    let (home, _running) = shop();
    let watching = home.start("watch summary countries purchases --top 1");
    prints(&watching, "summary: customers 5, buyers 10, products 1, countries 1, orders 20, ");
    prints(&watching, "revenue 220.00, average_basket 11.00, average_customer_value 44.00\n");
    prints(&watching, "countries France: buyers 5, orders 10, ");
    prints(&watching, "countries (unknown): buyers 5, orders 10, ");
    buy(&home, 20..21);
    prints(
        &watching,
        "summary: orders 20 → 21, revenue 220.00 → 241.50, average_basket 11.00 → 11.50, \
         average_customer_value 44.00 → 48.30\n",
    );
    prints(&watching, "countries France: orders 10 → 11, revenue 85.00 → 106.50, ");
    prints(
        &watching,
        "purchases A20: customer_id C0, purchased_at 2024-03-01T10:20:00, amount 21.50, ",
    );
    assert_eq!(watching.end("INT"), Some(130));
}

#[test]
fn it_goes_on_by_itself_when_its_server_is_killed_and_comes_back() {
    let (home, mut running) = shop();
    let address = running.address();
    let watching = home.start(&format!("watch --json --url http://{address}"));
    frame_of(&watching, 20);
    running.kill();
    says(&watching, "next attempt in");
    buy(&home, 20..30);
    let mut running = home.start(&format!("run shop --listen {address}")).ready();
    running.counts(35);
    let frame = frame_of(&watching, 30);
    let summary: Value = serde_json::from_str(&running.get("/api/v1/summary")).unwrap();
    assert_eq!(frame["views"]["summary"], summary);
    buy(&home, 30..31);
    assert_eq!(frame_of(&watching, 31)["op"], "update");
    assert_eq!(watching.end("TERM"), Some(0));
}

#[test]
fn it_finds_the_one_that_holds_the_store_wherever_that_listens() {
    let (home, running) = shop();
    let watching = home.start("watch");
    prints(&watching, " orders 20, ");
    assert_eq!(running.end("TERM"), Some(0));
    says(&watching, "next attempt in");
    buy(&home, 20..21);
    let mut running = home.start("run shop").ready();
    running.counts(26);
    // What it knew is still known: only what changed is told.
    prints(&watching, "summary: orders 20 → 21, ");
    assert_eq!(watching.end("TERM"), Some(0));
}

#[test]
fn what_is_refused_is_told_and_ends_it() {
    let (home, mut running) = shop();
    let url = format!("--url http://{}", running.address());
    home.ask(&format!("watch {url} weather")).expect(1).says(&["no view weather", "summary"]);
    home.ask(&format!("watch {url} --interval 5")).expect(1).says(&["interval_ms", "20"]);
    home.ask(&format!("watch {url} customers --top 0")).expect(1).says(&["top"]);
    home.ask(&format!("watch {url}/nowhere")).expect(1).says(&["404"]);
    home.ask("watch --top 5").expect(2).says(&["--top", "customers"]);
    home.ask("watch products --country France").expect(2).says(&["--country", "customers"]);
}

#[test]
fn an_address_that_is_none_is_usage_wherever_it_stands() {
    let home = Home::new();
    let asked = |line: &str, environment: Option<&str>| {
        let mut command = home.command(line);
        command.envs(environment.map(|url| ("GOLDSTREAM_URL", url)));
        wait_for_end(command.spawn().unwrap(), line).expect(2)
    };
    home.write("goldstream.toml", "url = \"https://by-file\"\n");
    asked("watch", None).says(&["by-file", "TLS"]);
    asked("watch", Some("https://by-environment")).says(&["by-environment"]);
    asked("watch --url https://by-flag", Some("https://by-environment")).says(&["by-flag"]);
}

#[test]
fn where_nobody_is_it_goes_on_trying_until_it_is_told_to_end() {
    let home = Home::new();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (signal, code) in [("TERM", 0), ("INT", 130)] {
        let watching = home.start(&format!("watch --url {nobody}"));
        eventually("it tries again", || match watching.said() {
            said if said.matches("next attempt in").count() > 1 => Ok(()),
            said => Err(said),
        });
        assert!(watching.said().contains(&format!("ws://{nobody}/api/v1/feed")));
        assert_eq!((watching.printed(), watching.end(signal)), (String::new(), Some(code)));
    }
}

#[test]
fn a_reader_that_goes_ends_it_quietly() {
    let (home, _running) = shop();
    let (watching, stdout) = Running::unread(&mut home.command("watch --json"), home.path(DATA));
    let mut first = String::new();
    BufReader::new(stdout).read_line(&mut first).unwrap();
    assert!(first.contains("hello"), "{first}");
    let (code, said) = watching.wait();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("goldstream:"), "{said}");
}

/// One whose first frame is larger than any pipe, so that it waits for its reader.
fn waiting_for_its_reader() -> (Home, Running, Running, ChildStdout) {
    let home = Home::new();
    write(&home, 1_000, 2_000);
    let mut running = home.start("run shop").ready();
    running.counts(3_000);
    let mut command = home.command("watch customers summary --top 1000 --json");
    let (watching, stdout) = Running::unread(&mut command, home.path(DATA));
    says(&watching, ": live");
    (home, running, watching, stdout)
}

#[test]
fn a_reader_that_stands_still_does_not_keep_it_from_ending() {
    let (_home, _running, watching, stdout) = waiting_for_its_reader();
    assert_eq!(watching.end("TERM"), Some(0));
    drop(stdout);
}

#[test]
fn a_reader_that_pauses_misses_nothing_in_the_end() {
    let (home, mut running, mut watching, stdout) = waiting_for_its_reader();
    for number in 2_000..2_020 {
        buy(&home, number..number + 1);
        running.counts(number + 1_001);
    }
    watching.read(stdout);
    frame_of(&watching, 2_020);
    follow_each_other(&frames(&watching));
    assert_eq!(watching.end("TERM"), Some(0));
}

/// Runs a command in a terminal of 20 lines, in which the keys are pressed that a file `keys` tells; says at the end
/// whether the terminal is as it was.
const IN_TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 80, 0, 0))
try:
    while data := os.read(terminal, 65536):
        os.write(1, data)
        if os.path.exists("keys"):
            with open("keys", "rb") as keys:
                os.write(terminal, keys.read())
            os.remove("keys")
except OSError:
    pass
wanted = termios.ICANON | termios.ECHO | termios.ISIG
if termios.tcgetattr(terminal)[3] & wanted == wanted:
    sys.stderr.write("the terminal is as it was")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

fn in_terminal(inner: &Command) -> Command {
    let mut outer = Command::new("python3");
    outer.args(["-c", IN_TERMINAL]).arg(inner.get_program()).args(inner.get_args());
    outer.current_dir(inner.get_current_dir().unwrap());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.stdin(std::process::Stdio::null());
    outer.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    outer
}

/// The last whole picture.
fn picture(printed: &str) -> &str {
    printed.rsplit("\x1b[H").find(|picture| picture.contains("\x1b[J")).unwrap_or_default()
}

#[test]
fn in_a_terminal_it_is_a_table_that_fits_and_the_cursor_comes_back() {
    let (home, _running) = shop();
    let watching =
        Running::new(in_terminal(&home.command("watch summary customers")), home.path(DATA));
    let shows = |words: &[&str]| {
        eventually(&format!("the table has {words:?}"), || {
            let printed = watching.printed();
            let picture = picture(&printed);
            let fits = picture.matches('\n').count() < 20;
            let has = words.iter().all(|word| picture.contains(word));
            if fits && has { Ok(()) } else { Err(format!("{picture}{}", watching.said())) }
        });
    };
    shows(&[": live", "SUMMARY", "revenue", "220.00", "CUSTOMERS (10)", "customer_id", "\nC9 "]);
    buy(&home, 20..21);
    shows(&["241.50"]);
    ends_after(&home, watching, "\x03", 130);
}

/// Presses these keys, after which it ends with that code, and leaves the terminal as it was.
fn ends_after(home: &Home, watching: Running, keys: &str, code: i32) {
    // Whole wherever it is seen.
    home.write("keys.begun", keys);
    std::fs::rename(home.path("keys.begun"), home.path("keys")).unwrap();
    eventually("the cursor comes back", || match watching.printed() {
        printed if printed.ends_with("\x1b[?25h\r\n") => Ok(()),
        printed => Err(printed),
    });
    assert!(watching.printed().starts_with("\x1b[?25l"));
    let (ended, said) = watching.wait();
    assert_eq!(ended, Some(code), "{said}");
    assert!(said.contains("the terminal is as it was"), "{said}");
}

#[test]
fn in_a_terminal_q_ends_it_and_no_other_key() {
    let (home, _running) = shop();
    for keys in ["q", "xy \nQ"] {
        let command = home.command("watch summary");
        let watching = Running::new(in_terminal(&command), home.path(DATA));
        prints(&watching, "(q quits)");
        ends_after(&home, watching, keys, 0);
    }
}

#[test]
fn its_colours_are_those_that_the_terminal_wants() {
    let (home, _running) = shop();
    let cyan = "\x1b[36m";
    for (flag, no_color, is_coloured) in [
        ("", "", true),
        ("", "1", false),
        (" --color never", "", false),
        (" --color always", "1", true),
    ] {
        let mut command = home.command(&format!("watch summary{flag}"));
        command.env("TERM", "xterm").env("NO_COLOR", no_color);
        let watching = Running::new(in_terminal(&command), home.path(DATA));
        prints(&watching, "SUMMARY");
        assert_eq!(watching.printed().contains(cyan), is_coloured, "{flag} {no_color}");
        ends_after(&home, watching, "q", 0);
    }
}
