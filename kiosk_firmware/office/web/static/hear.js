// "Hear it": what the page says is read aloud by the office's voice, part after part; pressed again it is silent.
"use strict";
(() => {
  const key = document.querySelector("#hear-it"), sound = new Audio();
  if (!key) return;
  let left = [];

  function next() {
    const part = left.shift();
    if (!part) { delete document.body.dataset.speaks; return; }
    document.body.dataset.speaks = "yes";
    sound.src = `/station/say?${new URLSearchParams({ text: part })}`;
    sound.play().catch(() => { left = []; });
  }

  sound.onended = sound.onerror = next;
  key.onclick = () => {
    const talking = !sound.paused && !sound.ended;
    sound.pause();
    left = [];
    delete document.body.dataset.speaks;
    if (talking) return;
    const parts = document.querySelectorAll("main h1, main [data-say], main .big, main .keys .key, main .keys button");
    left = Array.from(parts).filter((one) => one.offsetParent).map((one) => one.textContent.trim().slice(0, 300))
      .filter((text) => text);
    next();
  };
})();
