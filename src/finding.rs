//! Whose store a question is about: that of the shop, or that of the demo, which stands below it. It asks nothing.

use anyhow::ensure;
use goldstream_platform::embedded::FILE_NAME;
use goldstream_platform::server_file::ServerFile;
use goldstream_platform::settings::Settings;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The demo's store below the shop's.
pub(crate) const DEMO_DIR: &str = "demo";

/// On this machine who listens answers at once.
const CONNECT_MAX: Duration = Duration::from_millis(500);

/// Where the store is that is meant: the shop's, unless only the demo's is being worked on, or only that is there.
pub(crate) fn store_dir(data_dir: &Path) -> PathBuf {
    let demo = data_dir.join(DEMO_DIR);
    if runs(data_dir) {
        return data_dir.to_owned();
    }
    let is_demos = runs(&demo) || (has_store(&demo) && !has_store(data_dir));
    if is_demos { demo } else { data_dir.to_owned() }
}

/// The settings of a question, and a word where the store is not where one would look for it.
pub(crate) fn of_question(settings: &Settings) -> Settings {
    if settings.servers.is_some() {
        return settings.clone();
    }
    let dir = store_dir(&settings.data_dir);
    if dir != settings.data_dir {
        eprintln!("(this is about the demo's store, {})", dir.display());
    }
    Settings { data_dir: dir, ..settings.clone() }
}

/// Fails where there is no store that could be asked or worked on.
pub(crate) fn must_have_store(dir: &Path) -> anyhow::Result<()> {
    ensure!(has_store(dir), "there is no store in {}; goldstream run makes one", dir.display());
    Ok(())
}

fn has_store(dir: &Path) -> bool {
    dir.join(FILE_NAME).is_file()
}

/// Whether a goldstream works there. The note of a killed one leads nowhere.
pub(crate) fn runs(dir: &Path) -> bool {
    let note = ServerFile::read(dir);
    note.is_some_and(|note| TcpStream::connect_timeout(&note.reached_at(), CONNECT_MAX).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use std::net::TcpListener;

    /// What runs there, while the listener lives.
    fn run(dir: &Path) -> TcpListener {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let note = format!("{{\"address\":\"{address}\",\"pid\":1}}");
        write(dir.join("server.json"), note).unwrap();
        listener
    }

    #[test]
    fn the_store_that_runs_is_meant_else_the_shops_else_the_one_that_is_there() {
        let dir = tempfile::tempdir().unwrap();
        let (shop, demo) = (dir.path().to_owned(), dir.path().join(DEMO_DIR));
        assert_eq!(store_dir(&shop), shop);
        create_dir_all(&demo).unwrap();
        write(demo.join(FILE_NAME), "").unwrap();
        assert_eq!(store_dir(&shop), demo);
        write(shop.join(FILE_NAME), "").unwrap();
        assert_eq!(store_dir(&shop), shop);
        let of_demo = run(&demo);
        assert_eq!(store_dir(&shop), demo);
        let of_shop = run(&shop);
        assert_eq!(store_dir(&shop), shop);
        drop(of_shop);
        assert_eq!(store_dir(&shop), demo);
        drop(of_demo);
        assert_eq!(store_dir(&shop), shop);
    }
}
