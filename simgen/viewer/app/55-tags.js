"use strict";
/** Names beside boxes, placed where they cover neither small objects nor each other. */
(function (/** @type {any} */ S) {
  const HEIGHT = 16;
  /** Objects up to so many times a tag's area are not to be covered; larger ones may lose a strip. */
  const SMALL = 6;
  const MOST_COVERED = 0.35;
  const MOST = 400;

  const overlap = (a, b) =>
    Math.max(0, Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]));

  /** Where a tag may be, the best first. */
  function candidates([x, y, w, h], width, height) {
    return [[x, y - height], [x, y + h], [x + w - width, y - height], [x + w - width, y + h], [x + w, y], [x - width, y], [x, y]]
      .map(([left, top]) => [left, top, width, height]);
  }

  const within = ([left, top, w, h], [width, height]) =>
    [Math.min(Math.max(left, 0), Math.max(width - w, 0)), Math.min(Math.max(top, 0), Math.max(height - h, 0)), w, h];

  /** How much of small objects and of other tags a rectangle would cover, as a sum of parts. */
  function cost(rect, boxes, taken) {
    const area = rect[2] * rect[3];
    let sum = 0;
    for (const other of taken) sum += (2 * overlap(rect, other)) / area;
    for (const box of boxes) {
      const size = Math.max(box[2] * box[3], 1);
      if (size < SMALL * area) sum += overlap(rect, box) / Math.min(size, area);
      else sum += (0.1 * overlap(rect, box)) / area;
    }
    return sum;
  }

  /**
   * @param {{box: number[], width: number, first: boolean}[]} tags boxes in pixels of the canvas
   * @param {number[]} bounds width and height of the canvas
   * @returns {(number[] | null)[]} the rectangle of each tag; null where there is no room
   */
  function place(tags, /** @type {number} */ height, bounds) {
    const boxes = tags.map(({ box }) => box);
    const order = tags.map((_, i) => i).sort((a, b) => Number(tags[b].first) - Number(tags[a].first) || boxes[b][2] * boxes[b][3] - boxes[a][2] * boxes[a][3]);
    const taken = [];
    const placed = tags.map(() => /** @type {number[] | null} */ (null));
    for (const i of order) {
      let [best, least] = [/** @type {number[] | null} */ (null), Infinity];
      for (const rect of candidates(boxes[i], tags[i].width, height)) {
        const moved = within(rect, bounds);
        const shifted = (Math.abs(moved[0] - rect[0]) + Math.abs(moved[1] - rect[1])) / height;
        const sum = cost(moved, boxes, taken) + 0.3 * shifted;
        if (sum < least) [best, least] = [moved, sum];
        if (least < 0.01) break;
      }
      if (!best || (least > MOST_COVERED && !tags[i].first)) continue;
      placed[i] = best;
      taken.push(best);
    }
    return placed;
  }

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {(point: number[]) => number[]} view
   * @param {{text: string, box: number[], rgb: number[], first: boolean}[]} given boxes in image pixels
   * @param {number} unit canvas pixels in one of the page
   */
  function draw(ctx, view, given, unit) {
    ctx.font = `600 ${11 * unit}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    const bounds = [ctx.canvas.width, ctx.canvas.height];
    const tags = given.filter(({ box }) => box).slice(0, MOST).map(({ text, box: [x, y, w, h], rgb, first }) => {
      const [left, top] = view([x, y]);
      const [right, bottom] = view([x + w, y + h]);
      return { text, rgb, first, box: [left, top, right - left, bottom - top], width: ctx.measureText(text).width + 12 * unit };
    }).filter(({ box: [x, y, w, h] }) => x + w > 0 && y + h > 0 && x < bounds[0] && y < bounds[1]);
    place(tags, HEIGHT * unit, bounds).forEach((rect, i) => {
      if (!rect) return;
      const [left, top, width, height] = rect;
      ctx.fillStyle = "rgb(16 18 22 / 0.82)";
      ctx.fillRect(left, top, width, height);
      ctx.fillStyle = S.colours.css(tags[i].rgb);
      ctx.fillRect(left, top, 3 * unit, height);
      ctx.fillStyle = "white";
      ctx.fillText(tags[i].text, left + 7 * unit, top + height / 2 + 0.5 * unit);
    });
  }

  S.tags = { draw, place };
})((globalThis.Simgen ??= {}));
