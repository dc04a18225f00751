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
 * @property {number | null} size least width of thumbnails, pixels; null for the usual one
 * @property {boolean} boxes whether thumbnails have boxes
 * @property {string} colour of overlays: instance, class, outcome
 * @property {number | null} score threshold of detections; null for the usual one
 */
(function (/** @type {any} */ S) {
  const MODES = ["wipe", "side", "full"];
  /** Bounds of the width of thumbnails, pixels. */
  const SIZES = [80, 640];
  const OUTCOMES = ["missed", "found", "false"];
  const COLOURS = ["instance", "class", "outcome"];
  /** What the address leaves out, and how images are named; both depend on the dataset. */
  const usual = { show: "boxes,masks,names", colour: "class" };
  let named = naming({});

  /** Takes what is usual for a dataset from its index. */
  function adopt(index) {
    usual.show = index.predictions ? `boxes,${index.predictions.masks ? "masks," : ""}detections,names` : "boxes,masks,names";
    usual.colour = index.predictions ? "outcome" : index.classes.length > 2 ? "class" : "instance";
    named = naming(index);
  }

  /** How a dataset's images are called: by the names of files, if it has them, or scene and frame. */
  function naming(index) {
    const names = index.named ? index.names : [];
    const places = new Map(names.map((name, i) => [name, i]));
    const each = index.frames_per_scene;
    const nameOf = ({ scene, frame }) => names[scene * each + frame] ?? "";
    const words = (place) => (nameOf(place) ? [["image", nameOf(place)]] : [["scene", String(place.scene)], ["frame", String(place.frame)]]);
    return {
      placeOf: (name) => (places.has(name) ? { scene: Math.floor(places.get(name) / each), frame: places.get(name) % each } : null),
      words,
      title: (place) => nameOf(place) || `scene ${place.scene}, frame ${place.frame}`,
      shortTitle: (place) => nameOf(place) || `${place.scene} · ${place.frame}`,
      /** The address of an image alone. */
      link: (place) => `#${words(place).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`,
    };
  }

  const whole = (text) => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : null);
  const sizeOf = (size) => (size === null ? null : Math.min(Math.max(size, SIZES[0]), SIZES[1]));
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
      size: sizeOf(whole(params.get("size"))),
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
      for (const [key, value] of named.words(state.place)) params.set(key, value);
      if (state.instance !== null) params.set("instance", String(state.instance));
    }
    for (const [id, filter] of Object.entries(state.filters)) params.set(`f.${id}`, formatFilter(filter));
    if (state.sort) params.set("sort", state.sort);
    if (state.descending) params.set("order", "down");
    if (state.size !== null) params.set("size", String(state.size));
    if (state.boxes) params.set("grid", "boxes");
    if (state.objects) params.set("grid", state.objects === "all" ? "objects" : state.objects);
    if (state.show.join() !== usual.show) params.set("show", state.show.join());
    if (state.layer) params.set("layer", state.layer);
    if (state.mode !== "wipe") params.set("mode", state.mode);
    if (state.colour !== usual.colour) params.set("colour", state.colour);
    if (state.score !== null) params.set("score", String(state.score));
    return `#${params.toString().replaceAll("%2C", ",")}`;
  }

  const title = (place) => named.title(place);

  S.state = { parse, format, adopt, naming, title, MODES, SIZES, sizeOf };
})((globalThis.Simgen ??= {}));
