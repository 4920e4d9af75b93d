//! `goldstream health`: a process says by a heartbeat that it lives, and is believed no longer than it does.

use crate::harness::home::Home;
use crate::harness::shop::write;
use crate::harness::wait::eventually;

#[test]
fn a_process_is_healthy_from_when_it_is_ready_until_it_is_no_more() {
    let home = Home::new();
    write(&home, 2, 2);
    let health = "health --heartbeat beat";
    assert!(home.ask(health).expect(3).stdout.contains("no heartbeat in beat"));
    let running = home.start("run shop --heartbeat beat");
    eventually("it is healthy", || {
        let answer = home.ask(health);
        if answer.code == Some(0) { Ok(()) } else { Err(answer.stdout) }
    });
    running.kill();
    assert!(home.ask(health).expect(3).stdout.contains("/readyz does not answer"));
}

#[test]
fn without_a_file_to_look_at_health_says_how_it_is_named() {
    let home = Home::new();
    home.ask("health").expect(2).says(&["--heartbeat"]);
}

#[test]
fn a_heartbeat_that_cannot_be_written_is_told_and_stops_nothing() {
    let home = Home::new();
    write(&home, 2, 2);
    let mut running = home.start("run shop --heartbeat no/such/folder/beat").ready();
    eventually("it is told", || match running.said() {
        said if said.contains("no/such/folder/beat") => Ok(()),
        said => Err(said),
    });
    running.counts(4);
    assert_eq!(running.end("TERM"), Some(0));
}
