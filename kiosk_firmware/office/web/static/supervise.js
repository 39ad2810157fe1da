// An officer sees and hears both sides of a visit, warns, mutes, ends. Nothing is sent but these words.
"use strict";
(() => {
  const place = document.querySelector("#watch"), at = (css) => document.querySelector(css);
  const streams = { unit: new MediaStream(), station: new MediaStream() };
  const only = (css, name, value) => { for (const one of document.querySelectorAll(css)) one.hidden = one.dataset[name] !== value; };

  // Sound and picture of the unit, then of the station: the unit answers in this order.
  function prepare(pc) {
    const sides = new Map();
    for (const side of ["unit", "station"]) {
      streams[side] = new MediaStream();
      for (const kind of ["audio", "video"]) sides.set(pc.addTransceiver(kind, { direction: "recvonly" }), side);
    }
    pc.ontrack = (event) => {
      const side = sides.get(event.transceiver), film = at(`#side-${side}`);
      streams[side].addTrack(event.track);
      film.srcObject = streams[side];
    };
  }

  const here = { unit: false, station: false };
  const call = new Call(place.dataset.number, "officer", place.dataset.csrf, prepare, {
    told(word) {
      clock.told(word);
      only("[data-phase]", "phase", word.phase);
      notice.put({ phase: word.phase, told: word.notice });
      for (const key of document.querySelectorAll("[data-act=mute]")) acknowledge(key, (word.muted || []).includes(key.dataset.end));
      if (word.phase === "over") only("[data-end]", "end", word.end);
    },
    other(word) {
      if (word.type !== "Peer" || !(word.end in here)) return;
      here[word.end] = word.here;
      at(`#here-${word.end}`).hidden = !word.here;
      at(`#away-${word.end}`).hidden = word.here;
    },
    line(up) { notice.put({ line: up }); },
    state(state) { place.dataset.media = state; },
    elsewhere() { at("#elsewhere").hidden = false; },
    withdrawn(word) { only("[data-end]", "end", word.reason); },
    out() { location.assign("/login"); },
    over() { at("#acts").hidden = true; at("#ended").hidden = false; },
  });

  const notice = new NoticePlace(call, at("#notice"));
  const clock = new Countdown((ms) => { at("#left").textContent = clockText(ms); }, notice.arrivals);

  // A side is shown as muted when the unit says that it is, not when it was asked to; it has been heard until then.
  function acknowledge(key, muted) {
    key.setAttribute("aria-pressed", muted);
    key.setAttribute("aria-busy", key.getAttribute("aria-busy") === "true" && key.dataset.wanted !== String(muted));
  }

  function turned(key) {
    const muted = key.getAttribute("aria-pressed") !== "true";
    key.dataset.wanted = muted;
    key.setAttribute("aria-busy", "true");
    return muted ? "mute" : "unmute";
  }

  for (const key of document.querySelectorAll("[data-act]")) {
    key.onclick = () => {
      const { end = "station", sure } = key.dataset, act = key.dataset.act === "mute" ? turned(key) : key.dataset.act;
      const reason = ["warn", "end"].includes(act) ? at("#reason").value : "";
      if (act === "end" && !confirm(sure)) return;
      call.say({ type: "Ordered", visit: place.dataset.number, act, end, reason: reason || (act === "end" ? "officer" : "") });
    };
  }
  at("#take").onclick = () => { at("#elsewhere").hidden = true; call.open(true); };
  // A browser plays sound only after somebody has pressed something here.
  at("#listen").onclick = () => { for (const film of document.querySelectorAll("#watch video")) film.muted = false; at("#listen").hidden = true; };
  window.kioskCall = call;
  call.open();
})();
