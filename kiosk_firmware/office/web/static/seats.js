// Seats of a room: a unit is dragged to another seat, or moved there by the arrow keys; two that meet change places.
"use strict";
(() => {
  const plan = document.querySelector("#plan"), form = document.querySelector("#arrange"), said = document.querySelector("#moved");
  const seats = () => Array.from(plan.querySelectorAll(".seat"));
  const columns = () => Number(form.elements.columns.value);

  function put(seat, unit) {
    seat.dataset.unit = unit;
    seat.textContent = unit || plan.dataset.free;
    seat.classList.toggle("free", !unit);
  }

  function swap(from, to) {
    if (from === to || !to) return;
    const unit = from.dataset.unit;
    put(from, to.dataset.unit);
    put(to, unit);
    keep();
    const at = seats().indexOf(to);
    said.textContent = plan.dataset.seat.replace("{unit}", unit || plan.dataset.free)
      .replace("{row}", Math.floor(at / columns()) + 1).replace("{seat}", (at % columns()) + 1);
    to.focus();
  }

  function keep() {
    while (seats().length % columns() || seats().slice(-columns()).some((one) => one.dataset.unit)) {
      const place = seats().at(-1).parentNode.cloneNode(true);
      plan.append(place);
      put(place.firstChild, "");
    }
    form.querySelector("input[name=seats]").value = seats().map((one) => one.dataset.unit).join(",");
  }

  plan.addEventListener("keydown", (event) => {
    const seat = event.target.closest(".seat");
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns(), ArrowDown: columns() }[event.key];
    if (!seat || !step) return;
    event.preventDefault();
    swap(seat, seats()[seats().indexOf(seat) + step]);
  });

  let held = null;
  plan.addEventListener("pointerdown", (event) => {
    held = event.target.closest(".seat");
    if (!held || !held.dataset.unit) { held = null; return; }
    held.classList.add("held");
    event.target.releasePointerCapture?.(event.pointerId);
  });
  addEventListener("pointerup", (event) => {
    if (!held) return;
    held.classList.remove("held");
    swap(held, document.elementFromPoint(event.clientX, event.clientY)?.closest(".seat"));
    held = null;
  });
  addEventListener("pointercancel", () => { held?.classList.remove("held"); held = null; });

  form.elements.columns.addEventListener("change", () => {
    plan.className = `tiles seated columns-${columns()}`;
    keep();
  });
})();
