// The demo's window: its picture again and again, and a finger or a mouse on it goes to the unit, in order.
"use strict";
(() => {
  const glass = document.querySelector("#demo-glass"), gone = document.querySelector("#demo-gone");
  if (!glass) return;
  let n = 0, finger = null, moved = 0, sent = Promise.resolve();

  function look() {
    if (document.hidden) setTimeout(look, 500);
    else glass.src = `/demo/window.jpg?n=${n += 1}`;
  }

  for (const [heard, after] of [["load", 150], ["error", 1000]])
    glass.addEventListener(heard, () => { gone.hidden = heard === "load"; setTimeout(look, after); });

  function send(kind, event) {
    const box = glass.getBoundingClientRect(), part = (at, from, size) => Math.min(1, Math.max(0, (at - from) / size));
    const body = new URLSearchParams({
      kind, x: part(event.clientX, box.left, box.width), y: part(event.clientY, box.top, box.height),
    });
    sent = sent.then(() => fetch("/demo/touch", { method: "POST", headers: { "X-CSRF-Token": glass.dataset.csrf }, body })).catch(() => null);
  }

  glass.addEventListener("pointerdown", (event) => {
    if (finger !== null || event.button) return;
    event.preventDefault();
    finger = event.pointerId;
    glass.setPointerCapture(finger);
    send("down", event);
  });
  glass.addEventListener("pointermove", (event) => {
    if (event.pointerId !== finger || event.timeStamp - moved < 150) return;
    moved = event.timeStamp;
    send("move", event);
  });
  for (const end of ["pointerup", "pointercancel"])
    glass.addEventListener(end, (event) => {
      if (event.pointerId !== finger) return;
      finger = null;
      send("up", event);
    });
  look();
})();
