"use strict";
/** What all pages have in common: a state that is mirrored in the address, filters, keys, alerts. */
(function (/** @type {any} */ S) {
  const { el } = S;

  class Shell {
    constructor(index, root) {
      Object.assign(this, { index, root });
      this.state = S.state.parse(location.hash);
      /** Of the column that images are sorted by, and that column. */
      this.values = this.sorted = null;
      this.alert = el("p.alert.banner", { role: "alert", hidden: true });
      /** What to do with a list of images that was saved. */
      this.saved = el("div.saved", { hidden: true, role: "status" });
      this.help = S.help();
    }

    /** Once all parts are there. */
    listen() {
      S.theme.set(S.theme.saved(), this.head.theme);
      S.listenToKeys(this);
      addEventListener("popstate", () => this.goto());
    }

    async attempt(/** @type {() => Promise<void>} */ work) {
      try {
        await work();
        this.announce("");
      } catch (error) {
        this.announce(error.message);
      }
    }

    announce(/** @type {string} */ text) {
      this.alert.textContent = text;
      this.alert.hidden = !text;
    }

    /** Changes the state; with `push`, the back button undoes the change. */
    update(patch, { push = false, moving = "" } = {}) {
      this.state = { ...this.state, ...patch };
      const hash = S.state.format(this.state);
      if (hash !== location.hash) history[push ? "pushState" : "replaceState"](null, "", hash);
      return this.follow(Object.keys(patch), moving);
    }

    /** Follows a change of the address: back, forward, or typed. */
    goto() {
      this.state = S.state.parse(location.hash);
      return this.follow(["score", "filters", "sort", "descending", "boxes", "objects", "size"]);
    }

    caption(/** @type {number} */ image) {
      if (!this.values || !this.sorted) return "";
      const { categories, unit } = this.sorted;
      return categories ? (categories[this.values[image]] ?? "–") : S.withUnit(S.number(this.values[image], 3), unit);
    }

    columnOf(/** @type {string} */ id) {
      return this.filters.entries.find((entry) => entry.column.id === id)?.column ?? this.selection.columns.get(id) ?? { id, title: id };
    }

    setFilter(id, filter) {
      const filters = { ...this.state.filters };
      if (filter) filters[id] = filter;
      else delete filters[id];
      const inPanel = document.activeElement && this.filters.node.contains(document.activeElement);
      return this.update({ filters }, { moving: inPanel ? id : "" });
    }

    reset() {
      return this.update({ filters: {} });
    }

    findFilter() {
      if (this.state.place) return;
      if (!this.filters.node.classList.contains("open")) this.toggleFilters();
      this.filters.search.focus();
    }

    /** Opens or closes the filters, which cover the grid on narrow pages. */
    toggleFilters() {
      const open = this.filters.node.classList.toggle("open");
      this.head.open.setAttribute("aria-expanded", String(open));
    }

    closeFilters() {
      if (!this.filters.node.classList.contains("open")) return false;
      this.toggleFilters();
      return true;
    }

    /** Makes thumbnails larger by a factor. */
    resize(/** @type {number} */ by) {
      return this.update({ size: S.state.sizeOf(Math.round((this.state.size ?? this.shownGrid.look.least) * by)) });
    }

    nextTheme() {
      S.theme.next(this.head.theme);
    }
  }

  S.Shell = Shell;
})((globalThis.Simgen ??= {}));
