"use strict";
/** The application: one state, mirrored in the address, and the parts that follow it. */
(function (/** @type {any} */ S) {
  const { el } = S;

  class App extends S.Shell {
    constructor(index, files, root) {
      super(index, root);
      this.files = files;
      this.naming = S.state.naming(index);
      this.selection = new S.Selection(index, files);
      files.outcomes?.use(this.threshold());
      this.images = this.selection.natural;
      /** Direction of the last step through the images, 1 or -1. */
      this.way = 1;
      /** Number of problems of each image, and whether one of its files is damaged. */
      this.wrong = { complaints: null, damaged: null };
      this.empty = el("div.empty", { hidden: true }, el("p", {}, "No image passes all filters."), el("button.quiet", { type: "button", onclick: () => this.reset() }, "Reset the filters"));
      this.choice = new S.Choice(() => this.chose());
      this.head = new S.Head(this);
      this.filters = new S.Filters(this);
      this.grid = new S.Grid(this);
      this.crops = new S.Crops(this);
      this.page = new S.ImagePage(this);
      const findings = S.complaints(index.findings, "The validator complains about the dataset");
      const room = el("div.room", {}, this.head.chips, this.saved, findings, this.empty, this.grid.node, this.crops.bar, this.crops.node);
      this.browse = el("div.browse", {}, this.filters.node, el("main.pictures", { "aria-label": "Images" }, room));
      root.replaceChildren(this.head.node, this.alert, this.browse, this.page.node, this.help);
      this.listen();
    }

    async start() {
      document.title = `${this.index.name} · simgen`;
      this.grid.setImages(this.images);
      this.head.follow(this.images.length);
      await this.attempt(async () => {
        const waits = Object.keys(this.state.filters).length || this.state.sort || this.state.descending;
        const ready = this.selection.ready();
        if (!waits) this.page.follow();
        await ready;
        await this.select();
        await this.page.follow();
        this.showPlaces();
        await this.markWrong();
      });
    }

    /** Marks images with problems, after the first paint because most have none. */
    async markWrong() {
      const { complaints, damaged } = this.index;
      if (!complaints) return;
      const of = (/** @type {string} */ id, there) => (there ? this.files.columns.get(id) : null);
      const [counts, lost] = await Promise.all([of("complaints", true), of("damaged", damaged)]);
      this.wrong = { complaints: counts, damaged: lost };
      this.grid.layout();
    }

    showPlaces() {
      this.browse.hidden = Boolean(this.state.place);
      this.head.node.classList.toggle("on-image", Boolean(this.state.place));
      this.root.dataset.ready = "true";
    }

    async follow(/** @type {string[]} */ changed, moving = "") {
      const other = ["filters", "sort", "descending"].some((key) => changed.includes(key));
      const before = this.browse.hidden;
      this.showPlaces();
      await this.attempt(async () => {
        if (changed.includes("score")) await this.recount();
        if (changed.includes("objects") && !other) await this.showObjects();
        if (other) await this.select(moving);
        if (changed.includes("boxes") || changed.includes("size")) {
          this.shownGrid.layout();
          this.head.follow(this.images.length);
        }
        if (before && !this.browse.hidden) this.returned();
        await this.page.follow();
      });
    }

    async select(moving = "") {
      const turn = (this.turn = {});
      const { state } = this;
      const column = this.selection.columns.get(state.sort);
      const [images, values] = await Promise.all([this.selection.of(state), column ? this.files.columns.get(column.id) : null]);
      if (this.turn !== turn) return;
      const same = same_order(images, this.images) && this.values === values;
      Object.assign(this, { images, values, sorted: column });
      this.empty.hidden = images.length > 0;
      if (!same || !this.root.dataset.ready) this.grid.setImages(images, !this.root.dataset.ready);
      this.head.follow(images.length);
      await this.showObjects();
      this.filters.follow(moving);
      this.page.countUp();
    }

    /** Objects in place of images, or images again. */
    async showObjects() {
      const { objects } = this.state;
      const returns = this.grid.node.hidden && !objects;
      this.grid.node.hidden = Boolean(objects);
      this.crops.node.hidden = this.crops.bar.hidden = !objects;
      this.head.objects.setAttribute("aria-pressed", String(Boolean(objects)));
      if (objects) await this.crops.show();
      else if (returns) this.grid.layout();
    }

    /** The grid that is in sight. */
    get shownGrid() {
      return this.state.objects ? this.crops : this.grid;
    }

    /** Back from an image: the grid stands where that image is. */
    returned() {
      const grid = this.shownGrid;
      grid.layout();
      const at = grid === this.grid ? this.images.indexOf(this.last ?? -1) : -1;
      if (at >= 0) grid.move(at);
      grid.node.focus({ preventScroll: true });
    }

    linkTo(place) {
      return this.naming.link(place);
    }

    /** Score from which on detections count. */
    threshold() {
      return this.state.score ?? this.index.predictions?.threshold ?? 0;
    }

    /** After a change of the threshold: what depends on it is counted again. */
    async recount() {
      const { outcomes } = this.files;
      if (!outcomes?.use(this.threshold())) return;
      this.selection.forget(S.Outcomes.COLUMNS);
      for (const id of S.Outcomes.COLUMNS) this.files.columns.entries.delete(id);
      const depends = [this.state.sort, ...Object.keys(this.state.filters)].some((id) => outcomes.has(id));
      if (depends) await this.select();
      else {
        this.filters.follow();
        await this.showObjects();
      }
      this.grid.layout();
    }

    chose() {
      this.grid.markChosen();
      this.head.follow(this.images.length);
    }

    open(/** @type {number} */ image, /** @type {number | null} */ instance = null) {
      const place = this.selection.place(image);
      if (!place) return;
      this.last = image;
      this.cameFromGrid = true;
      this.update({ place, instance }, { push: true });
      this.page.title.focus({ preventScroll: true });
    }

    /** Goes back to the grid, through the history if the image was opened from there. */
    close() {
      if (this.cameFromGrid) history.back();
      else this.update({ place: null, instance: null }, { push: true });
      this.cameFromGrid = false;
    }

    /** The position of the open image among the filtered ones; -1 if it is not among them. */
    at() {
      return this.state.place ? this.images.indexOf(this.selection.find(this.state.place)) : -1;
    }

    position() {
      const at = this.at();
      return at < 0 ? "" : `${S.number(at + 1)} of ${S.number(this.images.length)}`;
    }

    async step(/** @type {number} */ by) {
      const to = this.images[this.at() + by];
      const place = to === undefined ? null : this.selection.place(to);
      if (!place) return;
      this.last = to;
      this.way = Math.sign(by);
      await this.update({ place });
    }

    /** Shows the next frame of a sequence, in a loop; without sequences, the next image. */
    playOn() {
      const { place } = this.state;
      if (!place) return this.page.stop();
      if (this.index.sequence) return this.update({ place: { ...place, frame: (place.frame + 1) % this.index.frames_per_scene } });
      const next = this.selection.place(this.images[(this.at() + 1) % this.images.length]);
      return next ? this.update({ place: next }) : this.page.stop();
    }

  }

  const same_order = (a, b) => a.length === b.length && a.every((image, i) => image === b[i]);

  async function main() {
    const root = document.getElementById("app");
    const files = new S.Files();
    try {
      const index = await files.index();
      if (index.together) return await S.together(index, root);
      S.state.adopt(index);
      await new App(index, files, root).start();
    } catch (error) {
      root?.replaceChildren(el("p.alert", { role: "alert" }, error.message));
    }
  }

  main();
})((globalThis.Simgen ??= {}));
