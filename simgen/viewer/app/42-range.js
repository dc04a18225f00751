"use strict";
/** A filter on a column of numbers: a small histogram above two sliders. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const BINS = 40;

  /** Draws the bars, with those within the range in the accent colour. */
  function bars(counts, from, to) {
    const top = Math.max(...counts, 1);
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    svg.setAttribute("viewBox", `0 0 ${counts.length} 100`);
    svg.setAttribute("preserveAspectRatio", "none");
    svg.setAttribute("aria-hidden", "true");
    counts.forEach((count, i) => {
      const bar = document.createElementNS(space, "rect");
      const height = count ? Math.max(4, (count / top) * 100) : 0;
      const place = { x: i + 0.08, y: 100 - height, width: 0.84, height };
      for (const [key, value] of Object.entries(place)) bar.setAttribute(key, String(value));
      const middle = (i + 0.5) / counts.length;
      bar.setAttribute("class", middle >= from && middle <= to ? "in" : "out");
      svg.append(bar);
    });
    return svg;
  }

  /**
   * @param {any} column with min and max
   * @param {any[]} series the values of each dataset; their histograms are one above the other
   * @param {any} filter the current filter
   * @param {(filter: any) => void} onchange receives null for the full range
   */
  function rangeFilter(column, series, filter, onchange) {
    const { min, max } = column;
    const whole = Number.isInteger(min) && Number.isInteger(max) && max - min <= 1000;
    const step = whole ? 1 : (max - min) / 200 || 1;
    const counts = series.map((values) => [...S.select.histogram(values, min, max, whole ? Math.min(BINS, max - min + 1) : BINS)]);
    const charts = counts.map(() => el("div.bars"));
    const shown = el("output.range-shown");
    const slider = (name, value) =>
      el("input", { type: "range", min, max, step: whole ? 1 : "any", "aria-label": `${name} ${column.title}`, value });
    const low = slider("Lowest", filter?.min ?? min);
    const high = slider("Highest", filter?.max ?? max);

    const draw = () => {
      const [from, to] = [Number(low.value), Number(high.value)];
      const part = (value) => (max > min ? (value - min) / (max - min) : 0.5);
      charts.forEach((chart, i) => chart.replaceChildren(bars(counts[i], part(from), part(to))));
      const text = S.withUnit(`${S.number(from, 3)} – ${S.number(to, 3)}`, column.unit);
      shown.textContent = text;
      for (const input of [low, high]) input.setAttribute("aria-valuetext", S.withUnit(S.number(Number(input.value)), column.unit));
    };
    const changed = (moved, other) => {
      const crossed = moved === low ? Number(low.value) > Number(high.value) : Number(high.value) < Number(low.value);
      if (crossed) moved.value = other.value;
      draw();
      const asked = {};
      if (Number(low.value) > min) asked.min = Number(Number(low.value).toPrecision(6));
      if (Number(high.value) < max) asked.max = Number(Number(high.value).toPrecision(6));
      onchange(Object.keys(asked).length ? asked : null);
    };
    for (const input of [low, high]) {
      input.addEventListener("input", () => changed(input, input === low ? high : low));
      // With step="any" the browser would choose the step of arrow keys; here it is one 200th.
      input.addEventListener("keydown", (event) => {
        const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
        if (!way) return;
        event.preventDefault();
        input.value = String(Number(input.value) + way * step);
        changed(input, input === low ? high : low);
      });
    }
    draw();
    return el("div.range", {}, ...charts, el("div.sliders", {}, low, high), shown);
  }

  S.rangeFilter = rangeFilter;
})((globalThis.Simgen ??= {}));
