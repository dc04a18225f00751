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
 * @property {string} objects which are shown instead of images: all, missed, found, false; "" for images
 * @property {boolean} boxes whether thumbnails have boxes
 * @property {string} colour of overlays: instance, class, outcome
 * @property {number | null} score threshold of detections; null for the usual one
 */
(function (/** @type {any} */ S) {
  const MODES = ["wipe", "side", "full"];
  const OUTCOMES = ["missed", "found", "false"];
  const COLOURS = ["instance", "class", "outcome"];
  /** What the address leaves out, and how images are named; both depend on the dataset. */
  const usual = { show: "boxes,masks,names", colour: "class" };
  let named = { placeOf: (/** @type {string} */ _) => null, nameOf: (/** @type {any} */ _) => "" };

  /** Takes what is usual for a dataset from its index. */
  function adopt(index) {
    usual.show = index.predictions ? "boxes,detections,names" : "boxes,masks,names";
    usual.colour = index.predictions ? "outcome" : index.classes.length > 2 ? "class" : "instance";
    if (!index.named) return;
    const places = new Map(index.names.map((name, i) => [name, i]));
    const each = index.frames_per_scene;
    named = {
      placeOf: (name) => (places.has(name) ? { scene: Math.floor(places.get(name) / each), frame: places.get(name) % each } : null),
      nameOf: ({ scene, frame }) => index.names[scene * each + frame] ?? "",
    };
  }

  /** An image in words: its name, or scene and frame. */
  const title = (place) => named.nameOf(place) || `scene ${place.scene}, frame ${place.frame}`;
  const shortTitle = (place) => named.nameOf(place) || `${place.scene} · ${place.frame}`;
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
      place: params.has("image") ? named.placeOf(params.get("image") ?? "") : scene === null ? null : { scene, frame: whole(params.get("frame")) ?? 0 },
      instance: whole(params.get("instance")),
      filters,
      sort: params.get("sort") || "",
      descending: params.get("order") === "down",
      boxes: params.get("grid") === "boxes",
      objects: params.get("grid") === "objects" ? "all" : word(params.get("grid"), OUTCOMES, ""),
      show: (params.get("show") ?? usual.show).split(",").filter(Boolean),
      layer: params.get("layer") ?? "",
      mode: word(params.get("mode"), MODES, "wipe"),
      colour: word(params.get("colour"), COLOURS, usual.colour),
      score: /^-?[\d.]+(e-?\d+)?$/.test(params.get("score") ?? "") ? Number(params.get("score")) : null,
    };
  }

  /** @returns {string} with "#"; defaults are omitted */
  function format(/** @type {State} */ state) {
    const params = new URLSearchParams();
    if (state.place) {
      for (const [key, value] of placeWords(state.place)) params.set(key, value);
      if (state.instance !== null) params.set("instance", String(state.instance));
    }
    for (const [id, filter] of Object.entries(state.filters)) params.set(`f.${id}`, formatFilter(filter));
    if (state.sort) params.set("sort", state.sort);
    if (state.descending) params.set("order", "down");
    if (state.boxes) params.set("grid", "boxes");
    if (state.objects) params.set("grid", state.objects === "all" ? "objects" : state.objects);
    if (state.show.join() !== usual.show) params.set("show", state.show.join());
    if (state.layer) params.set("layer", state.layer);
    if (state.mode !== "wipe") params.set("mode", state.mode);
    if (state.colour !== usual.colour) params.set("colour", state.colour);
    if (state.score !== null) params.set("score", String(state.score));
    return `#${params.toString().replaceAll("%2C", ",")}`;
  }

  const placeWords = (place) =>
    named.nameOf(place) ? [["image", named.nameOf(place)]] : [["scene", String(place.scene)], ["frame", String(place.frame)]];
  /** The address of an image alone. */
  const link = (place) => `#${placeWords(place).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;

  S.state = { parse, format, adopt, link, title, shortTitle, MODES };
})((globalThis.Simgen ??= {}));
