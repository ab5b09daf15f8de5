// Makes the statistics of one peer connection small: only what has changed since the last report is sent.
//
// Reports get numbers in place of the browser's ids, and properties and types get the keys of wire.js. What the session
// does not need is left out: certificates, and old properties that repeat newer ones. This file sends nothing itself,
// and holds one report at a time.
'use strict';

const STATISTICS_LEFT_OUT = ['isRemote', 'ip', 'mediaType', 'writable'];

class StatisticsEncoder {
  #previous = new Map();
  #numbers = new Map();

  // `report` is an RTCStatsReport. Returns the object to send. Its member `t` is the time stamp that most reports
  // share.
  encode(report) {
    const current = new Map();
    report.forEach((statistics, id) => current.set(id, statistics));
    const gone = [...this.#previous.keys()].filter((id) => this.#numbers.has(id) && !current.has(id));

    const changed = new Map();
    for (const [id, statistics] of current) {
      const difference = this.#difference(statistics, this.#previous.get(id) ?? {});
      if (Object.keys(difference).length > 0) changed.set(id, difference);
    }
    const time = this.#takeCommonTime(changed);
    this.#leaveOut(changed);
    for (const id of changed.keys()) {
      if (!this.#numbers.has(id)) this.#numbers.set(id, String(this.#numbers.size));
    }

    const encoded = {};
    for (const [id, statistics] of changed) encoded[this.#numbers.get(id)] = this.#shorten(statistics);
    for (const id of gone) encoded[this.#numbers.get(id)] = null;
    if (time !== undefined) encoded.t = time;
    this.#previous = current;
    return encoded;
  }

  // The part of `now` that differs from `before`. An array is taken as a whole; of a nested object only the changed
  // members are taken.
  #difference(now, before) {
    const difference = {};
    for (const [name, value] of Object.entries(now)) {
      if (name === 'id') continue;
      const old = before[name];
      if (Array.isArray(value)) {
        if (JSON.stringify(value) !== JSON.stringify(old)) difference[name] = value;
      } else if (value !== null && typeof value === 'object') {
        const members = Object.entries(value).filter(([member, inner]) => inner !== old?.[member]);
        if (members.length > 0) difference[name] = Object.fromEntries(members);
      } else if (value !== old) {
        difference[name] = value;
      }
    }
    return difference;
  }

  // Removes the latest time stamp from all reports that have it, and returns it.
  #takeCommonTime(changed) {
    const times = [...changed.values()].map((statistics) => statistics.timestamp).filter((time) => time !== undefined);
    if (times.length === 0) return undefined;
    const latest = Math.max(...times);
    for (const [id, statistics] of changed) {
      if (statistics.timestamp === latest) delete statistics.timestamp;
      if (Object.keys(statistics).length === 0) changed.delete(id);
    }
    return latest;
  }

  #leaveOut(changed) {
    for (const [id, statistics] of changed) {
      if (statistics.type === 'certificate') changed.delete(id);
      if (statistics.type === 'transport') {
        delete statistics.localCertificateId;
        delete statistics.remoteCertificateId;
      }
      for (const name of STATISTICS_LEFT_OUT) delete statistics[name];
    }
  }

  // Replaces names by wire keys and references by numbers. A reference to something that is never sent is dropped.
  #shorten(statistics) {
    const short = {};
    for (const [name, value] of Object.entries(statistics)) {
      if (name === 'type') {
        short.type = WIRE_STATISTICS_TYPES[value] ?? value;
      } else if (!name.endsWith('Id')) {
        short[WIRE_STATISTICS_PROPERTIES[name] ?? name] = value;
      } else if (this.#numbers.has(value)) {
        short[WIRE_STATISTICS_PROPERTIES[name] ?? name] = this.#numbers.get(value);
      }
    }
    return short;
  }
}
