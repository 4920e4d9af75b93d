//! Which node of a cluster has a key: slots, the map of them, and what a node says when it has the key no
//! longer. Nothing is asked from here.

use super::reply;
use ::redis::{Arg, Cmd, ErrorKind, RedisError, ServerErrorKind, Value};
use std::fmt;
use std::sync::Arc;

/// Slots of every cluster.
const SLOTS: u16 = 16_384;

/// A node by its address, as the cluster gives it to clients.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) host: Arc<str>,
    pub(super) port: u16,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Which node has which slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SlotMap {
    /// First and last slot, and who has them.
    ranges: Vec<(u16, u16, Node)>,
}

/// Where a node sends who asks it for a key that it has no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Detour {
    /// The slot is there from now on.
    Moved(Node),
    /// The slot is on its way there, and this key is there already: for this one request.
    Ask(Node),
}

/// The slot of a key: that of the text in its first braces, where there is one.
pub(super) fn slot_of(key: &[u8]) -> u16 {
    let find = |byte: u8, text: &[u8]| text.iter().position(|it| *it == byte);
    let tag = find(b'{', key).and_then(|open| {
        let rest = &key[open + 1..];
        let close = find(b'}', rest)?;
        (close > 0).then(|| &rest[..close])
    });
    crc16(tag.unwrap_or(key)) % SLOTS
}

/// The slot of what a command of ours works on; 0 where it has no key.
pub(super) fn slot_of_command(command: &Cmd) -> u16 {
    let word = |place| match command.args_iter().nth(place) {
        Some(Arg::Simple(word)) => Some(word),
        _ => None,
    };
    let place = match word(0) {
        Some(b"EVALSHA" | b"EVAL") => 3,
        Some(b"MEMORY") => 2,
        _ => 1,
    };
    word(place).map_or(0, slot_of)
}

/// CRC-16/XMODEM, of which Redis Cluster makes its slots.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        let mut sum = sum ^ (u16::from(*byte) << 8);
        for _ in 0..8 {
            let carries = sum & 0x8000 != 0;
            sum <<= 1;
            if carries {
                sum ^= 0x1021;
            }
        }
        sum
    })
}

impl SlotMap {
    /// The answer of `CLUSTER SLOTS`. A node without a host is at the one that was asked.
    pub(super) fn read(answer: Value, asked_host: &str) -> Option<Self> {
        let ranges = reply::items(answer)?.into_iter().map(|range| {
            let mut parts = reply::items(range)?.into_iter();
            let mut slot = || u16::try_from(reply::number(parts.next()?)?).ok();
            let (first, last) = (slot()?, slot()?);
            // The master stands first, its replicas behind it.
            let mut master = reply::items(parts.next()?)?.into_iter();
            let host = master.next().and_then(reply::text).unwrap_or_default();
            let port = u16::try_from(reply::number(master.next()?)?).ok()?;
            Some((first, last, node(&host, port, asked_host)))
        });
        Some(Self { ranges: ranges.collect::<Option<_>>()? })
    }

    pub(super) fn node_of(&self, slot: u16) -> Option<&Node> {
        let mut ranges = self.ranges.iter();
        ranges.find(|(first, last, _)| (*first..=*last).contains(&slot)).map(|(_, _, node)| node)
    }

    /// A slot that is elsewhere than the map said. The newest word comes first.
    pub(super) fn moved(&mut self, slot: u16, to: Node) {
        self.ranges.retain(|(first, last, _)| (*first, *last) != (slot, slot));
        self.ranges.insert(0, (slot, slot, to));
    }

    /// Every node that has slots.
    pub(super) fn nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        for (_, _, node) in &self.ranges {
            if !nodes.contains(node) {
                nodes.push(node.clone());
            }
        }
        nodes
    }

    /// How many slots nobody has.
    pub(super) fn without_node(&self) -> usize {
        (0..SLOTS).filter(|slot| self.node_of(*slot).is_none()).count()
    }
}

/// Where this error sends its request, if it does.
pub(super) fn detour(error: &RedisError, asked_host: &str) -> Option<Detour> {
    let (address, _) = error.redirect_node()?;
    let (host, port) = address.rsplit_once(':')?;
    let to = node(host, port.parse().ok()?, asked_host);
    match error.kind() {
        ErrorKind::Server(ServerErrorKind::Ask) => Some(Detour::Ask(to)),
        _ => Some(Detour::Moved(to)),
    }
}

fn node(host: &str, port: u16, asked_host: &str) -> Node {
    let host = if host.is_empty() || host == "?" { asked_host } else { host };
    Node { host: host.into(), port }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::redis::cmd;

    fn at(port: u16) -> Node {
        Node { host: "10.0.0.1".into(), port }
    }

    fn range(first: i64, last: i64, host: Value, port: i64) -> Value {
        let master = Value::Array(vec![host, Value::Int(port), Value::Nil]);
        Value::Array(vec![Value::Int(first), Value::Int(last), master])
    }

    #[test]
    fn slots_are_those_that_redis_gives() {
        // From the specification of Redis Cluster, and `CLUSTER KEYSLOT` of a Redis 7.0.
        assert_eq!(crc16(b"123456789"), 0x31C3);
        assert_eq!(slot_of(b"somekey"), 11_058);
        assert_eq!(slot_of(b"foo{hash_tag}"), 2_515);
        assert_eq!(slot_of(b"{}whole{x}"), crc16(b"{}whole{x}") % SLOTS);
        assert_eq!(slot_of(b"p:0:{gold/2}:head"), slot_of(b"q:0:{gold/2}:feed"));
    }

    #[test]
    fn a_command_is_of_the_slot_of_its_key() {
        let slot = slot_of(b"k");
        assert_eq!(slot_of_command(cmd("GET").arg("k")), slot);
        assert_eq!(slot_of_command(cmd("MEMORY").arg("USAGE").arg("k")), slot);
        assert_eq!(slot_of_command(cmd("EVALSHA").arg("sha").arg(2).arg("k").arg("l")), slot);
    }

    #[test]
    fn a_map_is_read_and_follows_the_newest_word() {
        let host = Value::BulkString(b"10.0.0.1".to_vec());
        let answer = Value::Array(vec![range(0, 99, host, 7), range(100, 16_383, Value::Nil, 8)]);
        let mut map = SlotMap::read(answer, "10.0.0.1").unwrap();
        assert_eq!((map.node_of(99), map.node_of(100)), (Some(&at(7)), Some(&at(8))));
        assert_eq!((map.nodes(), map.without_node()), (vec![at(7), at(8)], 0));
        map.moved(5, at(9));
        map.moved(5, at(8));
        assert_eq!((map.node_of(5), map.node_of(6)), (Some(&at(8)), Some(&at(7))));
        assert_eq!(SlotMap::read(Value::Int(1), "h"), None);
        assert_eq!(SlotMap::default().without_node(), usize::from(SLOTS));
    }
}
