// Which charts a connection and its tracks get. A chart that finds none of its series is left out.
//
// A rule is [title, [type of report, properties, label]…]; the properties are alternatives in order of preference.

const TRANSPORT_CHARTS = [
  ['Bandwidth',
    ['candidate-pair', ['availableOutgoingBitrate'], 'available'],
    ['transport|candidate-pair', ['bytesSent'], 'sent'],
    ['transport|candidate-pair', ['bytesReceived'], 'received'],
    ['outbound-rtp', ['targetBitrate'], 'target']],
  ['Round trip time',
    ['candidate-pair', ['currentRoundTripTime'], 'pair'],
    ['remote-inbound-rtp', ['roundTripTime'], 'RTCP']],
  ['Loss received', ['inbound-rtp', ['packetsLost'], 'lost']],
  ['Loss sent', ['remote-inbound-rtp', ['fractionLost', 'packetsLost'], 'lost']],
  ['Data channels',
    ['data-channel', ['messagesSent'], 'sent'],
    ['data-channel', ['messagesReceived'], 'received']],
];

const TRACK_CHARTS = {
  'audio in': [
    ['Packets', ['inbound-rtp', ['packetsReceived'], 'received'], ['inbound-rtp', ['packetsLost'], 'lost'],
      ['inbound-rtp', ['packetsDiscarded'], 'discarded']],
    ['Delay', ['inbound-rtp', ['jitterBufferDelay'], 'jitter buffer'], ['inbound-rtp', ['jitterBufferTargetDelay'], 'its target'],
      ['inbound-rtp', ['jitter'], 'jitter']],
    ['Concealed', ['inbound-rtp', ['concealedSamples'], 'concealed'],
      ['inbound-rtp', ['silentConcealedSamples'], 'of it silent']],
    ['Level', ['inbound-rtp', ['audioLevel'], 'level']],
  ],
  'audio out': [
    ['Bit rate', ['outbound-rtp', ['bytesSent'], 'sent'], ['outbound-rtp', ['targetBitrate'], 'target']],
    ['At the far side', ['remote-inbound-rtp', ['roundTripTime'], 'round trip'], ['remote-inbound-rtp', ['jitter'], 'jitter'],
      ['remote-inbound-rtp', ['packetsLost'], 'lost']],
    ['Source level', ['media-source', ['audioLevel'], 'level']],
  ],
  'video in': [
    ['Frames', ['inbound-rtp', ['framesReceived'], 'received'], ['inbound-rtp', ['framesDecoded'], 'decoded'],
      ['inbound-rtp', ['framesDropped'], 'dropped']],
    ['Size', ['inbound-rtp', ['frameHeight'], 'height'], ['inbound-rtp', ['frameWidth'], 'width']],
    ['Bit rate and loss', ['inbound-rtp', ['bytesReceived'], 'received'], ['inbound-rtp', ['packetsLost'], 'lost']],
    ['Delay', ['inbound-rtp', ['jitterBufferDelay'], 'jitter buffer'],
      ['inbound-rtp', ['totalProcessingDelay'], 'in all'], ['inbound-rtp', ['jitter'], 'jitter']],
    ['Decoding', ['inbound-rtp', ['totalDecodeTime'], 'per frame'], ['inbound-rtp', ['qpSum'], 'QP']],
    ['Repairs', ['inbound-rtp', ['nackCount'], 'NACK'], ['inbound-rtp', ['pliCount'], 'PLI'], ['inbound-rtp', ['freezeCount'], 'freezes']],
  ],
  'video out': [
    ['Bit rate', ['outbound-rtp', ['targetBitrate'], 'target'], ['outbound-rtp', ['bytesSent'], 'sent'],
      ['outbound-rtp', ['retransmittedBytesSent'], 'sent again']],
    ['Frames', ['media-source', ['framesPerSecond', 'frames'], 'source'], ['outbound-rtp', ['framesPerSecond', 'framesEncoded'], 'encoded']],
    ['Size', ['media-source', ['height'], 'source'], ['outbound-rtp', ['frameHeight'], 'height']],
    ['Encoding', ['outbound-rtp', ['totalEncodeTime'], 'per frame'], ['outbound-rtp', ['qpSum'], 'QP']],
    ['Limited by', ['outbound-rtp', ['qualityLimitationReason'], 'limited by']],
    ['At the far side', ['remote-inbound-rtp', ['roundTripTime'], 'round trip'], ['remote-inbound-rtp', ['packetsLost'], 'lost']],
    ['Repairs', ['outbound-rtp', ['nackCount'], 'NACK'], ['outbound-rtp', ['pliCount'], 'PLI'], ['outbound-rtp', ['firCount'], 'FIR']],
  ],
};
const LINES_MAX = 12;

// The series of a connection by report: {report, type, rid, series: Map of property → index}.
function reportsOf(app, pc) {
  const connection = app.data.connections[pc];
  const rids = new Map();
  for (const track of connection.tracks || []) {
    for (const { report, rid } of track.layers || []) if (rid) rids.set(report, rid);
  }
  return (connection.reports || []).map(({ id, type, series, constants }) => {
    const by = new Map(series.map((index) => [app.data.head.series[index].property, index]));
    return { id, type, rid: rids.get(id), kind: (constants || {}).kind, series: by };
  });
}

// The lines of a rule in these reports. Where several reports have one, its label tells which; layers have a colour
// each and their properties a stroke each.
function linesFor(rule, reports) {
  const found = rule.slice(1).map(([types, properties, label]) => ({ label, of: foundIn(reports, types.split('|'), properties) }));
  const layers = [...new Set(found.flatMap(({ of }) => (of.length > 1 ? of.map(({ report }) => report.id) : [])))];
  const lines = found.flatMap(({ label, of }, stroke) => of.map(({ report, index }) => {
    if (of.length < 2) return { index, label };
    const look = layers.length < 5 && rule.length > 2 && of[0].report.rid ? { tone: layers.indexOf(report.id), stroke } : {};
    return { index, label: `${label} ${whichOf(report, of)}`, ...look };
  }));
  return lines.slice(0, LINES_MAX);
}

// The first type and property that there is: [{report, index}].
function foundIn(reports, types, properties) {
  for (const type of types) {
    for (const property of properties) {
      const found = reports.filter((report) => report.type === type && report.series.has(property));
      if (found.length > 0) return found.map((report) => ({ report, index: report.series.get(property) }));
    }
  }
  return [];
}

// How a report is told from the others of a chart: by its layer, by what it carries, else by its id.
function whichOf(report, others) {
  const isOnly = report.kind && others.filter((one) => one.report.kind === report.kind).length === 1;
  return report.rid || (isOnly ? report.kind : shortId(report.id));
}

const shortId = (id) => (id.length > 10 ? `…${id.slice(-8)}` : id);

// The pairs that carried something: those that were selected, else those whose values change.
function pairsInUse(app, connection, reports) {
  const ids = new Set((connection.path || []).map(({ pair }) => pair));
  const isUsed = (report) => ids.size === 0
    ? report.series.has('bytesSent') || report.series.has('bytesReceived')
    : ids.has(report.id);
  return reports.filter((report) => report.type !== 'candidate-pair' || isUsed(report));
}

// All panels of a connection: [{title, about, bands, charts: [{title, lines}]}].
function panelsOf(app, pc) {
  const connection = app.data.connections[pc];
  const reports = pairsInUse(app, connection, reportsOf(app, pc));
  const charts = (rules, among) => rules.map((rule) => ({ title: rule[0], lines: linesFor(rule, among) }))
    .filter(({ lines }) => lines.length > 0);
  const panels = [{ title: 'Transport', about: pathAbout(connection), bands: [], charts: charts(TRANSPORT_CHARTS, reports) }];
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
