"use strict";
/** The bar at the top: name, count, sort, chips of filters. */
(function (/** @type {any} */ S) {
  const { el } = S;

  /** Groups whose name is omitted in chips. */
  const OWN = ["image", "objects in it"];

  /** Describes a filter as text. */
  function described(column, filter) {
    if (filter.any) return filter.any.join(" or ");
    const unit = column.unit ?? "";
    const [low, high] = [filter.min, filter.max].map((value) => (value === undefined ? null : S.number(value, 4)));
    if (low === null) return S.withUnit(`≤ ${high}`, unit);
    return S.withUnit(high === null ? `≥ ${low}` : `${low} – ${high}`, unit);
  }

  class Head {
    /** @param {any} app provides index, state, update, setFilter, reset, nextTheme, help */
    constructor(app) {
      this.app = app;
      const { index } = app;
      this.count = el("span.count", { role: "status", id: "count" });
      this.chips = el("div.chips", { "aria-label": "Active filters", role: "group" });
      this.sort = this.sortSelect();
      this.way = el("button.quiet", { type: "button", id: "way", onclick: () => app.update({ descending: !app.state.descending }) });
      this.boxes = S.toggle("Boxes", "b", "false", () => app.update({ boxes: !app.state.boxes }));
      this.objects = S.toggle("Objects", "o", "false", () => app.update({ objects: app.state.objects ? "" : "all" }));
      this.save = el("button.quiet", { type: "button", id: "save", title: "Save the ids of these images, one a line", onclick: () => S.saveList(app) });
      this.size = this.sizeSlider();
      this.open = el("button.quiet.filters-button", { type: "button", "aria-expanded": "false", "aria-controls": "filters", onclick: () => app.toggleFilters() }, "Filters");
      this.theme = el("button.quiet", { type: "button", title: "Light or dark theme (t)", onclick: () => app.nextTheme() }, "Theme");
      const stats = index.stats ? el("a.quiet", { href: "stats.html" }, "Statistics") : null;
      this.node = el("header.top", {}, el("span.name", { title: index.name }, index.name), this.count, this.save, el("span.push"), this.open, this.size, this.objects, this.boxes,
        el("label.sort", {}, el("span.unseen", {}, "Sort by"), this.sort), this.way, stats, this.theme,
        el("button.quiet", { type: "button", title: "Keyboard (?)", "aria-label": "Keyboard help", onclick: () => app.help.showModal() }, "?"));
      this.boxes.hidden = this.objects.hidden = !index.labels.includes("objects");
      this.reset = el("button.quiet", { type: "button", id: "reset", onclick: () => app.reset() }, "Reset");
    }

    /** Of the width of thumbnails, in equal ratios. */
    sizeSlider() {
      const { app } = this;
      const [least, most] = S.state.SIZES.map(Math.log2);
      const made = el("input", { type: "range", id: "size", min: least, max: most, step: "any", title: "Size of the thumbnails (+ −)", "aria-label": "Size of the thumbnails",
        oninput: () => app.update({ size: Math.round(2 ** Number(made.value)) }) });
      return made;
    }

    sortSelect() {
      const { index } = this.app;
      const groups = new Map([["image", [["", index.named ? "order of the dataset" : "scene and frame"]]]]);
      for (const column of index.columns) {
        if (column.kind === "flags" || ["scene", "damaged"].includes(column.id) || (index.named && column.id === "frame")) continue;
        groups.set(column.group, [...(groups.get(column.group) ?? []), [column.id, column.title]]);
      }
      const parts = [...groups].map(([label, options]) => el("optgroup", { label }, ...options.map(([value, text]) => el("option", { value }, text))));
      const made = el("select", { id: "sort", "aria-label": "Sort by", onchange: () => this.app.update({ sort: made.value }) }, ...parts);
      return made;
    }

    follow(/** @type {number} */ left) {
      const { index, state } = this.app;
      const all = S.number(index.images);
      this.count.textContent = left === index.images ? `${all} images` : `${S.number(left)} of ${all} images`;
      this.sort.value = state.sort;
      const width = state.size ?? this.app.shownGrid.look.least;
      if (document.activeElement !== this.size) this.size.value = String(Math.log2(width));
      this.size.setAttribute("aria-valuetext", `${width} pixels`);
      this.boxes.setAttribute("aria-pressed", String(state.boxes));
      this.way.textContent = state.descending ? "↓" : "↑";
      this.way.setAttribute("aria-label", state.descending ? "Descending; change to ascending" : "Ascending; change to descending");
      this.chips.replaceChildren(...Object.entries(state.filters).map(([id, filter]) => this.chip(id, filter)));
      if (this.chips.childElementCount) this.chips.append(this.reset);
      const { size } = this.app.choice;
      if (size) this.chips.prepend(el("button.chip", { type: "button", id: "chosen", "aria-label": "Choose none", onclick: () => this.app.choice.clear() }, el("span", {}, `${S.number(size)} chosen`), el("span", { "aria-hidden": "true" }, "×")));
      this.save.textContent = size ? `Save list of ${S.number(size)}` : "Save list";
      this.save.disabled = !size && !left;
      this.boxes.hidden = this.objects.hidden || Boolean(state.objects);
      this.chips.hidden = !this.chips.childElementCount;
    }

    chip(id, filter) {
      const column = this.app.columnOf(id);
      const group = OWN.includes(column.group) || !column.group ? "" : `${column.group} `;
      const words = id === "complaints" ? "problems only" : `${group}${column.title}: ${described(column, filter)}`;
      return el("button.chip", { type: "button", "data-filter": id, title: column.id, "aria-label": `Remove the filter ${words}`, onclick: () => this.app.setFilter(id, null) },
        el("span", {}, words), el("span", { "aria-hidden": "true" }, "×"));
    }
  }

  S.Head = Head;
})((globalThis.Simgen ??= {}));
