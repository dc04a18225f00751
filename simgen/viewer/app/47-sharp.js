"use strict";
/** Images in place of thumbnails that are shown larger than they are, once scrolling pauses. */
(function (/** @type {any} */ S) {
  const STILL = 150;
  /** Width of thumbnails, as in simgen/viewer/pictures.py, and how much they may be enlarged. */
  const THUMB = 192;
  const ENLARGED = 1.3;
  /** Pixels of all images in sight; beyond them thumbnails have to do. */
  const MOST_PIXELS = 80e6;

  class SharpThumbs {
    constructor(app) {
      this.app = app;
    }

    /** @param {() => any[]} cells those in sight @param {number} width of a cell */
    follow(cells, width) {
      clearTimeout(this.later);
      this.turn = null;
      if (width * (window.devicePixelRatio || 1) > THUMB * ENLARGED) this.later = setTimeout(() => this.load(cells()), STILL);
    }

    async load(cells) {
      const turn = (this.turn = {});
      const { index, files } = this.app;
      if (cells.length * index.size[0] * index.size[1] > MOST_PIXELS) return;
      await Promise.all(cells.map(async (cell) => {
        const key = cell.dataset.place;
        if (!key || cell.querySelector(".mark")?.textContent === "damaged") return;
        const [scene, frame] = key.split("/").map(Number);
        const picture = cell.querySelector("img");
        // Only the records of other datasets than simgen's say what kind of file an image is.
        const found = index.named ? await files.scenes.get(String(scene)).catch(() => null) : null;
        const path = S.pathOf(index.rgb, { scene, frame }, found?.frames.find((one) => one.frame === frame)?.suffix);
        const image = new Image();
        image.src = path;
        const there = await image.decode().then(() => true, () => false);
        if (there && this.turn === turn && cell.dataset.place === key) picture.src = path;
      }));
    }
  }

  S.SharpThumbs = SharpThumbs;
})((globalThis.Simgen ??= {}));
