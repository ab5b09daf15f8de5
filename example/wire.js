// The short keys of the protocol rtcstats#5.0: what stands for a method, a type of statistics or a property on the
// wire. A name that is not listed here is sent in full, and readers understand that as well.
'use strict';

const WIRE_PROTOCOL = 'rtcstats#5.0';

// Only the methods that this example traces.
const WIRE_METHODS = {
  getStats: 'g', createOffer: 2, createOfferOnSuccess: 3, createAnswer: 4, createAnswerOnSuccess: 5,
  setLocalDescription: 6, setLocalDescriptionOnSuccess: 7, setRemoteDescription: 8, setRemoteDescriptionOnSuccess: 9,
  addIceCandidate: 10, addIceCandidateOnSuccess: 11, createOfferOnFailure: 12, createAnswerOnFailure: 13,
  setLocalDescriptionOnFailure: 14, setRemoteDescriptionOnFailure: 15, addIceCandidateOnFailure: 16,
  onicecandidate: 20, onicecandidateerror: 21, ontrack: 22, onsignalingstatechange: 23,
  oniceconnectionstatechange: 24, onconnectionstatechange: 25, onicegatheringstatechange: 26, onnegotiationneeded: 27,
  ondatachannel: 28, addTrack: 30, addTrackOnSuccess: 31, addTransceiver: 32, addTransceiverOnSuccess: 33,
  removeTrack: 34, createDataChannel: 35, close: 36, restartIce: 37, setConfiguration: 38, create: 39,
  'navigator.mediaDevices.getUserMedia': 60, 'navigator.mediaDevices.getUserMediaOnSuccess': 61,
  'navigator.mediaDevices.getUserMediaOnFailure': 65, 'navigator.mediaDevices.enumerateDevices': 66,
  'MediaStreamTrack.stop': 70, 'MediaStreamTrack.onended': 72, 'MediaStreamTrack.onmute': 73,
  'MediaStreamTrack.onunmute': 74,
};

const WIRE_STATISTICS_TYPES = {
  'inbound-rtp': 1, 'outbound-rtp': 2, 'remote-inbound-rtp': 3, 'remote-outbound-rtp': 4, transport: 5,
  'candidate-pair': 6, 'local-candidate': 7, 'remote-candidate': 8, 'data-channel': 9, 'peer-connection': 10,
  certificate: 11, 'media-source': 12, 'media-playout': 13, codec: 14,
};

const WIRE_STATISTICS_PROPERTIES = {
  payloadType: 4, transportId: 5, mimeType: 6, clockRate: 7, channels: 8, sdpFmtpLine: 9, ssrc: 10, kind: 11,
  codecId: 12, packetsReceived: 14, packetsLost: 15, jitter: 16, trackIdentifier: 17, mid: 18, remoteId: 19,
  framesDecoded: 20, keyFramesDecoded: 21, framesDropped: 22, frameWidth: 23, frameHeight: 24, framesPerSecond: 25,
  qpSum: 26, totalDecodeTime: 27, totalInterFrameDelay: 28, totalSquaredInterFrameDelay: 29, pauseCount: 30,
  totalPausesDuration: 31, freezeCount: 32, totalFreezesDuration: 33, lastPacketReceivedTimestamp: 34,
  headerBytesReceived: 35, packetsDiscarded: 36, fecPacketsReceived: 37, fecPacketsDiscarded: 38,
  fecBytesReceived: 39, fecSsrc: 40, bytesReceived: 41, nackCount: 42, firCount: 43, pliCount: 44,
  totalProcessingDelay: 45, estimatedPlayoutTimestamp: 46, jitterBufferDelay: 47, jitterBufferTargetDelay: 48,
  jitterBufferEmittedCount: 49, jitterBufferMinimumDelay: 50, totalSamplesReceived: 51, concealedSamples: 52,
  silentConcealedSamples: 53, concealmentEvents: 54, insertedSamplesForDeceleration: 55,
  removedSamplesForAcceleration: 56, audioLevel: 57, totalAudioEnergy: 58, totalSamplesDuration: 59,
  framesReceived: 60, decoderImplementation: 61, playoutId: 62, powerEfficientDecoder: 63,
  framesAssembledFromMultiplePackets: 64, totalAssemblyTime: 65, contentType: 66, googTimingFrameInfo: 67,
  retransmittedPacketsReceived: 68, retransmittedBytesReceived: 69, rtxSsrc: 70, totalCorruptionProbability: 71,
  totalSquaredCorruptionProbability: 72, corruptionMeasurements: 73, localId: 74, roundTripTime: 75,
  totalRoundTripTime: 76, fractionLost: 77, roundTripTimeMeasurements: 78, packetsSent: 79, bytesSent: 80,
  mediaSourceId: 81, rid: 82, encodingIndex: 83, headerBytesSent: 84, retransmittedPacketsSent: 85,
  retransmittedBytesSent: 86, targetBitrate: 87, totalEncodedBytesTarget: 88, framesSent: 89, hugeFramesSent: 90,
  framesEncoded: 91, keyFramesEncoded: 92, totalEncodeTime: 93, totalPacketSendDelay: 94, qualityLimitationReason: 95,
  qualityLimitationDurations: 96, qualityLimitationResolutionChanges: 97, encoderImplementation: 98,
  powerEfficientEncoder: 99, active: 100, scalabilityMode: 101, remoteTimestamp: 102, reportsSent: 103,
  echoReturnLoss: 104, echoReturnLossEnhancement: 105, width: 106, height: 107, frames: 108,
  synthesizedSamplesDuration: 109, synthesizedSamplesEvents: 110, totalPlayoutDelay: 111, totalSamplesCount: 112,
  dataChannelsOpened: 113, dataChannelsClosed: 114, label: 115, protocol: 116, dataChannelIdentifier: 117, state: 118,
  messagesSent: 119, messagesReceived: 120, iceRole: 121, iceLocalUsernameFragment: 122, dtlsState: 123,
  iceState: 124, selectedCandidatePairId: 125, localCertificateId: 126, remoteCertificateId: 127, tlsVersion: 128,
  dtlsCipher: 129, dtlsRole: 130, srtpCipher: 131, selectedCandidatePairChanges: 132, rtcpTransportStatsId: 133,
  address: 134, port: 135, candidateType: 136, priority: 137, url: 138, relayProtocol: 139, foundation: 140,
  relatedAddress: 141, relatedPort: 142, usernameFragment: 143, tcpType: 144, networkType: 145, localCandidateId: 148,
  remoteCandidateId: 149, nominated: 150, lastPacketSentTimestamp: 151, currentRoundTripTime: 152,
  availableOutgoingBitrate: 153, availableIncomingBitrate: 154, requestsReceived: 155, requestsSent: 156,
  responsesReceived: 157, responsesSent: 158, consentRequestsSent: 159, packetsDiscardedOnSend: 160,
  bytesDiscardedOnSend: 161, fingerprint: 163, fingerprintAlgorithm: 164, base64Certificate: 165,
  issuerCertificateId: 166, timestamp: 't',
};
