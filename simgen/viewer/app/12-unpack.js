"use strict";
/** Packed arrays: base64 of zlib of little-endian bytes, grouped by position if `shuffle` is set. */
(function (/** @type {any} */ S) {
  const TYPES = {
    uint8: Uint8Array,
    int8: Int8Array,
    uint16: Uint16Array,
    uint32: Uint32Array,
    int32: Int32Array,
    float32: Float32Array,
    float16: Uint16Array,
  };
  const MOST_BYTES = 1 << 29;

  /** @returns {Uint8Array} */
  function bytesOf(/** @type {string} */ text) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    return bytes;
  }

  /** Inflates; fails as soon as there are more bytes than the shape declares. */
  async function inflate(/** @type {Uint8Array} */ packed, /** @type {number} */ size) {
    const out = new Uint8Array(size);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const reader = stream.getReader();
    let at = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) throw new Error("an array is longer than its shape says");
      out.set(value, at);
      at += value.length;
    }
    if (at !== size) throw new Error("an array is shorter than its shape says");
    return out;
  }

  /** Reorders bytes grouped by position (all first bytes, all second bytes, ...) into elements. */
  function unshuffle(/** @type {Uint8Array} */ bytes, /** @type {number} */ width) {
    const count = bytes.length / width;
    const out = new Uint8Array(bytes.length);
    for (let k = 0; k < width; k++) {
      const from = k * count;
      for (let i = 0, to = k; i < count; i++, to += width) out[to] = bytes[from + i];
    }
    return out;
  }

  /** Converts IEEE 754 binary16 to a number. */
  function half(/** @type {number} */ bits) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits & 32768 ? -1 : 1;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
  }

  function widen(/** @type {Uint16Array} */ halves) {
    const table = new Float32Array(65536);
    for (let bits = 0; bits < 65536; bits++) table[bits] = half(bits);
    return Float32Array.from(halves, (bits) => table[bits]);
  }

  /**
   * @param {{dtype: string, shape: number[], data: string, shuffle: boolean}} packed
   * @returns {Promise<{data: any, shape: number[]}>} a typed array (float16 as Float32Array), C order
   */
  async function unpack(packed) {
    const type = Object.hasOwn(TYPES, packed.dtype) ? TYPES[packed.dtype] : null;
    if (!type) throw new Error(`unknown array type ${packed.dtype}`);
    const count = packed.shape.reduce((product, side) => product * side, 1);
    const size = count * type.BYTES_PER_ELEMENT;
    if (!(size <= MOST_BYTES)) throw new Error(`an array of ${size} bytes is too large to display`);
    const bytes = await inflate(bytesOf(packed.data), size);
    const plain = packed.shuffle ? unshuffle(bytes, type.BYTES_PER_ELEMENT) : bytes;
    const data = new type(plain.buffer);
    return { data: packed.dtype === "float16" ? widen(data) : data, shape: packed.shape };
  }

  S.unpack = unpack;
})((globalThis.Simgen ??= {}));
