"use strict";
/** Several datasets side by side: one set of filters, one order and one size of thumbnails for all. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const FOLDER = /^[\w-]{1,80}$/;
  const MOST = 4;

  /** Columns of all datasets by their ids, with the bounds and the names of all. */
  function mergedColumns(indexes) {
    const merged = new Map();
    for (const column of indexes.flatMap(({ columns }) => columns)) {
      const other = merged.get(column.id);
      if (!other) merged.set(column.id, { ...column, categories: column.categories && [...column.categories] });
      else if (other.categories && column.categories) other.categories = distinct([...other.categories, ...column.categories]);
      else if (!other.categories && !column.categories) Object.assign(other, bounds([other, column]));
    }
    return [...merged.values()];
  }

  function bounds(columns) {
    const of = (/** @type {string} */ name) => columns.map((column) => column[name]).filter((value) => value !== null);
    return { min: Math.min(...of("min")), max: Math.max(...of("max")) };
  }

  /** Names without those that mean the same as an earlier one. */
  function distinct(/** @type {string[]} */ names) {
    const found = new Map();
    for (const name of names) if (!found.has(S.nameKey(name))) found.set(S.nameKey(name), name);
    return [...found.values()];
  }

  /** Classes of all datasets, those that most of them have first. */
  function mergedClasses(indexes) {
    const names = distinct(indexes.flatMap(({ classes }) => classes.slice(1)));
    const held = indexes.map(({ classes }) => new Set(classes.slice(1).map(S.nameKey)));
    const times = (/** @type {string} */ name) => held.filter((keys) => keys.has(S.nameKey(name))).length;
    // A class has one colour in all, and no other class has it.
    return names.sort((a, b) => times(b) - times(a)).map((name, i) => ({ key: S.nameKey(name), name, colour: indexes[0].colour(i + 1) }));
  }

  /** An index of all, as the head and the filters read that of one dataset. */
  function mergedIndex(outer, indexes, classes) {
    const some = (/** @type {string} */ name) => indexes.some((index) => index[name]);
    const ofObjects = indexes.flatMap(({ of_objects: names }) => names ?? ["pixels", "visibility", "distance"]);
    return {
      name: outer.name, named: true, stats: outer.stats, labels: indexes.every(({ labels }) => labels.includes("objects")) ? ["objects"] : [],
      images: indexes.reduce((sum, { images }) => sum + images, 0),
      columns: mergedColumns(indexes), classes: ["", ...classes.map(({ name }) => name)], class_colours: [[0, 0, 0], ...classes.map(({ colour }) => colour)],
      complaints: some("complaints"), validated: some("validated"), of_objects: [...new Set(ofObjects)],
    };
  }

  class Together extends S.Shell {
    constructor(outer, loaded, root) {
      const indexes = loaded.map(({ index }) => index);
      const classes = mergedClasses(indexes);
      const colours = new Map(classes.map(({ key, colour }) => [key, colour]));
      for (const index of indexes) index.class_colours = index.classes.map((name) => colours.get(S.nameKey(name)) ?? [0, 0, 0]);
      super(mergedIndex(outer, indexes, classes), root);
      this.state.place = null;
      this.classes = classes;
      this.selection = { columns: new Map(this.index.columns.map((column) => [column.id, column])) };
      this.choice = { size: 0, clear: () => undefined };
      this.parts = loaded.map(({ index, files, folder }, i) => new S.Pane(this, index, files, folder, i));
      this.head = new S.Head(this);
      this.head.save.hidden = true;
      this.filters = new S.Filters(this);
      const panes = el("div.panes", {}, ...this.parts.map(({ node }) => node));
      panes.style.setProperty("--panes", String(this.parts.length));
      const room = el("div.room", {}, this.head.chips, panes);
      root.replaceChildren(this.head.node, this.alert, el("div.browse", {}, this.filters.node, el("main.pictures", { "aria-label": "Datasets" }, room)), this.help);
      for (const { bars } of this.parts) bars.addEventListener("scroll", () => this.level(bars), { passive: true });
      this.listen();
    }

    /** Keeps the lists of classes at the same height. */
    level(bars) {
      for (const part of this.parts) if (part.bars !== bars) part.bars.scrollTop = bars.scrollTop;
    }

    async start() {
      document.title = `${this.index.name} · simgen`;
      await this.attempt(async () => {
        await Promise.all(this.parts.map(({ selection }) => selection.ready()));
        await this.select("", true);
        this.root.dataset.ready = "true";
        await Promise.all(this.parts.map((part) => part.markWrong()));
      });
    }

    async follow(/** @type {string[]} */ changed, moving = "") {
      this.state.place = null;
      await this.attempt(async () => {
        if (["filters", "sort", "descending"].some((key) => changed.includes(key))) return this.select(moving);
        for (const part of this.parts) await part.showObjects();
        this.followHead();
      });
    }

    async select(moving = "", first = false) {
      const turn = (this.turn = {});
      await Promise.all(this.parts.map((part) => part.select(first)));
      if (this.turn !== turn) return;
      this.followHead();
      this.filters.follow(moving);
      const most = Math.max(...this.parts.flatMap(({ objects, total }) => [...objects.values()].map((count) => count / (total || 1))));
      for (const part of this.parts) part.drawBars(this.classes, most);
    }

    followHead() {
      this.head.follow(this.parts.reduce((sum, { images }) => sum + images.length, 0));
      this.head.objects.setAttribute("aria-pressed", String(Boolean(this.state.objects)));
    }

    /** The dataset that the keyboard is in; the first, if in none. */
    get pane() {
      return this.parts.find(({ node }) => node.contains(document.activeElement)) ?? this.parts[0];
    }

    get grid() {
      return this.pane.grid;
    }

    get shownGrid() {
      return this.state.objects ? this.pane.crops : this.pane.grid;
    }
  }

  /** Opens the page of several datasets. */
  async function together(outer, root) {
    const folders = outer.together.map(String).filter((folder) => FOLDER.test(folder)).slice(0, MOST);
    const loaded = await Promise.all(folders.map(async (folder) => {
      const files = new S.Files(`${folder}/`);
      return { folder, files, index: await files.index() };
    }));
    await new Together(outer, loaded, root).start();
  }

  S.together = together;
})((globalThis.Simgen ??= {}));
