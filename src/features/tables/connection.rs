//! The features of a connection that come from its calls and events.
use crate::features::connection::Connection;
use crate::features::feature::features;
use crate::features::value::only_if;

features! {
    /// The features of a connection that its calls and events show.
    EVENTS of Connection;

    /// The name by which the events call the connection.
    connectionIdentifier: Text "text", "never", "–"
        = |connection, _| connection.identifier.as_ref().into();
    /// Time of the first event, normally `create`.
    startTime: Real "ms since 1970" needs Creation, "never", "–"
        = |connection, _| connection.span.begin().into();
    /// From the first to the last event.
    duration: Real "ms" needs Lifetime, "never", "–"
        = |connection, _| connection.span.duration().into();
    /// The last event is `close`.
    closed: Boolean "bool", "never", "webrtc-pc: RTCPeerConnection.close"
        = |connection, _| connection.closed.into();
    /// All events.
    numberOfEvents: Integer "count" needs Trace, "never", "–"
        = |connection, _| connection.events.into();
    /// All events but `getStats`.
    numberOfEventsNotGetStats: Integer "count" needs Trace, "never", "–"
        = |connection, _| connection.events.saturating_sub(connection.statistics).into();
    /// How often the signaling state became stable, rollbacks included.
    numberOfNegotiations: Integer "count" needs Beginning, "never", "webrtc-pc: RTCPeerConnection.signalingState"
        = |connection, _| connection.negotiation.stable.into();
    /// The last signaling state other than closed is not stable.
    pendingNegotiationAtEnd: Boolean "bool", "no such state", "webrtc-pc: RTCPeerConnection.signalingState"
        = |connection, _| connection.negotiation.pending.into();
    /// From the first `setLocalDescription` of an offer to the first `setRemoteDescription` of an answer behind it.
    signalingDelay: Real "ms" needs Delay, "no such pair", "webrtc-pc: RTCSdpType"
        = |connection, _| connection.negotiation.offer_to_answer.ms().into();
    /// From the first `setLocalDescription` to its success.
    setLocalDescriptionDelay: Real "ms" needs Delay, "no call, or no success",
        "webrtc-pc: RTCPeerConnection.setLocalDescription"
        = |connection, _| connection.negotiation.local.delay().into();
    /// The type of the description in that call.
    setLocalDescriptionRole: Text "text" needs Beginning, "no success, or a call without description",
        "webrtc-pc: RTCSdpType"
        = |connection, _| connection.negotiation.local.role().into();
    /// From the first `setRemoteDescription` to its success.
    setRemoteDescriptionDelay: Real "ms" needs Delay, "no call, or no success",
        "webrtc-pc: RTCPeerConnection.setRemoteDescription"
        = |connection, _| connection.negotiation.remote.delay().into();
    /// The type of the description in that call.
    setRemoteDescriptionRole: Text "text" needs Beginning, "no success", "webrtc-pc: RTCSdpType"
        = |connection, _| connection.negotiation.remote.role().into();
    /// The first failure of `addIceCandidate`.
    addIceCandidateFailure: Text "text", "none failed", "webrtc-pc: RTCPeerConnection.addIceCandidate"
        = |connection, _| connection.negotiation.candidate_failure.text().into();
    /// The first failure of `setLocalDescription`.
    setLocalDescriptionFailure: Text "text", "none failed", "webrtc-pc: RTCPeerConnection.setLocalDescription"
        = |connection, _| connection.negotiation.local.failure.text().into();
    /// The first failure of `setRemoteDescription`.
    setRemoteDescriptionFailure: Text "text", "none failed", "webrtc-pc: RTCPeerConnection.setRemoteDescription"
        = |connection, _| connection.negotiation.remote.failure.text().into();
    /// The connection state was connected.
    connected: Boolean "bool" needs Occurrence, "never", "webrtc-pc: RTCPeerConnectionState"
        = |connection, _| connection.negotiation.connected.into();
    /// From the first connection state connecting to the first connected behind it: ICE and DTLS together.
    connectionTime: Real "ms" needs Delay, "no such pair", "webrtc-pc: RTCPeerConnectionState"
        = |connection, _| connection.negotiation.connecting_to_connected.ms().into();
    /// The ICE connection state was connected; completed does not count.
    iceConnected: Boolean "bool" needs Occurrence, "never", "webrtc-pc: RTCIceConnectionState"
        = |connection, _| connection.negotiation.ice_connected.into();
    /// From the first ICE connection state checking to the first connected behind it.
    iceConnectionTime: Real "ms" needs Delay, "no such pair", "webrtc-pc: RTCIceConnectionState"
        = |connection, _| connection.negotiation.checking_to_connected.ms().into();
    /// `createOffer` was called with `iceRestart: true`. `restartIce` does not count.
    iceRestart: Boolean "bool" needs Occurrence, "never", "webrtc-pc: RTCOfferOptions.iceRestart"
        = |connection, _| connection.negotiation.restarted().into();
    /// Behind such a call an offer was set, and behind that an answer.
    iceRestartFollowedBySetRemoteDescription: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCOfferOptions.iceRestart"
        = |connection, _| connection.negotiation.restart_answered().into();
    /// A remote description has the line `a=ice-lite`.
    usingIceLite: Boolean "bool" needs Occurrence, "never", "RFC 8839, section 5.3"
        = |connection, _| connection.negotiation.ice_lite.into();
    /// From the last start of the first gathering to the first candidate that came over a TURN server by UDP.
    /// Candidates behind the first gathering state complete do not count, so none of a restart does.
    gatheringTimeTurnUdp: Real "ms" needs Delay, "no such candidate (Firefox does not say)",
        "webrtc-pc: RTCIceCandidate.relayProtocol"
        = |connection, _| connection.ice.udp.into();
    /// The same for TCP.
    gatheringTimeTurnTcp: Real "ms" needs Delay, "no such candidate", "webrtc-pc: RTCIceCandidate.relayProtocol"
        = |connection, _| connection.ice.tcp.into();
    /// The same for TLS.
    gatheringTimeTurnTls: Real "ms" needs Delay, "no such candidate", "webrtc-pc: RTCIceCandidate.relayProtocol"
        = |connection, _| connection.ice.tls.into();

    /// Length of the list `iceServers` in the first `create`.
    configuredIceServers: Integer "count" needs Default, "no list there", "webrtc-pc: RTCConfiguration.iceServers"
        = |connection, _| connection.configuration.servers.into();
    /// `iceTransportPolicy` is relay.
    configuredIceTransportPolicy: Boolean "bool" needs Default, "no list of servers",
        "webrtc-pc: RTCConfiguration.iceTransportPolicy"
        = |connection, _| connection.configuration.relay_only.into();
    /// The URL of a server begins with `stun:`.
    configuredIceServersStun: Boolean "true", "otherwise (never false)", "RFC 7064; webrtc-pc: RTCIceServer.urls"
        = |connection, _| only_if(connection.configuration.stun);
    /// … begins with `turns:`.
    configuredIceServersTurns: Boolean "true", "otherwise (never false)", "RFC 7065; webrtc-pc: RTCIceServer.urls"
        = |connection, _| only_if(connection.configuration.turns);
    /// … begins with `turn:` and ends with `?transport=udp`.
    configuredIceServersTurnUdp: Boolean "true", "otherwise (never false)", "RFC 7065; webrtc-pc: RTCIceServer.urls"
        = |connection, _| only_if(connection.configuration.turn_udp);
    /// … begins with `turn:` and ends with `?transport=tcp`.
    configuredIceServersTurnTcp: Boolean "true", "otherwise (never false)", "RFC 7065; webrtc-pc: RTCIceServer.urls"
        = |connection, _| only_if(connection.configuration.turn_tcp);
    /// `bundlePolicy` there.
    configuredBundlePolicy: Text "text" needs Default, "not there", "webrtc-pc: RTCConfiguration.bundlePolicy"
        = |connection, _| connection.configuration.bundle_policy.as_ref().into();
    /// `alwaysNegotiateDataChannels` there.
    configuredAlwaysNegotiateDataChannels: Boolean "bool" needs Choice, "not there",
        "webrtc-extensions: RTCConfiguration.alwaysNegotiateDataChannels"
        = |connection, _| connection.configuration.data_channels.as_ref().into();

    /// `onicecandidate` gave a candidate of type host.
    gatheredHostCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.gathered.host.into();
    /// … of type host whose address ends with `.local`.
    gatheredMdnsCandidate: Boolean "bool" needs Occurrence, "never", "draft-ietf-mmusic-mdns-ice-candidates"
        = |connection, _| connection.ice.gathered.mdns.into();
    /// … of type srflx.
    gatheredSrflxCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.gathered.reflexive.into();
    /// … of type relay.
    gatheredTurnCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.gathered.relay.into();
    /// `addIceCandidate` got a candidate of type host.
    addedHostCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.added.host.into();
    /// … of type host whose address ends with `.local`.
    addedMdnsCandidate: Boolean "bool" needs Occurrence, "never", "draft-ietf-mmusic-mdns-ice-candidates"
        = |connection, _| connection.ice.added.mdns.into();
    /// … of type srflx.
    addedSrflxCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.added.reflexive.into();
    /// … of type relay.
    addedTurnCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.type; RFC 8839, section 5.1"
        = |connection, _| connection.ice.added.relay.into();
    /// `addIceCandidate` was called with null or nothing; the empty text and `{}` do not count.
    addedNullCandidate: Boolean "bool" needs PageEvents, "never", "webrtc-pc: RTCPeerConnection.addIceCandidate"
        = |connection, _| connection.ice.added_null.into();
    /// `addIceCandidate` got a candidate with `tcptype passive`, or a remote description has one.
    addedConnectableIceTcpCandidate: Boolean "bool" needs Occurrence, "never",
        "webrtc-pc: RTCIceCandidate.tcpType; RFC 6544"
        = |connection, _| connection.ice.added_passive.into();
}
