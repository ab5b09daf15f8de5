// One traced session: a WebSocket to the server, and a line for everything that is worth one.
//
// A line is a JSON array: method, connection (null for the page itself), value, more where a method has more, and last
// the milliseconds since the line before (the first one: since 1970). Lines wait until the socket is open; once the
// session has ended nothing is kept and nothing is sent, and the page's call goes on without it.
//
// Announces 'line' (detail: the line) for each line sent and 'state' when `state` has changed.
'use strict';

// Every line handed to the socket, in order: what the server's dump has to contain.
window.sentLines = [];

class Trace extends EventTarget {
  // idle, connecting, recording, closing, and at the end one of: refused, unreachable, lost, closed
  state = 'idle';
  // The code the session ended with (RFC 6455, section 7.4), once it has ended.
  code = null;

  #socket = null;
  #waiting = [];
  #last = 0;
  #counters = {};
  #began = 0;

  // Connects to `server` (ws: or wss:), with `token` if there is one.
  connect(server, token) {
    const url = new URL(server);
    if (token) url.searchParams.set('rtcstats-token', token);
    this.#began = performance.now();
    this.#socket = new WebSocket(url, WIRE_PROTOCOL);
    this.#socket.addEventListener('open', () => this.#opened());
    this.#socket.addEventListener('close', (event) => this.#closed(event.code));
    this.#become('connecting');
    this.event('create', null, aboutThisBrowser());
  }

  // Ends the session; what was sent before is part of the dump.
  close() {
    if (!this.open || !this.#socket) return;
    // From here on the socket would swallow lines without a word, so none is given to it.
    this.#become('closing');
    this.#socket.close();
  }

  // The lines the browser has not put on the wire yet, in bytes.
  get unsentBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  // Whether a line would still be taken.
  get open() {
    return this.state === 'idle' || this.state === 'connecting' || this.state === 'recording';
  }

  // A name for one call of `method`, so that its outcome can be told from others': "6-0" is the first setLocalDescription.
  correlation(method) {
    const key = WIRE_METHODS[method] ?? method;
    this.#counters[key] = (this.#counters[key] ?? -1) + 1;
    return `${key}-${this.#counters[key]}`;
  }

  // Records an event. `connection` is "PC_0" and so on, or null for the page.
  event(method, connection, value, ...more) {
    if (!this.open) return;
    const now = Date.now();
    const line = JSON.stringify([WIRE_METHODS[method] ?? method, connection, value ?? null, ...more, now - this.#last]);
    this.#last = now;
    if (this.state === 'recording') this.#send(line);
    else this.#waiting.push(line);
  }

  #opened() {
    this.#waiting.splice(0).forEach((line) => this.#send(line));
    this.#become('recording');
    this.event('websocket', null, { connectionTime: Math.round(performance.now() - this.#began) });
  }

  #closed(code) {
    const wasOpen = this.state !== 'connecting';
    this.#waiting = [];
    this.code = code;
    if (code === 1008) this.#become('refused');
    else if (code === 1006) this.#become(wasOpen ? 'lost' : 'unreachable');
    else this.#become('closed');
  }

  #send(line) {
    // The server has closed already, and the event that says so is on its way.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(line);
    window.sentLines.push(line);
    this.dispatchEvent(new CustomEvent('line', { detail: line }));
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('state'));
  }
}

function aboutThisBrowser() {
  const { hardwareConcurrency, deviceMemory, userAgentData } = navigator;
  return {
    hardwareConcurrency,
    deviceMemory,
    userAgentData,
    screen: { width: screen.width, height: screen.height, devicePixelRatio },
    window: { width: innerWidth, height: innerHeight },
  };
}
