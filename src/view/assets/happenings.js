// Findings on the axis, what a lane says at a time, and all that the lanes show as rows of a table.

// Where each finding in sight lies: {index, x, right, row, isCrowded}. The most severe come first; what finds no room
// in the rows is a mark without words in the last one.
function placeFindings(app, scale, most = findingRows(app)) {
  const rank = { critical: 0, warning: 1, info: 2 };
  const shown = app.data.findings.map((found, index) => ({ found, index, end: found.end || found.start }))
    .filter(({ found, end }) => end >= scale.from && found.start <= scale.to)
    .sort((one, other) => rank[one.found.severity] - rank[other.found.severity] || one.found.start - other.found.start);
  const rows = Array.from({ length: most }, () => []);
  return shown.map(({ found, index, end }) => {
    const x = scale.x(found.start);
    const right = Math.max(x + 15, scale.x(end));
    const row = rows.findIndex((own) => own.every((one) => right + 2 < one.x || x > one.right + 2));
    const isCrowded = row < 0;
    const place = { index, x, right: isCrowded ? x + 15 : right, row: isCrowded ? most - 1 : row, found, isCrowded };
    rows[place.row].push(place);
    return place;
  });
}

// As many rows as the whole call needs, so that zooming moves nothing; a call without findings has one that says so.
function findingRows(app) {
  if (app.findingRows === undefined) {
    const { from, to } = app.whole();
    const places = placeFindings(app, scaleOf({ from, to }, 1000), FINDING_ROWS);
    app.findingRows = Math.max(1, ...places.map(({ row }) => row + 1));
  }
  return app.findingRows;
}
const headHeight = (app) => AXIS_HEIGHT + findingRows(app) * FINDING_HEIGHT + 4;

// A stretch with the shape of its severity at the begin, and the words where there is room.
function drawFindings(pen, app, places, scale) {
  pen.font = `11px ${COLORS.sans}`;
  if (app.data.findings.length === 0) {
    pen.fillStyle = COLORS.muted;
    pen.fillText('none', 6, AXIS_HEIGHT + 11);
  }
  for (const place of [...places].reverse()) {
    const { found, x, right, row, index, isCrowded } = place;
    const y = AXIS_HEIGHT + 3 + row * FINDING_HEIGHT;
    const color = COLORS[found.severity] || COLORS.info;
    const isChosen = index === app.state.finding;
    const left = Math.max(-20, x);
    const end = Math.min(right, scale.width + 20);
    pen.fillStyle = color;
    pen.globalAlpha = isChosen ? 0.32 : 0.16;
    pen.fillRect(left, y, end - left, 14);
    pen.globalAlpha = 1;
    pen.fillRect(left, y + 12, end - left, 2);
    if (isChosen) {
      pen.strokeStyle = color;
      pen.strokeRect(left + 0.5, y + 0.5, end - left - 1, 13);
    }
    const at = Math.max(1, x + 1);
    drawSeverity(pen, found.severity, at, y + 1, 11, color);
    if (isCrowded) continue;
    const others = places.filter((one) => one.row === row && one.x > x).map((one) => one.x);
    const room = Math.min(scale.width, ...others) - at - 20;
    pen.fillStyle = COLORS.text;
    fitted(pen, found.text, at + 15, y + 7, room);
  }
}

// The shapes of `icon` on a canvas: octagon, triangle, circle.
const PATHS = {};
function drawSeverity(pen, name, x, y, size, color) {
  const shape = SHAPES[name] ? name : 'info';
  PATHS[shape] ||= SHAPES[shape].map((path) => new Path2D(path));
  const transform = pen.getTransform();
  pen.translate(x, y);
  pen.scale(size / 16, size / 16);
  pen.fillStyle = color;
  pen.fill(PATHS[shape][0]);
  pen.strokeStyle = COLORS.ground;
  pen.lineWidth = 2;
  pen.stroke(PATHS[shape][1]);
  pen.setTransform(transform);
  pen.lineWidth = 1;
}

const withinSpan = (time) => (one) => one.start <= time && time <= one.end;

// What a lane says at a time, in lines.
function laneTip(app, row, time) {
  const { data } = app;
  if (row.kind === 'client') {
    const calls = (data.head.client && data.head.client.calls) || [];
    const edge = ((app.state.to - app.state.from) / 1000) * 8;
    return calls.filter((call) => call.time - edge <= time && (call.end || call.time) + edge >= time).slice(0, 8)
      .map((call) => `${app.time(call.time)} ${call.text}${call.end ? ` for ${span(call.end - call.time)}` : ''}${call.failed ? ', failed' : ''}`);
  }
  const connection = data.connections[row.pc];
  if (!connection) return [];
  const gap = (connection.gaps || []).find(([begin, end]) => begin <= time && time <= end);
  const lines = gap ? [`no statistics for ${span(gap[1] - gap[0])}`] : [];
  if (row.kind === 'head' || row.kind === 'states') {
    for (const name of ['signaling', 'ice', 'connection']) {
      const part = stretchesOf(connection, name).find(withinSpan(time));
      if (part) lines.push(`${STATE_TITLES[name]}: ${part.value} for ${span(part.end - part.start)}`);
    }
  } else if (row.kind === 'path') {
    const at = lastAt(connection.path.map((one) => one.time), time);
    if (at >= 0) lines.push(pathWords(connection.path[at]));
  } else if (row.kind === 'rounds') {
    for (const round of connection.rounds.filter((one) => one.start <= time && time <= (one.end || one.start) + 500)) {
      lines.push(`round ${round.number} by ${round.by === 'remote' ? 'the far side' : 'us'}: ${round.trigger || 'no trigger known'}, ${round.end ? span(round.end - round.start) : 'no end'}`);
    }
  } else if (row.kind === 'track') {
    for (const one of (row.track.bands || []).filter(withinSpan(time))) {
      lines.push(`${(BAND_LOOK[one.kind] || { word: one.kind }).word} for ${span(one.end - one.start)}`);
    }
    for (const index of row.lines.slice(0, 4)) {
      const line = lineOf(data, index);
      const value = data.drawnAt(index, time);
      if (value !== null) lines.push(`${line.meta.property} ${amount(value, line.unit)}`);
    }
  }
  return lines;
}

// Everything that the lanes show but the curves, in order of time: {time, end, where, what}.
function happenings(app) {
  const { data } = app;
  const rows = [];
  for (const call of (data.head.client && data.head.client.calls) || []) {
    rows.push({ time: call.time, end: call.end || call.time, where: 'client', what: `${call.text}${call.failed ? ' (failed)' : ''}` });
  }
  for (const found of data.findings) {
    rows.push({
      time: found.start, end: found.end || found.start, where: found.connection || 'client',
      what: `${SEVERITY_WORDS[found.severity]}: ${found.text}`,
    });
  }
  data.connections.forEach((connection, index) => {
    const where = app.nameOf(index);
    for (const name of Object.keys(STATE_TITLES)) {
      for (const { start: time, end, value } of stretches(connection.states[name] || [], connection.end)) {
        rows.push({ time, end, where, what: `${STATE_TITLES[name]}: ${value}` });
      }
    }
    for (const one of connection.path || []) rows.push({ time: one.time, end: one.time, where, what: `path: ${pathWords(one)}` });
    for (const one of connection.rounds || []) {
      rows.push({ time: one.start, end: one.end || one.start, where, what: `negotiation ${one.number}: ${one.trigger || one.by}` });
    }
    for (const [time, end] of connection.gaps || []) rows.push({ time, end, where, what: 'no statistics' });
    for (const track of connection.tracks || []) {
      for (const one of track.bands || []) {
        const word = (BAND_LOOK[one.kind] || { word: one.kind }).word;
        rows.push({ time: one.start, end: one.end, where, what: `${DIRECTION_SIGNS[track.direction]} ${track.kind} mid ${track.mid}: ${word}` });
      }
    }
  });
  return rows.sort((one, other) => one.time - other.time);
}
