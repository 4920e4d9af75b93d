//! A disk of a few megabytes: a file system in memory, in a mount namespace of its own that ends with it.

use super::home::Home;
use super::wait::eventually;
use std::process::{Child, Command, Stdio};

/// The mounted disk, held by a process that does nothing else.
pub(crate) struct SmallDisk {
    holder: Child,
    path: String,
}

impl SmallDisk {
    /// Mounts one at `name` below `home`.
    pub(crate) fn mount(home: &Home, name: &str, megabytes: u32) -> Self {
        let path = home.path(name).display().to_string();
        std::fs::create_dir_all(&path).unwrap();
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m tmpfs '{path}' && touch '{path}/mounted' && exec sleep infinity"
        );
        let holder = Command::new("unshare")
            // Who may not mount may do so in a user namespace of his own.
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", &script])
            .stdin(Stdio::null())
            .spawn()
            .expect("unshare (of util-linux) makes a small disk");
        let mut disk = Self { holder, path };
        eventually(
            "the small disk is mounted (user namespaces with mounts must be allowed)",
            || {
                let ended = disk.holder.try_wait().unwrap();
                assert!(ended.is_none(), "no small disk could be mounted: {ended:?}");
                let mounted = format!("/proc/{}/root{}/mounted", disk.holder.id(), disk.path);
                std::fs::exists(mounted).unwrap_or(false).then_some(()).ok_or_else(String::new)
            },
        );
        disk
    }

    /// The same command, where it sees the disk.
    pub(crate) fn command(&self, command: &Command) -> Command {
        let mut inside = self.enter();
        let dir = command.get_current_dir().expect("a place to work in");
        // Gone to inside: the place is another one there.
        inside.args(["sh", "-c", "cd \"$0\" && exec \"$@\""]).arg(dir);
        inside.arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => inside.env(name, value),
                None => inside.env_remove(name),
            };
        }
        inside.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        inside
    }

    /// It grows, or shrinks.
    pub(crate) fn resize(&self, megabytes: u32) {
        let mut command = self.enter();
        command.args(["mount", "-o", &format!("remount,size={megabytes}m"), &self.path]);
        assert!(command.status().unwrap().success(), "{command:?}");
    }

    /// Not a byte of it is free any more.
    pub(crate) fn fill(&self) {
        let mut command = self.enter();
        // It ends where the disk does, which is no success for dd.
        let script = format!("dd if=/dev/zero of='{}/fill' bs=1k status=none", self.path);
        command.args(["sh", "-c", &script]).stderr(Stdio::null());
        assert!(!command.status().unwrap().success(), "{command:?}");
    }

    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        let target = self.holder.id().to_string();
        command.args(["--user", "--preserve-credentials", "--mount", "--target", &target]);
        command
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.holder.kill().ok();
        self.holder.wait().ok();
    }
}
