//! Reports over the turns of weeks, months and years, restarts and clocks that jump.

use super::*;

const WEEKLY: Rhythm = Rhythm { every: Every::Week, hour: 7 };
const MONTHLY: Rhythm = Rhythm { every: Every::Month, hour: 7 };

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn now(text: &str) -> Now {
    Now { local: at(text), utc_ms: at(text).0 * 1000 }
}

/// What is on its way after a step then.
fn step(reports: &mut Reports, rhythm: Rhythm, time: &str) -> Vec<String> {
    let receivers = ["owner".to_owned()];
    reports.step(Step { rhythm, now: now(time), is_whole: true, receivers: &receivers });
    let ids = reports.outbox.messages().iter().map(|message| message.id.clone()).collect();
    // It is sent.
    reports.outbox = Outbox::default();
    ids
}

fn begun(rhythm: Rhythm, time: &str) -> Reports {
    let mut reports = Reports::new("shop");
    assert!(step(&mut reports, rhythm, time).is_empty());
    reports
}

/// The last that was due then, and its days.
fn last(rhythm: Rhythm, time: &str) -> String {
    let due = Due::last(rhythm, at(time)).unwrap();
    let (from, to) = due.days().unwrap();
    format!("{} {from}..{to}", due.on)
}

#[test]
fn a_week_is_due_on_monday_at_its_hour_and_is_the_one_before() {
    assert_eq!(last(WEEKLY, "2026-11-30 06:59:59"), "2026-11-23 2026-11-16..2026-11-22");
    assert_eq!(last(WEEKLY, "2026-11-30 07:00:00"), "2026-11-30 2026-11-23..2026-11-29");
    assert_eq!(last(WEEKLY, "2026-12-06 23:59:59"), "2026-11-30 2026-11-23..2026-11-29");
    // A week may have days of two years.
    assert_eq!(last(WEEKLY, "2027-01-04 07:00:00"), "2027-01-04 2026-12-28..2027-01-03");
}

#[test]
fn a_month_is_due_on_the_first_at_its_hour_and_is_the_one_before_however_long() {
    assert_eq!(last(MONTHLY, "2026-12-01 06:59:59"), "2026-11-01 2026-10-01..2026-10-31");
    assert_eq!(last(MONTHLY, "2026-12-01 07:00:00"), "2026-12-01 2026-11-01..2026-11-30");
    assert_eq!(last(MONTHLY, "2027-01-31 12:00:00"), "2027-01-01 2026-12-01..2026-12-31");
    assert_eq!(last(MONTHLY, "2026-03-02 00:00:00"), "2026-03-01 2026-02-01..2026-02-28");
    assert_eq!(last(MONTHLY, "2028-03-02 00:00:00"), "2028-03-01 2028-02-01..2028-02-29");
    let midnight = Rhythm { hour: 0, ..MONTHLY };
    assert_eq!(last(midnight, "2027-01-01 00:00:00"), "2027-01-01 2026-12-01..2026-12-31");
}

#[test]
fn the_first_days_that_there_are_have_no_report_before_them() {
    assert_eq!(Due::last(WEEKLY, Moment(0)), None);
    assert_eq!(Due::last(MONTHLY, Moment(0)), None);
    assert_eq!(Due::last(Rhythm { hour: 23, ..WEEKLY }, Moment(3_600)), None);
}

#[test]
fn each_monday_of_two_years_has_one_report_whenever_it_is_looked() {
    let mut reports = begun(WEEKLY, "2026-11-30 12:00:00");
    let (begin, mut sent) = (at("2026-11-30 12:00:00").0, Vec::new());
    // At steps that fall on no hour.
    for moment in (begin..begin + 2 * 365 * 86_400).step_by(1_237) {
        sent.extend(step(&mut reports, WEEKLY, &Moment(moment).to_string()));
    }
    let mut each = sent.clone();
    each.dedup();
    assert_eq!(sent, each);
    assert_eq!(sent.first().unwrap(), "report.week.2026-12-07");
    assert_eq!(sent.last().unwrap(), "report.week.2028-11-27");
    assert_eq!(sent.len(), 104);
}

#[test]
fn a_first_start_sends_nothing_of_a_time_before_it() {
    let mut reports = begun(MONTHLY, "2026-12-01 07:00:01");
    assert!(step(&mut reports, MONTHLY, "2026-12-31 23:59:59").is_empty());
    assert_eq!(step(&mut reports, MONTHLY, "2027-01-01 07:00:00"), ["report.month.2027-01-01"]);
}

#[test]
fn what_was_missed_is_made_up_until_the_next_is_due_and_once() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    assert_eq!(step(&mut reports, WEEKLY, "2026-12-06 10:00:00"), ["report.week.2026-11-30"]);
    assert!(step(&mut reports, WEEKLY, "2026-12-06 10:00:02").is_empty());
    // Down for a month: of four the last.
    assert_eq!(step(&mut reports, WEEKLY, "2027-01-05 10:00:00"), ["report.week.2027-01-04"]);
}

#[test]
fn it_waits_until_the_numbers_are_whole() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    let receivers = ["a".to_owned(), "b".to_owned()];
    let part = Step {
        rhythm: WEEKLY,
        now: now("2026-11-30 07:00:00"),
        is_whole: false,
        receivers: &receivers,
    };
    reports.step(part);
    assert!(reports.outbox.messages().is_empty());
    assert!(reports.due(WEEKLY, part.now.local).is_some());
    reports.step(Step { is_whole: true, ..part });
    let to: Vec<_> = reports.outbox.messages().iter().map(|message| &*message.to).collect();
    assert_eq!(to, ["a", "b"]);
    assert_eq!(reports.due(WEEKLY, part.now.local), None);
}

#[test]
fn it_is_sent_at_once_and_each_in_a_mail_of_its_own() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    let receivers = ["a".to_owned()];
    for time in ["2026-11-30 07:00:00", "2026-12-07 07:00:00"] {
        reports.step(Step {
            rhythm: WEEKLY,
            now: now(time),
            is_whole: true,
            receivers: &receivers,
        });
    }
    assert_eq!(reports.outbox.messages().len(), 2);
    let then_ms = now("2026-12-07 07:00:00").utc_ms;
    let first = reports.outbox.claim("x", "a", then_ms).unwrap();
    assert_eq!(first.id, "report.week.2026-11-30");
    reports.outbox.sent(&first, "x");
    assert_eq!(reports.outbox.claim("x", "a", then_ms).unwrap().id, "report.week.2026-12-07");
}

#[test]
fn a_clock_that_jumps_back_sends_nothing_twice() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    assert_eq!(step(&mut reports, WEEKLY, "2026-11-30 07:00:00"), ["report.week.2026-11-30"]);
    for time in ["2026-11-30 06:00:00", "2026-11-29 23:00:00", "2026-11-30 07:00:00"] {
        assert!(step(&mut reports, WEEKLY, time).is_empty(), "{time}");
    }
    assert_eq!(step(&mut reports, WEEKLY, "2026-12-07 07:00:00"), ["report.week.2026-12-07"]);
}

#[test]
fn a_clock_that_was_a_year_ahead_does_not_end_reports_for_a_year() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    assert_eq!(step(&mut reports, WEEKLY, "2027-11-29 08:00:00"), ["report.week.2027-11-29"]);
    assert!(step(&mut reports, WEEKLY, "2026-11-26 12:00:00").is_empty());
    assert_eq!(step(&mut reports, WEEKLY, "2026-11-30 07:00:00"), ["report.week.2026-11-30"]);
    // The same of one that was switched on by it.
    let mut reports = begun(WEEKLY, "2027-11-25 12:00:00");
    assert!(step(&mut reports, WEEKLY, "2026-11-26 12:00:00").is_empty());
    assert_eq!(step(&mut reports, WEEKLY, "2026-11-30 07:00:00"), ["report.week.2026-11-30"]);
}

#[test]
fn another_hour_sends_what_was_sent_already_not_again() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    assert_eq!(step(&mut reports, WEEKLY, "2026-11-30 07:00:00"), ["report.week.2026-11-30"]);
    let later = Rhythm { hour: 9, ..WEEKLY };
    assert!(step(&mut reports, later, "2026-11-30 08:00:00").is_empty());
    assert!(step(&mut reports, later, "2026-11-30 09:00:00").is_empty());
    assert_eq!(step(&mut reports, later, "2026-12-07 09:00:00"), ["report.week.2026-12-07"]);
}

#[test]
fn another_rhythm_begins_when_it_is_set_and_so_does_one_that_was_off() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    assert!(step(&mut reports, MONTHLY, "2026-12-01 08:00:00").is_empty());
    assert!(step(&mut reports, WEEKLY, "2026-12-02 08:00:00").is_empty());
    assert_eq!(step(&mut reports, WEEKLY, "2026-12-07 07:00:00"), ["report.week.2026-12-07"]);
    reports.switch_off();
    assert!(step(&mut reports, WEEKLY, "2026-12-16 12:00:00").is_empty());
    assert_eq!(step(&mut reports, WEEKLY, "2026-12-21 07:00:00"), ["report.week.2026-12-21"]);
}

#[test]
fn what_is_stored_is_known_again() {
    let mut reports = begun(WEEKLY, "2026-11-25 12:00:00");
    let receivers = ["a".to_owned()];
    let due = now("2026-11-30 07:00:00");
    reports.step(Step { rhythm: WEEKLY, now: due, is_whole: true, receivers: &receivers });
    let json = serde_json::to_string(&reports).unwrap();
    assert_eq!(serde_json::from_str::<Reports>(&json).unwrap(), reports, "{json}");
}
