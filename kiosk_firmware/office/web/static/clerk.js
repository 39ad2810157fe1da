// The clerk's pages of a station: the slip is printed, and what an officer changes meanwhile is shown without being asked for.
"use strict";
(() => {
  const LOOK_MS = 15000, USED_MS = 20 * 60000, print = document.querySelector("#print");
  let used = Date.now();

  if (print) print.onclick = () => window.print();
  for (const act of ["pointerdown", "keydown"]) addEventListener(act, () => { used = Date.now(); });

  // Nobody is interrupted who listens; and a page that was left alone shall not keep its session open.
  async function look() {
    if (document.hidden || document.body.dataset.speaks || Date.now() - used > USED_MS) return;
    try {
      const answer = await fetch(location.href), page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const main = page.querySelector("main");
      if (!main || main.innerHTML !== document.querySelector("main").innerHTML) location.reload();
    } catch { return; }  // the office is away: what stands here stands until it is back
  }

  setInterval(look, LOOK_MS);
})();
