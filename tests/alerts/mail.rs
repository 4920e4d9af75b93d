//! Mail to a server that speaks SMTP.

use super::{SILENCE, buy, kill_at_any_moment, post_refused_rows, wait_for, write_silent_shop};
use crate::harness::draw::Draw;
use crate::harness::home::Home;
use crate::harness::port::free_port;
use crate::harness::wait::eventually;
use goldstream_notify::testing::certificates::Certificates;
use goldstream_notify::testing::smtp::{Setup, SmtpServer, Taken};

pub(super) fn encrypted(certificates: &Certificates) -> Setup {
    let login = Some(("shop", "open sesame"));
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    Setup { login, ..Setup::encrypted(&certificate, &key) }
}

/// Mail to the owner by a server at this port, whose certificate this one must have signed, where these rules say so.
pub(super) fn write_settings(
    home: &Home,
    port: u16,
    certificates: &Certificates,
    (ca, rules): (&str, &str),
) {
    home.write("password", "open sesame\n");
    let ca = certificates.text(ca);
    home.write(
        "goldstream.toml",
        format!(
            "[mail]\nserver = \"127.0.0.1:{port}\"\nfrom = \"goldstream@shop.example\"\nuser = \"shop\"\n\
             password_file = \"password\"\nca_file = \"{ca}\"\n\
             [alerts]\nlanguage = \"fr\"\npage = \"https://shop.example\"\n{rules}\
             [[alerts.to]]\nemail = \"owner@shop.example\"\n"
        ),
    );
}

/// The ids of all mails, each once, in the order in which they came. What came twice is the same mail.
pub(super) fn ids(taken: &[Taken]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for mail in taken {
        let id = mail.field("Message-ID").unwrap().to_owned();
        let first = taken.iter().find(|first| first.field("Message-ID") == Some(&*id)).unwrap();
        assert_eq!(first.field("Subject"), mail.field("Subject"));
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// Waits for so many different mails.
pub(super) fn wait_for_mails(server: &SmtpServer, count: usize) -> Vec<String> {
    eventually(&format!("{count} mails have come"), || {
        let ids = ids(&server.taken());
        if ids.len() == count { Ok(ids) } else { Err(format!("{ids:?}")) }
    })
}

#[test]
fn a_shop_whose_sales_stop_gets_one_mail_and_one_more_when_they_go_on_whatever_is_killed() {
    let mut draw = Draw::announced("alerts");
    let (home, certificates) = (Home::new(), Certificates::new());
    let server = SmtpServer::start(encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, ("ca.pem", SILENCE));
    write_silent_shop(&home);
    kill_at_any_moment(&home, &mut draw, 14_000);
    let mut running = home.start("run shop").ready();
    let [opened] = &wait_for_mails(&server, 1)[..] else { panic!() };
    assert!(opened.contains(".silence.") && opened.contains(".opened@shop.example"), "{opened}");
    buy(&home, 3);
    wait_for(&mut running, "silence", "resolved");
    // So is this one.
    std::thread::sleep(std::time::Duration::from_millis(draw.below(8_000)));
    running.kill();
    let running = home.start("run shop").ready();
    wait_for_mails(&server, 2);
    running.kill();
    // Had there been a mail more it would have come before that of something new.
    let mut running = home.start("run shop").ready();
    post_refused_rows(&mut running);
    let all = wait_for_mails(&server, 3);
    assert_eq!(all[0], *opened);
    assert_eq!(all[1], opened.replace(".opened@", ".resolved@"));
    assert!(all[2].contains(".quarantine_share."), "{all:?}");
    let taken = server.taken();
    assert!(taken.iter().all(|mail| mail.encrypted && mail.to == ["owner@shop.example"]));
    home.verify_equal();
}

#[test]
fn a_mail_whose_answer_was_lost_comes_again_under_the_same_id() {
    let (home, certificates) = (Home::new(), Certificates::new());
    let server = SmtpServer::start(encrypted(&certificates));
    server.lose_answers(1);
    write_settings(&home, server.port(), &certificates, ("ca.pem", SILENCE));
    write_silent_shop(&home);
    let _running = home.start("run shop").ready();
    eventually("the mail has come twice", || match server.taken().len() {
        2 => Ok(()),
        count => Err(count.to_string()),
    });
    assert_eq!(ids(&server.taken()).len(), 1);
}

#[test]
fn a_server_that_is_down_for_a_while_gets_its_mail_later_and_holds_up_no_row() {
    let (home, certificates, port) = (Home::new(), Certificates::new(), free_port());
    write_settings(&home, port, &certificates, ("ca.pem", SILENCE));
    write_silent_shop(&home);
    let mut running = home.start("run shop").ready();
    let trouble = |running: &mut crate::harness::process::Running| {
        running.status()["troubles"]["alerts to email owner@shop.example"].clone()
    };
    eventually("it is said that no mail can be sent", || {
        let trouble = trouble(&mut running);
        let says = trouble.as_str().is_some_and(|it| it.contains("does not answer"));
        if says { Ok(()) } else { Err(trouble.to_string()) }
    });
    buy(&home, 3);
    running.counts(3);
    wait_for(&mut running, "silence", "resolved");
    let server = SmtpServer::start_at(port, encrypted(&certificates));
    // What had begun to be sent stays as it was; what came since is a mail of its own.
    let all = wait_for_mails(&server, 2);
    assert!(all[0].contains(".opened@") && all[1].contains(".resolved@"), "{all:?}");
    eventually("it is well again", || {
        let trouble = trouble(&mut running);
        if trouble.is_null() { Ok(()) } else { Err(trouble.to_string()) }
    });
}

#[test]
fn a_server_with_a_wrong_certificate_gets_no_mail_and_is_said_so() {
    let (home, certificates) = (Home::new(), Certificates::new());
    let server = SmtpServer::start(encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, ("other.pem", SILENCE));
    let said = home.ask("alerts test").expect(3).stdout;
    for words in ["email owner@shop.example", "not trusted", "certificate"] {
        assert!(said.contains(words), "{said}");
    }
    assert!(server.taken().is_empty() && server.connections() > 0);
    write_settings(&home, server.port(), &certificates, ("ca.pem", SILENCE));
    let said = home.ok("alerts test");
    assert!(said.contains("email owner@shop.example: sent"), "{said}");
    assert!(server.taken()[0].data.contains("essai"), "{:?}", server.taken());
}

#[test]
fn of_two_servers_of_one_store_one_sends() {
    let certificates = Certificates::new();
    let home = Home::on_servers("alerts");
    let server = SmtpServer::start(encrypted(&certificates));
    write_settings(&home, server.port(), &certificates, ("ca.pem", SILENCE));
    write_silent_shop(&home);
    let mut running = home.start("run shop").ready();
    running.counts(2);
    let mut serving = home.start("serve").ready();
    wait_for(&mut serving, "silence", "open");
    wait_for_mails(&server, 1);
    buy(&home, 3);
    wait_for(&mut serving, "silence", "resolved");
    wait_for_mails(&server, 2);
    let taken = server.taken();
    assert_eq!(taken.len(), ids(&taken).len(), "each came once");
}
