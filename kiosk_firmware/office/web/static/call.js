// A browser's end of a visit: the line to the office, and the connection to the unit.
//
// The browser offers and the unit answers, whole descriptions at a time. Nothing is mended: where a connection or a line
// is lost, a new one is made, with a higher session, until the office says that the visit is over.
"use strict";

const ELSEWHERE = 4409, OVER = 4410;
const SIGN_MS = 2000, AGAIN_MS = 1500, ANSWER_MS = 6000, GATHER_MS = 1500, LOST_MS = 2500;
const LOOK_MS = 500, STALE_MS = 2000;

class Call {
  // whose: "station" or "officer". prepare(pc): adds what is sent or received. heard: what the page does with words.
  constructor(number, whose, csrf, prepare, heard) {
    Object.assign(this, { number, whose, csrf, prepare, heard, session: 0, over: false, unitHere: false });
    this.page = Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16)).join("");
    setInterval(() => this.say({ type: "Here" }), SIGN_MS);
  }

  async open(takeOver = false) {
    if (this.over) return;
    let answer;
    try {
      answer = await fetch(`/visits/${this.number}/token`, {
        method: "POST", body: new URLSearchParams({ whose: this.whose }), headers: { "X-CSRF-Token": this.csrf },
      });
    } catch { return this.later(() => this.open(takeOver)); }
    if (answer.status === 410 || answer.status === 404) return this.end();
    if (answer.status === 401 || answer.status === 403) return this.heard.out();
    if (!answer.ok) return this.later(() => this.open(takeOver));
    const given = await answer.json();
    this.session = Math.max(this.session, given.base);
    this.ice = given.ice.map((one) => ({ urls: one.urls, username: one.username, credential: one.credential }));
    this.line(given.token, takeOver);
  }

  line(token, takeOver) {
    const line = new WebSocket(`${location.origin.replace(/^http/, "ws")}/visits/${this.number}/signal`);
    this.socket = line;
    line.onopen = () => line.send(JSON.stringify({ token, page: this.page, over: takeOver }));
    line.onmessage = (event) => this.hear(JSON.parse(event.data));
    line.onclose = (event) => {
      if (this.socket !== line) return;
      this.socket = null;
      if (event.code === ELSEWHERE) { this.hangUp(); this.heard.elsewhere(); }
      else if (event.code === OVER) this.end();
      else { this.heard.line(false); this.later(() => this.open()); }
    };
  }

  later(act) { setTimeout(act, AGAIN_MS); }

  say(word) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(word));
  }

  hear(word) {
    this.heard.line(true);
    if (word.type === "Peer" && word.end === "unit") {
      this.unitHere = word.here;
      if (word.here && !this.isUp()) this.offer();
    } else if (word.type === "Answered") this.answered(word);
    else if (word.type === "Withdrawn") { this.heard.withdrawn(word); this.end(); }
    if (word.type === "Told") this.heard.told(word);
    else if (this.heard.other) this.heard.other(word);
  }

  isUp() { return this.pc && (this.pc.connectionState === "connected" || this.waiting); }

  async offer() {
    if (this.over || !this.unitHere) return;
    this.hangUp();
    const session = this.session += 1;
    const pc = this.pc = new RTCPeerConnection({ iceServers: this.ice });
    this.waiting = true;
    this.prepare(pc);
    pc.onconnectionstatechange = () => this.changed(pc);
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    if (this.pc !== pc) return;
    this.say({ type: "Offered", visit: this.number, end: this.whose, session, sdp: pc.localDescription.sdp });
    setTimeout(() => { if (this.pc === pc && pc.connectionState !== "connected") this.offer(); }, ANSWER_MS);
  }

  async answered(word) {
    if (word.session !== this.session || !this.pc || this.pc.signalingState !== "have-local-offer") return;
    try { await this.pc.setRemoteDescription({ type: "answer", sdp: word.sdp }); } catch { this.offer(); }
  }

  changed(pc) {
    if (this.pc !== pc) return;
    this.heard.state(pc.connectionState);
    if (pc.connectionState === "connected") this.waiting = false;
    if (pc.connectionState === "failed") this.offer();
    if (pc.connectionState === "disconnected")
      setTimeout(() => { if (this.pc === pc && pc.connectionState !== "connected") this.offer(); }, LOST_MS);
  }

  hangUp() {
    if (this.pc) this.pc.close();
    this.pc = null;
    this.waiting = false;
  }

  leave() { this.say({ type: "Left", visit: this.number, end: this.whose }); }

  end() {
    if (this.over) return;
    this.over = true;
    this.hangUp();
    if (this.socket) this.socket.close();
    this.heard.over();
  }
}

// All ways to here, or those that were found in good time: words travel whole.
function gathered(pc) {
  return new Promise((done) => {
    const look = () => { if (pc.iceGatheringState === "complete") done(); };
    pc.addEventListener("icegatheringstatechange", look);
    setTimeout(done, GATHER_MS);
    look();
  });
}

// What comes over a call's line, by count of packets and pictures: a line may be up and carry nothing.
class Arrivals {
  constructor(call) { Object.assign(this, { call, counts: {}, at: {} }); }

  async look() {
    const pc = this.call.pc, counts = pc ? await arrived(pc) : {};
    if (pc !== this.call.pc) return;
    if (pc !== this.pc) Object.assign(this, { pc, counts: {} });
    for (const kind in counts) if (counts[kind] > (this.counts[kind] || 0)) this.at[kind] = performance.now();
    this.counts = counts;
  }

  ever(kind) { return kind in this.at; }

  last() { return Math.max(...Object.values(this.at)); }

  comes(kind) { return this.ever(kind) && performance.now() - this.at[kind] <= STALE_MS; }
}

async function arrived(pc) {
  const counts = { audio: 0, video: 0 };
  for (const one of (await pc.getStats()).values())
    if (one.type === "inbound-rtp") counts[one.kind] += (one.kind === "audio" ? one.packetsReceived : one.framesDecoded) || 0;
  return counts;
}

// The one thing that is to be read over the film, the gravest first; each says only what was measured here or told by the unit.
function graveNotice({ line, phase, arrivals, told, muted }) {
  if (!line) return "no_line";
  if (phase !== "talking" && phase !== "cut") return told;
  if (!arrivals.ever("audio")) return "joining";
  const seen = arrivals.comes("video");
  if (!arrivals.comes("audio")) return seen ? "silent" : "lost";
  return seen || muted || phase === "cut" ? told : "still";
}

// The place of that one notice. It lies over the film, so nothing moves; it is said anew only where it differs.
class NoticePlace {
  constructor(call, box) {
    this.arrivals = new Arrivals(call);
    Object.assign(this, { box, state: { line: true, phase: "", told: "", muted: false, arrivals: this.arrivals } });
    setInterval(async () => { await this.state.arrivals.look(); this.show(); }, LOOK_MS);
  }

  put(change) { Object.assign(this.state, change); this.show(); }

  show() {
    const key = graveNotice(this.state);
    if (this.box.dataset.notice === key) return;
    this.box.dataset.notice = key;
    this.box.textContent = key ? document.querySelector(`[data-words="${key}"]`).textContent : "";
  }
}

// The unit's clock between two of its words. show(ms): what is left. It goes as far as the unit was seen or heard: while
// nothing comes, the unit may stand still, and so does its clock.
class Countdown {
  constructor(show, arrivals) {
    Object.assign(this, { show, arrivals });
    setInterval(() => this.tick(), 250);
  }

  told(word) {
    Object.assign(this, { left: word.left_ms, running: word.running, at: performance.now() });
    this.tick();
  }

  tick() {
    if (this.left === undefined) return;
    const passed = this.running ? Math.max(0, Math.min(performance.now(), this.arrivals.last()) - this.at) : 0;
    this.show(Math.max(0, this.left - passed));
  }
}

const clockText = (ms) => {
  const s = Math.ceil(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
};
