"use strict";
/** One of several datasets side by side: its images, its counts and the histogram of its classes. */
(function (/** @type {any} */ S) {
  const { el } = S;

  /** What equal classes of two datasets have in common: case and the joints of words do not count. */
  const nameKey = (/** @type {string} */ name) => name.toLowerCase().replace(/[\s_-]+/g, "");

  /**
   * Filters as a dataset has them: with its own names; and the titles of those that it has no values for.
   * @returns {{filters: Record<string, any>, without: string[]}}
   */
  function ownFilters(/** @type {Record<string, any>} */ filters, index, columns, titleOf) {
    const own = Object.create(null);
    const without = [];
    const named = (names, { any }) => {
      const wanted = new Set(any.map(nameKey));
      return { any: names.filter((name) => wanted.has(nameKey(name))) };
    };
    for (const [id, filter] of Object.entries(filters)) {
      const ofObjects = S.select.OF_INSTANCES.includes(id);
      const has = ofObjects ? id === "class" || (index.of_objects?.includes(id) ?? true) : columns.has(id);
      if (!has) without.push(titleOf(id));
      else if (!filter.any) own[id] = filter;
      else own[id] = named(ofObjects ? index.classes.slice(1) : (columns.get(id).categories ?? []), filter);
    }
    return { filters: own, without };
  }

  class Pane {
    /** @param {any} app with state, titleOf(id), setFilter(id, filter) */
    constructor(app, index, files, /** @type {string} */ folder, /** @type {number} */ number) {
      Object.assign(this, { app, index, files, folder });
      this.naming = S.state.naming(index);
      this.selection = new S.Selection(index, files);
      this.images = this.selection.natural;
      this.wrong = { complaints: null, damaged: null };
      this.choice = new S.Choice(() => this.chose());
      /** As on the page of one dataset, which says which detection stands out. */
      this.page = {};
      this.own = { filters: {}, without: [] };
      this.count = el("span.count", { role: "status" });
      this.note = el("p.hint", { hidden: true });
      this.saved = el("div.saved", { hidden: true, role: "status" });
      this.save = el("button.quiet.small", { type: "button", title: "Save the ids of these images, one a line", onclick: () => S.saveList(this) });
      this.bars = el("ul.class-bars", { "aria-label": `Classes of ${index.name}` });
      this.grid = new S.Grid(this, { id: `grid-${number}`, cells: `cell-${number}`, label: index.name });
      this.crops = new S.Crops(this, { id: `crops-${number}`, cells: `crop-${number}`, label: `Objects of ${index.name}` });
      const title = el("h2", {}, el("a", { href: `${folder}/index.html`, title: "This dataset alone" }, index.name));
      this.node = el("section.pane", { "aria-label": index.name }, el("div.pane-head", {}, title, this.count, el("span.push"), this.save), this.saved, this.note, this.bars, this.grid.node, this.crops.bar, this.crops.node);
    }

    /** The common state, with the filters as this dataset has them. */
    get state() {
      return { ...this.app.state, filters: this.own.filters };
    }

    threshold() {
      return 0;
    }

    caption(/** @type {number} */ image) {
      return S.Shell.prototype.caption.call(this, image);
    }

    linkTo(place) {
      return `${this.folder}/index.html${this.naming.link(place)}`;
    }

    open(/** @type {number} */ image, /** @type {number | null} */ instance = null) {
      const place = this.selection.place(image);
      if (place) location.href = this.linkTo(place) + (instance === null ? "" : `&instance=${instance}`);
    }

    /** Follows the filters and the order; counts the objects of the images that are left. */
    async select(first = false) {
      const turn = (this.turn = {});
      this.own = ownFilters(this.app.state.filters, this.index, this.selection.columns, (id) => this.app.columnOf(id).title);
      const { state } = this;
      const column = this.selection.columns.get(state.sort);
      const [images, values, list] = await Promise.all([this.selection.of(state), column ? this.files.columns.get(column.id) : null, this.files.instances()]);
      if (this.turn !== turn) return;
      Object.assign(this, { images, values, sorted: column });
      const kept = new Uint8Array(this.index.images);
      for (const image of images) kept[image] = 1;
      this.objects = new Map();
      const counts = new Uint32Array(this.index.classes.length);
      for (let i = 0; i < list.image.length; i++) if (kept[list.image[i]]) counts[list.class[i]] += 1;
      this.index.classes.forEach((name, i) => i && this.objects.set(nameKey(name), (this.objects.get(nameKey(name)) ?? 0) + counts[i]));
      this.total = counts.reduce((sum, count) => sum + count, 0);
      this.grid.setImages(images, first);
      await this.showObjects();
      this.chose();
    }

    /** Objects in place of images, or images again. */
    async showObjects() {
      const objects = Boolean(this.app.state.objects);
      this.grid.node.hidden = objects;
      this.crops.node.hidden = this.crops.bar.hidden = !objects;
      if (objects) await this.crops.show();
      else this.grid.layout();
    }

    async markWrong() {
      const { complaints, damaged } = this.index;
      const of = (/** @type {string} */ id, there) => (there ? this.files.columns.get(id) : null);
      const [counts, lost] = await Promise.all([of("complaints", complaints), of("damaged", damaged)]);
      this.wrong = { complaints: counts, damaged: lost };
      if (complaints) this.grid.layout();
    }

    chose() {
      this.grid.markChosen();
      const { size } = this.choice;
      const [left, all] = [this.images.length, this.index.images].map((count) => S.number(count));
      this.count.textContent = `${left === all ? all : `${left} of ${all}`} images, ${S.number(this.total ?? 0)} objects`;
      this.save.textContent = size ? `Save list of ${S.number(size)}` : "Save list";
      this.save.disabled = !size && !this.images.length;
      const { without } = this.own;
      this.note.hidden = !without.length;
      this.note.textContent = `No values here, so not filtered: ${without.join(", ")}`;
    }

    /**
     * Draws the number of objects of each class, as part of all.
     * @param {{key: string, name: string, colour: number[]}[]} classes of all datasets
     * @param {number} most the largest part in any of them
     */
    drawBars(classes, most) {
      const scroll = this.bars.scrollTop;
      const chosen = new Set((this.app.state.filters.class?.any ?? []).map(nameKey));
      S.fill(this.bars, ...classes.map(({ key, name, colour }) => {
        const count = this.objects?.get(key);
        const part = (count ?? 0) / (this.total || 1);
        const bar = el("span.bar", { hidden: !count });
        bar.style.width = `${most ? (100 * part) / most : 0}%`;
        bar.style.background = S.colours.css(colour);
        const words = count === undefined ? "no such class" : S.percent(part);
        const only = chosen.size === 1 && chosen.has(key);
        return el("li", {}, el("button.class-bar", { type: "button", "aria-pressed": String(chosen.has(key)), title: `${name}: ${words}`, onclick: () => this.app.setFilter("class", only ? null : { any: [name] }) },
          el("span.class-name", {}, name), el("span.bar-room", {}, bar), el("span.count", {}, count === undefined ? "–" : S.number(count))));
      }));
      this.bars.scrollTop = scroll;
    }
  }

  S.Pane = Pane;
  S.nameKey = nameKey;
  S.ownFilters = ownFilters;
})((globalThis.Simgen ??= {}));
