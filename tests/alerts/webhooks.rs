//! Webhooks to a server that answers as it is told.

use super::{SILENCE, post_refused_rows, wait_for, write_silent_shop};
use crate::harness::home::Home;
use crate::harness::wait::eventually;
use goldstream_notify::testing::hook::{HookServer, Posted};
use serde_json::Value;

fn wait_for_posts(server: &HookServer, count: usize) -> Vec<Posted> {
    eventually(&format!("{count} posts have come"), || {
        let posted = server.posted();
        if posted.len() >= count { Ok(posted) } else { Err(format!("{posted:?}")) }
    })
}

#[test]
fn a_webhook_that_fails_first_is_posted_the_same_again_signed_and_once_more_for_what_follows() {
    let (home, server) = (Home::new(), HookServer::start(&[500, 500]));
    home.write("secret", "whsec_plJ3nmyCDGBKInavdOK15jsl");
    let url = server.url();
    home.write(
        "goldstream.toml",
        format!("{SILENCE}[[alerts.to]]\nwebhook = \"{url}\"\nsecret_file = \"secret\"\n"),
    );
    write_silent_shop(&home);
    let mut running = home.start("run shop").ready();
    let posted = wait_for_posts(&server, 3);
    assert_eq!(posted.iter().map(|post| post.status).collect::<Vec<_>>(), [500, 500, 200]);
    assert!(posted.iter().all(|post| post.field("webhook-id") == posted[0].field("webhook-id")));
    assert!(posted.iter().all(|post| post.body == posted[0].body));
    assert!(posted[0].field("webhook-signature").unwrap().starts_with("v1,"));
    let body: Value = serde_json::from_str(&posted[2].body).unwrap();
    let alert = &body["alerts"][0];
    assert_eq!((&alert["turn"], &alert["alert"]["rule"]), (&"opened".into(), &"silence".into()));
    assert_eq!(body["id"].as_str(), posted[2].field("webhook-id"));
    post_refused_rows(&mut running);
    let posted = wait_for_posts(&server, 4);
    assert_eq!(posted.len(), 4);
    assert!(posted[3].body.contains("quarantine_share"), "{:?}", posted[3]);
    // Who knows the address can write there.
    let all = running.get("/api/v1/alerts") + &running.said() + &running.status().to_string();
    assert!(!all.contains("not-to-be-shown"), "{all}");
}

#[test]
fn a_burst_is_one_message_to_each_in_his_own_shape() {
    let (home, slack, discord) = (Home::new(), HookServer::start(&[]), HookServer::start(&[]));
    let to = [("slack", slack.url()), ("discord", discord.url())]
        .map(|(shape, url)| format!("[[alerts.to]]\nwebhook = \"{url}\"\nshape = \"{shape}\"\n"));
    home.write("goldstream.toml", SILENCE.to_owned() + &to.concat());
    write_silent_shop(&home);
    let mut running = home.start("run shop").ready();
    running.counts(2);
    wait_for(&mut running, "silence", "open");
    // While what is to be told is still gathered.
    post_refused_rows(&mut running);
    wait_for(&mut running, "quarantine_share", "open");
    for (server, member) in [(&slack, "text"), (&discord, "content")] {
        let posted = wait_for_posts(server, 1);
        let body: Value = serde_json::from_str(&posted[0].body).unwrap();
        let text = body[member].as_str().unwrap();
        assert!(text.contains("No purchase") && text.contains("were refused"), "{text}");
    }
    let said = home.ok("alerts test");
    assert!(said.contains("slack 127.0.0.1") && said.contains("discord 127.0.0.1"), "{said}");
    assert_eq!((slack.posted().len(), discord.posted().len()), (2, 2));
}
