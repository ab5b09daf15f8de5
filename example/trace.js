// One traced session: a WebSocket to the server, and a line for every event that is recorded.
//
// A line is a JSON array: the method, the connection (null for the page itself), the value, more values if the method
// has them, and last the milliseconds since the previous line (in the first line: since 1970). Lines wait until the
// socket is open. When the session has ended, nothing is kept or sent any more, and the page's call goes on without it.
//
// Dispatches 'line' (detail: the line) for each line sent, and 'state' when `state` has changed.
'use strict';

// Every line given to the socket, in order. The server's dump must contain exactly these.
window.sentLines = [];

class Trace extends EventTarget {
  // idle, connecting, recording, closing; at the end one of: refused, unreachable, lost, closed
  state = 'idle';
  // The close code (RFC 6455, section 7.4), once the session has ended.
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

  // Ends the session. What was sent before is part of the dump.
  close() {
    if (!this.open || !this.#socket) return;
    // From now on the socket would silently drop lines, so it gets none.
    this.#become('closing');
    this.#socket.close();
  }

  // How many bytes of lines the browser has not sent to the network yet.
  get unsentBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  // Whether a line would still be accepted.
  get open() {
    return this.state === 'idle' || this.state === 'connecting' || this.state === 'recording';
  }

  // A name for one call of `method`, which connects the call with its outcome: "6-0" is the first setLocalDescription.
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
    // The server has already closed, and the event that says so has not arrived yet.
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
