"use strict";
/** Filtering and sorting as pure functions of columns, without an object per image, for speed. */
(function (/** @type {any} */ S) {
  const PLACES = 2 ** 21;
  /** Filters of instances rather than images; an image is kept if one instance passes all of them. */
  const OF_INSTANCES = ["class", "pixels", "visibility", "distance"];

  /** Maps numbers to integers that sort in the same order; NaN is the largest. */
  function sortable(/** @type {any} */ values) {
    if (!(values instanceof Float32Array)) return values;
    const bits = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
    for (let i = 0; i < bits.length; i++) {
      if (values[i] !== values[i]) bits[i] = 0xffffffff;
      else bits[i] = bits[i] >>> 31 ? ~bits[i] : bits[i] | 0x80000000;
    }
    return bits;
  }

  /**
   * Sorts the numbers of all images by a column: ties by number, missing values last.
   * A float64 exactly represents 32 bits of key and 21 bits of image number, and sorts natively.
   * @returns {Uint32Array}
   */
  function order(/** @type {any} */ values, /** @type {boolean} */ descending) {
    const bits = sortable(values);
    const last = values instanceof Uint16Array ? 65535 : 0xffffffff;
    const keys = new Float64Array(bits.length);
    for (let i = 0; i < bits.length; i++) {
      const key = bits[i] === last ? 0xffffffff : descending ? 0xfffffffe - bits[i] : bits[i];
      keys[i] = key * PLACES + i;
    }
    keys.sort();
    const places = new Uint32Array(keys.length);
    for (let i = 0; i < keys.length; i++) places[i] = keys[i] % PLACES;
    return places;
  }

  function within(/** @type {any} */ values, /** @type {number} */ min, /** @type {number} */ max) {
    const mask = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) mask[i] = Number(values[i] >= min && values[i] <= max);
    return mask;
  }

  /** Category c is bit c % 32 of word floor(c / 32) of an image. */
  function flagged(/** @type {Uint32Array} */ values, /** @type {number[]} */ places, /** @type {number} */ images) {
    const words = Math.floor(values.length / images);
    const wanted = new Uint32Array(words);
    for (const at of places) wanted[at >> 5] |= 1 << (at & 31);
    const mask = new Uint8Array(images);
    for (let w = 0; w < words; w++) {
      for (let i = 0; i < images; i++) if (values[i * words + w] & wanted[w]) mask[i] = 1;
    }
    return mask;
  }

  /** @returns {Uint8Array} 1 where the value passes */
  function passing(/** @type {any} */ values, /** @type {any} */ filter, /** @type {any} */ column, /** @type {number} */ images) {
    const { min = -Infinity, max = Infinity } = filter;
    if (!filter.any) return within(values, min, max);
    const places = filter.any.map((name) => (column.categories ?? []).indexOf(name)).filter((at) => at >= 0);
    if (column.kind === "flags") return flagged(values, places, images);
    const wanted = new Uint8Array(65536);
    for (const at of places) wanted[at] = 1;
    const mask = new Uint8Array(values.length);
    for (let i = 0; i < values.length; i++) mask[i] = wanted[values[i]];
    return mask;
  }

  /** @returns {{min: number, max: number} | null} null without a filter */
  function bounds(/** @type {any} */ filter) {
    return filter ? { min: filter.min ?? -Infinity, max: filter.max ?? Infinity } : null;
  }

  /**
   * @param {any} list columns of all instances with a visible pixel
   * @param {Record<string, any>} filters by the names in `OF_INSTANCES`
   * @param {string[]} classes names by id
   * @returns {Uint8Array} 1 for images with an instance that passes every filter
   */
  function withInstance(list, filters, classes, /** @type {number} */ images) {
    const found = new Uint8Array(images);
    const wanted = Uint8Array.from(classes, (name) => Number(!filters.class || filters.class.any?.includes(name)));
    const [p, v, d] = ["pixels", "visibility", "distance"].map((name) => bounds(filters[name]));
    const { pixels, visibility, distance } = list;
    // A single pass, since there may be millions of instances.
    for (let i = 0; i < pixels.length; i++) {
      if (!wanted[list.class[i]]) continue;
      if (p && !(pixels[i] >= p.min && pixels[i] <= p.max)) continue;
      if (v && !(visibility[i] >= v.min && visibility[i] <= v.max)) continue;
      if (d && !(distance[i] >= d.min && distance[i] <= d.max)) continue;
      found[list.image[i]] = 1;
    }
    return found;
  }

  /** @returns {Uint8Array} 1 for rows of a list of objects that pass the filters of objects; those on values that it lacks count as passed */
  function rows(list, filters, classes) {
    const keep = new Uint8Array(list.image.length).fill(1);
    const wanted = filters.class && classes.map((name) => Number(filters.class.any?.includes(name)));
    if (wanted) for (let i = 0; i < keep.length; i++) keep[i] &= wanted[list.class[i]] ?? 0;
    for (const name of ["pixels", "visibility", "distance"]) {
      const values = list[name];
      if (!filters[name] || !values) continue;
      const { min = -Infinity, max = Infinity } = filters[name];
      for (let i = 0; i < keep.length; i++) keep[i] &= Number(values[i] >= min && values[i] <= max);
    }
    return keep;
  }

  /** @returns {Uint32Array} numbers of the rows that are kept, in the order of their images in `images`; rows of an image stand together */
  function inOrder(/** @type {Uint32Array} */ image, /** @type {Uint8Array} */ keep, /** @type {Uint32Array} */ images, /** @type {number} */ all) {
    const starts = new Uint32Array(all + 1);
    for (let i = 0; i < image.length; i++) starts[image[i] + 1] += 1;
    for (let n = 0; n < all; n++) starts[n + 1] += starts[n];
    const found = new Uint32Array(image.length);
    let count = 0;
    for (const one of images) for (let i = starts[one]; i < starts[one + 1]; i++) if (keep[i]) found[count++] = i;
    return found.slice(0, count);
  }

  /** @returns {Uint32Array} those of `all` that pass every mask, in its order */
  function keep(/** @type {Uint32Array} */ all, /** @type {Uint8Array[]} */ masks) {
    if (!masks.length) return all;
    const kept = new Uint32Array(all.length);
    let count = 0;
    for (let i = 0; i < all.length; i++) {
      const image = all[i];
      let pass = 1;
      for (let m = 0; m < masks.length; m++) pass &= masks[m][image];
      kept[count] = image;
      count += pass;
    }
    return kept.slice(0, count);
  }

  /** @returns {number[]} the number of images with each category of a column */
  function counts(/** @type {any} */ values, /** @type {any} */ column, /** @type {number} */ images) {
    const found = column.categories.map(() => 0);
    if (column.kind !== "flags") {
      for (let i = 0; i < values.length; i++) if (values[i] < found.length) found[values[i]] += 1;
      return found;
    }
    const words = Math.floor(values.length / images);
    for (let i = 0; i < values.length; i++) {
      const first = 32 * (i % words);
      // Each iteration counts and clears the lowest set bit.
      for (let bits = values[i]; bits; bits &= bits - 1) found[first + 31 - Math.clz32(bits & -bits)] += 1;
    }
    return found;
  }

  /** @returns {Uint32Array} the number of values in each of `bins` equal parts of min..max */
  function histogram(/** @type {any} */ values, /** @type {number} */ min, /** @type {number} */ max, /** @type {number} */ bins) {
    const counts = new Uint32Array(bins);
    const width = (max - min) / bins || 1;
    for (let i = 0; i < values.length; i++) {
      const at = Math.floor((values[i] - min) / width);
      if (at >= 0) counts[Math.min(at, bins - 1)] += 1;
    }
    return counts;
  }

  S.select = { order, passing, withInstance, keep, counts, histogram, rows, inOrder, OF_INSTANCES };
})((globalThis.Simgen ??= {}));
