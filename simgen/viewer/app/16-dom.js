"use strict";
/** Creation of elements. Text from data becomes text nodes, never markup. */
(function (/** @type {any} */ S) {
  /**
   * @param {string} name tag and classes: "button.quiet"
   * @param {Record<string, any>} [given] attributes; functions become listeners ("onclick"), booleans
   *   boolean attributes, null is omitted
   * @param {...(Node|string|null)} inside
   * @returns {any}
   */
  function el(name, given = {}, ...inside) {
    const [tag, ...classes] = name.split(".");
    const node = document.createElement(tag);
    if (classes.length) node.className = classes.join(" ");
    for (const [key, value] of Object.entries(given)) {
      if (value === null || value === false || value === undefined) continue;
      if (typeof value === "function") node.addEventListener(key.slice(2), value);
      else if (key === "value" || key === "checked") node[key] = value;
      else node.setAttribute(key, value === true ? "" : String(value));
    }
    node.append(...inside.filter((part) => part !== null && part !== undefined));
    return node;
  }

  const fill = (/** @type {Element} */ node, ...inside) => node.replaceChildren(...inside.filter(Boolean));

  /** Formats a number for display, with at most `digits` significant digits. */
  function number(/** @type {number} */ value, digits = 4) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    if (Number.isInteger(value)) return value.toLocaleString("en").replaceAll(",", "\u202f");
    return String(Number(value.toPrecision(digits))).replace("-", "−");
  }

  const percent = (/** @type {number} */ part) => `${number(part * 100, 3)} %`;
  const withUnit = (/** @type {string} */ text, /** @type {string} */ unit) => (unit ? `${text} ${unit}` : text);

  /** Creates a button that is on or off. */
  function toggle(text, key, pressed, onclick) {
    const hint = key ? el("kbd", { "aria-hidden": "true" }, key) : null;
    return el("button.toggle", { type: "button", "aria-pressed": pressed, "aria-keyshortcuts": key || null, onclick }, el("span", {}, text), hint);
  }

  async function copy(/** @type {string} */ text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false;
    }
  }

  S.el = el;
  S.fill = fill;
  S.number = number;
  S.percent = percent;
  S.withUnit = withUnit;
  S.toggle = toggle;
  S.copy = copy;
})((globalThis.Simgen ??= {}));
