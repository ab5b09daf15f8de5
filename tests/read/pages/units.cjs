// Tests of what the page computes without a browser: buckets of series, rates, ticks, how values and times are written,
// the address, the filter of series, CSV. Ends with status 1 and the words of what is wrong.
//
//   node units.cjs
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const ASSETS = path.join(__dirname, '..', '..', '..', 'src', 'view', 'assets');
const FILES = ['data', 'clock', 'app', 'hash', 'axis', 'series', 'thinned', 'detail', 'panels', 'timeline', 'diff', 'sdp', 'ice', 'keys'];
const NAMES = [
  'Data', 'App', 'VIEWS', 'EMPTY', 'unsigned', 'varints', 'lineOf', 'stretchOf', 'isCoarse', 'keyOf', 'wantedDetail', 'levelOf', 'valueTicks', 'timeTicks', 'scaleOf', 'span', 'amount',
  'paired', 'comparedSections', 'highestOf', 'gapOf', 'Timeline', 'isUsed',
  'relative', 'ofDay', 'hashOf', 'fromHash', 'fuzzy', 'csv', 'lastAt',
];

const source = FILES.map((name) => fs.readFileSync(path.join(ASSETS, `${name}.js`), 'utf8')).join('');
const page = vm.runInNewContext(`(() => { 'use strict'; ${source}; return { ${NAMES.join(', ')} }; })()`, { requestAnimationFrame() {} });
const plain = (value) => JSON.parse(JSON.stringify(value));

function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

// A series of values at one second each.
function dataOf(values, kind = 'gauge', more = {}) {
  const bytes = new Uint8Array(new Float32Array(values).buffer);
  const head = {
    clock: { start: 0, end: values.length * 1000 },
    connections: [{ name: 'PC_0', start: 0, end: values.length * 1000, states: {} }],
    series: [{ connection: 0, report: 'R', property: 'p', kind, unit: 'x', first: 0, count: values.length, encoding: 'f32', step: 1, offset: 0, bytes: bytes.length, ...more }],
  };
  const data = new page.Data(head, bytes);
  data.kept.polls[0] = Float64Array.from(values, (_, index) => index * 1000);
  return data;
}

// The same of a page that has not all polls.
function thinned(all) {
  const places = all.map((_, poll) => poll).filter((poll) => poll % 8 === 0 || (poll > 11 && poll < 16) || poll > 23);
  const values = new Uint8Array(new Float32Array(places.map((poll) => all[poll])).buffer);
  const buckets = Array.from({ length: all.length / 4 }, (_, at) => all.slice(at * 4, at * 4 + 4));
  const level = new Uint8Array(new Float32Array([...buckets.map((own) => Math.min(...own)), ...buckets.map((own) => Math.max(...own)), ...buckets.map((own) => own[3])]).buffer);
  const polls = Uint8Array.from(places, (poll, at) => 2 * (poll - (places[at - 1] || 0)));
  const data = dataOf(all, 'gauge', { step: 4, bytes: values.length, levels: [{ step: 4, offset: values.length, bytes: level.length }] });
  data.binary = Uint8Array.from([...values, ...level, ...polls]);
  data.connections[0].polls = { sampled: { step: 4, count: places.length, offset: values.length + level.length, bytes: polls.length } };
  return { data, places };
}

const tests = {
  numbers_are_read_as_they_were_written() {
    assert.deepEqual([...page.unsigned(Uint8Array.of(0, 127, 0x80, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf))], [0, 127, 128, 2 ** 53 - 1]);
    assert.deepEqual([...page.varints(Uint8Array.of(2, 2, 3, 1), 4)], [1, 2, 0, -1]);
  },

  each_bucket_has_the_least_and_the_greatest_of_its_values() {
    const next = random(5);
    const values = Array.from({ length: 3001 }, () => (next() < 0.05 ? NaN : Math.fround(next() * 1000 - 500)));
    const data = dataOf(values);
    const line = page.lineOf(data, 0);
    for (let level = 0; level < 12; level += 1) {
      const { low, high, end } = page.levelOf(line, level);
      for (let at = 0; at < low.length; at += 1) {
        const own = values.slice(at * 2 ** level, (at + 1) * 2 ** level).filter((value) => !Number.isNaN(value));
        assert.deepEqual([low[at], high[at], end[at]], own.length === 0 ? [NaN, NaN, NaN] : [Math.min(...own), Math.max(...own), own[own.length - 1]]);
      }
    }
  },

  never_more_than_two_points_a_pixel() {
    const data = dataOf(Array.from({ length: 20_000 }, (_, index) => index % 97));
    const next = random(9);
    for (let n = 0; n < 200; n += 1) {
      const from = next() * 2e7;
      const pixels = 20 + Math.floor(next() * 900);
      const part = page.stretchOf(data, 0, from, from + next() * 2e7, pixels);
      assert.ok(part === null || part.times.length <= pixels * 2 + 2, `${part.times.length} points on ${pixels} pixels`);
    }
  },

  // Of 32 polls, 12 to 15 and 24 to 31 are there, and each 8th; buckets have 4 polls each.
  a_thinned_series_shows_its_peaks_and_whole_parts_poll_by_poll() {
    const all = Array.from({ length: 32 }, (_, index) => (index === 5 ? 900 : index));
    const { data, places } = thinned(all);
    const line = page.lineOf(data, 0);
    assert.deepEqual([...line.times], [0, 4, 8, 12, 13, 14, 15, 16, 20, 24, 25, 26, 27, 28, 29, 30, 31].map((poll) => poll * 1000));
    assert.equal(line.high[1], 900);
    assert.deepEqual([line.low[1], line.values[1]], [4, 7]);
    assert.deepEqual([...line.values.slice(3, 7)], [12, 13, 14, 15]);
    assert.ok(page.isCoarse(line, 4000, 6000) && !page.isCoarse(line, 12_500, 14_500));
    assert.equal(page.stretchOf(data, 0, 0, 32_000, 500).high[1], 900);
    assert.equal(data.sent(0).times.length, places.length);
  },

  a_part_that_was_fetched_takes_the_place_of_buckets() {
    const all = Array.from({ length: 32 }, (_, index) => (index === 5 ? 900 : index));
    const { data } = thinned(all);
    assert.equal(data.valueAt(0, 5000), 0);
    const part = dataOf(all.slice(3, 11));
    part.kept.polls[0] = Float64Array.from({ length: 8 }, (_, index) => (index + 3) * 1000);
    data.setDetail({ from: 3000, to: 10_000, data: part, places: new Map([[page.keyOf(part.head.series[0]), 0]]), isWhole: true });
    assert.equal(data.valueAt(0, 5000), 900);
    const line = page.lineOf(data, 0);
    assert.deepEqual([...line.times.slice(0, 10)], [0, 3, 4, 5, 6, 7, 8, 9, 10, 12].map((poll) => poll * 1000));
    assert.ok(!page.isCoarse(line, 3000, 10_000) && page.isCoarse(line, 16_000, 19_000));
    const look = (from, to) => plain(page.wantedDetail({ data, state: { from, to } }));
    assert.equal(look(4000, 9000), null);
    assert.equal(look(-100, 33_000), null);
    assert.deepEqual(look(8000, 12_000), { from: 4000, to: 16_000 });
  },

  a_counter_that_begins_anew_has_no_rate_there() {
    const data = dataOf([0, 100, 300, 50, 150], 'rate', { factor: 8, unit: 'bit/s', sent: 'B' });
    assert.deepEqual([...page.lineOf(data, 0).values], [NaN, 800, 1600, NaN, 800]);
    assert.equal(data.valueAt(0, 3500), 50);
    assert.equal(data.valueAt(0, -1), null);
  },

  ticks_are_round_and_cover_the_scale() {
    assert.deepEqual(plain(page.valueTicks(0, 100)), [0, 25, 50, 75, 100]);
    assert.deepEqual(plain(page.valueTicks(0, 0.003)), [0, 0.001, 0.002, 0.003]);
    assert.deepEqual(plain(page.valueTicks(5, 5)), [5]);
    const app = new page.App(dataOf(Array.from({ length: 100 }, () => 0)));
    const scale = page.scaleOf({ from: 0, to: 60_000 }, 900);
    assert.deepEqual(plain(page.timeTicks(app, scale)), { step: 10_000, times: [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000] });
  },

  values_are_written_with_their_units() {
    for (const [value, unit, text] of [
      [1_250_000, 'bit/s', '1.25 Mbit/s'], [0.034, 's', '34 ms'], [2.5, 's', '2.5 s'], [0, 'packets/s', '0 packets/s'], [null, 's', '–'],
      [NaN, '', '–'], ['<b>', '', '<b>'], [12345, '', '12\u202f345'], [1e20, '', '1.000e+20'],
    ]) assert.equal(page.amount(value, unit), text);
    for (const [ms, text] of [[340, '340 ms'], [12_500, '12.5 s'], [185_000, '3:05 min'], [3_723_000, '1:02:03 h'], [-20, '−20 ms'], [NaN, '–']]) assert.equal(page.span(ms), text);
    assert.equal(page.relative(-62_345), '−1:02.345');
    assert.equal(page.ofDay(Date.UTC(2026, 0, 1, 9, 5, 7, 8), false), '09:05:07.008');
  },

  the_address_holds_the_state() {
    page.VIEWS.push({ id: 'events' });
    const app = new page.App(dataOf(Array.from({ length: 100 }, () => 0)));
    Object.assign(app.state, { view: 'events', cursor: 12_345, from: 1000, to: 9000, interval: [2000, 3000], mark: 500, query: 'text:"a & b" #ä%', mode: 'start', theme: 'dark', keys: false });
    assert.deepEqual(plain(page.fromHash(app, page.hashOf(app))), plain(app.state));
    for (const hash of ['#v=<script>&t=9-1&c=x&f=a@b&z=never&%E0%A4%A', '#&=&==', '#pc=%00']) {
      assert.equal(page.fromHash(app, hash).view, 'verdict', hash);
    }
  },

  series_are_found_by_some_of_their_letters() {
    assert.ok(page.fuzzy('fps', 'OV1 fps') < page.fuzzy('fps', 'OV1 framesPerSecond'));
    assert.ok(page.fuzzy('fps', 'OV1 framesPerSecond') !== null);
    assert.equal(page.fuzzy('out xyz', 'outbound-rtp fps'), null);
    assert.equal(page.fuzzy('', 'anything'), 0);
  },

  nothing_is_said_of_a_report_that_has_gone() {
    const data = dataOf([1, 2, 3, 4, 5, 6]);
    Object.assign(data.head.series[0], { first: 1, count: 3 });
    data.kept.sent[0] = data.decode(data.head.series[0]);
    const at = (time) => [data.valueAt(0, time), data.drawnAt(0, time)];
    assert.deepEqual([500, 1000, 3999, 4000, 9000].map(at), [[null, null], [1, 1], [3, 3], [null, null], [null, null]]);
  },

  lines_that_say_the_same_stand_beside_each_other() {
    const lists = plain(page.paired(['a=rtpmap:8 PCMA/8000', 'a=ice-ufrag:x', 'a=fmtp:8 a'], ['a=ice-ufrag:y', 'a=rtpmap:8 G722/8000', 'a=fmtp:8 b']));
    assert.deepEqual(lists, [[null, 'a=ice-ufrag:y'], ['a=rtpmap:8 PCMA/8000', 'a=rtpmap:8 G722/8000'], ['a=ice-ufrag:x', null], ['a=fmtp:8 a', 'a=fmtp:8 b']]);
    // With each line compared to each other one, this would take hours.
    const many = (sign) => Array.from({ length: 100_000 }, (_, at) => `a=rtpmap:${sign === 'x' ? at : 99_999 - at}${sign} ${at}`);
    assert.equal(page.paired(many('x'), many('y')).length, 200_000);
    assert.equal(page.paired(many('x'), many('x')).length, 100_000);
  },

  each_section_shows_its_own_lines() {
    const text = 'm=audio 9 x 0\r\na=mid:0\r\nm=video 9 x 96\rc=x \na=mid:1\n';
    const sections = [{ mid: null, title: 'session', to: 0, operations: [] }, { mid: '9', title: 'video', to: null, operations: [['-', 'm=video 0 x 1']] },
      { mid: '0', title: 'audio', to: 1, operations: [['=', 2]] }, { mid: '1', title: 'video', to: 2, operations: [['=', 1], ['+', 'a=mid:1']] }];
    const sdp = { texts: ['', text], descriptions: [{ text: 0 }, { text: 1 }], diffs: [{ kind: 'round', from: 0, to: 1, sections }] };
    const rows = page.comparedSections({ head: { sdp } }, 'round', 0, 1).map((one) => one.rows.map(({ right }) => right));
    assert.deepEqual(plain(rows), [[], [null], ['m=audio 9 x 0', 'a=mid:0'], ['m=video 9 x 96\rc=x', 'a=mid:1']]);
  },

  what_is_missing_is_never_the_highest() {
    assert.equal(page.highestOf(Float64Array.of(NaN, 3, NaN, 2)), 3);
    assert.equal(page.highestOf(Float64Array.of(NaN)), NaN);
  },

  lines_are_joined_up_to_three_intervals() {
    const data = dataOf(Array.from({ length: 20 }, () => 0));
    data.kept.polls[0] = Float64Array.from({ length: 20 }, (_, at) => at * 2500);
    assert.equal(page.gapOf(data, 0), 7500);
  },

  a_lane_that_is_pressed_is_chosen_and_not_opened_again() {
    const revealed = [];
    const app = { state: { pc: 0, mode: 'utc' }, set({ pc }) { this.state.pc = pc; } };
    const line = Object.assign(Object.create(page.Timeline.prototype), {
      app, pressed: null, lanes: { toggle() {} }, draw() {}, reveal: (pc) => revealed.push(pc),
    });
    line.toggle(1);
    assert.equal(app.state.pc, 1);
    line.update(new Set(['pc']));
    assert.deepEqual(revealed, []);
    app.set({ pc: 0 });
    line.update(new Set(['pc']));
    assert.deepEqual(revealed, [0]);
  },

  a_list_that_has_the_focus_scrolls_by_keys() {
    const on = (name) => ({ target: { closest: (wanted) => (wanted.split(', ').includes(name) ? {} : null) } });
    for (const [name, key, isUsed] of [['.long-box', 'Home', true], ['.table-scroll', 'End', true], ['.lane-scroller', 'Home', false], ['.long-box', 'n', false]]) {
      assert.equal(page.isUsed(on(name), key), isUsed, `${name} ${key}`);
    }
  },

  no_cell_is_a_formula() {
    assert.equal(page.csv(['a', 'b'], [['=1+1', -2], ['x"y', null]]), "a,b\r\n'=1+1,-2\r\n\"x\"\"y\",\r\n");
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    test();
  } catch (error) {
    failed += 1;
    console.error(`${name.replace(/_/g, ' ')}: ${error.message}\n${error.stack.split('\n').filter((line) => line.includes('units.cjs')).slice(0, 2).join('\n')}`);
  }
}
console.log(`${Object.keys(tests).length - failed} of ${Object.keys(tests).length}`);
process.exit(failed === 0 ? 0 : 1);
