// The family's page of a visit: camera and sound are checked, then one waits, talks, and it is over.
"use strict";
(() => {
  const HIDDEN = ["frozen", "moving_again"];  // of the family's own picture: not to be seen here
  const body = document.body, at = (css) => document.querySelector(css), all = (css) => document.querySelectorAll(css);
  const far = at("#far"), own = at("#own");
  let media = null, ring = null;

  const show = (step) => { body.dataset.step = step; for (const one of all("[data-at]")) one.hidden = one.dataset.at !== step; };
  const only = (css, name, value) => { for (const one of all(css)) one.hidden = one.dataset[name] !== value; };

  // -- the check

  async function check() {
    only("[data-trouble]", "trouble", "");
    try {
      media = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true },
        video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 20, max: 25 } },
      });
    } catch (error) {
      const known = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing" };
      only("[data-trouble]", "trouble", navigator.mediaDevices ? known[error.name] || "busy" : "insecure");
      return;
    }
    at("#mirror").srcObject = own.srcObject = media;
    ring = new AudioContext();
    meter();
    at("#try").hidden = true;
    at("#checked").hidden = false;
  }

  function meter() {
    const ear = ring.createAnalyser(), level = at("#level"), samples = new Float32Array(1024);
    ring.createMediaStreamSource(media).connect(ear);
    setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      level.value = Math.min(1, Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length) * 6);
    }, 100);
  }

  function tone() {
    const sound = ring.createOscillator(), loud = ring.createGain();
    sound.frequency.value = 660;
    loud.gain.value = 0.2;
    sound.connect(loud).connect(ring.destination);
    sound.start();
    sound.stop(ring.currentTime + 1);
    at("#hear").hidden = false;
  }

  // -- the visit

  function prepare(pc) {
    for (const track of [media.getAudioTracks()[0], media.getVideoTracks()[0]])
      pc.addTransceiver(track, { direction: "sendrecv", streams: [media] });
    const stream = new MediaStream();
    pc.ontrack = (event) => { stream.addTrack(event.track); far.srcObject = stream; far.play().catch(() => {}); };
  }

  const call = new Call(body.dataset.number, "station", body.dataset.csrf, prepare, {
    told(word) {
      clock.told(word);
      notice.put({ phase: word.phase, told: HIDDEN.includes(word.notice) ? "" : word.notice, muted: (word.muted || []).includes("unit") });
      if (word.phase === "over") { only("[data-end]", "end", word.end); return; }
      show(word.phase === "talking" || word.phase === "cut" ? "talk" : "wait");
    },
    other(word) { if (word.type === "Peer" && word.end === "officer") at("#watched").hidden = !word.here; },
    line(up) { at("#no-line").hidden = up; notice.put({ line: up }); },
    state(state) { body.dataset.media = state; },
    elsewhere() { show("elsewhere"); },
    withdrawn(word) { only("[data-end]", "end", word.reason); },
    out() { location.assign("/login"); },
    over() {
      if (media) for (const track of media.getTracks()) track.stop();
      show("over");
      if (!at("[data-end]:not([hidden])")) location.assign(`/station/visits/${body.dataset.number}`);  // it ended unheard
    },
  });

  const notice = new NoticePlace(call, at("#notice"));
  const clock = new Countdown((ms) => { at("#left").textContent = clockText(ms); at("#left").classList.toggle("short", ms <= 60000); }, notice.arrivals);

  at("#try").onclick = check;
  at("#tone").onclick = tone;
  at("#go").onclick = () => { show("wait"); call.open(); };
  at("#here").onclick = () => { show("wait"); call.open(true); };
  at("#leave").onclick = () => { at("#sure").hidden = false; at("#leave").hidden = true; };
  at("#stay").onclick = () => { at("#sure").hidden = true; at("#leave").hidden = false; };
  at("#yes").onclick = () => call.leave();
  window.kioskCall = call;
  show("check");
})();
