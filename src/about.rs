//! What a shell and a person want to know of the command itself: completions, a page of the manual, a new token.
//! It looks at no store.

use crate::outcome::Outcome;
use anyhow::Context;
use clap::{Args, Command};
use clap_complete::Shell;
use goldstream_platform::secret::Secret;

#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// Whose
    shell: Shell,
}

pub(crate) fn completions(args: &CompletionsArgs, mut of: Command) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut of, "goldstream", &mut script);
    write(&script)
}

pub(crate) fn man(of: &Command) -> anyhow::Result<Outcome> {
    let mut page = Vec::new();
    clap_mangen::Man::new(of.clone()).render(&mut page)?;
    // Every command has its flags there, too: one page is what people look at.
    for command in of.get_subcommands().filter(|command| !command.is_hide_set()) {
        let command = command.clone().display_name(format!("goldstream {}", command.get_name()));
        let mut of_command = Vec::new();
        let man = clap_mangen::Man::new(command.clone());
        man.render_synopsis_section(&mut of_command)?;
        man.render_description_section(&mut of_command)?;
        if command.get_arguments().next().is_some() {
            man.render_options_section(&mut of_command)?;
        }
        let text = String::from_utf8(of_command).context("a page of the manual is no text")?;
        // Sections of the page are the commands; theirs are below.
        let below = text.replace(".SH ", ".SS ");
        page.extend_from_slice(format!(".SH {}\n", command.get_name().to_uppercase()).as_bytes());
        page.extend_from_slice(below.as_bytes());
    }
    write(&page)
}

pub(crate) fn token() -> anyhow::Result<Outcome> {
    let token = Secret::random().context("there is no random number to be had")?;
    write(format!("{}\n", token.expose()).as_bytes())
}

/// What is printed, in whatever bytes.
fn write(bytes: &[u8]) -> anyhow::Result<Outcome> {
    crate::output::print(std::str::from_utf8(bytes).context("it is no text")?)?;
    Ok(Outcome::Done)
}
