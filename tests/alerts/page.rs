//! The page on alerts: its settings are settings, and its commands do what it says.

use super::write_silent_shop;
use crate::harness::home::Home;
use crate::harness::pages::{blocks, text};
use goldstream_notify::testing::certificates::Certificates;
use goldstream_notify::testing::hook::HookServer;
use goldstream_notify::testing::smtp::{Setup, SmtpServer};

#[test]
fn the_settings_and_the_commands_of_the_page_do_what_it_says() {
    let certificates = Certificates::new();
    let login = Some(("goldstream@shop.example", "open sesame"));
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    let mail = SmtpServer::start(Setup { login, ..Setup::encrypted(&certificate, &key) });
    let hook = HookServer::start(&[]);
    let all = blocks(&text("docs/alerts.md"));
    let settings = all.iter().find(|block| block.language == "toml").unwrap();
    // What stands for a shop's own servers.
    let own = [
        (
            "\"smtp.example:587\"",
            format!("\"127.0.0.1:{}\"\nca_file = \"{}\"", mail.port(), certificates.text("ca.pem")),
        ),
        ("https://hooks.shop.example/goldstream", hook.url()),
    ];
    let settings = own.iter().fold(settings.text.clone(), |text, (shown, own)| {
        assert!(text.contains(shown), "{shown}");
        text.replace(shown, own)
    });
    let home = Home::new();
    home.write("goldstream.toml", settings);
    home.write("mail-password", "open sesame");
    home.write("webhook-secret", "sesame");
    write_silent_shop(&home);
    home.ok("run shop --once");
    let commands = all.iter().filter(|block| block.language == "sh");
    let commands: Vec<_> =
        commands.flat_map(|block| block.text.lines().map(str::to_owned)).collect();
    assert_eq!(commands, ["goldstream alerts test", "goldstream alerts list"]);
    let said = home.ok("alerts test");
    for words in ["email owner@shop.example: sent", "webhook 127.0.0.1", "browser: shown"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!((mail.taken().len(), hook.posted().len()), (1, 1));
    assert!(hook.posted()[0].field("webhook-signature").is_some());
    // Who was asked for a file alone looks at nothing and tells nobody.
    assert_eq!(home.ok("alerts list"), "nothing was to be told\n");
}
