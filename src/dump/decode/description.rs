//! Knows what the client has compared a session description with, and undoes the comparison.
//!
//! There are two ways. `Restore::Offered` does what the reference implementation does, for three methods: the base is
//! the nearest earlier event of a certain method, whatever came of it. `Restore::Fully` follows the connection: which
//! descriptions are set, pending or rolled back (RTCPeerConnection, `localDescription` and `remoteDescription`); it
//! undoes all five methods. Neither gives the exact text, because the browser adds candidates to a description that is
//! set. What has no fitting base stays as it was sent.
use super::sections::{plain, restore};
use crate::dump::json::{Json, Text};
use crate::limits::DESCRIPTIONS_PENDING_MAX;

/// Which descriptions are completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restore {
    /// None: values stay as they were sent.
    Nothing,
    /// Those that are offered, answered or set locally, each by the event before.
    #[default]
    Offered,
    /// All, by the state of the connection.
    Fully,
}

/// What is kept of a connection's descriptions.
#[derive(Default)]
pub struct Descriptions {
    created: [Description; 2],
    local: Side,
    remote: Side,
    /// They may belong to several connections.
    is_ambiguous: bool,
}

#[derive(Default)]
struct Side {
    set: Description,
    /// As it was when the last exchange was complete, which a rollback restores.
    stable: Description,
    /// What is about to be set, by correlation id.
    pending: Vec<(Vec<u8>, Description)>,
}

/// Both parts as the insides of JSON strings. Empty if there is none.
#[derive(Clone, Default)]
struct Description {
    kind: Vec<u8>,
    sdp: Vec<u8>,
}

/// One of the methods whose value is a description.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Created,
    SetLocal,
    LocalDone,
    SetRemote,
    RemoteDone,
    LocalFailed,
    RemoteFailed,
}

/// The method with this key.
fn call(method: u8) -> Option<Call> {
    Some(match method {
        3 | 5 => Call::Created,
        6 => Call::SetLocal,
        7 => Call::LocalDone,
        8 => Call::SetRemote,
        9 => Call::RemoteDone,
        14 => Call::LocalFailed,
        15 => Call::RemoteFailed,
        _ => return None,
    })
}

/// Whether the method has to do with descriptions.
pub fn concerns(method: u8) -> bool {
    call(method).is_some()
}

impl Descriptions {
    pub fn new(is_ambiguous: bool) -> Self {
        Descriptions {
            is_ambiguous,
            ..Descriptions::default()
        }
    }

    /// What they take.
    pub fn bytes(&self) -> usize {
        let own = |description: &Description| description.kind.len() + description.sdp.len();
        let pending = |(id, description): &(Vec<u8>, Description)| id.len() + own(description);
        let side = |side: &Side| own(&side.set) + own(&side.stable) + side.pending.iter().map(pending).sum::<usize>();
        self.created.iter().map(own).sum::<usize>() + side(&self.local) + side(&self.remote)
    }

    /// Takes the next event. Appends its completed value to `out` and is true, if it differs from what was sent.
    pub fn event(&mut self, how: Restore, method: u8, value: Json, id: Option<Text>, out: &mut Vec<u8>) -> bool {
        match (how, call(method)) {
            (_, None) | (Restore::Nothing, _) => false,
            (Restore::Offered, Some(call)) => self.offered(call, method, value, out),
            (Restore::Fully, Some(_)) if self.is_ambiguous => false,
            (Restore::Fully, Some(call)) => {
                let id = id.map(|id| id.raw().to_vec()).unwrap_or_default();
                self.fully(call, value, id, out)
            }
        }
    }

    fn offered(&mut self, call: Call, method: u8, value: Json, out: &mut Vec<u8>) -> bool {
        let sent = Description::of(value);
        let base = match call {
            Call::Created if sent.created().is_some() => Some(&self.local.set),
            Call::SetLocal if !self.is_ambiguous => sent.created().map(|which| &self.created[which]),
            _ => None,
        };
        let (decoded, is_restored) = sent.restored_to(base, out);
        match call {
            Call::Created => self.created[usize::from(method == 5)] = decoded,
            Call::SetLocal => self.local.set = decoded,
            _ => {}
        }
        is_restored
    }

    fn fully(&mut self, call: Call, value: Json, id: Vec<u8>, out: &mut Vec<u8>) -> bool {
        let sent = Description::of(value);
        let base = match call {
            Call::Created | Call::LocalDone => Some(&self.local.set),
            Call::SetLocal if self.local.set.is_none() => sent.created().map(|which| &self.created[which]),
            Call::SetLocal => Some(&self.local.set),
            Call::SetRemote => Some(&self.remote.set),
            _ => None,
        };
        let (decoded, is_restored) = sent.restored_to(base, out);
        match call {
            Call::Created => {
                if let Some(which) = decoded.created() {
                    self.created[which] = decoded;
                }
            }
            Call::SetLocal if decoded.kind.is_empty() => {}
            Call::SetLocal => self.local.begin(id, decoded),
            Call::SetRemote => self.remote.begin(id, decoded),
            Call::LocalDone if decoded.kind.is_empty() => {
                let set = self.local.take(&id);
                self.done(set, |this| &mut this.local);
            }
            Call::LocalDone => self.done(Some(decoded), |this| &mut this.local),
            Call::RemoteDone => {
                let set = self.remote.take(&id);
                self.done(set, |this| &mut this.remote);
            }
            Call::LocalFailed => drop(self.local.take(&id)),
            Call::RemoteFailed => drop(self.remote.take(&id)),
        }
        is_restored
    }

    /// A description is set.
    fn done(&mut self, set: Option<Description>, side: impl Fn(&mut Self) -> &mut Side) {
        let Some(set) = set else { return };
        if set.kind == b"rollback" {
            let side = side(self);
            side.set = side.stable.clone();
            return;
        }
        let is_answer = set.kind == b"answer";
        side(self).set = set;
        if is_answer {
            for side in [&mut self.local, &mut self.remote] {
                side.stable = side.set.clone();
            }
        }
    }
}

impl Side {
    fn begin(&mut self, id: Vec<u8>, description: Description) {
        if self.pending.len() == DESCRIPTIONS_PENDING_MAX {
            self.pending.remove(0);
        }
        self.pending.push((id, description));
    }

    fn take(&mut self, id: &[u8]) -> Option<Description> {
        let at = self.pending.iter().position(|(own, _)| own == id)?;
        Some(self.pending.remove(at).1)
    }
}

impl Description {
    /// None, if it is no object or has no type.
    fn of(value: Json) -> Self {
        let text = |name| {
            value
                .get(name)
                .and_then(Json::as_text)
                .map(|text| plain(text).into_owned())
        };
        Description {
            kind: text("type").unwrap_or_default(),
            sdp: text("sdp").unwrap_or_default(),
        }
    }

    fn is_none(&self) -> bool {
        self.kind.is_empty()
    }

    /// Whether it is an offer (0) or an answer (1), as they are created.
    fn created(&self) -> Option<usize> {
        [&b"offer"[..], b"answer"].iter().position(|kind| *kind == self.kind)
    }

    /// The description as it counts from now on, and whether the base has completed it; then it is appended to `out`.
    fn restored_to(self, base: Option<&Description>, out: &mut Vec<u8>) -> (Description, bool) {
        match base.and_then(|base| self.restored(base)) {
            Some(restored) => {
                restored.write(out);
                (restored, true)
            }
            None => (self, false),
        }
    }

    /// With the sections of the base put back. `None` if the base does not fit.
    fn restored(&self, base: &Description) -> Option<Description> {
        if self.kind != base.kind || self.sdp.is_empty() || base.sdp.is_empty() {
            return None;
        }
        let mut sdp = Vec::with_capacity(base.sdp.len().max(self.sdp.len()) + 4);
        restore(&self.sdp, &base.sdp, &mut sdp);
        Some(Description {
            kind: self.kind.clone(),
            sdp,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"");
        out.extend_from_slice(&self.kind);
        out.extend_from_slice(b"\",\"sdp\":\"");
        out.extend_from_slice(&self.sdp);
        out.extend_from_slice(b"\"}");
    }
}
