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

  const classColour = (index) => (item) => (item.class_id > 0 && index.class_colours[item.class_id]) || index.colour(item.instance_id);

  /** The visible boxes of a frame in the colours of their classes, over a picture that fills its cell. */
  function drawing(index, record, predicted, threshold) {
    const { width, height } = record.camera ?? { width: index.size[0], height: index.size[1] };
    const node = shape("svg", { class: "boxes", viewBox: `0 0 ${Number(width)} ${Number(height)}`, preserveAspectRatio: index.mixed ? "xMidYMid meet" : "xMidYMid slice", "aria-hidden": "true" });
    const { items, colour } = predicted ? S.outcomeBoxes(index, record, predicted, threshold) : { items: record.objects ?? [], colour: classColour(index) };
    for (const item of items.filter((one) => one.bbox).slice(0, MOST)) {
      const [x, y, w, h] = item.bbox.map(Number);
      const stroke = S.colours.css(colour(item));
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
        const predicted = this.app.index.predictions ? await this.app.files.predictions.get(scene).catch(() => null) : null;
        if (this.turn !== turn || cell.dataset.place !== `${scene}/${frame}` || cell.querySelector(".boxes")) return;
        const record = found?.frames.find((one) => one.frame === Number(frame));
        if (record) cell.firstChild.append(drawing(this.app.index, record, predicted?.frames[Number(frame)], this.app.threshold()));
      }));
    }
  }

  S.ThumbBoxes = ThumbBoxes;
})((globalThis.Simgen ??= {}));
