//! The states of a connection (W3C WebRTC: RTCSignalingState, RTCIceConnectionState, RTCPeerConnectionState,
//! RTCIceGatheringState), each with the time since when it is so.

/// A state, and since when, in ms since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Since<S> {
    pub state: S,
    pub time: f64,
}

/// Declares an enum of states with their names.
macro_rules! states {
    ($($(#[doc = $about:literal])+ $name:ident { $($state:ident = $word:literal),+ })+) => {$(
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(clippy::enum_variant_names, reason = "the specification names them")]
        pub enum $name { $($state),+ }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$state),+];

            pub const fn name(self) -> &'static str {
                match self { $($name::$state => $word),+ }
            }

            pub fn of_name(name: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|state| state.name() == name)
            }
        }
    )+};
}

states! {
    /// RTCSignalingState
    Signaling {
        Stable = "stable", HaveLocalOffer = "have-local-offer", HaveRemoteOffer = "have-remote-offer",
        HaveLocalPranswer = "have-local-pranswer", HaveRemotePranswer = "have-remote-pranswer", Closed = "closed"
    }
    /// RTCIceConnectionState
    Ice {
        New = "new", Checking = "checking", Connected = "connected", Completed = "completed", Failed = "failed",
        Disconnected = "disconnected", Closed = "closed"
    }
    /// RTCPeerConnectionState
    Connectivity {
        New = "new", Connecting = "connecting", Connected = "connected", Disconnected = "disconnected",
        Failed = "failed", Closed = "closed"
    }
    /// RTCIceGatheringState
    Gathering { New = "new", Gathering = "gathering", Complete = "complete" }
}
