// What `x` copies: the selected finding, else what the view gives, else the verdict with all findings.

// Characters that mean something in Markdown are escaped; text of a dump stays text there too.
function escapeMarkdown(text) {
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ').replace(/([\\\x60*_{}[\]<>#|~])/g, '\\$1');
}

function findingMarkdown(app, found) {
  const { data } = app;
  const range = found.end === null || found.end === undefined
    ? relative(found.start - data.start)
    : `${relative(found.start - data.start)} to ${relative(found.end - data.start)} (${span(found.end - found.start)})`;
  const lines = [
    `### ${SEVERITY_WORDS[found.severity]}: ${escapeMarkdown(found.text)}`,
    '',
    `- rule: \`${found.id}\``,
    `- when: ${ofDay(found.start, false)} UTC, ${range}`,
  ];
  const place = [found.connection, found.track].filter(Boolean).map(escapeMarkdown).join(', ');
  if (place) lines.push(`- where: ${place}`);
  if (found.value !== null && found.value !== undefined) {
    const limit = found.threshold === null || found.threshold === undefined ? '' : `, threshold ${amount(found.threshold, found.unit)}`;
    lines.push(`- value: ${escapeMarkdown(amount(found.value, found.unit))}${limit}`);
  }
  for (const { time, event, report, property, value } of found.evidence || []) {
    const what = [event || report, property].filter(Boolean).join(' ');
    lines.push(`- evidence: ${escapeMarkdown(`${relative(time - data.start)} ${what} ${value === undefined ? '' : value}`.trim())}`);
  }
  if (found.hint) lines.push(`- hint: ${escapeMarkdown(found.hint)}`);
  return lines.join('\n');
}

function markdown(app) {
  const found = app.finding();
  const title = `# ${escapeMarkdown(app.head.source.name)}`;
  if (found) return `${title}\n\n${findingMarkdown(app, found)}\n`;
  const own = app.current && app.current.markdown && app.current.markdown();
  if (own) return own;
  const parts = [title, '', escapeMarkdown(app.head.verdict.text), ''];
  for (const one of app.data.findings) parts.push(findingMarkdown(app, one), '');
  return parts.join('\n');
}
