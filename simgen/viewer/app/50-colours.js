"use strict";
/** Colours of arrays: the formulas of simgen/labels/drawing/colours.py, and its palette. */
(function (/** @type {any} */ S) {
  /** Matplotlib's colour map inferno (CC0), in sixteen steps. */
  const INFERNO = [
    [0, 0, 4], [11, 7, 36], [33, 12, 74], [61, 9, 101], [87, 16, 110], [113, 25, 110], [138, 34, 106],
    [163, 44, 97], [188, 55, 84], [210, 70, 68], [228, 90, 49], [241, 115, 29], [249, 142, 9],
    [252, 172, 17], [249, 203, 53], [242, 234, 105], [252, 255, 164],
  ];
  /** Hues of flow by position around the wheel, out of 55: Baker et al., IJCV 2011. */
  const WHEEL = [
    [0, 255, 0, 0], [15, 255, 255, 0], [21, 0, 255, 0], [25, 0, 255, 255], [36, 0, 0, 255],
    [49, 255, 0, 255], [55, 255, 0, 0],
  ];

  /** The colour of the ramp at a level from 0 to 1. */
  function inferno(/** @type {number} */ level) {
    const at = Math.min(Math.max(level, 0), 1) * (INFERNO.length - 1);
    const low = Math.min(Math.floor(at), INFERNO.length - 2);
    return INFERNO[low].map((value, i) => value + (INFERNO[low + 1][i] - value) * (at - low));
  }

  /**
   * Colours of instances and classes, counted from 1, from the palette of the index.
   * @param {string} hex six digits each
   */
  function palette(hex) {
    const table = (hex.match(/[0-9a-f]{6}/g) ?? ["888888"]).map((word) => [0, 2, 4].map((at) => parseInt(word.slice(at, at + 2), 16)));
    return (/** @type {number} */ id) => table[(((id - 1) % table.length) + table.length) % table.length];
  }

  /** The colour of a motion, u right, v down, as fractions of the longest motion. */
  function flow(/** @type {number} */ u, /** @type {number} */ v) {
    const length = Math.min(Math.hypot(u, v), 1);
    const turn = ((Math.atan2(-v, -u) / Math.PI + 1) / 2) * 55;
    const next = Math.max(1, WHEEL.findIndex(([place]) => place >= turn));
    const [from, to] = [WHEEL[next - 1], WHEEL[next]];
    const part = (turn - from[0]) / (to[0] - from[0]);
    return [1, 2, 3].map((i) => 255 - length * (255 - (from[i] + (to[i] - from[i]) * part)));
  }

  const css = (/** @type {number[]} */ colour, alpha = 1) => `rgb(${colour.map((v) => Math.round(v)).join(" ")} / ${alpha})`;

  const ignored = (/** @type {any} */ index, /** @type {number} */ id) => id === index.ignored?.id;

  /** The colour of a class; ignore regions have a colour of their own. */
  function ofClass(/** @type {any} */ index, /** @type {number} */ id) {
    return ignored(index, id) ? index.ignored.colour : (index.class_colours[id] ?? index.colour(id));
  }

  function className(/** @type {any} */ index, /** @type {number} */ id) {
    return ignored(index, id) ? "ignore region" : (index.classes[id] ?? `class ${id}`);
  }

  S.colours = { inferno, palette, flow, css, ofClass, className };
})((globalThis.Simgen ??= {}));
