// What `x` copies of the text views: what is shown, as Markdown. Text of a dump stays text there.

const COPIED_ROWS_MAX = 300;

function copied(app, title, ...blocks) {
  return `${[`# ${escapeMarkdown(app.head.source.name)}`, '', `## ${escapeMarkdown(title)}`, '', ...blocks.flat()].join('\n')}\n`;
}

// Lines that are no Markdown, in a block that nothing in them can end.
function codeBlock(lines, language = '') {
  const shown = lines.slice(0, COPIED_ROWS_MAX).map((line) => shortened(line.replace(/[\r\n]+/g, ' '), 500));
  if (lines.length > shown.length) shown.push(`… and ${lines.length - shown.length} more`);
  const longest = Math.max(2, ...shown.map((line) => /`*/.exec(line.replace(/^[^`]*/, ''))[0].length));
  const fence = '\x60'.repeat(longest + 1);
  return [fence + language, ...shown, fence];
}

function iceMarkdown(app) {
  const connection = app.connection();
  if (!connection) return null;
  return copied(app, `ICE of ${named(app, app.state.pc)}`, iceStory(app, connection).map(({ text }) => `- ${escapeMarkdown(text)}`));
}

function ladderMarkdown(app, entries) {
  const lines = entries.map(({ round, row }) => {
    if (round) return roundTitle(round, isRestart(app, app.connection().rounds, round));
    const took = row.failed ? ` failed: ${row.failed}` : row.end === null ? '' : ` (${span(row.end - row.time)})`;
    const isCandidates = row.events.length > 1 && CANDIDATE_METHODS.has(row.method);
    const text = isCandidates ? candidatesText(app, row) : descriptionText(app, row) ?? valueText(row.method, row.value);
    return `${app.time(row.time)} ${row.method} ${shortened(text, 160)}${took}`;
  });
  return copied(app, `Signalling of ${named(app, app.state.pc)}, ${app.zone()}`, codeBlock(lines));
}

function sdpMarkdown(app) {
  const own = descriptionsOf(app);
  const { kind, from, to } = own.length > 0 ? chosenPair(app, own) : { from: null };
  if (from === null) return null;
  const lines = comparedSections(app, kind, from, to).flatMap(({ title, mid, rows }) => [
    `@@ ${title}${mid === null ? '' : ` ${mid}`} @@`,
    ...rows.filter((row) => row.kind !== 'same').flatMap(({ left, right }) => [
      ...(left === null ? [] : [`-${left}`]), ...(right === null ? [] : [`+${right}`]),
    ]),
  ]);
  return copied(app, `${named(app, app.state.pc)}: ${descriptionName(app, from)} and ${descriptionName(app, to)}`, codeBlock(lines, 'diff'));
}

function eventsMarkdown(app, events, shown) {
  const lines = Array.from(shown.slice(0, COPIED_ROWS_MAX + 1), (index) => {
    const { time, connection, method, value } = events.at(index);
    return `${app.time(time)} ${connection < 0 ? 'client' : named(app, connection)} ${method} ${shortened(valueText(method, value), 200)}`;
  });
  return copied(app, `Events${app.state.query ? ` (${app.state.query})` : ''}, ${app.zone()}`, codeBlock(lines));
}

function featuresMarkdown(app) {
  const { features } = app.head;
  if (!features) return null;
  const unit = (scope, name) => features.definitions[scope][name]?.unit;
  const list_ = (scope, own) => (own || []).map(({ name, value }) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(valueIn(value, unit(scope, name)))}`);
  const connection = (features.connections || [])[app.state.pc];
  return copied(app, 'Features', list_('client', features.client),
    connection ? ['', `### ${escapeMarkdown(named(app, app.state.pc))}`, '', ...list_('connection', connection.features)] : []);
}
