"use strict";
/** Masks of a frame as pictures of the image's resolution. */
(function (/** @type {any} */ S) {
  const INSIDE = 120;
  const HIDDEN = 150;
  const EDGE = 255;
  const STRIPE = 6;

  /** The instance of each pixel, from run lengths; 0 for none. */
  function idsOf(objects, /** @type {number} */ width, /** @type {number} */ height, key = "segmentation") {
    const ids = new Uint32Array(width * height);
    for (const item of objects) if (item[key]) S.rle.paint(item[key], ids, item.instance_id);
    return ids;
  }

  const onEdge = (ids, i, x, y, width, height) =>
    x === 0 || y === 0 || x === width - 1 || y === height - 1 ||
    ids[i] !== ids[i - 1] || ids[i] !== ids[i + 1] || ids[i] !== ids[i - width] || ids[i] !== ids[i + width];

  function put(image, i, rgb, alpha) {
    image.data[4 * i] = rgb[0];
    image.data[4 * i + 1] = rgb[1];
    image.data[4 * i + 2] = rgb[2];
    image.data[4 * i + 3] = alpha;
  }

  /** Draws visible masks with their outlines, or only the outlines. */
  function visible(ids, width, height, colour, filled = true) {
    const image = new ImageData(width, height);
    for (let i = 0; i < ids.length; i++) {
      if (!ids[i]) continue;
      const x = i % width;
      const edge = onEdge(ids, i, x, (i - x) / width, width, height);
      if (edge || filled) put(image, i, colour(ids[i]), edge ? EDGE : INSIDE);
    }
    return S.layers.canvasOf(image);
  }

  /** Draws complete silhouettes within the frame: outlined, and striped where they are hidden. */
  function amodal(objects, seen, width, height, colour) {
    const image = new ImageData(width, height);
    for (const item of objects) {
      if (!item.amodal_segmentation) continue;
      const ids = idsOf([item], width, height, "amodal_segmentation");
      const rgb = colour(item.instance_id);
      for (let i = 0; i < ids.length; i++) {
        if (!ids[i]) continue;
        const x = i % width;
        const y = (i - x) / width;
        const hidden = seen[i] !== item.instance_id;
        if (onEdge(ids, i, x, y, width, height)) put(image, i, rgb, EDGE);
        else if (hidden && (x + y) % STRIPE < STRIPE / 2) put(image, i, rgb, HIDDEN);
      }
    }
    return S.layers.canvasOf(image);
  }

  S.masks = { idsOf, visible, amodal };
})((globalThis.Simgen ??= {}));
