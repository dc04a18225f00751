"use strict";
/**
 * The state of the page, as a plain object and as the hash of its address.
 * @typedef {{min?: number, max?: number, any?: string[]}} Filter a range of numbers, or one of the names
 * @typedef {object} State
 * @property {{scene: number, frame: number} | null} place the open image
 * @property {number | null} instance
 * @property {Record<string, Filter>} filters by column
 * @property {string} sort column
 * @property {boolean} descending
 * @property {string[]} show overlays
 * @property {string} layer "" for none
 * @property {string} mode how the layer is shown: wipe, side, full
 * @property {boolean} boxes whether thumbnails have boxes
 * @property {string} colour of overlays: instance, class
 */
(function (/** @type {any} */ S) {
  const MODES = ["wipe", "side", "full"];
  const whole = (text) => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : null);
  const word = (text, among, other) => (among.includes(text) ? text : other);

  /** @returns {Filter | null} */
  function readFilter(/** @type {string} */ text) {
    const range = /^(-?[\d.eE+-]*)\.\.(-?[\d.eE+-]*)$/.exec(text);
    if (!range) return text ? { any: text.split(",").map(decode) } : null;
    const filter = {};
    if (range[1] && Number.isFinite(Number(range[1]))) filter.min = Number(range[1]);
    if (range[2] && Number.isFinite(Number(range[2]))) filter.max = Number(range[2]);
    return Object.keys(filter).length ? filter : null;
  }

  function decode(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  }

  const formatFilter = (/** @type {Filter} */ filter) =>
    filter.any ? filter.any.map(encodeURIComponent).join(",") : `${filter.min ?? ""}..${filter.max ?? ""}`;

  /** @returns {State} with defaults for whatever the hash lacks or has wrong */
  function parse(/** @type {string} */ hash) {
    const words = new URLSearchParams(hash.replace(/^#/, ""));
    const scene = whole(words.get("scene"));
    /** @type {Record<string, Filter>} */
    const filters = Object.create(null);
    for (const [key, text] of words) {
      const filter = key.startsWith("f.") ? readFilter(text) : null;
      if (filter) filters[key.slice(2)] = filter;
    }
    return {
      place: scene === null ? null : { scene, frame: whole(words.get("frame")) ?? 0 },
      instance: whole(words.get("instance")),
      filters,
      sort: words.get("sort") || "",
      descending: words.get("order") === "down",
      boxes: words.get("grid") === "boxes",
      show: (words.get("show") ?? "boxes,masks,names").split(",").filter(Boolean),
      layer: words.get("layer") ?? "",
      mode: word(words.get("mode"), MODES, "wipe"),
      colour: word(words.get("colour"), ["instance", "class"], "instance"),
    };
  }

  /** @returns {string} with "#"; defaults are omitted */
  function format(/** @type {State} */ state) {
    const words = new URLSearchParams();
    if (state.place) {
      words.set("scene", String(state.place.scene));
      words.set("frame", String(state.place.frame));
      if (state.instance !== null) words.set("instance", String(state.instance));
    }
    for (const [id, filter] of Object.entries(state.filters)) words.set(`f.${id}`, formatFilter(filter));
    if (state.sort) words.set("sort", state.sort);
    if (state.descending) words.set("order", "down");
    if (state.boxes) words.set("grid", "boxes");
    if (state.show.join() !== "boxes,masks,names") words.set("show", state.show.join());
    if (state.layer) words.set("layer", state.layer);
    if (state.mode !== "wipe") words.set("mode", state.mode);
    if (state.colour !== "instance") words.set("colour", state.colour);
    return `#${words.toString().replaceAll("%2C", ",")}`;
  }

  S.state = { parse, format, MODES };
})((globalThis.Simgen ??= {}));
