"use strict";
/** The legend of a layer: the meaning of its colours, with units. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const MOST_NAMES = 24;

  function ramp(legend) {
    if (legend.empty) return [el("p", {}, "No pixel has a depth.")];
    const stops = Array.from({ length: 17 }, (_, i) => S.colours.css(S.colours.inferno(i / 16)));
    const bar = el("div.ramp");
    bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => el("span", {}, S.number(legend.at(part), 3)));
    return [bar, el("div.ticks", {}, ...ticks), el("p", {}, `${legend.unit}, along the camera's axis; black: background`)];
  }

  /** The colour wheel: the position of a colour shows the motion of its pixels. */
  function wheel(legend) {
    const side = 96;
    const canvas = el("canvas.wheel", { width: side, height: side, role: "img", "aria-label": "Colour wheel: direction as hue, length as saturation" });
    const ctx = canvas.getContext("2d");
    const image = new ImageData(side, side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const [u, v] = [((x + 0.5) / side) * 2 - 1, ((y + 0.5) / side) * 2 - 1];
        const edge = (1 - Math.hypot(u, v)) * (side / 2);
        const at = 4 * (y * side + x);
        S.colours.flow(u, v).forEach((value, i) => (image.data[at + i] = value));
        image.data[at + 3] = Math.min(Math.max(edge, 0), 1) * 255;
      }
    }
    ctx.putImageData(image, 0, 0);
    return [canvas, el("p", {}, `rim: ${S.number(legend.most, 3)} px, the longest motion here; white: no motion; black: unknown`)];
  }

  function names(legend) {
    const shown = legend.entries.slice(0, MOST_NAMES).map(({ name, rgb }) => {
      const swatch = el("span.swatch");
      swatch.style.background = S.colours.css(rgb);
      return el("li", {}, swatch, name);
    });
    const more = legend.entries.length - shown.length;
    return [el("ul.names", {}, ...shown), el("p", {}, more > 0 ? `and ${more} more` : "black: stage and background")];
  }

  function axes(legend) {
    const shown = ["#e5484d", "#2f9e57", "#3b82f6"].map((colour, i) => {
      const swatch = el("span.swatch");
      swatch.style.background = colour;
      return el("li", {}, swatch, legend.names[i]);
    });
    return [el("ul.names", {}, ...shown), el("p", {}, "black: background")];
  }

  const KINDS = { ramp, wheel, names, axes };

  /** @returns {Element} the legend of a layer from `S.layers.make` */
  function legendOf(/** @type {string} */ title, legend) {
    return el("figure.legend", { "aria-label": `Legend of ${title}` }, el("figcaption", {}, title), ...KINDS[legend.kind](legend));
  }

  S.legendOf = legendOf;
})((globalThis.Simgen ??= {}));
