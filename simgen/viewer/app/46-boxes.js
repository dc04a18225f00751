"use strict";
/** Boxes over thumbnails. Records are files of whole scenes, so they are loaded once scrolling pauses. */
(function (/** @type {any} */ S) {
  const STILL = 100;
  const MOST = 300;
  const SVG = "http://www.w3.org/2000/svg";

  /** @returns {SVGElement} */
  function shape(/** @type {string} */ name, /** @type {Record<string, any>} */ given) {
    const node = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(given)) node.setAttribute(key, String(value));
    return node;
  }

  /** Draws the visible boxes of a frame in their class colours, over a picture that fills its cell. */
  function drawing(index, record) {
    const { width, height } = record.camera ?? { width: index.size[0], height: index.size[1] };
    const node = shape("svg", { class: "boxes", viewBox: `0 0 ${Number(width)} ${Number(height)}`, preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" });
    for (const item of (record.objects ?? []).filter((one) => one.bbox).slice(0, MOST)) {
      const [x, y, w, h] = item.bbox.map(Number);
      const rgb = item.class_id > 0 && index.class_colours[item.class_id];
      const stroke = S.colours.css(rgb || index.colour(item.instance_id));
      node.append(shape("rect", { x, y, width: w, height: h, class: "under" }), shape("rect", { x, y, width: w, height: h, stroke }));
    }
    return node;
  }

  class ThumbBoxes {
    constructor(app) {
      this.app = app;
    }

    /** @param {() => any[]} cells the visible cells */
    follow(cells) {
      clearTimeout(this.later);
      this.turn = null;
      if (this.app.state.boxes) this.later = setTimeout(() => this.draw(cells()), STILL);
    }

    async draw(cells) {
      const turn = (this.turn = {});
      await Promise.all(cells.map(async (cell) => {
        const [scene, frame] = cell.dataset.place.split("/");
        if (cell.querySelector(".boxes")) return;
        const found = await this.app.files.scenes.get(scene).catch(() => null);
        if (this.turn !== turn || cell.dataset.place !== `${scene}/${frame}` || cell.querySelector(".boxes")) return;
        const record = found?.frames.find((one) => one.frame === Number(frame));
        if (record) cell.firstChild.append(drawing(this.app.index, record));
      }));
    }
  }

  S.ThumbBoxes = ThumbBoxes;
})((globalThis.Simgen ??= {}));
