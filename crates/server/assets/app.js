// What pages do beyond htmx: staying fresh, keys, the palette, times, toasts. No page needs it to be read.
(() => {
  "use strict";
  const body = document.body;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const isOn = (key) => { try { return localStorage.getItem(key) !== "off"; } catch { return true; } };

  // --- Fresh: ask again when there is reason to believe that something was missed.
  const MINUTE = 60_000;
  let askedAt = Date.now();
  function refresh(minAge = 0) {
    if (document.hidden || Date.now() - askedAt < minAge) return;
    askedAt = Date.now();
    body.dispatchEvent(new CustomEvent("live:refresh"));
  }
  document.addEventListener("visibilitychange", () => refresh());
  addEventListener("focus", () => refresh(5_000));
  addEventListener("online", () => refresh());
  addEventListener("pageshow", (event) => { if (event.persisted) refresh(); });
  setInterval(() => refresh(MINUTE), MINUTE / 4);

  // --- The stream: how it stands, in words, once it has been lost.
  const state = find("#link-state");
  let lost;
  function link(to, words) {
    if (!state) return;
    state.dataset.state = to;
    find(".link-words", state).textContent = words;
  }
  body.addEventListener("htmx:sse:after:connection", (event) => {
    if (!(event.detail?.connection?.status === 200)) return;
    clearTimeout(lost);
    lost = undefined;
    if (state?.dataset.state === "lost") {
      link("live", "Live again");
      setTimeout(() => { if (state.dataset.state === "live") link("quiet", ""); }, 4_000);
    }
    refresh();
  });
  for (const name of ["htmx:sse:error", "htmx:sse:close"]) {
    body.addEventListener(name, () => {
      lost ??= setTimeout(() => { if (!document.hidden) link("lost", "Connection lost, trying again"); }, 1_500);
    });
  }

  // --- What changed under our eyes flashes once.
  document.addEventListener("htmx:before:swap", () => {
    for (const row of all("[data-list] [id][data-version]")) seen.set(row.id, row.dataset.version);
  });
  const seen = new Map();
  document.addEventListener("htmx:after:swap", () => {
    if (seen.size) {
      for (const row of all("[data-list] [id][data-version]")) {
        if (seen.get(row.id) !== row.dataset.version) {
          row.classList.add("fresh");
          setTimeout(() => row.classList.remove("fresh"), 2_200);
        }
      }
      seen.clear();
    }
    times();
    foldLeft();
    showCopiers();
  });

  // --- Pairs that were left for later fold away until the tab is closed. Without a script "Later" leads to the next.
  const LATER = "doorstep-later";
  function left() {
    try { return JSON.parse(sessionStorage.getItem(LATER) ?? "[]"); } catch { return []; }
  }
  function keepLeft(ids) {
    try { sessionStorage.setItem(LATER, JSON.stringify(ids.slice(-200))); } catch { /* Then they stay where they are. */ }
  }
  function foldLeft() {
    const ids = left();
    for (const line of all("[data-left]")) {
      const unit = document.getElementById(line.dataset.left);
      line.hidden = !ids.includes(line.dataset.left);
      if (unit) unit.hidden = !line.hidden;
    }
  }
  foldLeft();
  document.addEventListener("click", (event) => {
    const again = event.target.closest("[data-look-again]")?.closest("[data-left]");
    if (again) {
      keepLeft(left().filter((id) => id !== again.dataset.left));
      foldLeft();
      chooseUnit(document.getElementById(again.dataset.left));
      return;
    }
    const later = event.target.closest("[data-later]");
    const unit = later?.closest("[data-unit]");
    if (!unit) return;
    const units = all("[data-unit]");
    const next = units.slice(units.indexOf(unit) + 1).find((one) => !one.hidden);
    keepLeft([...left().filter((id) => id !== unit.id), unit.id]);
    foldLeft();
    if (next) { event.preventDefault(); chooseUnit(next); return; }
    // The last of the page leads to the next one; where that one is folded, it does the same.
    const onwards = find("[data-later]", units.at(-1));
    if (onwards && !onwards.hash) { event.preventDefault(); location.assign(onwards.href); } else if (later.hash) event.preventDefault();
  });

  // --- Times: the server's words stay as the title.
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto", style: "short" });
  const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["week", 604_800], ["day", 86_400], ["hour", 3_600], ["minute", 60]];
  function times() {
    const now = Date.now();
    for (const time of all("time[data-relative]")) {
      const seconds = (Date.parse(time.dateTime) - now) / 1000;
      if (Number.isNaN(seconds)) continue;
      const unit = UNITS.find(([, size]) => Math.abs(seconds) >= size);
      const text = unit ? words.format(Math.trunc(seconds / unit[1]), unit[0]) : "just now";
      if (time.textContent !== text) time.textContent = text;
    }
  }
  times();
  setInterval(() => { if (!document.hidden) times(); }, 20_000);

  // --- Theme: light, dark, the system's; a cookie, so that the server draws it right from the first line on.
  const THEMES = ["", "light", "dark"];
  const NAMES = { "": "System theme", light: "Light theme", dark: "Dark theme" };
  const root = document.documentElement;
  function showTheme() {
    for (const name of all("[data-theme-name]")) name.textContent = NAMES[root.dataset.theme ?? ""];
  }
  function switchTheme() {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "") + 1) % THEMES.length];
    if (next) root.dataset.theme = next; else delete root.dataset.theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `doorstep_theme=${next}; Path=/; SameSite=Lax; Max-Age=${next ? 31_536_000 : 0}${secure}`;
    showTheme();
    toast(NAMES[next]);
  }
  showTheme();

  // --- Toasts: said once, gone by themselves unless somebody is reading.
  function toast(text, href, label) {
    const box = find("#toasts");
    if (!box || !text) return;
    while (box.children.length > 3) box.firstElementChild.remove();
    const one = document.createElement("div");
    one.className = "toast";
    const said = one.appendChild(document.createElement("p"));
    said.textContent = String(text).slice(0, 300) + (href ? " " : "");
    if (href && String(href).startsWith("/") && !String(href).startsWith("//")) {
      const link = said.appendChild(document.createElement("a"));
      link.href = href;
      link.textContent = label || "Open";
    }
    box.append(one);
    const gone = () => { if (one.matches(":hover, :focus-within")) setTimeout(gone, 2_000); else one.remove(); };
    setTimeout(gone, 6_000);
  }
  document.addEventListener("toast", (event) => toast(event.detail?.text ?? event.detail?.value, event.detail?.href, event.detail?.label));
  document.addEventListener("htmx:error", () => link("lost", "That did not work"));

  // --- The palette.
  const palette = find("#palette");
  const input = find("#palette-input");
  const list = find("#palette-list");
  let at = 0, asked, asking;
  const options = () => all("[role=option]", list).filter((option) => !option.hidden);
  function choose(index) {
    const shown = options();
    at = shown.length ? (index + shown.length) % shown.length : 0;
    for (const option of all("[role=option]", list)) option.setAttribute("aria-selected", "false");
    const chosen = shown[at];
    if (chosen) {
      chosen.setAttribute("aria-selected", "true");
      chosen.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", chosen.id);
    } else input.removeAttribute("aria-activedescendant");
    find(".palette-none", list).hidden = shown.length > 0;
  }
  function narrow() {
    const typed = input.value.trim().toLowerCase();
    for (const group of all("[role=group]", list)) {
      let any = false;
      for (const option of all("[data-words]", group)) {
        option.hidden = typed !== "" && !option.dataset.words.toLowerCase().includes(typed);
        any ||= !option.hidden;
      }
      if (!group.closest("#palette-found")) group.hidden = !any;
    }
    choose(0);
  }
  async function look() {
    const found = find("#palette-found");
    const typed = input.value.trim();
    asking?.abort();
    if (typed.length < 2) { found.replaceChildren(); narrow(); return; }
    asking = new AbortController();
    try {
      const answer = await fetch(`${list.dataset.search}?q=${encodeURIComponent(typed)}`, { signal: asking.signal, headers: { accept: "text/html", "hx-request": "true" } });
      if (!answer.ok) return;
      // Our own server's markup, with every value escaped; scripts in it would not run under our policy either.
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      found.replaceChildren(...page.body.childNodes);
      narrow();
    } catch { /* The next letter has taken over. */ }
  }
  function openPalette() {
    if (!palette || palette.open) return;
    input.value = "";
    find("#palette-found").replaceChildren();
    palette.showModal();
    narrow();
  }
  const ACTIONS = { theme: switchTheme, refresh: () => refresh(), keys: () => find("#keys")?.showModal() };
  if (palette) {
    input.addEventListener("input", () => { narrow(); clearTimeout(asked); asked = setTimeout(look, 120); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") choose(at + 1);
      else if (event.key === "ArrowUp") choose(at - 1);
      else if (event.key === "Enter") options()[at]?.click();
      else return;
      event.preventDefault();
    });
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (!option) return;
      palette.close();
      ACTIONS[option.dataset.does]?.();
    });
    list.addEventListener("pointermove", (event) => {
      const index = options().indexOf(event.target.closest("[role=option]"));
      if (index >= 0 && index !== at) choose(index);
    });
  }

  // --- Clicks that every page has.
  for (const hidden of all("[data-theme-switch], [data-opens], [data-refresh]")) hidden.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      if (opener.dataset.opens === "palette") openPalette();
      else document.getElementById(opener.dataset.opens)?.showModal();
    } else if (event.target.closest("[data-theme-switch]")) switchTheme();
    else if (event.target.closest("[data-refresh]")) refresh();
    else if (event.target.matches("dialog[open]")) event.target.close();
    else if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });

  // --- Keys. Single ones can be switched off, and are not ours while somebody types.
  const single = find("[data-single-keys]");
  if (single) {
    single.checked = isOn("doorstep-keys");
    const showKeys = () => { root.dataset.keys = single.checked ? "on" : "off"; };
    showKeys();
    single.addEventListener("change", () => { showKeys(); try { localStorage.setItem("doorstep-keys", single.checked ? "on" : "off"); } catch { /* Then for this page only. */ } });
  }
  if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const key of all("[data-mod]")) key.textContent = "⌘" + key.textContent;
  else for (const key of all("[data-mod]")) key.textContent = "Ctrl " + key.textContent;

  const links = () => all("[data-list] [data-item]").filter((item) => !item.closest("[hidden]"));
  function step(by) {
    const shown = links();
    if (!shown.length) return;
    const here = shown.findIndex((item) => item === document.activeElement || item.closest("[data-unit], tr, li")?.contains(document.activeElement));
    const next = shown[Math.min(Math.max(here < 0 ? (by > 0 ? 0 : shown.length - 1) : here + by, 0), shown.length - 1)];
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  // On a record, the ones beside it in the list that it was opened from.
  const beside = (by) => find(by > 0 ? "[data-next]" : "[data-previous]")?.click();
  // Keys of one thing among several, as a pair to decide: they are for the one that has the focus. Where none has it, the
  // first in sight gets it, and nothing is done yet: nobody decides what they do not look at.
  const BEFORE = "doorstep-by-key";
  function chooseUnit(unit) {
    find("[data-item]", unit)?.focus({ preventScroll: true });
    unit.scrollIntoView({ block: "nearest" });
  }
  function actOn(key) {
    const units = all("[data-unit]").filter((unit) => !unit.hidden && find(`[data-key="${CSS.escape(key)}"]`, unit));
    if (!units.length) return false;
    const here = units.find((unit) => unit.contains(document.activeElement));
    if (!here) {
      chooseUnit(units.find((unit) => unit.getBoundingClientRect().bottom > innerHeight / 4) ?? units[0]);
      return true;
    }
    const does = find(`[data-key="${CSS.escape(key)}"]`, here);
    if (!does.hash) try { sessionStorage.setItem(BEFORE, "yes"); } catch { /* Then the next is chosen by hand. */ }
    does.click();
    return true;
  }
  // Who decides by keys goes on with the next.
  try {
    const unit = sessionStorage.getItem(BEFORE) && find("[data-unit]");
    sessionStorage.removeItem(BEFORE);
    if (unit) find("[data-item]", unit)?.focus({ preventScroll: true });
  } catch { /* Nothing was kept. */ }
  let going = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    // Until the next frame is drawn, a closed dialog's field still has the focus: nobody types there.
    const field = event.target.closest?.("input, textarea, select, [contenteditable]");
    const typing = field?.closest("dialog:not([open])") ? null : field;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || find("dialog[open]")) return;
    if (event.key === "Escape") {
      if (typing) typing.blur();
      else if (!find(":popover-open")) find("[data-clear]")?.click();
      return;
    }
    if (typing || (single && !single.checked)) return;
    if (Date.now() - going < 1_200) {
      going = 0;
      const place = find(`[data-goto="${CSS.escape(event.key)}"]`);
      if (place) { event.preventDefault(); place.click(); return; }
    }
    const keys = {
      j: () => (links().length ? step(1) : beside(1)),
      k: () => (links().length ? step(-1) : beside(-1)),
      g: () => { going = Date.now(); },
      r: () => refresh(),
      u: () => find("[data-undo]")?.click(),
      "?": () => find("#keys")?.showModal(),
      "/": () => { const search = find("[data-search-field]"); if (search) { search.focus(); search.select(); } else openPalette(); },
    };
    const act = Object.hasOwn(keys, event.key) && keys[event.key];
    if (act) { event.preventDefault(); act(); } else if (event.key.length === 1 && actOn(event.key)) event.preventDefault();
  });

  // --- What somebody is typing is not drawn anew under their hands: nothing is asked for while they do, and an answer that
  // was on its way when they began is dropped.
  function isEdited(place) {
    const loose = all("input:not([type=hidden]), textarea", place).filter((field) => !field.closest("details"));
    return find("details:is(.edit, .what, .say)[open]", place) || loose.some((field) => field.value !== field.defaultValue);
  }
  for (const moment of ["htmx:before:request", "htmx:before:swap"]) {
    document.addEventListener(moment, (event) => {
      const place = event.target.closest?.("[data-keeps-edits]");
      if (place && isEdited(place)) event.preventDefault();
    });
  }
  document.addEventListener("click", (event) => {
    const folds = event.target.closest("[data-folds]");
    if (folds) { folds.closest("details").open = false; refresh(); }
    const copies = event.target.closest("[data-copies]");
    if (copies) navigator.clipboard?.writeText(document.getElementById(copies.dataset.copies).textContent).then(() => toast("Copied"), () => {});
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details:is(.edit, .what, .say)[open]")) {
      for (const hidden of all("[data-folds]", event.target)) hidden.hidden = false;
      const field = find("input:not([type=hidden]), textarea", event.target);
      field?.focus();
      if (field?.matches("input")) field.select();
    }
  }, true);
  for (const hidden of all("details:is(.edit, .what, .say)[open] [data-folds]")) hidden.hidden = false;
  function showCopiers() {
    for (const hidden of all("[data-copies]")) hidden.hidden = !navigator.clipboard;
  }
  showCopiers();

  // --- An upload shows how far it is; without a script the browser does that in its own way.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form || !window.XMLHttpRequest) return;
    event.preventDefault();
    const state = find("[data-upload-state]", form);
    const bar = find("progress", state);
    const said = find("[data-upload-words]", state);
    const failed = find("[data-upload-failed]", form);
    const request = new XMLHttpRequest();
    const over = (words) => {
      state.hidden = true;
      failed.textContent = words;
      failed.hidden = false;
      for (const button of all("button", form)) button.disabled = false;
    };
    state.hidden = false;
    failed.hidden = true;
    said.textContent = "Sending the file";
    bar.value = 0;
    for (const button of all("button", form)) button.disabled = true;
    request.upload.onprogress = (now) => { if (now.lengthComputable) bar.value = (100 * now.loaded) / now.total; };
    request.upload.onload = () => { bar.removeAttribute("value"); said.textContent = "Reading it; a large file takes a minute"; };
    request.onerror = () => over("The connection was lost. Nothing was kept; send it again.");
    request.onload = () => {
      if (request.status === 200 && request.responseURL) { location.assign(request.responseURL); return; }
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const why = find(".notice.bad, .problem", page);
      over(why ? why.textContent.trim().replace(/\s+/g, " ") : "That did not work. Send it again.");
    };
    request.open("POST", form.action);
    request.setRequestHeader("accept", "text/html");
    request.send(new FormData(form));
  });

  // --- A file may be dropped where it may be chosen.
  for (const drop of all("[data-drop]")) {
    const chosen = find("input[type=file]", drop);
    const name = find("[data-drop-name]", drop);
    const show = () => { if (name && chosen.files[0]) name.textContent = chosen.files[0].name; };
    chosen?.addEventListener("change", show);
    for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
    for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => { event.preventDefault(); if (chosen && event.dataTransfer.files.length) { chosen.files = event.dataTransfer.files; show(); } });
  }
})();
