"use strict";
/** Boxes, points and names over an image. `view` maps image pixels to canvas pixels. */
(function (/** @type {any} */ S) {
  /** Key, letter, title. */
  const OVERLAYS = [
    ["boxes", "b", "Boxes"],
    ["amodal", "a", "Amodal boxes"],
    ["oriented", "o", "Oriented boxes"],
    ["masks", "m", "Masks"],
    ["silhouettes", "s", "Amodal masks"],
    ["keypoints", "k", "Keypoints"],
    ["cuboids", "c", "3D boxes"],
    ["names", "i", "Names and ids"],
    ["detections", "d", "Detections"],
  ];
  const FAR = 1e5;

  /** Begins a path through points; null, a point without an image, interrupts it. */
  function line(ctx, view, points, closed = false) {
    ctx.beginPath();
    let down = false;
    for (const point of points) {
      const there = point && point[0] !== null && point[1] !== null && Math.abs(point[0]) + Math.abs(point[1]) < FAR;
      if (there && down) ctx.lineTo(...view(point));
      else if (there) ctx.moveTo(...view(point));
      down = Boolean(there);
    }
    if (closed) ctx.closePath();
  }

  /** Strokes a dark line under a bright one, for contrast with any image. */
  function stroke(ctx, colour, width, dash = []) {
    ctx.setLineDash(dash);
    ctx.lineWidth = width + 2;
    ctx.strokeStyle = "rgb(0 0 0 / 0.55)";
    ctx.stroke();
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  const cornersOf = ([x, y, w, h]) => [[x, y], [x + w, y], [x + w, y + h], [x, y + h]];

  /**
   * Draws the twelve edges, bent by the lens if the record has them as polylines, otherwise straight
   * from corner to corner: bits 0, 1, 2 of a corner's number select the upper end of x, y, z.
   */
  function cuboid(ctx, view, { corners, edges }, colour, width) {
    for (const edge of edges ?? []) {
      line(ctx, view, edge);
      stroke(ctx, colour, width);
    }
    if (edges) return;
    for (let from = 0; from < 8; from++) {
      for (const bit of [1, 2, 4]) {
        if (from & bit) continue;
        line(ctx, view, [corners[from], corners[from | bit]]);
        stroke(ctx, colour, width);
      }
    }
  }

  /** Draws keypoints: discs if visible, rings if hidden, none outside of the image. */
  function keypoints(ctx, view, item, colour, radius) {
    const there = (point) => point && point.visibility > 0 && point.pixel[0] !== null;
    for (const [a, b] of item.skeleton ?? []) {
      const ends = [item.keypoints[a], item.keypoints[b]];
      if (!ends.every(there)) continue;
      line(ctx, view, ends.map((point) => point.pixel));
      stroke(ctx, colour, radius / 2);
    }
    for (const point of item.keypoints.filter(there)) {
      ctx.beginPath();
      ctx.arc(...view(point.pixel), radius, 0, 2 * Math.PI);
      ctx.fillStyle = point.visibility === 2 ? colour : "rgb(0 0 0 / 0.6)";
      ctx.fill();
      ctx.lineWidth = radius / 2.5;
      ctx.strokeStyle = point.visibility === 2 ? "white" : colour;
      ctx.stroke();
    }
  }

  const nameTag = (item, rgb, first) => ({ text: `${item.class_name} ${item.instance_id}`, box: item.bbox ?? item.amodal_bbox, rgb, first });

  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {(point: number[]) => number[]} view
   * @param {any[]} objects of the frame's record
   * @param {Set<string>} show
   * @param {(item: any) => number[]} colour
   * @param {number} unit canvas pixels per page pixel
   * @param {number | null} chosen the highlighted instance; the others are faded
   */
  function draw(ctx, view, objects, show, colour, unit, chosen) {
    const items = [...objects].sort((a, b) => Number(a.instance_id === chosen) - Number(b.instance_id === chosen));
    for (const item of items) {
      const main = item.instance_id === chosen;
      const back = chosen !== null && !main;
      const rgb = S.colours.css(colour(item));
      ctx.globalAlpha = back ? 0.45 : 1;
      const width = (main ? 3 : 1.6) * unit;
      const box = (corners, dash) => {
        line(ctx, view, corners, true);
        stroke(ctx, rgb, width, dash);
      };
      if (show.has("cuboids") && item.visible_pixels > 0) cuboid(ctx, view, item, rgb, width * 0.8);
      if (show.has("amodal") && item.amodal_bbox) box(cornersOf(item.amodal_bbox), [6 * unit, 4 * unit]);
      if (show.has("boxes") && item.bbox) box(cornersOf(item.bbox));
      if (show.has("oriented") && item.oriented_box) box(item.oriented_box, [2 * unit, 3 * unit]);
      if (show.has("keypoints") && item.keypoints && item.visible_pixels > 0) keypoints(ctx, view, item, rgb, 3.2 * unit);
    }
    ctx.globalAlpha = 1;
    if (show.has("names")) S.tags.draw(ctx, view, items.filter((one) => one.visible_pixels > 0).map((item) => nameTag(item, colour(item), item.instance_id === chosen)), unit);
  }

  S.overlays = { OVERLAYS, draw, line, stroke, cornersOf };
})((globalThis.Simgen ??= {}));
