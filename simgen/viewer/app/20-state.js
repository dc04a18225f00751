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
    const params = new URLSearchParams(hash.replace(/^#/, ""));
    const scene = whole(params.get("scene"));
    /** @type {Record<string, Filter>} */
    const filters = Object.create(null);
    for (const [key, text] of params) {
      const filter = key.startsWith("f.") ? readFilter(text) : null;
      if (filter) filters[key.slice(2)] = filter;
    }
    return {
      place: scene === null ? null : { scene, frame: whole(params.get("frame")) ?? 0 },
      instance: whole(params.get("instance")),
      filters,
      sort: params.get("sort") || "",
      descending: params.get("order") === "down",
      boxes: params.get("grid") === "boxes",
      show: (params.get("show") ?? "boxes,masks,names").split(",").filter(Boolean),
      layer: params.get("layer") ?? "",
      mode: word(params.get("mode"), MODES, "wipe"),
      colour: word(params.get("colour"), ["instance", "class"], "instance"),
    };
  }

  /** @returns {string} with "#"; defaults are omitted */
  function format(/** @type {State} */ state) {
    const params = new URLSearchParams();
    if (state.place) {
      params.set("scene", String(state.place.scene));
      params.set("frame", String(state.place.frame));
      if (state.instance !== null) params.set("instance", String(state.instance));
    }
    for (const [id, filter] of Object.entries(state.filters)) params.set(`f.${id}`, formatFilter(filter));
    if (state.sort) params.set("sort", state.sort);
    if (state.descending) params.set("order", "down");
    if (state.boxes) params.set("grid", "boxes");
    if (state.show.join() !== "boxes,masks,names") params.set("show", state.show.join());
    if (state.layer) params.set("layer", state.layer);
    if (state.mode !== "wipe") params.set("mode", state.mode);
    if (state.colour !== "instance") params.set("colour", state.colour);
    return `#${params.toString().replaceAll("%2C", ",")}`;
  }

  S.state = { parse, format, MODES };
})((globalThis.Simgen ??= {}));
