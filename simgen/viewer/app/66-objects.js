"use strict";
/** The list of a frame's objects, and the details of one of them. */
(function (/** @type {any} */ S) {
  const { el } = S;

  const column = (matrix, k) => matrix.slice(0, 3).map((row) => row[k]);
  const metres = (values) => `${values.map((value) => S.number(value, 3)).join(" × ")} m`;

  /** The centre of the 3D box in camera axes. */
  function centre(item) {
    const middle = item.box_min.map((low, i) => (low + item.box_max[i]) / 2);
    return item.object_to_camera.slice(0, 3).map((row) => row[0] * middle[0] + row[1] * middle[1] + row[2] * middle[2] + row[3]);
  }

  /** Of a dataset without poses. */
  function fewFacts(item) {
    const [x, y, w, h] = item.bbox ?? [0, 0, 0, 0];
    return [
      ["box", `${[x, y].map((value) => S.number(value)).join(", ")}; ${[w, h].map((value) => S.number(value)).join(" × ")} px`],
      [item.segmentation ? "pixels" : "area", S.number(item.visible_pixels)],
      ...(item.visible_fraction === null ? [] : [["visible", S.percent(item.visible_fraction)]]),
      ...(item.crowd ? [["ignored", "neither right nor wrong to detect"]] : []),
    ];
  }

  /** @returns {[string, string][]} all that there is to say of an object in numbers */
  function facts(item) {
    if (!item.object_to_world) return fewFacts(item);
    const turns = [0, 1, 2].map((k) => column(item.object_to_world, k).map((value) => value.toFixed(2).replace("-", "−")).join(", "));
    return [
      ["asset", item.asset],
      ["visible", S.percent(item.visible_fraction)],
      ["inside the frame", S.percent(item.inside_fraction)],
      ["not covered", S.percent(item.unoccluded_fraction)],
      ["pixels", S.number(item.visible_pixels)],
      ["size", metres(item.box_max.map((high, i) => high - item.box_min[i]))],
      ["distance", `${S.number(Math.hypot(...centre(item)), 3)} m`],
      ["scale", S.number(item.scale, 3)],
      ["position", `${column(item.object_to_world, 3).map((value) => S.number(value, 3)).join(", ")} m`],
      ["x axis", turns[0]],
      ["y axis", turns[1]],
      ["z axis", turns[2]],
    ];
  }

  const listed = (rows) => el("dl.facts", {}, ...rows.flatMap(([title, text]) => [el("dt", {}, title), el("dd", {}, text)]));

  /** The card beside the pointer. */
  function card(item) {
    return [el("strong", {}, `${item.class_name} ${item.instance_id}`), listed(facts(item).slice(0, 9))];
  }

  function stateOf(item, /** @type {boolean} */ known, /** @type {string | undefined} */ outcome) {
    if (!(item.visible_pixels > 0)) return "out of sight";
    if (outcome && outcome !== "none") return outcome;
    if (item.crowd) return "ignored";
    return known ? S.percent(item.visible_fraction) : `${S.number(item.visible_pixels)} px`;
  }

  class Objects {
    /** @param {any} on choose(id or null), hover(id or null) */
    constructor(on) {
      this.on = on;
      this.list = el("ul.objects");
      this.count = el("span.count");
      this.none = el("p.hint", { hidden: true });
      this.node = el("section.panel", { "aria-label": "Objects", id: "objects" }, el("h2", {}, "Objects ", this.count), this.list, this.none);
      this.list.addEventListener("pointerleave", () => on.hover(null));
    }

    /** @param {any[] | null} objects null without the label */
    show(objects, chosen, colour, outcome = null) {
      const seen = (objects ?? []).filter((item) => item.visible_pixels > 0).length;
      this.count.textContent = objects ? `${seen} of ${objects.length} visible` : "";
      this.none.hidden = Boolean(objects?.length);
      this.none.textContent = objects ? "This scene has no objects." : "This dataset was generated without the label objects.";
      const sorted = [...(objects ?? [])].sort((a, b) => b.visible_pixels - a.visible_pixels);
      this.list.replaceChildren(...sorted.map((item) => this.row(item, item.instance_id === chosen, colour(item), outcome?.(item))));
    }

    row(item, open, rgb, outcome) {
      const swatch = el("span.swatch", { "aria-hidden": "true" });
      swatch.style.background = S.colours.css(rgb);
      const known = Number.isFinite(item.visible_fraction);
      const bar = known ? el("span.meter", { "aria-hidden": "true" }, el("span")) : el("span");
      if (known) bar.firstChild.style.width = `${Math.round(item.visible_fraction * 100)}%`;
      const state = stateOf(item, known, outcome);
      const button = el("button.object", {
        type: "button", "aria-expanded": String(open), "data-instance": item.instance_id,
        onclick: () => this.on.choose(open ? null : item.instance_id),
        onpointerenter: () => this.on.hover(item.instance_id),
      }, swatch, el("span.object-name", {}, `${item.class_name} ${item.instance_id}`), bar, el("span.object-state", {}, state));
      return el("li", {}, button, open ? listed(facts(item)) : null);
    }
  }

  S.Objects = Objects;
  S.objectCard = card;
})((globalThis.Simgen ??= {}));
