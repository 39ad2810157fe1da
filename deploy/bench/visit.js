// The family's browser as the bench needs it: a picture that carries the moment of its drawing (visit/drawing.py), and
// what is read of the other one's.
"use strict";
const COLUMNS = 20, ROWS = 2, HIGH = 15;

function drawn(canvas) {
  const pen = canvas.getContext("2d"), { width, height } = canvas;
  const draw = () => {
    const stamp = Date.now() % 2 ** 32, side = height / HIGH;
    const bytes = [24, 16, 8, 0].map((by) => Math.floor(stamp / 2 ** by) % 256);
    bytes.push((bytes.reduce((a, b) => a + b, 0) * 167 + 90) % 256);
    pen.fillStyle = "#506070";
    pen.fillRect(0, 0, width, height);
    for (let bit = 0; bit < COLUMNS * ROWS; bit += 1) {
      const on = (bytes[Math.floor(bit / 8)] >> (7 - (bit % 8))) & 1;
      pen.fillStyle = on ? "#fff" : "#000";
      pen.fillRect((bit % COLUMNS) * width / COLUMNS, Math.floor(bit / COLUMNS) * side, width / COLUMNS, side);
    }
    pen.fillStyle = "#eee";
    pen.fillRect((stamp % 4000) / 4000 * width, side * ROWS, width / 10, height);
  };
  setInterval(draw, 50);
  draw();
}

function read(video, pen) {
  const { videoWidth: width, videoHeight: height } = video;
  pen.canvas.width = width;
  pen.canvas.height = Math.ceil(height / HIGH * ROWS);
  pen.drawImage(video, 0, 0);
  const pixels = pen.getImageData(0, 0, width, pen.canvas.height).data, bytes = [0, 0, 0, 0, 0];
  for (let bit = 0; bit < COLUMNS * ROWS; bit += 1) {
    const x = Math.floor(((bit % COLUMNS) + 0.5) * width / COLUMNS);
    const y = Math.floor((Math.floor(bit / COLUMNS) + 0.5) * height / HIGH);
    bytes[Math.floor(bit / 8)] |= (pixels[(y * width + x) * 4 + 1] > 125 ? 1 : 0) << (7 - (bit % 8));
  }
  const check = (bytes.slice(0, 4).reduce((a, b) => a + b, 0) * 167 + 90) % 256;
  return check === bytes[4] ? bytes.slice(0, 4).reduce((a, b) => a * 256 + b, 0) : null;
}

window.bench = {
  delays: [], frames: 0, pc: null,

  prepare() {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: 640, height: 480 });
    drawn(canvas);
    const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    this.tracks = [out.stream.getAudioTracks()[0], canvas.captureStream(20).getVideoTracks()[0]];
    this.video = document.createElement("video");
    Object.assign(this.video, { muted: true, autoplay: true, playsInline: true });
    this.ear = document.createElement("audio");
    this.ear.autoplay = true;
    document.body.append(this.video, this.ear);
    this.pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  },

  async offer() {
    if (this.pc) this.pc.close();
    const pc = this.pc = new RTCPeerConnection({ iceServers: [] });
    this.began = performance.now();
    this.first = null;
    for (const track of this.tracks) pc.addTrack(track);
    pc.ontrack = (event) => {
      if (event.track.kind === "video") return this.watch(event.track, pc);
      this.ear.srcObject = new MediaStream([event.track]);  // what nobody listens to is not decoded
    };
    await pc.setLocalDescription(await pc.createOffer());
    await new Promise((done) => {
      const look = () => { if (pc.iceGatheringState === "complete") done(); };
      pc.onicegatheringstatechange = look;
      look();
    });
    return pc.localDescription.sdp;
  },

  watch(track, pc) {
    this.video.srcObject = new MediaStream([track]);
    const seen = () => {
      if (this.pc !== pc) return;
      this.first = this.first || performance.now() - this.began;
      this.frames += 1;
      const stamp = read(this.video, this.pen);
      if (stamp !== null) this.delays.push(Date.now() % 2 ** 32 - stamp);
      this.video.requestVideoFrameCallback(seen);
    };
    this.video.requestVideoFrameCallback(seen);
  },

  async lost() {
    let found = null;
    for (const one of (await this.pc.getStats()).values())
      if (one.type === "inbound-rtp" && one.kind === "audio") found = one;
    return found && { lost: found.packetsLost, concealed: found.concealedSamples, all: found.totalSamplesReceived };
  },
};
window.bench.prepare();
