"use strict";
/** The filter panel: one filter per column, by group. A column is loaded when its filter is opened. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const INSTANCE_TITLES = {
    pixels: ["size", "px", "Visible pixels of an object."],
    visibility: ["visible part", "", "Visible pixels divided by those of the complete silhouette, 0 to 1."],
    distance: ["distance", "m", "From the camera to the centre of the object's box."],
  };

  /** Columns that have a control of another kind. */
  const ELSEWHERE = ["complaints", "classes", "damaged", "missed", "false", "found"];

  /** Columns that only say where an image is, in datasets whose images have names. */
  const PLACES = ["scene", "frame"];

  /** Creates checkboxes for names. counts: of each dataset, by name. */
  function choice(names, counts, filter, onchange, colours = null) {
    const boxes = names.map((name, i) => {
      const box = el("input", { type: "checkbox", checked: filter?.any?.includes(name) ?? false });
      const colour = colours?.[i];
      const swatch = colour ? el("span.swatch", { "aria-hidden": "true" }) : null;
      if (swatch) swatch.style.background = `rgb(${colour.map(Number).join()})`;
      return { name, box, label: el("label.choice", {}, box, swatch, el("span", {}, name || "none"), el("span.count", {}, counts.map((one) => S.number(one[i] ?? 0)).join(" · "))) };
    });
    const changed = () => {
      const any = boxes.filter(({ box }) => box.checked).map(({ name }) => name);
      onchange(any.length ? { any } : null);
    };
    for (const { box } of boxes) box.addEventListener("change", changed);
    return el("div.choices", {}, ...boxes.map(({ label }) => label));
  }

  class Filters {
    /** @param {any} app provides index, state, setFilter(id, filter), and files and selection, or parts that do */
    constructor(app) {
      this.app = app;
      /** The datasets that are shown; usually one. */
      this.parts = app.parts ?? [app];
      this.search = el("input.search", {
        type: "search", placeholder: "Find a filter", "aria-label": "Find a filter", "aria-keyshortcuts": "/",
        oninput: () => this.find(),
      });
      this.list = el("div.filter-list");
      this.none = el("p.hint", { hidden: true }, "No filter matches.");
      this.node = el("aside.filters", { "aria-label": "Filters", id: "filters" }, this.search, this.list, this.none);
      this.entries = [];
      this.build();
    }

    build() {
      const { index } = this.app;
      if (index.predictions) this.list.append((this.predictions = new S.PredictionsPanel(this.app)).node);
      if (index.complaints) this.list.append(this.complaintsOnly());
      const things = [{ id: "class", title: "class", group: "objects in it", kind: "names", about: "At least one object of these classes is visible." }];
      for (const [id, [title, unit, about]] of Object.entries(INSTANCE_TITLES)) {
        if (index.of_objects && !index.of_objects.includes(id)) continue;
        things.push({ id, title, unit, about, group: "objects in it", kind: "instances" });
      }
      const groups = Map.groupBy?.([...index.columns, ...things], (column) => column.group) ?? grouped([...index.columns, ...things]);
      const names = [...groups.keys()];
      const first = ["image", "objects in it"];
      for (const name of [...first.filter((one) => groups.has(one)), ...names.filter((one) => !first.includes(one))]) {
        const entries = groups.get(name).filter((column) => !ELSEWHERE.includes(column.id) && useful(column, index)).map((column) => this.entry(column));
        if (!entries.length) continue;
        const section = el("section.group", {}, el("h2", {}, name), ...entries.map(({ node }) => node));
        for (const entry of entries) this.entries.push({ ...entry, section });
        this.list.append(section);
      }
    }

    complaintsOnly() {
      this.complaints = el("input", { type: "checkbox", onchange: () => this.app.setFilter("complaints", this.complaints.checked ? { min: 1 } : null) });
      return el("label.choice.complaints", {}, this.complaints, el("span", {}, this.app.index.validated ? "Only images with problems" : "Only damaged images"));
    }

    entry(column) {
      const dot = el("span.dot", { hidden: true, title: "active filter" });
      const body = el("div.filter-body");
      const node = el("details.filter", {}, el("summary", {}, el("span", {}, column.title), dot), body);
      node.addEventListener("toggle", () => node.open && this.show(column, body));
      return { column, node, body, dot, text: `${column.group} ${column.title} ${column.id} ${(column.categories ?? []).join(" ")}`.toLowerCase() };
    }

    async show(column, body) {
      if (!body.childElementCount) body.append(el("p.hint", { role: "status" }, "Loading"));
      try {
        const made = await this.control(column);
        S.fill(body, column.about ? el("p.hint", {}, column.about) : null, made);
      } catch (error) {
        S.fill(body, el("p.alert", { role: "alert" }, error.message));
      }
    }

    async control(column) {
      const { app } = this;
      const set = (filter) => app.setFilter(column.id, filter);
      const now = () => app.state.filters[column.id];
      const classes = app.index.classes.slice(1);
      if (column.kind === "names") return choice(classes, await this.counts("classes", classes), now(), set, app.index.class_colours.slice(1));
      if (column.categories) return choice(column.categories, await this.counts(column.id, column.categories), now(), set);
      const ofObjects = column.kind === "instances";
      const has = (part) => (ofObjects ? (part.index.of_objects?.includes(column.id) ?? true) : part.selection.columns.has(column.id));
      const series = await Promise.all(this.parts.filter(has).map(async ({ files }) => (ofObjects ? (await files.instances())[column.id] : files.columns.get(column.id))));
      return S.rangeFilter(ofObjects ? { ...column, ...extent(series) } : column, series, now(), set);
    }

    /** Counts the images of each dataset with each name of a column; empty if there is no such column. */
    counts(/** @type {string} */ id, /** @type {string[]} */ names) {
      const keyOf = this.parts.length > 1 ? S.nameKey : (/** @type {string} */ name) => name;
      return Promise.all(this.parts.map(async ({ selection, files, index }) => {
        const column = selection.columns.get(id);
        if (!column) return [];
        const found = new Map();
        const own = S.select.counts(await files.columns.get(id), column, index.images);
        column.categories.forEach((name, i) => found.set(keyOf(name), (found.get(keyOf(name)) ?? 0) + own[i]));
        return names.map((name) => found.get(keyOf(name)) ?? 0);
      }));
    }

    /** Follows a change made elsewhere, but not in the filter that the user is operating. */
    follow(moving = "") {
      const { filters } = this.app.state;
      this.predictions?.follow();
      if (this.complaints) this.complaints.checked = Boolean(filters.complaints);
      for (const { column, node, body, dot } of this.entries) {
        dot.hidden = !filters[column.id];
        if (node.open && column.id !== moving) this.show(column, body);
      }
    }

    find() {
      const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const sections = new Set();
      for (const { node, text, section } of this.entries) {
        node.hidden = !words.every((word) => text.includes(word));
        section.hidden = true;
        if (!node.hidden) sections.add(section);
      }
      for (const section of sections) section.hidden = false;
      this.none.hidden = sections.size > 0;
    }
  }

  const useful = (column, index) => !(index.named && PLACES.includes(column.id)) && (column.kind === "number" ? column.max > column.min : column.categories?.length !== 0);

  function grouped(columns) {
    const groups = new Map();
    for (const column of columns) groups.set(column.group, [...(groups.get(column.group) ?? []), column]);
    return groups;
  }

  function extent(/** @type {any[]} */ series) {
    let [min, max] = [Infinity, -Infinity];
    for (const values of series) {
      for (const value of values) {
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    return min <= max ? { min, max } : { min: 0, max: 0 };
  }

  S.Filters = Filters;
})((globalThis.Simgen ??= {}));
