// Small curves of a unit's last day. Each <div data-spark="name"> on the page gets one, from the JSON beside the page.
"use strict";
(async () => {
  const places = document.querySelectorAll("[data-spark]");
  if (!places.length) return;
  const answer = await fetch(places[0].dataset.from);
  if (!answer.ok) return;
  const series = await answer.json();
  const end = series.until_s; // the office's clock: a browser's may be wrong
  for (const place of places) {
    const [times, values] = series[place.dataset.spark] || [[], []];
    if (!values.some((value) => value !== null)) continue;
    place.textContent = "";
    new uPlot({
      width: place.clientWidth, height: 84, cursor: { y: false }, legend: { show: false },
      padding: [8, 8, 0, 0],
      axes: [{ show: false }, { size: 46, grid: { stroke: "#e3e8ed" }, ticks: { show: false }, font: "12px sans-serif", stroke: "#5c6876" }],
      scales: { x: { time: true, range: () => [end - 86400, end] } },
      series: [{}, { stroke: "#0b6b5f", width: 2, fill: "#0b6b5f1a", spanGaps: false, points: { show: false } }],
    }, [times, values], place);
  }
})();
