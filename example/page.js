// The page itself: a call between two peer connections, and a display in plain words of what becomes of its trace.
//
// If there is no camera, or it is not allowed, a painted picture takes its place, so that there is always a call. The
// query fills the form: ?server=ws://127.0.0.1:8080/&token=…&interval=1000.
'use strict';

const INTERVAL_MS = 1000;
const RECENT_LINES = 12;

const at = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const trace = new Trace();
window.trace = trace;

// What each state of the session means to a person who looks at the page.
const SESSION_TEXTS = {
  idle: () => 'Not connected yet.',
  connecting: () => 'Connecting to the server …',
  recording: () => 'Connected. The server records this session.',
  closing: () => 'Ending the session …',
  refused: () => 'The server has refused this session (1008): the token is missing, wrong or too old, or this page’s origin '
    + 'is not allowed. Nothing of it is stored. The call goes on without it.',
  unreachable: () => 'The server cannot be reached. Does it run, and is the address right? The call goes on without it.',
  lost: () => 'The connection to the server is lost (1006). It keeps what it had received.',
  closed: () => CLOSE_TEXTS[trace.code] ?? `The session has ended (${trace.code}). Its dump is being stored.`,
};

const CLOSE_TEXTS = {
  1001: 'The server is going away (1001). It keeps what it had received.',
  1005: 'The session has ended. Its dump is now in the server’s dumps folder.',
  1009: 'The server has ended this session because it is too large (1009). It keeps what came before.',
  1013: 'The server is overloaded and has ended this session (1013). It keeps what it had received.',
};

let connections = [];
let media = null;
let began = 0;
let bytes = 0;

function showSession() {
  document.body.dataset.session = trace.state;
  at('session-text').textContent = SESSION_TEXTS[trace.state]();
}

function showCall(state, text) {
  document.body.dataset.call = state;
  at('call-text').textContent = text;
}

function showLine(line) {
  bytes += line.length;
  at('lines').textContent = window.sentLines.length;
  at('size').textContent = bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(1)} kB`;
  const item = document.createElement('li');
  item.textContent = line;
  const list = at('recent');
  list.querySelector('.none')?.remove();
  list.prepend(item);
  while (list.childElementCount > RECENT_LINES) list.lastElementChild.remove();
}

function showTime() {
  if (connections.length === 0) return;
  const seconds = Math.floor((performance.now() - began) / 1000);
  at('time').textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

async function camera() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, frameRate: 15 } });
  } catch {
    return paintedPicture();
  }
}

function paintedPicture() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const pen = canvas.getContext('2d');
  setInterval(() => {
    const turn = performance.now() / 1000;
    pen.fillStyle = `hsl(${(turn * 20) % 360} 60% 30%)`;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = 'white';
    pen.beginPath();
    pen.arc(320 + 180 * Math.cos(turn), 240 + 140 * Math.sin(turn), 40, 0, 2 * Math.PI);
    pen.fill();
  }, 66);
  return canvas.captureStream(15);
}

async function startCall() {
  showCall('busy', 'Asking for the camera …');
  media = await camera();
  await navigator.mediaDevices?.enumerateDevices();
  at('local').srcObject = media;
  const [caller, callee] = connections = [new RTCPeerConnection({ iceServers: [] }), new RTCPeerConnection({ iceServers: [] })];

  // This call needs no network: each candidate that one end finds is handed to the other end directly.
  caller.onicecandidate = ({ candidate }) => callee.addIceCandidate(candidate).catch(callFailed);
  callee.onicecandidate = ({ candidate }) => caller.addIceCandidate(candidate).catch(callFailed);
  callee.ontrack = ({ streams: [stream] }) => (at('remote').srcObject = stream);
  caller.onconnectionstatechange = () => {
    if (caller.connectionState === 'connected') showCall('connected', 'The call is up: PC_0 and PC_1 see each other.');
    if (caller.connectionState === 'failed') callFailed(new Error('the two ends cannot reach each other'));
  };

  showCall('busy', 'Calling …');
  media.getTracks().forEach((track) => caller.addTrack(track, media));
  caller.createDataChannel('chat');
  await caller.setLocalDescription(await caller.createOffer());
  await callee.setRemoteDescription(caller.localDescription);
  await callee.setLocalDescription(await callee.createAnswer());
  await caller.setRemoteDescription(callee.localDescription);
}

function callFailed(error) {
  showCall('failed', `The call failed: ${error.message}.`);
}

function endCall() {
  connections.forEach((connection) => connection.close());
  media?.getTracks().forEach((track) => track.stop());
  connections = [];
  trace.close();
  at('end').disabled = true;
  showCall('ended', 'The call has ended. Reload the page for another one.');
}

function start() {
  try {
    trace.connect(at('server').value, at('token').value.trim());
  } catch (error) {
    at('session-text').textContent = `This is no address of a server: ${error.message}`;
    return;
  }
  at('start').disabled = true;
  at('end').disabled = false;
  began = performance.now();
  startCall().catch(callFailed);
}

traceWebRTC(trace, Number(query.get('interval')) || INTERVAL_MS);
trace.addEventListener('state', showSession);
trace.addEventListener('line', ({ detail }) => showLine(detail));
at('server').value = query.get('server') ?? 'ws://127.0.0.1:8080/';
at('token').value = query.get('token') ?? '';
at('form').addEventListener('submit', (event) => {
  event.preventDefault();
  start();
});
at('end').addEventListener('click', endCall);
setInterval(showTime, 250);
showSession();
showCall('idle', 'No call yet.');
