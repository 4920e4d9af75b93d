//! The lines between server and clients: frames and requests on their way, connections that come about,
//! break, lose and repeat.

use crate::plan::Fault;
use crate::world::World;
use goldstream_api::feed::line::Said;
use goldstream_client::machine;
use goldstream_client::stop::Loss;

impl World<'_> {
    /// Some client does or hears something.
    pub(crate) fn turn_of_clients(&mut self) -> bool {
        let first = self.draw.below(self.clients.len());
        (0..self.clients.len()).any(|n| self.turn_of_client((first + n) % self.clients.len()))
    }

    fn turn_of_client(&mut self, client: usize) -> bool {
        let chance = self.draw.next() as u32;
        if self.clients[client].wants_connection() {
            return self.connect(client, chance);
        }
        if let Some(wire) = self.clients[client].wire() {
            if let Some(request) = wire.requests.pop_front() {
                self.trace.note(format_args!("the server hears client {client}"));
                let said = match &mut self.server {
                    Ok(server) => server.hear(client, request),
                    Err(_) => Vec::new(),
                };
                self.say(client, said);
                return true;
            }
            if let Some(frame) = wire.frames.pop_front() {
                self.deliver(client, frame, chance);
                return true;
            }
        }
        if self.clients[client].is_impatient() {
            self.trace.note(format_args!("client {client} loses patience"));
            self.client_hears(client, machine::Event::Timer, chance);
            return true;
        }
        false
    }

    fn connect(&mut self, client: usize, chance: u32) -> bool {
        let server = self.server.as_mut().ok().filter(|server| server.is_loaded());
        let Some(server) = server else {
            self.trace.note(format_args!("client {client} finds no server"));
            let detail = "the store is being loaded".to_owned();
            let event = machine::Event::Lost(Loss::Http { status: 503, detail });
            self.client_hears(client, event, chance);
            return true;
        };
        let said = server.open(client);
        self.trace.note(format_args!("client {client} connects"));
        self.lossy.remove(&client);
        self.clients[client].connected();
        self.client_hears(client, machine::Event::Opened, chance);
        self.say(client, said);
        true
    }

    fn deliver(&mut self, client: usize, frame: String, chance: u32) {
        match self.take_armed(&[Fault::FrameLost, Fault::FrameTwice]) {
            Some(Fault::FrameLost) => {
                self.struck(Fault::FrameLost);
                self.trace.note(format_args!("a frame for client {client} is lost"));
                self.lossy.insert(client);
                return;
            }
            Some(fault) => {
                self.struck(fault);
                if let Some(wire) = self.clients[client].wire() {
                    wire.frames.push_front(frame.clone());
                }
            }
            None => {}
        }
        self.trace.note(format_args!("client {client} gets a frame"));
        self.client_hears(client, machine::Event::Text(frame), chance);
    }

    /// Something reaches a client.
    pub(crate) fn client_hears(&mut self, client: usize, event: machine::Event, chance: u32) {
        if let Err(what) = self.clients[client].on(event, chance) {
            self.fail(format!("client {client}: {what}"));
        }
        let is_gone = self.clients[client].wire().is_none();
        if is_gone && let Ok(server) = &mut self.server {
            server.close(client);
        }
    }

    /// A client is told what is due.
    pub(crate) fn wake_line(&mut self, client: usize) {
        if let Ok(server) = &mut self.server {
            let said = server.wake(client);
            self.say(client, said);
        }
    }

    fn say(&mut self, client: usize, said: Vec<Said>) {
        for said in said {
            match said {
                Said::Text(text) => {
                    if let Some(wire) = self.clients[client].wire() {
                        wire.frames.push_back(text);
                    }
                }
                Said::Ping => {}
                Said::Closed { code, reason } => {
                    let reason = reason.to_owned();
                    let event = machine::Event::Lost(Loss::Closed { code, reason });
                    let chance = self.draw.next() as u32;
                    self.client_hears(client, event, chance);
                }
            }
        }
    }

    /// The line of a client breaks.
    pub(crate) fn lose_line(&mut self, client: usize) {
        let chance = self.draw.next() as u32;
        if let Err(what) = self.clients[client].lose(chance) {
            self.fail(format!("client {client}: {what}"));
        }
        if let Ok(server) = &mut self.server {
            server.close(client);
        }
    }
}
