// Puts a Trace under the page's WebRTC: every RTCPeerConnection that is made, and every medium that is asked for
// afterwards, is traced.
//
// The page's own calls behave as before, including their errors. No media are read, credentials of TURN servers are
// left out, and peer connections that exist already are not touched.
'use strict';

// `interval` is the time between two readings of a connection's statistics, in milliseconds.
function traceWebRTC(trace, interval) {
  window.RTCPeerConnection = tracedPeerConnection(trace, interval, window.RTCPeerConnection);
  traceMediaDevices(trace);
}

// Each of these listeners makes a line of a state change.
const STATE_EVENTS = {
  signalingstatechange: 'signalingState',
  iceconnectionstatechange: 'iceConnectionState',
  connectionstatechange: 'connectionState',
  icegatheringstatechange: 'iceGatheringState',
};

function tracedPeerConnection(trace, interval, Native) {
  let count = 0;

  return class RTCPeerConnection extends Native {
    #name;
    #statistics = new StatisticsEncoder();
    #timer;
    #reasons = 0;
    // The last offer and answer made here. A description is compared with them as long as there is no local one.
    #created = {};

    constructor(...parameters) {
      super(...parameters);
      this.#name = `PC_${count++}`;
      trace.event('create', this.#name, withoutCredentials(parameters[0]));
      this.#listen();
      this.#timer = setInterval(() => this.#report(), interval);
    }

    createOffer(...parameters) {
      return this.#create('createOffer', parameters, () => super.createOffer(...parameters));
    }

    createAnswer(...parameters) {
      return this.#create('createAnswer', parameters, () => super.createAnswer(...parameters));
    }

    setLocalDescription(...parameters) {
      const [description] = parameters;
      const before = this.localDescription;
      const base = before ?? this.#created[description?.type];
      // Without an argument the browser makes the description itself, so its text is recorded afterwards.
      const outcome = () => (description?.type ? null : shortenDescription(this.localDescription, before));
      const call = () => super.setLocalDescription(...parameters);
      return this.#call('setLocalDescription', shortenDescription(description, base), call, outcome);
    }

    setRemoteDescription(...parameters) {
      const short = shortenDescription(parameters[0], this.remoteDescription);
      return this.#call('setRemoteDescription', short, () => super.setRemoteDescription(...parameters));
    }

    addIceCandidate(...parameters) {
      return this.#call('addIceCandidate', parameters[0], () => super.addIceCandidate(...parameters));
    }

    addTrack(track, ...streams) {
      trace.event('addTrack', this.#name, describeTrack(track, streams));
      const sender = super.addTrack(track, ...streams);
      const transceiver = this.getTransceivers().find((transceiver) => transceiver.sender === sender);
      trace.event('addTrackOnSuccess', this.#name, null, transceiver.receiver.track.id);
      return sender;
    }

    addTransceiver(...parameters) {
      const [track, init] = parameters;
      const what = track instanceof MediaStreamTrack ? describeTrack(track, init?.streams ?? []) : track;
      trace.event('addTransceiver', this.#name, init ? [what, init] : [what]);
      const transceiver = super.addTransceiver(...parameters);
      trace.event('addTransceiverOnSuccess', this.#name, null, transceiver.receiver.track.id);
      return transceiver;
    }

    removeTrack(sender) {
      trace.event('removeTrack', this.#name, sender.track && describeTrack(sender.track, []));
      return super.removeTrack(sender);
    }

    createDataChannel(...parameters) {
      trace.event('createDataChannel', this.#name, parameters);
      return super.createDataChannel(...parameters);
    }

    restartIce() {
      trace.event('restartIce', this.#name, null);
      return super.restartIce();
    }

    setConfiguration(configuration) {
      trace.event('setConfiguration', this.#name, withoutCredentials(configuration));
      return super.setConfiguration(configuration);
    }

    close() {
      clearInterval(this.#timer);
      if (this.signalingState !== 'closed') trace.event('close', this.#name, null);
      return super.close();
    }

    // Traces a call and its outcome.
    async #call(method, value, call, outcome = () => null) {
      const id = trace.correlation(method);
      trace.event(method, this.#name, value, id);
      try {
        const result = await call();
        trace.event(`${method}OnSuccess`, this.#name, outcome(result), id);
        return result;
      } catch (error) {
        trace.event(`${method}OnFailure`, this.#name, String(error), id);
        throw error;
      }
    }

    #create(method, parameters, call) {
      return this.#call(method, parameters[0], call, (description) => {
        this.#created[description.type] = description;
        return shortenDescription(description, this.localDescription);
      });
    }

    #listen() {
      const event = (method, value, ...more) => trace.event(method, this.#name, value, ...more);
      for (const [type, state] of Object.entries(STATE_EVENTS)) {
        this.addEventListener(type, () => event(`on${type}`, this[state]));
      }
      this.addEventListener('negotiationneeded', () => event('onnegotiationneeded', null));
      this.addEventListener('datachannel', ({ channel }) => event('ondatachannel', [channel.id, channel.label]));
      this.addEventListener('icecandidate', ({ candidate }) => event('onicecandidate', candidate));
      this.addEventListener('icecandidateerror', ({ address, port, url, errorCode, errorText }) =>
        event('onicecandidateerror', { address, port, url, errorCode, errorText }));
      this.addEventListener('connectionstatechange', () => {
        const state = this.connectionState;
        if (state === 'connected' || state === 'failed') this.#report(`${state}-${this.#reasons++}`);
      });
      this.addEventListener('track', ({ track, streams }) => {
        event('ontrack', describeTrack(track, streams));
        for (const type of ['mute', 'unmute', 'ended']) {
          track.addEventListener(type, () => event(`MediaStreamTrack.on${type}`, track.id));
        }
      });
    }

    // Sends what has changed in the statistics. `reason` is given if it is not just time for the next report.
    async #report(...reason) {
      if (!trace.open || this.signalingState === 'closed') return;
      const report = await super.getStats();
      trace.event('getStats', this.#name, this.#statistics.encode(report), ...reason);
    }
  };
}

function traceMediaDevices(trace) {
  const devices = navigator.mediaDevices;
  // Missing if the page is not a secure context (neither https: nor on this machine).
  if (!devices) return;
  const native = { getUserMedia: devices.getUserMedia.bind(devices), enumerateDevices: devices.enumerateDevices.bind(devices) };
  const method = 'navigator.mediaDevices.getUserMedia';

  devices.getUserMedia = async (constraints) => {
    const id = trace.correlation(method);
    trace.event(method, null, constraints, id);
    try {
      const stream = await native.getUserMedia(constraints);
      const tracks = stream.getTracks();
      trace.event(`${method}OnSuccess`, null, tracks.map((track) => describeTrack(track, [stream])), id);
      tracks.forEach((track) => traceStop(trace, track, id));
      return stream;
    } catch (error) {
      trace.event(`${method}OnFailure`, null, String(error), id);
      throw error;
    }
  };
  devices.enumerateDevices = async () => {
    const found = await native.enumerateDevices();
    trace.event('navigator.mediaDevices.enumerateDevices', null, found);
    return found;
  };
}

function traceStop(trace, track, id) {
  const stop = track.stop.bind(track);
  track.stop = () => {
    trace.event('MediaStreamTrack.stop', null, [], track.id, id);
    stop();
  };
}

function describeTrack(track, streams) {
  return [track.kind, track.id, track.label, ...streams.map((stream) => stream.id)];
}

function withoutCredentials(configuration) {
  if (!configuration?.iceServers) return configuration ?? null;
  const iceServers = configuration.iceServers.map(({ credential, ...server }) => server);
  return { ...configuration, iceServers };
}

// Returns a description in which each section that equals that of `base` is replaced by its first letter.
function shortenDescription(description, base) {
  if (!description) return null;
  const { type, sdp } = description;
  if (!sdp || !base?.sdp || base.type !== type) return description;
  const known = sections(base.sdp);
  const short = sections(sdp).map((section, at) => (section === known[at] ? (at === 0 ? 'v=' : 'm=') : section));
  return { type, sdp: `${short.join('\r\n')}\r\n` };
}

function sections(sdp) {
  return sdp.split('\nm=').map((section, at) => (at === 0 ? section : `m=${section}`).trim());
}
