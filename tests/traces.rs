//! `--otlp`: the way of a row from its file to a frame, as a collector hears of it.

use crate::harness::collector::{Collector, Span};
use crate::harness::feed::Feed;
use crate::harness::home::Home;
use crate::harness::shop::{append, lines, purchase, write};
use crate::harness::wait::eventually;
use serde_json::json;
use std::collections::BTreeSet;

/// The steps of a purchase that is accepted, as they follow from each other.
const STEPS: [&str; 6] = [
    "send bronze.purchases",
    "process bronze.purchases",
    "send silver",
    "process silver",
    "commit gold",
    "send frame",
];

/// Somebody who looks.
fn looks(address: &str) -> Feed {
    let mut feed = Feed::connect(address);
    feed.next();
    let views = json!({ "summary": {} });
    feed.send(&json!({ "op": "subscribe", "id": "a", "views": views, "interval_ms": 20 }));
    assert_eq!(feed.next()["op"], "snapshot");
    feed
}

fn names(trace: &[Span]) -> Vec<&str> {
    trace.iter().map(|span| &*span.name).collect()
}

/// Waits for the trace of the purchase in this row of its file.
fn trace_of(collector: &Collector, row: u64, steps: usize) -> Vec<Span> {
    let is_of =
        |span: &Span| span.name == STEPS[0] && span.attributes["goldstream.row"] == row.to_string();
    eventually(&format!("{steps} steps of row {row} are told"), || {
        let mut traces = collector.traces();
        traces.retain(|trace| trace.iter().any(is_of));
        match traces.pop() {
            Some(trace) if trace.len() == steps => Ok(trace),
            other => Err(format!("{:?}", other.as_deref().map(names))),
        }
    })
}

/// Each step follows from the one before, and neither begins nor ends before it does.
fn follow_each_other(trace: &[Span]) {
    // By what each follows from, not by its time.
    let mut trace = trace.to_vec();
    trace.sort_by_key(|span| STEPS.iter().position(|step| *step == span.name));
    assert_eq!(names(&trace), &STEPS[..trace.len()]);
    assert!(trace[0].parent.iter().all(|byte| *byte == 0), "{:?}", trace[0]);
    for two in trace.windows(2) {
        assert_eq!(two[1].parent, two[0].id, "{two:?}");
        assert!(two[0].start_ns <= two[1].start_ns && two[1].start_ns <= two[1].end_ns, "{two:?}");
    }
    let [.., committed, frame] = &trace[..] else { panic!("{trace:?}") };
    assert!(committed.end_ns <= frame.end_ns, "{trace:?}");
    let first = &trace[0].attributes;
    assert!(first["goldstream.source"].starts_with("file:"), "{first:?}");
    assert_eq!(first["messaging.destination.name"], "bronze.purchases");
}

#[test]
fn a_purchase_is_traced_from_its_file_to_a_frame() {
    let (home, collector) = (Home::new(), Collector::start(&[]));
    write(&home, 5, 20);
    // As the page shows it, but for where to and of how many.
    let page = include_str!("../docs/operating.md");
    let shown =
        page.split('`').find(|text| text.starts_with("goldstream run shop --otlp ")).unwrap();
    let line = shown.replace("http://127.0.0.1:4318", &collector.url());
    let line = line.replace("--otlp-one-in 100", "--otlp-one-in 1").replace("goldstream ", "");
    let mut running = home.start(&line).ready();
    running.counts(25);
    let _feed = looks(&running.address());
    append(&home.path("shop/achats.csv"), lines(purchase, 20..21));
    let trace = trace_of(&collector, 21, STEPS.len());
    follow_each_other(&trace);
    assert_eq!(trace[0].resource["service.name"], "goldstream");
    assert_eq!(trace[1].attributes["goldstream.fate"], "accepted");
    let metrics = running.get("/metrics");
    assert!(metrics.contains("goldstream_trace_spans_total{outcome=\"sent\"}"), "{metrics}");
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn the_trace_of_a_refused_and_of_a_repeated_row_says_what_became_of_it() {
    let (home, collector) = (Home::new(), Collector::start(&[]));
    write(&home, 5, 20);
    let odd = "A99,C1,no day,1.50,Souris\n".to_owned();
    append(&home.path("shop/achats.csv"), lines(purchase, 3..4) + &odd);
    home.ok(&format!("run shop --once --otlp {} --otlp-one-in 1", collector.url()));
    let fates = [(21, 2, "duplicate"), (22, 3, "quarantined"), (4, 5, "accepted")];
    for (row, steps, fate) in fates {
        let trace = trace_of(&collector, row, steps);
        assert_eq!(trace[1].attributes["goldstream.fate"], fate, "{trace:?}");
    }
    assert_eq!(trace_of(&collector, 22, 3)[2].name, "send quarantine");
}

#[test]
fn four_roles_tell_one_trace_and_agree_on_which_rows_are_traced() {
    let (home, collector) = (Home::on_servers("traces"), Collector::start(&[]));
    write(&home, 5, 2000);
    let lines = ["consume silver", "consume gold", "serve", "produce shop --follow"];
    let traced =
        |line: &str| home.start(&format!("{line} --otlp {} --otlp-one-in 10", collector.url()));
    let mut team = lines.map(traced);
    team[2].wait_until_ready();
    let _feed = looks(&team[2].address());
    team[2].counts(2005);
    let rows = eventually("traces that a frame ends", || {
        let mut traces = collector.traces();
        let is_whole = |trace: &Vec<Span>| trace.len() == STEPS.len() && trace[0].name == STEPS[0];
        traces.retain(is_whole);
        if traces.is_empty() {
            Err(format!("{} spans", collector.spans().len()))
        } else {
            Ok(traces)
        }
    });
    for trace in &rows {
        follow_each_other(trace);
        let tellers: BTreeSet<_> =
            trace.iter().map(|span| &span.resource["service.instance.id"]).collect();
        assert_eq!(tellers.len(), lines.len(), "{trace:?}");
        assert_eq!(trace[0].resource["goldstream.prefix"], home.variable("GOLDSTREAM_PREFIX"));
    }
    for role in team {
        assert_eq!(role.end("TERM"), Some(0));
    }
    // One in ten of the purchases, and each of those by every stage.
    let counted = collector.traces().into_iter().filter(|trace| names(trace).contains(&STEPS[4]));
    let counted = counted.filter(|trace| trace[0].name == STEPS[0]).count();
    assert!((120..280).contains(&counted), "{counted}");
}

#[test]
fn a_collector_that_is_away_costs_traces_and_nothing_else() {
    let (home, untraced) = (Home::new(), Home::new());
    for home in [&home, &untraced] {
        write(home, 50, 5000);
    }
    untraced.ok("run shop --once");
    let answer = home.ask("run shop --once --otlp http://127.0.0.1:1 --otlp-one-in 1").expect(0);
    answer.says(&["http://127.0.0.1:1/v1/traces does not take traces"]);
    assert!(home.gold_text() == untraced.gold_text(), "gold is another one");
    home.verify_equal();
}

#[test]
fn a_collector_that_refuses_is_told_of_once_and_so_is_its_coming_back() {
    let (home, collector) = (Home::new(), Collector::start(&[503, 503]));
    write(&home, 5, 20);
    let line = format!("run shop --otlp {} --otlp-one-in 1", collector.url());
    let mut running = home.start(&line).ready();
    running.counts(25);
    for number in 20..24 {
        append(&home.path("shop/achats.csv"), lines(purchase, number..number + 1));
        running.counts(number + 6);
        let posts = collector.posts();
        eventually("spans are posted", || {
            if collector.posts() > posts { Ok(()) } else { Err(posts.to_string()) }
        });
    }
    running.says("takes traces again");
    let said = running.said();
    assert_eq!(said.matches("does not take traces").count(), 1, "{said}");
    let metrics = running.get("/metrics");
    for outcome in ["sent", "lost"] {
        let line = format!("goldstream_trace_spans_total{{outcome=\"{outcome}\"}} ");
        assert!(metrics.contains(&line), "{metrics}");
    }
    assert_eq!(running.end("TERM"), Some(0));
}

#[test]
fn each_server_tells_a_frame_of_its_own_and_posted_rows_are_traced_too() {
    let (home, collector) = (Home::on_servers("traces-2"), Collector::start(&[]));
    write(&home, 5, 20);
    let traced =
        |line: &str| home.start(&format!("{line} --otlp {} --otlp-one-in 1", collector.url()));
    let consuming = traced("consume all");
    home.ok("produce shop");
    let mut serving = [0, 1].map(|_| traced("serve --listen 127.0.0.1:0"));
    let _feeds = serving.each_mut().map(|serve| {
        serve.counts(25);
        looks(&serve.address())
    });
    let row = r#"{"id_achat": "P1", "id_client": "1", "date_achat": "2024-03-01 14:03:22",
        "montant": "12,50", "produit": "Souris"}"#;
    serving[0].post("/api/v1/purchases", row);
    eventually("each of two servers tells its frame of the posted row", || {
        let traces = collector.traces();
        let of_two = traces.iter().find(|trace| {
            let frames = trace.iter().filter(|span| span.name == STEPS[5]);
            let ids: BTreeSet<_> = frames.map(|span| &span.id).collect();
            ids.len() == 2 && trace[0].name == STEPS[0]
        });
        of_two.map(|_| ()).ok_or_else(|| format!("{:?}", traces.last().map(|it| names(it))))
    });
    for role in serving.into_iter().chain([consuming]) {
        assert_eq!(role.end("TERM"), Some(0));
    }
}

#[test]
fn nothing_is_told_unless_it_is_asked_for_and_nonsense_is_refused() {
    let (home, collector) = (Home::new(), Collector::start(&[]));
    write(&home, 5, 20);
    let home = home.with("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url());
    home.ok("run shop --once");
    assert_eq!(collector.posts(), 0);
    home.ask("run shop --once --otlp localhost:4317").expect(2).says(&["http://HOST:4318"]);
    home.ask("run shop --once --otlp --otlp-one-in 0").expect(2).says(&["--otlp-one-in"]);
    append(&home.path("shop/achats.csv"), lines(purchase, 20..21));
    home.ok("run shop --once --otlp --otlp-one-in 1");
    assert_eq!(names(&trace_of(&collector, 21, 5)), STEPS[..5]);
}

#[test]
fn doctor_asks_the_collector_and_says_why_it_takes_nothing() {
    let (home, open) = (Home::new(), Collector::start(&[]));
    let told = home.ok(&format!("doctor --otlp {}", open.url()));
    assert!(told.contains("/v1/traces takes traces, of one row of 1000"), "{told}");
    assert_eq!((open.posts(), open.spans().len()), (1, 0), "it is asked, and sent nothing");
    let locked = Collector::start(&[401]);
    let told = home.ask(&format!("doctor --otlp {}", locked.url())).expect(3).stdout;
    assert!(told.contains("it answers 401") && told.contains("OTLP_HEADERS"), "{told}");
    let told = home.ask("doctor --otlp http://127.0.0.1:1").expect(3).stdout;
    assert!(told.contains("Connection refused"), "{told}");
    let home = home.with("OTEL_EXPORTER_OTLP_CERTIFICATE", "no-such.pem".to_owned());
    let told = home.ask("doctor --otlp https://127.0.0.1:1").expect(3).stdout;
    assert!(told.contains("no-such.pem (OTEL_EXPORTER_OTLP_CERTIFICATE) is not read"), "{told}");
    assert!(told.contains("nothing starts that is to be traced"), "{told}");
}
