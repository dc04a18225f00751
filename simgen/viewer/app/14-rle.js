"use strict";
/** COCO's compressed run-length encoding, as in pycocotools, maskApi.c, rleFrString. */
(function (/** @type {any} */ S) {
  /**
   * Decodes the lengths of alternating runs of 0 and 1, column by column.
   * Each character, minus "0", has six bits: five bits of the number, least significant first, and a
   * sixth that is set if more follow. From the fourth number on, differences to the last but one are stored.
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
   * Writes `id` into `ids` (row-major) wherever the mask is 1.
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
