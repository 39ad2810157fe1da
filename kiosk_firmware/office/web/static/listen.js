// A recording of a visit: how fast it is played, and the places where an officer did something.
"use strict";
(() => {
  const films = Array.from(document.querySelectorAll(".film video"));

  // Whoever wrote the file while it was spoken could not say how long it would be: the end is looked for once.
  for (const film of films) {
    film.addEventListener("loadedmetadata", () => {
      if (Number.isFinite(film.duration)) return;
      film.addEventListener("durationchange", () => { film.currentTime = 0; }, { once: true });
      film.currentTime = 1e7;
    });
  }

  // The line of all that was recorded: where one is in it, and a press goes there. Parts have clocks of their own.
  const line = document.querySelector("#timeline"), head = line && line.querySelector(".head");
  if (films.length === 1 && Number(line.dataset.end) > 0) {
    const end = Number(line.dataset.end), drawn = line.querySelector("svg");
    films[0].addEventListener("timeupdate", () => {
      const at = `${Math.min(100, films[0].currentTime / end * 100)}%`;
      head.setAttribute("x1", at);
      head.setAttribute("x2", at);
    });
    drawn.onclick = (event) => {
      const box = drawn.getBoundingClientRect();
      films[0].currentTime = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * end;
    };
  } else if (line) { head.remove(); line.classList.add("still"); }

  for (const key of document.querySelectorAll("[data-speed]")) {
    key.onclick = () => {
      for (const film of films) film.playbackRate = Number(key.dataset.speed);
      for (const one of document.querySelectorAll("[data-speed]")) one.setAttribute("aria-pressed", String(one === key));
    };
  }

  for (const key of document.querySelectorAll("[data-seek]")) {
    key.onclick = () => { films[0].currentTime = Math.max(0, Number(key.dataset.seek) - 5); films[0].play(); };
  }
})();
