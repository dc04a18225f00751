"use strict";
/** COCO's compressed run lengths. Format: pycocotools, maskApi.c, rleFrString. */
(function (/** @type {any} */ S) {
  /**
   * Lengths of runs of 0 and 1 in turn, column by column.
   * Six bits a character from "0" on, five of them digits, least significant first; the sixth says
   * that more follow. From the third on, numbers are differences to the one before the last.
   * @returns {number[]}
   */
  function runsOf(/** @type {string} */ text) {
    const runs = [];
    let at = 0;
    while (at < text.length) {
      let value = 0;
      let shift = 1;
      let digit;
      do {
        digit = text.charCodeAt(at++) - 48;
        value += (digit & 31) * shift;
        shift *= 32;
      } while (digit & 32 && at < text.length);
      if (digit & 16) value -= shift;
      if (runs.length > 2) value += runs[runs.length - 2];
      runs.push(value);
    }
    return runs;
  }

  /**
   * Writes `id` into `ids` (row by row) wherever the mask is 1.
   * @param {{size: [number, number], counts: string}} rle size is [height, width]
   */
  function paint(rle, /** @type {Uint32Array} */ ids, /** @type {number} */ id) {
    const [height, width] = rle.size;
    if (height * width !== ids.length) return;
    let at = 0;
    runsOf(rle.counts).forEach((run, i) => {
      const end = Math.min(at + Math.max(run, 0), ids.length);
      if (i % 2) for (let p = at; p < end; p++) ids[(p % height) * width + ((p / height) | 0)] = id;
      at = end;
    });
  }

  S.rle = { runsOf, paint };
})((globalThis.Simgen ??= {}));
