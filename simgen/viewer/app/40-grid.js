"use strict";
/** The grid of thumbnails. Only visible rows are in the document, and their elements are reused. */
(function (/** @type {any} */ S) {
  const { el } = S;
  const GAP = 10;
  const CAPTION = 26;
  const BEYOND = 2;
  /** Largest height in pixels that browsers lay out reliably; larger grids scroll proportionally faster. */
  const TALLEST = 15e6;

  class Grid {
    /**
     * @param {any} app gives index, selection, naming, state, caption(image), open(image)
     * @param {any} look id and label of the grid, name of its cells, whether images can be chosen, least width of a cell, aspect of a thumbnail
     */
    constructor(app, look = {}) {
      this.app = app;
      this.look = { id: "grid", label: "Images", cells: "cell", choosing: true, least: 168, aspect: () => app.index.size[1] / app.index.size[0], ...look };
      this.images = new Uint32Array(0);
      this.active = 0;
      this.rows = new Map();
      this.spare = [];
      this.boxes = new S.ThumbBoxes(app);
      this.sharp = new S.SharpThumbs(app);
      this.space = el("div.space");
      this.node = el(app.index.mixed ? "div.grid.mixed" : "div.grid", { role: "grid", tabindex: "0", "aria-label": this.look.label, id: this.look.id }, this.space);
      this.node.addEventListener("scroll", () => this.paintSoon(), { passive: true });
      this.node.addEventListener("keydown", (event) => this.onKey(event));
      if (this.look.choosing) S.band(this, GAP);
      new ResizeObserver(() => this.layout()).observe(this.node);
    }

    /** Shows other images; the active one stays active if it is among them. */
    setImages(/** @type {Uint32Array} */ images, keepScroll = false) {
      const before = this.images[this.active];
      this.images = images;
      this.active = Math.max(0, images.indexOf(before));
      this.node.setAttribute("aria-rowcount", String(Math.ceil(images.length / (this.columns || 1))));
      if (!keepScroll) this.node.scrollTop = 0;
      this.layout();
    }

    layout() {
      const width = this.space.clientWidth;
      if (!width) return;
      const least = this.app.state.size ?? (width < 600 ? 104 : this.look.least);
      this.columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
      this.cell = (width - GAP * (this.columns - 1)) / this.columns;
      this.pitch = Math.round(this.cell * Math.min(Math.max(this.look.aspect(), 0.5), 1.5)) + CAPTION + GAP;
      this.count = Math.ceil(this.images.length / this.columns);
      const height = this.count * this.pitch;
      this.space.style.height = `${Math.min(height, TALLEST)}px`;
      this.node.style.setProperty("--columns", String(this.columns));
      this.node.style.setProperty("--row", `${this.pitch - GAP}px`);
      this.node.setAttribute("aria-colcount", String(this.columns));
      // The last one dropped is reused first: rows keep their elements, so that a click in progress stays on its cell.
      for (const at of [...this.rows.keys()].sort((a, b) => b - a)) this.drop(this.rows.get(at));
      this.rows.clear();
      this.paint();
    }

    /** Pixels of the grid per pixel of scrolling: 1, except for very many rows. */
    stretch() {
      const seen = this.node.clientHeight;
      const height = this.count * this.pitch;
      return height <= TALLEST ? 1 : (height - seen) / (TALLEST - seen);
    }

    paintSoon() {
      this.pending ??= requestAnimationFrame(() => {
        this.pending = undefined;
        this.paint();
      });
    }

    paint() {
      if (!this.columns || !this.node.clientHeight) return;
      const scroll = this.node.scrollTop;
      const top = scroll * this.stretch();
      const first = Math.max(0, Math.floor(top / this.pitch) - BEYOND);
      const last = Math.min(this.count - 1, Math.ceil((top + this.node.clientHeight) / this.pitch) + BEYOND);
      for (const [at, row] of this.rows) {
        if (at >= first && at <= last) continue;
        this.drop(row);
        this.rows.delete(at);
      }
      for (let at = first; at <= last; at++) {
        if (!this.rows.has(at)) this.rows.set(at, this.take(at));
        this.rows.get(at).style.transform = `translateY(${at * this.pitch - top + scroll}px)`;
      }
      this.mark();
      const cells = () => [...this.rows.values()].flatMap((row) => [...row.children]).filter((cell) => cell.dataset.place);
      this.boxes.follow(cells);
      this.sharp?.follow(cells, this.cell);
    }

    /** Keeps a row for reuse, without its boxes; clearing its places rejects boxes that are still loading. */
    drop(row) {
      row.hidden = true;
      for (const cell of row.children) {
        cell.removeAttribute("id");
        cell.dataset.place = "";
        cell.querySelector(".boxes")?.remove();
        cell.classList.remove("active");
      }
      this.spare.push(row);
    }

    take(/** @type {number} */ at) {
      const row = this.spare.pop() ?? this.space.appendChild(el("div.row", { role: "row" }));
      row.hidden = false;
      row.setAttribute("aria-rowindex", String(at + 1));
      while (row.children.length > this.columns) row.lastChild.remove();
      while (row.children.length < this.columns) row.append(this.makeCell());
      [...row.children].forEach((cell, i) => this.fillCell(cell, at * this.columns + i));
      return row;
    }

    openActive() {
      this.app.open(this.images[this.active]);
    }

    /** Chooses the active image, or no longer. */
    chooseActive() {
      if (!this.node.hidden && this.images.length) this.choose(this.active);
    }

    /** Chooses an image, or no longer; with `through`, all from the last one that was chosen so. */
    choose(/** @type {number} */ at, through = false) {
      const { choice } = this.app;
      const from = through ? this.images.indexOf(this.from ?? -1) : -1;
      this.from = this.images[at];
      if (from < 0) choice.flip(this.images[at]);
      else choice.add(this.images.slice(Math.min(from, at), Math.max(from, at) + 1));
    }

    /** A cell that opens what it shows. picture: what the link consists of; more: after the caption. */
    cellOf(picture, ...more) {
      const link = el("a.thumb", { tabindex: "-1" }, ...picture);
      const cell = el("div.cell", { role: "gridcell" }, link, el("span.caption", {}, el("span.where"), el("span.value")), ...more);
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.active = Number(cell.dataset.at);
        this.openActive();
      });
      return cell;
    }

    makeCell() {
      const picture = el("img", { alt: "", decoding: "async", draggable: "false" });
      picture.onload = () => picture.classList.add("there");
      picture.onerror = () => picture.parentElement.classList.add("broken");
      const choose = el("input.choose", { type: "checkbox", tabindex: "-1", title: "Choose (x)", onclick: (event) => this.choose(Number(cell.dataset.at), event.shiftKey) });
      const cell = this.cellOf([picture, el("span.mark", { hidden: true })], choose);
      return cell;
    }

    fillCell(cell, /** @type {number} */ at) {
      const image = this.images[at];
      const place = at < this.images.length ? this.app.selection.place(image) : null;
      const [link, caption, choose] = cell.children;
      choose.checked = at < this.images.length && this.app.choice.has(image);
      choose.setAttribute("aria-label", place ? `Choose ${this.app.naming.title(place)}` : "");
      const [picture, mark] = link.children;
      cell.style.visibility = at < this.images.length ? "" : "hidden";
      picture.classList.remove("there");
      link.classList.remove("broken");
      cell.dataset.at = String(at);
      cell.id = `${this.look.cells}-${at}`;
      cell.dataset.place = place ? `${place.scene}/${place.frame}` : "";
      if (!place) {
        picture.removeAttribute("src");
        mark.hidden = true;
        cell.removeAttribute("aria-label");
        return;
      }
      picture.src = S.pathOf(this.app.index.thumbs, place);
      link.href = this.app.linkTo(place);
      picture.alt = this.app.naming.title(place);
      const value = this.app.caption(image);
      this.fillMark(mark, image);
      const wrong = mark.hidden ? "" : `, ${mark.textContent}`;
      cell.setAttribute("aria-label", `${picture.alt}${value ? `, ${value}` : ""}${wrong}`);
      caption.firstChild.textContent = caption.firstChild.title = this.app.naming.shortTitle(place);
      S.fillBadges(link, this.app.files.outcomes?.of(image, this.app.threshold()));
      caption.lastChild.textContent = value;
      caption.lastChild.title = value;
    }

    /** Marks the thumbnail of an image with problems. */
    fillMark(mark, /** @type {number} */ image) {
      const { damaged, complaints } = this.app.wrong;
      const count = complaints?.[image] || 0;
      mark.hidden = !(count > 0);
      mark.textContent = damaged?.[image] ? "damaged" : `! ${count}`;
      mark.title = damaged?.[image] ? "A file of this image cannot be read" : "Number of the validator's findings";
    }

    /** Follows the chosen images. */
    markChosen() {
      for (const row of this.rows.values()) for (const cell of row.children) cell.lastChild.checked = this.app.choice.has(this.images[Number(cell.dataset.at)]);
      this.node.classList.toggle("choosing", this.app.choice.size > 0);
    }

    /** Marks the active cell, for eyes and for screen readers. */
    mark() {
      for (const row of this.rows.values()) {
        for (const cell of row.children) cell.classList.toggle("active", Number(cell.dataset.at) === this.active);
      }
      if (this.images.length) this.node.setAttribute("aria-activedescendant", `${this.look.cells}-${this.active}`);
      else this.node.removeAttribute("aria-activedescendant");
    }

    move(/** @type {number} */ to) {
      this.active = Math.min(Math.max(to, 0), this.images.length - 1);
      this.reveal();
      this.paint();
    }

    reveal() {
      const stretch = this.stretch();
      const top = Math.floor(this.active / this.columns) * this.pitch;
      const seen = this.node.clientHeight;
      const now = this.node.scrollTop * stretch;
      if (top < now) this.node.scrollTop = top / stretch;
      else if (top + this.pitch > now + seen) this.node.scrollTop = (top + this.pitch - seen) / stretch + 1;
    }

    onKey(/** @type {KeyboardEvent} */ event) {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.images.length) return;
      const page = this.columns * Math.max(1, Math.floor(this.node.clientHeight / this.pitch));
      const steps = {
        ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns,
        PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity,
      };
      if (event.key === "Enter") this.openActive();
      else if (event.key in steps) this.move(this.active + steps[event.key]);
      else return;
      event.preventDefault();
    }
  }

  S.Grid = Grid;
})((globalThis.Simgen ??= {}));
