//! Processes that work together: each a role, each can die and come again.

use crate::harness::home::Home;
use crate::harness::process::Running;

/// Running processes with the lines that started them.
pub(crate) struct Team<'a> {
    home: &'a Home,
    members: Vec<(String, Running)>,
}

impl<'a> Team<'a> {
    /// Starts a process for each line.
    pub(crate) fn start(home: &'a Home, lines: &[&str]) -> Self {
        let mut team = Self { home, members: Vec::new() };
        for line in lines {
            team.join(line);
        }
        team
    }

    /// One more.
    pub(crate) fn join(&mut self, line: &str) {
        self.members.push((line.to_owned(), self.home.start(line)));
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn line(&self, place: usize) -> &str {
        &self.members[place].0
    }

    /// SIGKILL, and the same line again at once.
    pub(crate) fn kill_and_restart(&mut self, place: usize) {
        let line = self.line(place).to_owned();
        self.kill_and_restart_as(place, &line);
    }

    /// SIGKILL, and another line in its place at once.
    pub(crate) fn kill_and_restart_as(&mut self, place: usize, line: &str) {
        let (_, running) = self.members.remove(place);
        running.kill();
        self.members.insert(place, (line.to_owned(), self.home.start(line)));
    }

    /// It ends gracefully, and the same line begins again at once.
    pub(crate) fn end_and_restart(&mut self, place: usize) {
        let (line, running) = self.members.remove(place);
        let said = running.said();
        assert_eq!(running.end("TERM"), Some(0), "{line} after TERM: {said}");
        self.members.insert(place, (line.clone(), self.home.start(&line)));
    }

    /// Sends one a signal.
    pub(crate) fn signal(&self, place: usize, name: &str) {
        self.members[place].1.signal(name);
    }

    /// The last one leaves gracefully.
    pub(crate) fn last_leaves(&mut self) {
        let (line, running) = self.members.pop().unwrap();
        let said = running.said();
        assert_eq!(running.end("TERM"), Some(0), "{line} after TERM: {said}");
    }

    /// The one that serves.
    pub(crate) fn server(&mut self) -> &mut Running {
        let serving = self.members.iter_mut().find(|(line, _)| line.starts_with("serve"));
        &mut serving.expect("one of the team serves").1
    }

    /// All of them are told to end and do, in whatever way: their codes.
    pub(crate) fn codes_after_term(mut self) -> Vec<Option<i32>> {
        let members = std::mem::take(&mut self.members);
        for (_, running) in &members {
            running.signal("TERM");
        }
        members.into_iter().map(|(_, running)| running.wait().0).collect()
    }

    /// All of them end gracefully.
    pub(crate) fn end(mut self) {
        for (line, running) in std::mem::take(&mut self.members) {
            let said = running.said();
            let code = running.end("TERM");
            assert_eq!(code, Some(0), "{line}: {said}");
        }
    }
}

impl Drop for Team<'_> {
    /// Of a test that fails, what they said last is what helps.
    fn drop(&mut self) {
        for (line, running) in self.members.iter().filter(|_| std::thread::panicking()) {
            let said = running.said();
            let last: Vec<_> = said.lines().rev().take(15).collect();
            let last: Vec<_> = last.into_iter().rev().collect();
            println!("{line} said last:\n  {}", last.join("\n  "));
        }
    }
}
