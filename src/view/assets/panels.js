// Which charts a connection and its tracks get. A chart that finds none of its series is left out.
//
// A rule is [title, [type of report, properties, label]…]; the properties are alternatives in order of preference.

const TRANSPORT_CHARTS = [
  ['Bandwidth',
    ['candidate-pair', ['availableOutgoingBitrate'], 'available'],
    ['outbound-rtp', ['targetBitrate'], 'target'],
    ['candidate-pair|transport', ['bytesSent'], 'sent'],
    ['candidate-pair|transport', ['bytesReceived'], 'received']],
  ['Round trip time',
    ['candidate-pair', ['currentRoundTripTime'], 'pair'],
    ['remote-inbound-rtp', ['roundTripTime'], 'RTCP']],
  ['Loss',
    ['remote-inbound-rtp', ['fractionLost', 'packetsLost'], 'sent'],
    ['inbound-rtp', ['packetsLost'], 'received']],
  ['Data channels',
    ['data-channel', ['messagesSent'], 'messages sent'],
    ['data-channel', ['messagesReceived'], 'messages received'],
    ['data-channel', ['bufferedAmount'], 'buffered']],
];

const TRACK_CHARTS = {
  'audio in': [
    ['Packets', ['inbound-rtp', ['packetsReceived'], 'received'], ['inbound-rtp', ['packetsLost'], 'lost'], ['inbound-rtp', ['packetsDiscarded'], 'discarded']],
    ['Delay', ['inbound-rtp', ['jitterBufferDelay'], 'jitter buffer'], ['inbound-rtp', ['jitter'], 'jitter'], ['inbound-rtp', ['jitterBufferTargetDelay'], 'target']],
    ['Concealment', ['inbound-rtp', ['concealedSamples'], 'concealed'], ['inbound-rtp', ['silentConcealedSamples'], 'of it silent']],
    ['Level', ['inbound-rtp', ['audioLevel', 'totalAudioEnergy'], 'level']],
  ],
  'audio out': [
    ['Bit rate', ['outbound-rtp', ['bytesSent'], 'sent'], ['outbound-rtp', ['targetBitrate'], 'target']],
    ['At the far side', ['remote-inbound-rtp', ['roundTripTime'], 'round trip'], ['remote-inbound-rtp', ['jitter'], 'jitter'], ['remote-inbound-rtp', ['fractionLost', 'packetsLost'], 'lost']],
    ['Source level', ['media-source', ['audioLevel', 'totalAudioEnergy'], 'level']],
  ],
  'video in': [
    ['Frames', ['inbound-rtp', ['framesReceived'], 'received'], ['inbound-rtp', ['framesDecoded'], 'decoded'], ['inbound-rtp', ['framesDropped'], 'dropped'], ['inbound-rtp', ['framesPerSecond'], 'rate']],
    ['Size', ['inbound-rtp', ['frameHeight'], 'height'], ['inbound-rtp', ['frameWidth'], 'width']],
    ['Bit rate and loss', ['inbound-rtp', ['bytesReceived'], 'received'], ['inbound-rtp', ['packetsLost'], 'lost']],
    ['Delay', ['inbound-rtp', ['jitterBufferDelay'], 'jitter buffer'], ['inbound-rtp', ['totalProcessingDelay'], 'processing'], ['inbound-rtp', ['jitter'], 'jitter']],
    ['Decoding', ['inbound-rtp', ['totalDecodeTime'], 'per frame'], ['inbound-rtp', ['qpSum'], 'QP']],
    ['Repairs', ['inbound-rtp', ['nackCount'], 'NACK'], ['inbound-rtp', ['pliCount'], 'PLI'], ['inbound-rtp', ['freezeCount'], 'freezes']],
  ],
  'video out': [
    ['Bit rate', ['outbound-rtp', ['targetBitrate'], 'target'], ['outbound-rtp', ['bytesSent'], 'sent'], ['outbound-rtp', ['retransmittedBytesSent'], 'again']],
    ['Frames', ['media-source', ['framesPerSecond', 'frames'], 'source'], ['outbound-rtp', ['framesPerSecond', 'framesEncoded'], 'encoded'], ['outbound-rtp', ['framesSent'], 'sent']],
    ['Size', ['media-source', ['height'], 'source'], ['outbound-rtp', ['frameHeight'], 'height']],
    ['Encoding', ['outbound-rtp', ['totalEncodeTime'], 'per frame'], ['outbound-rtp', ['qpSum'], 'QP']],
    ['Limited by', ['outbound-rtp', ['qualityLimitationReason'], 'limited by']],
    ['At the far side', ['remote-inbound-rtp', ['roundTripTime'], 'round trip'], ['remote-inbound-rtp', ['fractionLost', 'packetsLost'], 'lost']],
    ['Repairs', ['outbound-rtp', ['nackCount'], 'NACK'], ['outbound-rtp', ['pliCount'], 'PLI'], ['outbound-rtp', ['firCount'], 'FIR']],
  ],
};
const LINES_MAX = 12;

// The series of a connection by report: {report, type, rid, series: Map of property → indexes}.
function reportsOf(app, pc) {
  const connection = app.data.connections[pc];
  const rids = new Map();
  for (const track of connection.tracks || []) {
    for (const { report, rid } of track.layers || []) if (rid) rids.set(report, rid);
  }
  return (connection.reports || []).map(({ id, type, series }) => {
    const by = new Map();
    for (const index of series) {
      const { property } = app.data.head.series[index];
      by.set(property, [...(by.get(property) || []), index]);
    }
    return { id, type, rid: rids.get(id), series: by };
  });
}

// The lines of a rule in these reports. Where several reports have one, its label tells which.
function linesFor(app, rule, reports) {
  const lines = [];
  for (const [types, properties, label] of rule.slice(1)) {
    const fitting = reports.filter(({ type }) => types.split('|').includes(type));
    const property = properties.find((one) => fitting.some((report) => report.series.has(one)));
    if (!property) continue;
    const having = fitting.filter((report) => report.series.has(property));
    for (const report of having) {
      for (const index of report.series.get(property)) {
        const which = having.length > 1 ? ` ${report.rid || shortId(report.id)}` : '';
        lines.push({ index, label: `${label}${which}` });
      }
    }
  }
  return lines.slice(0, LINES_MAX);
}

const shortId = (id) => (id.length > 10 ? `…${id.slice(-8)}` : id);

// The pairs that carried something: those that were selected, else those whose values change.
function pairsInUse(app, connection, reports) {
  const ids = new Set((connection.path || []).map(({ pair }) => pair));
  const isUsed = (report) => ids.size === 0
    ? [...report.series.values()].flat().some((index) => app.data.head.series[index].encoding !== 'constant')
    : ids.has(report.id);
  return reports.filter((report) => report.type !== 'candidate-pair' || isUsed(report));
}

// All panels of a connection: [{title, about, bands, charts: [{title, lines}]}].
function panelsOf(app, pc) {
  const connection = app.data.connections[pc];
  const reports = pairsInUse(app, connection, reportsOf(app, pc));
  const charts = (rules, among) => rules.map((rule) => ({ title: rule[0], lines: linesFor(app, rule, among) }))
    .filter(({ lines }) => lines.length > 0);
  const pairs = new Set(reports.filter(({ type }) => type === 'candidate-pair').map(({ id }) => id));
  const wide = reports.filter(({ type }) => type !== 'transport' || pairs.size === 0);
  const panels = [{ title: 'Transport', about: pathAbout(connection), bands: [], charts: charts(TRANSPORT_CHARTS, wide) }];
  for (const track of connection.tracks || []) {
    const ids = new Set([track.source, ...(track.layers || []).map(({ report }) => report), ...(track.remote || [])]);
    const own = reports.filter(({ id }) => ids.has(id));
    const rules = TRACK_CHARTS[`${track.kind} ${track.direction}`] || [];
    panels.push({ title: trackHeading(track), about: trackAbout(track), bands: track.bands || [], charts: charts(rules, own), track });
  }
  return panels.filter((panel) => panel.charts.length > 0 || panel.track);
}

function pathAbout(connection) {
  const path = connection.path || [];
  return path.length === 0 ? [] : [pathWords(path[path.length - 1])];
}

function trackHeading({ kind, direction, mid, label }) {
  const place = mid === null || mid === undefined ? '' : ` · mid ${mid}`;
  return `${DIRECTION_SIGNS[direction]} ${kind} ${direction === 'out' ? 'sent' : 'received'}${place}${label ? ` · ${label}` : ''}`;
}

// Source → layers → far side, in words.
function trackAbout(track) {
  const layers = track.layers || [];
  const names = layers.map(({ rid }) => rid).filter(Boolean);
  return [
    track.codec, track.implementation,
    names.length > 1 ? `layers ${names.join(', ')}` : null,
    layers.length === 1 && layers[0].ssrc ? `SSRC ${layers[0].ssrc}` : null,
  ].filter(Boolean);
}

// How well `text` fits the words of a query: each word's letters in order; less is better, null does not fit.
function fuzzy(query, text) {
  let sum = 0;
  const low = text.toLowerCase();
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const whole = low.indexOf(word);
    if (whole >= 0) {
      sum += whole * 0.01;
      continue;
    }
    let at = -1;
    let spread = 0;
    for (const letter of word) {
      const next = low.indexOf(letter, at + 1);
      if (next < 0) return null;
      if (at >= 0) spread += next - at - 1;
      at = next;
    }
    sum += 1 + spread * 0.1;
  }
  return sum;
}
