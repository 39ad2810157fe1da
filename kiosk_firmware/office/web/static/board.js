// The class board: pictures of the room, one question a second for all of them, and a lesson menu that can be searched.
"use strict";
(() => {
  const board = document.querySelector("#board");
  if (!board) return;
  const address = new URL(board.getAttribute("hx-get"), location.href), newest = new Map();
  let since = 0;

  function put(place) {
    const picture = newest.get(place.dataset.unit);
    if (!picture) return;
    if (!place.firstChild) place.append(Object.assign(new Image(640, 400), { alt: "" }));
    if (place.firstChild.src !== picture) place.firstChild.src = picture;
  }

  async function look() {
    if (document.hidden) return;
    const asked = new URLSearchParams({ site: address.searchParams.get("site"), since });
    const answer = await fetch(`/board/glasses.json?${asked}`).catch(() => null);
    if (!answer || !answer.ok) return;
    const found = await answer.json();
    since = found.at;
    for (const [unit, picture] of Object.entries(found.glasses)) newest.set(unit, picture);
    document.querySelectorAll("a.glass").forEach(put);
  }

  (async function follow() {
    await look();
    setTimeout(follow, 1000);
  })();

  const set = document.querySelector("#set");
  if (!set) return;
  const can = JSON.parse(set.dataset.can), menu = set.elements.lesson, find = set.querySelector("#find");
  const all = Array.from(menu.querySelectorAll("optgroup")).map((group) => ({ group, options: Array.from(group.children) }));

  // Options are taken out, not hidden: a menu on a telephone shows hidden ones, too.
  function narrow() {
    const words = find.value.toLowerCase().split(/\s+/), machines = can[set.elements.unit.value], chosen = menu.value;
    menu.textContent = "";
    for (const { group, options } of all) {
      const fit = options.filter((one) => words.every((word) => `${group.label} ${one.text}`.toLowerCase().includes(word)));
      group.replaceChildren(...fit);
      if (fit.length && (!machines || machines.includes(group.dataset.machine))) menu.append(group);
    }
    menu.value = chosen;
    if (menu.selectedIndex < 0) menu.selectedIndex = 0;
  }

  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  set.elements.unit.addEventListener("change", narrow);
})();
