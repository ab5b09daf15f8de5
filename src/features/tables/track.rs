//! The features of a track.
use crate::features::direction::Direction;
use crate::features::feature::features;
use crate::features::last::Last;
use crate::features::sizes::Lengths;
use crate::features::stream::{Codec, Stream};
use crate::features::tracks::Ended;
use crate::features::value::Value;

features! {
    /// The features of a track. Nearly all are those of the stream of the statistics that the track got; a value
    /// without further words is the last one.
    TRACK of Ended;

    /// `audio` or `video`.
    kind: Text "text", "never", "mediacapture-main: MediaStreamTrack.kind"
        = |ended, _| (&ended.track.kind).into();
    /// `inbound` or `outbound`.
    direction: Text "text", "never", "–"
        = |ended, _| Value::Json(if is(ended, Direction::Inbound) { "\"inbound\"" } else { "\"outbound\"" });
    /// The id of the track.
    trackIdentifier: Text "text", "never", "mediacapture-main: MediaStreamTrack.id"
        = |ended, _| (&ended.track.id).into();
    /// Time of the event that made the track known.
    startTime: Real "ms since 1970" needs Beginning, "never", "–"
        = |ended, _| ended.track.start.into();
    /// From there to the last statistics that have its stream, rounded down; 0 without a stream.
    duration: Real "ms" needs Delay, "never", "–"
        = |ended, _| duration(ended).into();
    /// Type of the first codec that the statistics show.
    codecMimeType: Text "text" needs FirstStatistics, "none is shown", "webrtc-stats: RTCCodecStats.mimeType"
        = |ended, _| codec(ended).and_then(|codec| codec.mime_type.as_ref()).into();
    /// Parameters of that codec; empty if it has none.
    codecSdpFmtpLine: Text "text" needs FirstStatistics, "none is shown", "webrtc-stats: RTCCodecStats.sdpFmtpLine"
        = |ended, _| codec(ended).map(|codec| codec.fmtp_line.as_ref().map_or(Value::Json("\"\""), Value::from)).into();
    /// At some time no decoder could decode the video.
    hasNullVideoDecoder: Boolean "bool" needs Sighting, "not inbound video",
        "webrtc-stats: RTCInboundRtpStreamStats.decoderImplementation"
        = |ended, _| (is(ended, Direction::Inbound) && ended.track.kind.is("video")).then(|| null_decoder(ended)).into();
    /// From `startTime` to the first `onunmute` of the track, rounded down: packets flow.
    timeToFirstFrame: Real "ms" needs PageEvents, "outbound, or never unmuted, or before",
        "mediacapture-main: MediaStreamTrack.onunmute"
        = |ended, _| unmute(ended).into();
    /// The most frequent width over all statistics with width and height; of equally frequent ones the smallest.
    commonWidth: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameWidth of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.width, Lengths::common).into();
    /// The most frequent height, found by itself.
    commonHeight: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameHeight of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.height, Lengths::common).into();
    /// The least width.
    minWidth: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameWidth of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.width, Lengths::least).into();
    /// The least height.
    minHeight: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameHeight of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.height, Lengths::least).into();
    /// The greatest width.
    maxWidth: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameWidth of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.width, Lengths::greatest).into();
    /// The greatest height.
    maxHeight: Integer "pixels" needs FirstStatistics, "audio, or none reported",
        "webrtc-stats: frameHeight of the stream"
        = |ended, _| length(ended, |stream| &stream.sizes.height, Lengths::greatest).into();
    /// The jitter buffer was flushed every three to five seconds, each time.
    hasPeriodicJitterBufferFlushes: Boolean "bool" needs FirstStatistics,
        "not inbound audio, or fewer than three flushes",
        "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferFlushes"
        = |ended, _| flushes(ended).into();
    /// Frames encoded, or decoded if there is no such counter.
    frameCount: Integer "count", "not reported", "webrtc-stats: framesEncoded, framesDecoded"
        = |ended, _| either(ended, "framesEncoded", "framesDecoded");
    /// Key frames, likewise.
    keyFrameCount: Integer "count", "not reported", "webrtc-stats: keyFramesEncoded, keyFramesDecoded"
        = |ended, _| either(ended, "keyFramesEncoded", "keyFramesDecoded");
    /// Sum of the quantisation parameters of all frames.
    qpSum: Integer "sum", "not reported", "webrtc-stats: qpSum of the stream" = copy;
    /// Negative acknowledgements.
    nackCount: Integer "count", "not reported", "webrtc-stats: nackCount of the stream" = copy;
    /// Picture loss indications.
    pliCount: Integer "count", "not reported", "webrtc-stats: pliCount of the stream" = copy;
    /// Full intra requests.
    firCount: Integer "count", "not reported", "webrtc-stats: firCount of the stream" = copy;
    /// Share of the time for which bandwidth limited the quality: its member of `qualityLimitationDurations` divided by
    /// the sum of all members. A fraction, in spite of the name.
    bandwidthQualityLimitationPercentage: Real "0…1", "not reported, or the sum is 0",
        "webrtc-stats: RTCOutboundRtpStreamStats.qualityLimitationDurations"
        = |ended, _| last(ended).and_then(|last| last.limited_by("bandwidth")).into();
    /// The same for the processor.
    cpuQualityLimitationPercentage: Real "0…1", "not reported, or the sum is 0",
        "webrtc-stats: RTCOutboundRtpStreamStats.qualityLimitationDurations"
        = |ended, _| last(ended).and_then(|last| last.limited_by("cpu")).into();
    /// The same for other reasons.
    otherQualityLimitationPercentage: Real "0…1", "not reported, or the sum is 0",
        "webrtc-stats: RTCOutboundRtpStreamStats.qualityLimitationDurations"
        = |ended, _| last(ended).and_then(|last| last.limited_by("other")).into();
    /// How often the resolution changed because of such a limit.
    qualityLimitationResolutionChanges: Integer "count", "not reported",
        "webrtc-stats: RTCOutboundRtpStreamStats.qualityLimitationResolutionChanges" = sent;
    /// Time to encode a frame: `totalEncodeTime` / `framesEncoded`.
    averageEncodeTime: Real "s", "one is missing, or no frames", "webrtc-stats: RTCOutboundRtpStreamStats.totalEncodeTime"
        = |ended, _| quotient(ended, Direction::Outbound, "totalEncodeTime", "framesEncoded");
    /// Name of the simulcast layer.
    rid: Text "text", "not reported", "webrtc-stats: RTCOutboundRtpStreamStats.rid" = sent;
    /// Number of the simulcast layer.
    encodingIndex: Integer "number", "not reported", "webrtc-stats: RTCOutboundRtpStreamStats.encodingIndex" = sent;
    /// Frames of which the peak signal-to-noise ratio was measured.
    psnrMeasurements: Integer "count", "none were", "webrtc-stats: RTCOutboundRtpStreamStats.psnrMeasurements"
        = |ended, _| last(ended).filter(|_| is(ended, Direction::Outbound)).and_then(Last::psnr).into();
    /// Sum of these ratios for luma.
    psnrSumY: Real "dB", "none were measured", "webrtc-stats: RTCOutboundRtpStreamStats.psnrSum"
        = |ended, _| last(ended).and_then(|last| last.psnr_sum("y")).into();
    /// … for blue.
    psnrSumU: Real "dB", "none were measured", "webrtc-stats: RTCOutboundRtpStreamStats.psnrSum"
        = |ended, _| last(ended).and_then(|last| last.psnr_sum("u")).into();
    /// … for red.
    psnrSumV: Real "dB", "none were measured", "webrtc-stats: RTCOutboundRtpStreamStats.psnrSum"
        = |ended, _| last(ended).and_then(|last| last.psnr_sum("v")).into();
    /// Name of the encoder.
    encoderImplementation: Text "text", "not reported", "webrtc-stats: RTCOutboundRtpStreamStats.encoderImplementation"
        = sent;
    /// The encoder is one that saves power.
    powerEfficientEncoder: Boolean "bool", "not reported", "webrtc-stats: RTCOutboundRtpStreamStats.powerEfficientEncoder"
        = sent;
    /// Packets sent with the mark ECT(1).
    packetsSentWithEct1: Integer "count", "not reported", "webrtc-stats: RTCOutboundRtpStreamStats.packetsSentWithEct1"
        = sent;
    /// Packets of the stream that the other side received with ECT(1).
    packetsReceivedWithEct1: Integer "count", "the other side does not report",
        "webrtc-stats: RTCRemoteInboundRtpStreamStats.packetsReceivedWithEct1" = sent;
    /// … with the mark of congestion, CE.
    packetsReceivedWithCe: Integer "count", "the other side does not report",
        "webrtc-stats: RTCRemoteInboundRtpStreamStats.packetsReceivedWithCe" = sent;
    /// … without the mark that they were sent with.
    packetsWithBleachedEct1Marking: Integer "count", "the other side does not report",
        "webrtc-stats: RTCRemoteInboundRtpStreamStats.packetsWithBleachedEct1Marking" = sent;
    /// Freezes.
    freezeCount: Integer "count", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.freezeCount" = received;
    /// Their length.
    totalFreezesDuration: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.totalFreezesDuration" = received;
    /// Frames dropped before or after decoding.
    framesDropped: Integer "count", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.framesDropped" = received;
    /// Name of the decoder.
    decoderImplementation: Text "text", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.decoderImplementation"
        = received;
    /// The decoder is one that saves power.
    powerEfficientDecoder: Boolean "bool", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.powerEfficientDecoder"
        = received;
    /// Time in the jitter buffer, summed over all frames or samples that left it.
    jitterBufferDelay: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferDelay" = received;
    /// The least it could have been, summed likewise.
    jitterBufferMinimumDelay: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferMinimumDelay"
        = received;
    /// What it should have been, summed likewise.
    jitterBufferTargetDelay: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferTargetDelay"
        = received;
    /// Frames or samples that left the jitter buffer.
    jitterBufferEmittedCount: Integer "count", "not reported",
        "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferEmittedCount" = received;
    /// Flushes of the jitter buffer.
    jitterBufferFlushes: Integer "count", "not reported", "Chromium: RTCInboundRtpStreamStats.jitterBufferFlushes"
        = received;
    /// From the first packet to the decoded frame or samples, summed.
    totalProcessingDelay: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.totalProcessingDelay" = received;
    /// Frames that came in several packets.
    framesAssembledFromMultiplePackets: Integer "count", "not reported",
        "webrtc-stats: RTCInboundRtpStreamStats.framesAssembledFromMultiplePackets" = received;
    /// From the first to the last packet of such a frame, summed.
    totalAssemblyTime: Real "s", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.totalAssemblyTime" = received;
    /// Samples made up for lost ones.
    concealedSamples: Integer "count", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.concealedSamples" = received;
    /// All samples.
    totalSamplesReceived: Integer "count", "not reported", "webrtc-stats: RTCInboundRtpStreamStats.totalSamplesReceived"
        = received;
    /// `concealedSamples` / `totalSamplesReceived`; a fraction.
    concealmentPercentage: Real "0…1", "one is missing, or no samples",
        "webrtc-stats: RTCInboundRtpStreamStats.concealedSamples"
        = |ended, _| quotient(ended, Direction::Inbound, "concealedSamples", "totalSamplesReceived");
    /// Samples added to play slower.
    insertedSamplesForDeceleration: Integer "count", "not reported",
        "webrtc-stats: RTCInboundRtpStreamStats.insertedSamplesForDeceleration" = received;
    /// Samples left out to play faster.
    removedSamplesForAcceleration: Integer "count", "not reported",
        "webrtc-stats: RTCInboundRtpStreamStats.removedSamplesForAcceleration" = received;
    /// `insertedSamplesForDeceleration` / `totalSamplesReceived`; a fraction.
    decelerationPercentage: Real "0…1", "one is missing, or no samples",
        "webrtc-stats: RTCInboundRtpStreamStats.insertedSamplesForDeceleration"
        = |ended, _| quotient(ended, Direction::Inbound, "insertedSamplesForDeceleration", "totalSamplesReceived");
    /// `removedSamplesForAcceleration` / `totalSamplesReceived`; a fraction.
    accelerationPercentage: Real "0…1", "one is missing, or no samples",
        "webrtc-stats: RTCInboundRtpStreamStats.removedSamplesForAcceleration"
        = |ended, _| quotient(ended, Direction::Inbound, "removedSamplesForAcceleration", "totalSamplesReceived");
    /// `totalDecodeTime` / `framesDecoded`.
    averageDecodeTime: Real "s", "one is missing, or no frames", "webrtc-stats: RTCInboundRtpStreamStats.totalDecodeTime"
        = |ended, _| quotient(ended, Direction::Inbound, "totalDecodeTime", "framesDecoded");
    /// `totalInterFrameDelay` / `framesDecoded`.
    averageInterFrameDelay: Real "s", "one is missing, or no frames",
        "webrtc-stats: RTCInboundRtpStreamStats.totalInterFrameDelay"
        = |ended, _| quotient(ended, Direction::Inbound, "totalInterFrameDelay", "framesDecoded");
    /// `jitterBufferDelay` / `jitterBufferEmittedCount`.
    averageJitterBufferDelay: Real "s", "one is missing, or none left it",
        "webrtc-stats: RTCInboundRtpStreamStats.jitterBufferDelay"
        = |ended, _| quotient(ended, Direction::Inbound, "jitterBufferDelay", "jitterBufferEmittedCount");
    /// `totalProcessingDelay` / `jitterBufferEmittedCount`.
    averageProcessingDelay: Real "s", "one is missing, or none left it",
        "webrtc-stats: RTCInboundRtpStreamStats.totalProcessingDelay"
        = |ended, _| quotient(ended, Direction::Inbound, "totalProcessingDelay", "jitterBufferEmittedCount");
    /// `totalAssemblyTime` / `framesAssembledFromMultiplePackets`.
    averageAssemblyTime: Real "s", "one is missing, or no such frames",
        "webrtc-stats: RTCInboundRtpStreamStats.totalAssemblyTime"
        = |ended, _| quotient(ended, Direction::Inbound, "totalAssemblyTime", "framesAssembledFromMultiplePackets");
}

fn is(ended: &Ended, direction: Direction) -> bool {
    ended.track.direction == direction
}

fn codec(ended: &Ended) -> Option<&Codec> {
    ended.stream.as_ref()?.codec.as_ref()
}

fn duration(ended: &Ended) -> f64 {
    let last = ended.stream.as_ref().and_then(Stream::last_time);
    last.map_or(0.0, |last| (last - ended.track.start).floor())
}

fn null_decoder(ended: &Ended) -> bool {
    ended.stream.as_ref().is_some_and(|stream| stream.null_decoder)
}

fn unmute(ended: &Ended) -> Option<f64> {
    let time = ended.unmuted.filter(|_| is(ended, Direction::Inbound))? - ended.track.start;
    (time >= 0.0).then(|| time.floor())
}

fn length(ended: &Ended, side: fn(&Stream) -> &Lengths, of: fn(&Lengths) -> Option<f64>) -> Option<f64> {
    let stream = ended.stream.as_ref().filter(|_| !ended.track.kind.is("audio"))?;
    of(side(stream))
}

fn flushes(ended: &Ended) -> Option<bool> {
    let is_meant = is(ended, Direction::Inbound) && ended.track.kind.is("audio");
    ended.stream.as_ref().filter(|_| is_meant)?.flushes.periodic()
}

fn last(ended: &Ended) -> Option<&Last> {
    ended.stream.as_ref()?.last.as_deref()
}

/// The last value of the property that is called like the feature.
fn copy<'a>(ended: &'a Ended, name: &'static str) -> Value<'a> {
    last(ended).and_then(|last| last.get(name)).into()
}

fn sent<'a>(ended: &'a Ended, name: &'static str) -> Value<'a> {
    copied(ended, Direction::Outbound, name)
}

fn received<'a>(ended: &'a Ended, name: &'static str) -> Value<'a> {
    copied(ended, Direction::Inbound, name)
}

fn copied<'a>(ended: &'a Ended, direction: Direction, name: &'static str) -> Value<'a> {
    if is(ended, direction) {
        copy(ended, name)
    } else {
        Value::Absent
    }
}

fn either<'a>(ended: &'a Ended, first: &str, second: &str) -> Value<'a> {
    last(ended)
        .and_then(|last| last.get(first).or_else(|| last.get(second)))
        .into()
}

fn quotient(ended: &Ended, direction: Direction, a: &str, b: &str) -> Value<'static> {
    last(ended)
        .filter(|_| is(ended, direction))
        .and_then(|last| last.quotient(a, b))
        .into()
}
