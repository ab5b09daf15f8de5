// A call of five minutes that goes wrong, as a dump: for the pictures of the page. After two and a half minutes the
// path has no room: loss, a freeze, a lower resolution; then the connection moves to a relay. Later the machine sleeps.
'use strict';

const START = Date.UTC(2026, 2, 3, 12, 0, 0);
const POLLS = 290;
const WORSE = [150, 186];
const FROZEN = [158, 164];
const RELAYED = 186;
const ASLEEP = 236;

const AGENT = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

function noise() {
  let state = 11;
  return (size) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state / 2 ** 32 - 0.5) * 2 * size;
  };
}

const media = (kind, mid, direction) => [
  `m=${kind} 9 UDP/TLS/RTP/SAVPF ${kind === 'audio' ? 111 : 96}`, 'c=IN IP4 0.0.0.0', `a=mid:${mid}`, `a=${direction}`, 'a=rtcp-mux',
  kind === 'audio' ? 'a=rtpmap:111 opus/48000/2' : 'a=rtpmap:96 VP8/90000',
];
function sdp(setup, ufrag) {
  return `${['v=0', 'o=- 4611 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0 1', `a=ice-ufrag:${ufrag}`, 'a=ice-pwd:asd88fgpdd777uzjYhagZg',
    `a=setup:${setup}`, ...media('audio', '0', 'sendrecv'), ...media('video', '1', 'sendrecv')].join('\r\n')}\r\n`;
}

// What happens before the first poll: [method, connection, value, id or ms, ms].
function opening() {
  const offer = { type: 'offer', sdp: sdp('actpass', 'aB3d') };
  const answer = { type: 'answer', sdp: sdp('active', 'zY9x') };
  const audio = ['audio', 'a1', 'MacBook Pro Microphone', 's1'];
  const video = ['video', 'v1', 'FaceTime HD Camera', 's1'];
  const candidate = (text) => ({ candidate: `candidate:${text}`, sdpMid: '0', sdpMLineIndex: 0 });
  return [
    ['navigator.mediaDevices.getUserMedia', null, { audio: true, video: { width: 1280, height: 720 } }, 'g', 120],
    ['navigator.mediaDevices.getUserMediaOnSuccess', null, [audio, video], 'g', 640],
    ['create', 'PC_0', { iceServers: [{ urls: ['stun:stun.example.org:3478'] }, { urls: ['turns:turn.example.org:443?transport=tcp'] }] }, 12],
    ['addTrack', 'PC_0', audio, 2], ['addTrack', 'PC_0', video, 1], ['onnegotiationneeded', 'PC_0', null, 1],
    ['createOffer', 'PC_0', null, 'o', 2], ['createOfferOnSuccess', 'PC_0', offer, 'o', 16],
    ['setLocalDescription', 'PC_0', offer, 'l', 3], ['setLocalDescriptionOnSuccess', 'PC_0', null, 'l', 12],
    ['onsignalingstatechange', 'PC_0', 'have-local-offer', 0], ['onicegatheringstatechange', 'PC_0', 'gathering', 1],
    ['onicecandidate', 'PC_0', candidate('1 1 udp 2122260223 192.0.2.10 51234 typ host'), 4],
    ['onicecandidate', 'PC_0', candidate('2 1 udp 1686052607 198.51.100.4 51234 typ srflx raddr 192.0.2.10 rport 51234'), 48],
    ['onicecandidate', 'PC_0', candidate('3 1 udp 8331263 203.0.113.9 60001 typ relay raddr 198.51.100.4 rport 51234'), 160],
    ['setRemoteDescription', 'PC_0', answer, 'r', 90], ['setRemoteDescriptionOnSuccess', 'PC_0', null, 'r', 9],
    ['onsignalingstatechange', 'PC_0', 'stable', 0],
    ['addIceCandidate', 'PC_0', candidate('7 1 udp 1686052607 198.51.100.77 40100 typ srflx raddr 10.0.0.2 rport 40100'), 'c', 6],
    ['addIceCandidateOnSuccess', 'PC_0', null, 'c', 2],
    ['oniceconnectionstatechange', 'PC_0', 'checking', 1], ['onconnectionstatechange', 'PC_0', 'connecting', 1],
    ['oniceconnectionstatechange', 'PC_0', 'connected', 130], ['onconnectionstatechange', 'PC_0', 'connected', 95],
    ['onicegatheringstatechange', 'PC_0', 'complete', 20],
  ];
}

const isIn = ([from, to], poll) => from <= poll && poll < to;

// The reports of one poll; `sum` holds the counters.
function reports(poll, sum, random) {
  const isBad = isIn(WORSE, poll);
  const isFrozen = isIn(FROZEN, poll);
  const rise = Math.min(1, (poll + 1) / 10);
  const room = isBad ? 0.42e6 + random(3e4) : (2.4e6 + random(9e4)) * rise;
  const target = Math.min(1.7e6, room * 0.9);
  const add = (name, by) => (sum[name] = (sum[name] || 0) + Math.max(0, by));
  const grow = (name, by) => Math.round(add(name, by));
  const rtt = (isBad ? 0.24 : 0.038) + random(isBad ? 0.06 : 0.006) + (poll >= RELAYED ? 0.02 : 0);
  const fps = isBad ? 14 : 30;
  const height = isIn([WORSE[0] + 2, WORSE[1] + 8], poll) ? 180 : 720;
  const far = isFrozen ? 0 : isBad ? 17 + random(4) : 25 + random(0.6);
  const pair = poll >= RELAYED ? 'P2' : 'P1';
  const lost = isBad ? 5 + random(4) : 0;
  const bytes = { sent: grow('sent', (target + 32e3 + random(5e4)) / 8), received: grow('got', isBad ? 4e4 + random(4e3) : 2e5 + random(1e4)) };
  const level = Math.max(0, Math.sin(poll / 9) * 0.4 + random(0.12));
  const video = { kind: 'video', mid: '1', transportId: 'T', codecId: 'C2' };
  const audio = { kind: 'audio', mid: '0', transportId: 'T', codecId: 'C1' };
  return {
    T: { type: 'transport', dtlsState: 'connected', iceState: 'connected', selectedCandidatePairId: pair, selectedCandidatePairChanges: poll >= RELAYED ? 2 : 1, bytesSent: bytes.sent, bytesReceived: bytes.received },
    [pair]: { type: 'candidate-pair', transportId: 'T', localCandidateId: poll >= RELAYED ? 'L2' : 'L1', remoteCandidateId: 'R1', state: 'succeeded', nominated: true, availableOutgoingBitrate: Math.round(room), currentRoundTripTime: rtt, bytesSent: bytes.sent, bytesReceived: bytes.received, requestsSent: poll + 4, responsesReceived: poll + 4 },
    L1: { type: 'local-candidate', candidateType: 'srflx', protocol: 'udp', networkType: 'wifi' },
    L2: { type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tls', networkType: 'wifi' },
    R1: { type: 'remote-candidate', candidateType: 'srflx', protocol: 'udp' },
    C1: { type: 'codec', mimeType: 'audio/opus', payloadType: 111, clockRate: 48000, transportId: 'T' },
    C2: { type: 'codec', mimeType: 'video/VP8', payloadType: 96, clockRate: 90000, transportId: 'T' },
    SA: { type: 'media-source', kind: 'audio', trackIdentifier: 'a1', audioLevel: level },
    SV: { type: 'media-source', kind: 'video', trackIdentifier: 'v1', width: 1280, height: 720, framesPerSecond: 30 },
    OA: { type: 'outbound-rtp', ...audio, ssrc: 1001, mediaSourceId: 'SA', remoteId: 'RA', bytesSent: grow('oa', 4000), packetsSent: grow('oap', 50), targetBitrate: 32000 },
    OV: { type: 'outbound-rtp', ...video, ssrc: 2002, mediaSourceId: 'SV', remoteId: 'RV', bytesSent: grow('ov', target / 8), packetsSent: grow('ovp', target / 9000), targetBitrate: Math.round(target), framesPerSecond: fps, framesEncoded: grow('fe', fps), framesSent: grow('fs', fps), frameWidth: (height * 16) / 9, frameHeight: height, qpSum: grow('qp', fps * (isBad ? 46 : 22)), totalEncodeTime: add('te', fps * (0.006 + random(0.001))), qualityLimitationReason: isIn([WORSE[0], WORSE[1] + 10], poll) ? 'bandwidth' : 'none', nackCount: grow('nk', isBad ? 6 : 0), pliCount: grow('pl', isBad && poll % 9 === 0 ? 1 : 0), encoderImplementation: 'libvpx', active: true },
    RA: { type: 'remote-inbound-rtp', kind: 'audio', localId: 'OA', ssrc: 1001, roundTripTimeMeasurements: poll + 1, totalRoundTripTime: add('rta', rtt), roundTripTime: rtt + random(0.004), jitter: 0.004 + (isBad ? 0.02 : 0), packetsLost: grow('ral', lost), fractionLost: lost / 55 },
    RV: { type: 'remote-inbound-rtp', kind: 'video', localId: 'OV', ssrc: 2002, roundTripTimeMeasurements: poll + 1, totalRoundTripTime: add('rtv', rtt), roundTripTime: rtt + random(0.004), packetsLost: grow('rvl', lost * 2), fractionLost: lost / 60 },
    IA: { type: 'inbound-rtp', ...audio, ssrc: 3003, trackIdentifier: 'ra', packetsReceived: grow('iap', 50 - lost), packetsLost: grow('ial', lost), jitter: 0.005 + (isBad ? 0.022 + random(0.008) : random(0.002)), jitterBufferDelay: add('jb', 48000 * (isBad ? 0.14 : 0.05)), jitterBufferEmittedCount: grow('je', 48000), totalSamplesReceived: grow('ts', 48000), concealedSamples: grow('cs', isBad ? 6200 + random(4000) : 0), concealmentEvents: grow('ce', isBad ? 3 : 0), audioLevel: Math.max(0, Math.cos(poll / 13) * 0.4 + random(0.1)), bytesReceived: grow('iab', 4000) },
    IV: { type: 'inbound-rtp', ...video, ssrc: 4004, trackIdentifier: 'rv', packetsReceived: grow('ivp', isBad ? 40 : 190), packetsLost: grow('ivl', lost * 2), framesReceived: grow('fr', far), framesDecoded: grow('fd', far), framesDropped: 0, framesPerSecond: Math.round(far), frameWidth: 1280, frameHeight: 720, totalDecodeTime: add('td', far * 0.004), jitterBufferDelay: add('jv', far * (isBad ? 0.2 : 0.07)), jitterBufferEmittedCount: grow('jve', far), qpSum: grow('iq', far * 28), bytesReceived: grow('ivb', isBad ? 4e4 : 2e5), freezeCount: grow('fz', poll === FROZEN[1] ? 1 : 0), totalFreezesDuration: add('fzd', poll === FROZEN[1] ? 6.1 : 0), pliCount: grow('ip', isFrozen ? 1 : 0), nackCount: grow('in', isBad ? 9 : 0), decoderImplementation: 'FFmpeg' },
  };
}

// The lines of the dump.
function badCall() {
  const metadata = { url: '/weekly', origin: 'https://meet.example.org', userAgent: AGENT, startTime: START, remoteAddresses: ['198.51.100.4'], clientProtocol: 'rtcstats#5.0', fileFormat: 3 };
  const lines = ['RTCStatsDump', JSON.stringify(metadata)];
  const line = (...message) => lines.push(JSON.stringify(message));
  line('create', null, { hardwareConcurrency: 8, deviceMemory: 16, screen: { width: 1512, height: 982 } }, START);
  for (const message of opening()) line(...message);
  const random = noise();
  const sum = {};
  for (let poll = 0; poll < POLLS; poll += 1) {
    if (poll === RELAYED - 6) line('oniceconnectionstatechange', 'PC_0', 'disconnected', 10);
    if (poll === RELAYED) line('oniceconnectionstatechange', 'PC_0', 'connected', 10);
    line('getStats', 'PC_0', reports(poll, sum, random), poll === ASLEEP ? 12_000 : 995 + Math.round(random(5)));
  }
  line('close', 'PC_0', null, 200);
  line('close', null, 1000, 5);
  return `${lines.join('\n')}\n`;
}

module.exports = { badCall };
