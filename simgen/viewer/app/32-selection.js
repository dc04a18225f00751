"use strict";
/** The images that pass the filters, and their scenes and frames. Columns are loaded on demand. */
(function (/** @type {any} */ S) {
  const KEPT_MASKS = 24;
  const KEPT_ORDERS = 6;

  /** Deletes the oldest entries if there are too many. */
  function bounded(/** @type {Map<any, any>} */ map, /** @type {number} */ most) {
    for (const key of map.keys()) {
      if (map.size <= most) break;
      map.delete(key);
    }
  }

  class Selection {
    constructor(/** @type {any} */ index, /** @type {any} */ files) {
      this.index = index;
      this.files = files;
      this.columns = new Map(index.columns.map((column) => [column.id, column]));
      this.masks = new Map();
      this.orders = new Map();
      this.natural = Uint32Array.from({ length: index.images }, (_, i) => i);
      /** Scene and frame of each image; until `ready`, only of the first images. */
      this.places = index.first_paint;
    }

    /** Loads the places of all images. The index contains the first ones. */
    async ready() {
      const [scene, frame] = await Promise.all([this.files.columns.get("scene"), this.files.columns.get("frame")]);
      this.places = { scene, frame };
    }

    place(/** @type {number} */ image) {
      const { scene, frame } = this.places;
      return image < scene.length ? { scene: scene[image], frame: frame[image] } : null;
    }

    /** Finds the number of an image; -1 if there is none. Images are ordered by scene and frame. */
    find(/** @type {{scene: number, frame: number}} */ wanted) {
      const { scene, frame } = this.places;
      let low = 0;
      let high = scene.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((scene[middle] - wanted.scene || frame[middle] - wanted.frame) < 0) low = middle + 1;
        else high = middle;
      }
      return low < scene.length && scene[low] === wanted.scene && frame[low] === wanted.frame ? low : -1;
    }

    /** @returns {Promise<Uint32Array>} numbers of the images that pass all filters, sorted */
    async of(/** @type {any} */ state) {
      const known = Object.entries(state.filters).filter(([id]) => this.columns.has(id));
      const ofInstances = Object.entries(state.filters).filter(([id]) => S.select.OF_INSTANCES.includes(id));
      const masks = await Promise.all(known.map(([id, filter]) => this.mask(id, filter)));
      if (ofInstances.length) masks.push(await this.instanceMask(Object.fromEntries(ofInstances)));
      return S.select.keep(await this.sorted(state.sort, state.descending), masks);
    }

    async mask(id, filter) {
      return this.remember(this.masks, KEPT_MASKS, JSON.stringify([id, filter]), async () =>
        S.select.passing(await this.files.columns.get(id), filter, this.columns.get(id), this.index.images),
      );
    }

    async instanceMask(filters) {
      // For classes alone, a short column replaces the long list of all instances.
      const [only, ...more] = Object.keys(filters);
      if (only === "class" && !more.length && this.columns.has("classes")) return this.mask("classes", filters.class);
      return this.remember(this.masks, KEPT_MASKS, JSON.stringify(filters), async () =>
        S.select.withInstance(await this.files.instances(), filters, this.index.classes, this.index.images),
      );
    }

    async sorted(id, descending) {
      if (!this.columns.has(id)) return descending ? this.natural.slice().reverse() : this.natural;
      return this.remember(this.orders, KEPT_ORDERS, `${id} ${descending}`, async () =>
        S.select.order(await this.files.columns.get(id), descending),
      );
    }

    /** Drops what was worked out from columns that have changed. */
    forget(/** @type {readonly string[]} */ ids) {
      for (const key of [...this.masks.keys()]) if (ids.some((id) => key.startsWith(`["${id}"`))) this.masks.delete(key);
      for (const key of [...this.orders.keys()]) if (ids.some((id) => key.startsWith(`${id} `))) this.orders.delete(key);
    }

    async remember(map, most, key, make) {
      if (!map.has(key)) map.set(key, await make());
      bounded(map, most);
      return map.get(key);
    }
  }

  S.Selection = Selection;
})((globalThis.Simgen ??= {}));
