//! The features of a connection that come from its statistics.
use crate::features::connection::Connection;
use crate::features::feature::features;
use crate::features::first_pair::FirstPair;
use crate::features::keep::Kept;
use crate::features::path::Dtls;
use crate::features::place::Places;
use crate::features::value::Value;

features! {
    /// The features of a connection that its statistics show.
    STATISTICS of Connection;

    /// Version of the first transport that says one: `FEFD` is DTLS 1.2, `FEFC` DTLS 1.3.
    dtlsVersion: Text "text", "none says one", "webrtc-stats: RTCTransportStats.tlsVersion"
        = |connection, _| dtls(connection, |dtls| &dtls.version);
    /// DTLS role of the same transport: client, server or unknown.
    dtlsRole: Text "text", "it does not say", "webrtc-stats: RTCTransportStats.dtlsRole"
        = |connection, _| dtls(connection, |dtls| &dtls.role);
    /// SRTP protection profile of the same transport.
    srtpCipher: Text "text", "it does not say", "webrtc-stats: RTCTransportStats.srtpCipher"
        = |connection, _| dtls(connection, |dtls| &dtls.srtp_cipher);
    /// Clock of the page minus clock of the statistics, rounded, at the first statistics. Large if the machine slept
    /// before.
    clockSkew: Integer "ms" needs PageClock, "no such statistics", "webrtc-stats: RTCPeerConnectionStats, timestamp"
        = |connection, _| connection.path.clock_skew.into();
    /// Time of all STUN round trips divided by their number, over all pairs that were selected; of each pair its
    /// counters when it was selected last.
    averageStunRoundTripTime: Real "s" needs FirstStatistics, "no pair, or no responses",
        "webrtc-stats: RTCIceCandidatePairStats.totalRoundTripTime, responsesReceived"
        = |connection, _| connection.path.round_trip_time().into();
    /// Bits that the transport sent per second: from the first statistics with a selected pair and both counters above
    /// zero, to the last ones with a selected pair. The time is that of the events.
    averageOutboundBitrate: Real "bit/s" needs FirstStatistics, "no pair, no counters, or only once",
        "webrtc-stats: RTCTransportStats.bytesSent"
        = |connection, _| connection.path.outbound_bitrate().into();
    /// The same for bits received.
    averageInboundBitrate: Real "bit/s" needs FirstStatistics, "no pair, no counters, or only once",
        "webrtc-stats: RTCTransportStats.bytesReceived"
        = |connection, _| connection.path.inbound_bitrate().into();
    /// The source of the dump keeps only the last 1,000 statistics and has had more (webrtc-internals). Always false
    /// for dumps of the client library.
    statsTruncated: Boolean "bool", "never", "–"
        = |connection, _| connection.form.is_truncated().into();

    /// Address of the local candidate of the first selected pair behind the first connection state connected. Masked in
    /// a masked dump.
    firstCandidatePairLocalAddress: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.address"
        = |connection, _| pair(connection, |pair| &pair.local_address);
    /// Kind of network of that candidate.
    firstCandidatePairLocalNetworkType: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.networkType (deprecated)"
        = |connection, _| pair(connection, |pair| &pair.local_network_type);
    /// `udp` or `tcp`.
    firstCandidatePairLocalProtocol: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.protocol"
        = |connection, _| pair(connection, |pair| &pair.local_protocol);
    /// Protocol between that candidate and its TURN server.
    firstCandidatePairLocalRelayProtocol: Text "text" needs FirstStatistics, "no such pair, or no relay",
        "webrtc-stats: RTCIceCandidateStats.relayProtocol"
        = |connection, _| pair(connection, |pair| &pair.local_relay_protocol);
    /// URL of its TURN server.
    firstCandidatePairLocalRelayUrl: Text "text" needs FirstStatistics, "no such pair, or no relay",
        "webrtc-stats: RTCIceCandidateStats.url"
        = |connection, _| pair(connection, |pair| &pair.local_relay_url);
    /// Its type.
    firstCandidatePairLocalType: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.candidateType"
        = |connection, _| pair(connection, |pair| &pair.local_type);
    /// The highest byte of its priority, as a signed number; 0 without a priority.
    firstCandidatePairLocalTypePreference: Integer "number" needs FirstStatistics, "no such pair",
        "webrtc-stats: RTCIceCandidateStats.priority; RFC 8445, section 5.1.2.1"
        = |connection, _| connection.first_pair.as_ref().map(|pair| pair.local_type_preference).into();
    /// Address of the remote candidate of the same pair.
    firstCandidatePairRemoteAddress: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.address"
        = |connection, _| pair(connection, |pair| &pair.remote_address);
    /// Its type.
    firstCandidatePairRemoteType: Text "text" needs FirstStatistics, "no such pair, or not said",
        "webrtc-stats: RTCIceCandidateStats.candidateType"
        = |connection, _| pair(connection, |pair| &pair.remote_type);

    /// Continent of the last candidate before the first statistics that `onicecandidate` gave and the server located.
    rtcstatsRelayLocationContinent: Text "text" needs Server, "none was located", "–"
        = |connection, _| place(connection, |places| &places.relay.continent);
    /// Country of the same candidate.
    rtcstatsRelayLocationCountry: Text "text" needs Server, "none was located", "–"
        = |connection, _| place(connection, |places| &places.relay.country);
    /// City of the same candidate.
    rtcstatsRelayLocationCity: Text "text" needs Server, "none was located", "–"
        = |connection, _| place(connection, |places| &places.relay.city);
    /// Continent of the first located candidate that has the address of the local end of the first selected pair.
    rtcstatsLocationContinent: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.local.continent);
    /// Its country.
    rtcstatsLocationCountry: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.local.country);
    /// Its city.
    rtcstatsLocationCity: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.local.city);
    /// Continent of the first located candidate, of those that were added, that has the address of the remote end.
    rtcstatsPeerLocationContinent: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.remote.continent);
    /// Its country.
    rtcstatsPeerLocationCountry: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.remote.country);
    /// Its city.
    rtcstatsPeerLocationCity: Text "text" needs Server, "no such candidate", "–"
        = |connection, _| place(connection, |places| &places.remote.city);
}

fn dtls(connection: &Connection, part: fn(&Dtls) -> &Option<Kept>) -> Value<'_> {
    connection
        .path
        .dtls
        .as_ref()
        .and_then(|dtls| part(dtls).as_ref())
        .into()
}

fn pair(connection: &Connection, part: fn(&FirstPair) -> &Option<Kept>) -> Value<'_> {
    connection
        .first_pair
        .as_deref()
        .and_then(|pair| part(pair).as_ref())
        .into()
}

fn place(connection: &Connection, part: fn(&Places) -> &Option<Kept>) -> Value<'_> {
    connection
        .places
        .as_deref()
        .and_then(|places| part(places).as_ref())
        .into()
}
