// The little that pages cannot say in HTML: a scan routed from anywhere, the clock, polling with the ETag that the
// page carries, and a voice for the dead man's bar. Everything works without this file.
"use strict";

(() => {
  const root = document.documentElement;

  // ---- A voice for screen readers -------------------------------------------------------------------------------
  const say = (text) => {
    const place = document.getElementById("announce");
    if (place && place.textContent !== text) place.textContent = text;
  };
  document.addEventListener("animationstart", (event) => {
    if (event.animationName === "deadman") say(event.target.textContent.trim());
  });

  // ---- The clock: the server's, carried on between two answers ----------------------------------------------------
  let base = null;
  const readClock = () => {
    const clock = document.querySelector("[data-clock]");
    base = clock ? { clock, at: Number(clock.dataset.clock), since: performance.now() } : null;
  };
  const age = (seconds) => {
    const nb = "\u00a0";
    const minutes = Math.floor(seconds / 60);
    const day = root.lang.startsWith("en") ? "d" : "j";
    if (seconds < 60) return `${Math.floor(seconds)}${nb}s`;
    if (minutes < 60) return `${minutes}${nb}min`;
    const hours = Math.floor(minutes / 60);
    const rest = String(minutes % 60).padStart(2, "0");
    if (hours < 10) return rest === "00" ? `${hours}${nb}h` : `${hours}${nb}h${nb}${rest}`;
    if (hours < 48) return `${hours}${nb}h`;
    return `${Math.floor(hours / 24)}${nb}${day}`;
  };
  const tick = () => {
    if (!base) return;
    const now = base.at + (performance.now() - base.since);
    // In the hour that happens twice the server writes A or B; it is then left alone.
    if (!base.clock.dataset.clockFixed) {
      base.clock.textContent = new Intl.DateTimeFormat("fr-FR", {
        hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: base.clock.dataset.zone,
      }).format(now);
    }
    document.querySelectorAll("[data-age-from]").forEach((place) => {
      place.textContent = age(Math.max(0, (now - Number(place.dataset.ageFrom)) / 1000));
    });
  };

  // ---- The mode of the page follows the band ----------------------------------------------------------------------
  const followBand = () => {
    const band = document.querySelector("[data-shell-mode]");
    if (!band) return;
    if (root.dataset.mode && root.dataset.mode !== band.dataset.shellMode) {
      say(band.querySelector(".band-text")?.textContent.replace(/\s+/g, " ").trim() ?? "");
    }
    root.dataset.mode = band.dataset.shellMode;
  };

  // ---- Polling: <div hx-get=… hx-trigger="every 5s" data-poll data-etag="…"> --------------------------------------
  document.addEventListener("htmx:configRequest", (event) => {
    const element = event.detail.elt;
    // A poll is not a person's act: it must not keep an abandoned screen open.
    if (element.hasAttribute("data-poll")) event.detail.headers["X-Poll"] = "1";
    if (element.dataset.etag) event.detail.headers["If-None-Match"] = element.dataset.etag;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr && event.detail.xhr.status === 304) {
      // Unchanged is news too: the bar's delay starts again.
      document.querySelectorAll(".deadman").forEach((bar) => bar.replaceWith(bar.cloneNode(true)));
    }
  });
  // A page that asked by itself and got an error keeps what the reader was reading: the dead man's bar will tell.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const element = event.detail.requestConfig?.elt;
    if (event.detail.xhr.status >= 400 && element?.hasAttribute("data-poll")) event.detail.shouldSwap = false;
  });
  // A part that is refreshed must not take the keyboard away, nor close what was opened. htmx finds again what has an id;
  // anything else is found by what it is (where a link leads, what a button says), and by its place among its likes.
  const like = (one) => JSON.stringify([one.localName, ...["href", "name", "value"].map((name) => one.getAttribute(name))]);
  const likes = (part, one) => [...part.querySelectorAll("a, button, input, select, textarea, summary")].filter((other) => like(other) === one);
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    const at = document.activeElement;
    held = part?.id ? { part: part.id, open: [...part.querySelectorAll("details")].map((one) => one.open) } : null;
    if (held && at && !at.id && part.contains(at)) { held.like = like(at); held.place = likes(part, held.like).indexOf(at); }
  });
  document.addEventListener("htmx:afterSwap", () => {
    const part = held && document.getElementById(held.part);
    if (!part) return;
    const folds = part.querySelectorAll("details");
    if (folds.length === held.open.length) folds.forEach((one, place) => { one.open = held.open[place]; });
    if (held.like && document.activeElement === document.body) likes(part, held.like)[held.place]?.focus({ preventScroll: true });
    held = null;
  });
  document.addEventListener("htmx:afterSettle", () => { readClock(); followBand(); tick(); });

  // ---- Scanner: a wedge types fast and ends with Enter; RLV1| routes the scan from anywhere -------------------------
  const PREFIX = "RLV1|";
  const BADGE = "RLV1|B|";
  const SCAN_MAX = 400;
  const MACHINE = "RLV1|M|";
  const TASK = "RLV1|R|";
  const PERSON = /^RLV1\|[AB]\|/i;
  const GAP_MS = 500;  // a slow workstation hands on the keys of a scan late; the prefix is what tells a scan from a hand
  // The same keys as a US keyboard: many scanners are left that way, and a French layout turns their digits into signs.
  const US = {
    Minus: ["-", "_"], Equal: ["=", "+"], BracketLeft: ["[", "{"], BracketRight: ["]", "}"], Backslash: ["\\", "|"],
    IntlBackslash: ["\\", "|"], Semicolon: [";", ":"], Quote: ["'", "\""], Comma: [",", "<"], Period: [".", ">"],
    Slash: ["/", "?"], Space: [" ", " "], Backquote: ["`", "~"],
  };
  const SHIFTED_DIGITS = ")!@#$%^&*(";
  const asOnUs = (event) => {
    const code = event.code;
    if (/^Key[A-Z]$/.test(code)) return event.shiftKey ? code[3] : code[3].toLowerCase();
    if (/^Digit\d$/.test(code)) return event.shiftKey ? SHIFTED_DIGITS[Number(code[5])] : code[5];
    if (/^Numpad\d$/.test(code)) return code[6];
    return US[code] ? US[code][event.shiftKey ? 1 : 0] : "\ufffd";  // one sign a key: both readings stay in step
  };
  let typed = "", onUs = "", last = 0;
  document.addEventListener("keydown", (event) => {
    // The separator of a pack's symbol comes as Ctrl+], which writes nothing: where a product is read it is kept visible.
    if (event.ctrlKey && !event.altKey && (event.code === "BracketRight" || event.key === "]" || event.key === "\u001d")) {
      const reading = document.activeElement;
      if (reading?.dataset?.scan === "here") { event.preventDefault(); reading.setRangeText("\u241d", reading.selectionStart, reading.selectionEnd, "end"); }
      return;
    }
    if (event.ctrlKey || event.metaKey || (event.altKey && event.key.length !== 1)) return;
    const now = event.timeStamp;
    if (now - last > GAP_MS) { typed = ""; onUs = ""; }
    last = now;
    if (event.key === "Enter") {
      const begins = Math.max(...[typed, onUs].map((text) => text.toUpperCase().lastIndexOf(PREFIX)));
      const scan = [typed, onUs].map((text) => text.slice(begins)).find((text) => text.toUpperCase().startsWith(PREFIX));
      const raw = typed.slice(begins);
      typed = ""; onUs = "";
      if (begins < 0 || !scan) return;
      const field = document.activeElement;
      if (field && field.dataset && field.dataset.scan === "here") {
        // A field that asks for a badge keeps it (a second person's too); the code is typed next.
        field.value = scan;
        const code = PERSON.test(scan) && [...(field.form?.querySelectorAll("input[type=password]") ?? [])].find(
          (other) => !other.value && field.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
        if (code) { event.preventDefault(); code.focus(); }
        return;
      }
      // Anywhere else a badge changes the person at this screen.
      const isBadge = scan.toUpperCase().startsWith(BADGE);
      const isMachine = scan.toUpperCase().startsWith(MACHINE);
      const isTask = scan.toUpperCase().startsWith(TASK);
      const form = document.getElementById(isBadge ? "badge-scan" : isMachine ? "machine-scan" : isTask ? "task-scan" : "scan");
      if (!form) return;
      event.preventDefault();
      // The scan also went into the field that had the focus: take it out again.
      if (field && typeof field.value === "string" && field.value.endsWith(raw)) field.value = field.value.slice(0, -raw.length);
      form.elements.code.value = scan;
      form.submit();
      return;
    }
    if (event.key.length !== 1) return;
    typed = (typed + event.key).slice(-SCAN_MAX);
    onUs = (onUs + asOnUs(event)).slice(-SCAN_MAX);
  }, true);

  // ---- What is below the banner is scrolled to below it: see releve.css ---------------------------------------------
  const measureBanner = () => {
    const banner = document.querySelector(".banner");
    if (!banner) return;
    const stays = getComputedStyle(banner).position === "sticky";
    root.style.setProperty("--banner-h", `${stays ? banner.offsetHeight : 0}px`);
  };
  window.addEventListener("resize", measureBanner);

  // ---- The 24 hours begin where one is: on a phone the first four hours alone read as a day without doses ------------
  const showNow = () => document.querySelectorAll(".scroll > .mar").forEach((grid) => {
    const now = grid.querySelector("thead .hour .now");
    const drugs = grid.querySelector("tbody th");
    // The drugs stay at the left; the hour before stays in sight, so that what was just given is seen.
    if (now && drugs) grid.parentElement.scrollLeft = now.offsetLeft - drugs.offsetWidth - now.offsetWidth;
  });

  // ---- One press, one act -------------------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
  });
  // Coming back with the browser's own button must not leave a form dead.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

  document.addEventListener("DOMContentLoaded", () => {
    readClock();
    tick();
    measureBanner();
    showNow();
    window.setInterval(tick, 1000);
    // The first thing to read after a refused form is what is wrong with it.
    document.querySelector(".errors")?.focus();
  });
})();
