"use strict";
/** Light, dark, or as the system has it; remembered where the browser can. */
(function (/** @type {any} */ S) {
  const THEMES = ["auto", "light", "dark"];

  function saved() {
    try {
      return localStorage.getItem("simgen-theme") ?? "auto";
    } catch {
      return "auto";
    }
  }

  function set(/** @type {string} */ theme, /** @type {Element} */ button) {
    document.documentElement.dataset.theme = THEMES.includes(theme) ? theme : "auto";
    const [sign, name] = { light: ["○", "light"], dark: ["●", "dark"] }[theme] ?? ["◐", "as the system's"];
    button.textContent = sign;
    button.setAttribute("aria-label", `Colours: ${name}`);
  }

  function next(/** @type {Element} */ button) {
    const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "auto") + 1) % THEMES.length];
    set(theme, button);
    try {
      localStorage.setItem("simgen-theme", theme);
    } catch {
      // A browser that keeps nothing for files: the choice lasts as long as the page.
    }
  }

  S.theme = { saved, set, next };
})((globalThis.Simgen ??= {}));
