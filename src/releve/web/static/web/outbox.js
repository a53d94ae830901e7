// Forms when the island does not answer: what was done waits here, sealed to who did it, and leaves by itself; what
// must be asked is refused in words. Everything else on a page works without this file.
"use strict";

(() => {
  const { store, canSeal, takeKey, seal, unseal, newKey } = window.releveOutbox;
  const SEND_MS = 8000;
  const HERE_MS = 4000;
  const LOOK_MS = 5000;
  const AGAIN_MS = [500, 1000, 2000, 5000];
  const root = document.documentElement;
  const box = document.getElementById("outbox");
  if (!box) return;

  // ---- Who is here, and by which clock ----------------------------------------------------------------------------
  const me = { owner: box.dataset.owner ?? "", who: box.dataset.who ?? "", role: box.dataset.role ?? "", key: null };
  const keyed = box.dataset.key && canSeal() ? takeKey(box.dataset.key) : Promise.resolve(null);
  keyed.then((key) => { me.key = key; }, () => {});
  box.removeAttribute("data-key");  // from here on it lives in memory, where scripts cannot read it out
  const opening = performance.getEntriesByType("navigation")[0];
  let offset = Number(box.dataset.now) - (performance.timeOrigin + (opening ? opening.responseStart : 0));
  const now = () => Date.now() + offset;
  const zone = box.dataset.zone || "Europe/Paris";

  // ---- Words ----------------------------------------------------------------------------------------------------------
  const words = {};
  document.getElementById("outbox-words")?.content.querySelectorAll("[data-word]")
    .forEach((line) => { words[line.dataset.word] = line.textContent; });
  const say = (name, said = {}) => (words[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => said[key] ?? "");
  const parts = (at) => Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  }).formatToParts(at).map((part) => [part.type, part.value]));
  // The hour, with its day when that is not today.
  const hour = (at) => {
    const p = parts(at);
    const day = p.day === parts(now()).day ? "" : `${p.day}/${p.month} `;
    return `${day}${p.hour}:${p.minute}`;
  };
  // As `typed.read_moment` reads it; A or B in the hour that happens twice.
  const typed = (at) => {
    const p = parts(at);
    const same = (other) => { const q = parts(other); return q.hour === p.hour && q.day === p.day; };
    const passage = same(at - 3600000) ? " B" : same(at + 3600000) ? " A" : "";
    return `${p.year}-${p.month}-${p.day}T${p.hour}:${p.minute}${passage}`;
  };
  const age = (ms) => {
    const minutes = Math.floor(ms / 60000);
    const rest = String(minutes % 60).padStart(2, "0");
    return minutes < 60 ? `${minutes}\u00a0min` : `${Math.floor(minutes / 60)}\u00a0h\u00a0${rest}`;
  };
  const announce = (text) => {
    const place = document.getElementById("announce");
    if (place) place.textContent = text;
  };
  const line = (text, name = "") => {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    if (name) paragraph.className = name;
    return paragraph;
  };

  // ---- Count and notices, on every page ----------------------------------------------------------------------------
  let silentSince = 0;
  let sent = 0;
  let shown = "";
  const reached = (yes) => { silentSince = yes ? 0 : silentSince || now(); };
  const show = async () => {
    // What a page holds for the time without network only.
    document.querySelectorAll("[data-offline-only]").forEach((part) => { part.hidden = !silentSince; });
    let waiting;
    try { waiting = (await store.all()).filter((kept) => kept.state !== "closed"); } catch { return []; }
    const people = new Map();
    for (const kept of waiting) {
      const name = kept.role ? `${kept.who} (${kept.role})` : kept.who;
      const found = people.get(kept.owner) ?? { who: kept.who, name, n: 0, refused: 0, since: kept.at_ms, owner: kept.owner };
      if (kept.state === "refused") found.refused += 1;
      found.n += 1;
      found.since = Math.min(found.since, kept.at_ms);
      people.set(kept.owner, found);
    }
    const count = document.getElementById("outbox-count");
    if (count) {
      const whose = [...people.values()].map((person) => `${person.n} ${person.who}`).join(", ");
      count.hidden = !waiting.length;
      count.textContent = waiting.length ? say(waiting.length > 1 ? "count-many" : "count-one", { n: waiting.length, whose }) : "";
      document.querySelectorAll(".tools > .none").forEach((none) => { none.hidden = waiting.length > 0; });
    }
    const lines = [];
    let stays = false;
    if (silentSince && !document.body.dataset.outboxShell) lines.push([say("silent", { since: hour(silentSince) }), ""]);
    const leaving = !me.owner || box.dataset.leaving === "1" || /^\/(post|lock|sign-in|outbox)\//.test(location.pathname);
    for (const person of people.values()) {
      const mine = person.owner === me.owner;
      const lasted = now() - person.since;
      if (person.n > person.refused && lasted > Number(box.dataset.alarm)) {
        lines.push([say(mine ? "old-mine" : "old", { who: person.name, n: person.n, age: age(lasted) }), "is-old"]);
      } else if (person.n > person.refused && (leaving || !mine)) {
        stays = true;
        lines.push([say(person.n > 1 ? "stays-many" : "stays-one", { n: person.n, who: person.name, since: hour(person.since) }), ""]);
      }
      if (person.refused) lines.push([say(mine ? "refused-mine" : "refused", { who: person.name, n: person.refused }), "is-old"]);
    }
    if (stays) lines.push([say("stays"), ""]);
    if (sent) lines.push([say(sent > 1 ? "sent-many" : "sent-one", { n: sent }), ""]);
    const text = JSON.stringify(lines);
    if (text !== shown) {
      shown = text;
      box.hidden = !lines.length;
      box.replaceChildren(...lines.map(([words_, name]) => line(words_, name)));
      if (people.size && location.pathname !== box.dataset.list && !document.body.dataset.outboxShell) {
        const link = document.createElement("a");
        link.href = box.dataset.list;
        link.textContent = say("see");
        box.lastElementChild?.append(" ", link);
      }
    }
    return waiting;
  };

  // ---- Asking the island -------------------------------------------------------------------------------------------
  const ask = async (address, options, limit) => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), limit);
    try {
      const answer = await fetch(address, {
        credentials: "same-origin", redirect: "manual", cache: "no-store", ...options, signal: stop.signal,
      });
      return { status: answer.status, ok: answer.ok, text: await answer.text() };
    } finally { clearTimeout(timer); }
  };
  const json = (text) => { try { return JSON.parse(text); } catch { return {}; } };
  // Is it our island, what time is it there, who is signed in there? null: no answer.
  const here = async () => {
    try {
      const before = Date.now();
      const answer = await ask(box.dataset.here, { headers: { "X-Poll": "1" } }, HERE_MS);
      const told = json(answer.text);
      if (!told.now_ms) throw new Error("not the island");
      offset = told.now_ms - (before + Date.now()) / 2;
      reached(true);
      return told;
    } catch {
      reached(false);
      return null;
    }
  };
  // What became of an act: "done", "wait" (keep it, try later), "refused" (a person must look).
  const send = async (action, fields, token) => {
    const body = new URLSearchParams(fields.filter(([name]) => name !== "csrfmiddlewaretoken"));
    body.set("csrfmiddlewaretoken", token);
    let answer;
    try {
      answer = await ask(action, { method: "POST", body, headers: { "X-Outbox": me.owner } }, SEND_MS);
    } catch { reached(false); return { is: "wait", silent: true }; }
    reached(true);
    const told = json(answer.text);
    if (answer.ok && told.receipt) return { is: "done", to: told.to, receipt: told.receipt };
    if ([401, 409].includes(answer.status)) return { is: "wait", why: told.why };
    if (answer.ok || answer.status >= 500 || answer.status === 0) return { is: "wait", status: answer.status };
    return { is: "refused", status: answer.status, why: told.why, page: answer.text };
  };
  const reason = (page) => {
    const found = new DOMParser().parseFromString(page, "text/html").querySelectorAll(".errors li, .errors p, main h1");
    return [...found].map((item) => item.textContent.trim()).filter(Boolean).slice(0, 6).join(" ");
  };

  // ---- Sending what waits ---------------------------------------------------------------------------------------------
  let misses = 0;
  const sendMine = async (kept, token) => {
    let content;
    try { content = await unseal(me.key, kept); } catch { return { is: "sealed" }; }
    const late = [["outbox_at_ms", kept.at_ms], ["outbox_clock_ms", content.clock_ms], ["outbox_offset_ms", content.offset_ms]];
    let became = await send(content.action, [...content.fields, ...late], token);
    if (became.is === "refused" && became.status === 403) {
      const again = await here();
      if (!again) return { is: "wait", silent: true };
      became = await send(content.action, [...content.fields, ...late], again.token);
    }
    if (became.is === "refused") {
      const resealed = await seal(me.key, { ...kept, state: "refused" }, { ...content, refusal: reason(became.page) });
      await store.put(resealed);
    }
    return became;
  };
  // Its author's alone, or of an account that was closed: asked once a page, not every few seconds.
  const hersAlone = new Set();
  const carry = async (kept, token) => {
    const { act, owner, at_ms, nonce, sealed } = kept;
    let answer;
    try {
      answer = await ask(box.dataset.carry, {
        method: "POST", body: JSON.stringify({ act, owner, at_ms, nonce, sealed }),
        headers: { "X-Outbox": me.owner, "X-CSRFToken": token, "Content-Type": "application/json" },
      }, SEND_MS);
    } catch { reached(false); return { is: "wait", silent: true }; }
    if (answer.ok && json(answer.text).receipt) return { is: "done" };
    if ([400, 403, 410].includes(answer.status) || json(answer.text).why === "author-only") hersAlone.add(kept.act);
    if (answer.status === 422) { await store.put({ ...kept, state: "refused" }); return { is: "refused" }; }
    return { is: "wait" };
  };
  const drain = async () => {
    const waiting = (await store.all()).filter((kept) => (kept.state ?? "waiting") === "waiting");
    if (!waiting.length && !silentSince && navigator.onLine !== false) return "";
    const island = await here();
    // Somebody else may have signed in from another tab: nothing is sent under her name.
    if (!island || !me.owner || island.owner !== me.owner) return "";
    await keyed.catch(() => {});
    const mine = waiting.filter((kept) => kept.owner === me.owner && me.key);
    const others = waiting.filter((kept) => kept.owner !== me.owner && !hersAlone.has(kept.act));
    for (const kept of [...mine, ...others]) {
      const became = kept.owner === me.owner ? await sendMine(kept, island.token) : await carry(kept, island.token);
      if (became.is === "done") {
        await store.remove(kept.act);
        sent += 1;
        misses = 0;
        await show();
      } else if (became.silent) {
        misses += 1;
        return "again";
      }
    }
    return "";
  };
  let running = null;
  const once = () => {
    running ??= (navigator.locks
      ? navigator.locks.request("releve-outbox", { ifAvailable: true }, (lock) => (lock ? drain() : "again"))
      : drain()).catch(() => "").finally(() => { running = null; });
    return running;
  };
  let timer = 0;
  const next = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(look, delay);
  };
  const look = async () => {
    const outcome = await once();
    const waiting = await show();
    next(outcome === "again" && waiting.length ? AGAIN_MS[Math.min(misses, AGAIN_MS.length - 1)] : LOOK_MS);
  };

  // ---- A form is pressed ------------------------------------------------------------------------------------------------
  const said = (form, title, more, buttons = []) => {
    if (form.previousElementSibling?.classList.contains("outbox-said")) form.previousElementSibling.remove();
    const place = document.createElement("div");
    place.className = "outbox-said";
    place.tabIndex = -1;
    const strong = document.createElement("b");
    strong.textContent = title;
    const first = document.createElement("p");
    first.append(strong);
    place.append(first, line(more));
    for (const [text, act] of buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn--big";
      button.textContent = text;
      button.addEventListener("click", act);
      const paragraph = document.createElement("p");
      paragraph.append(button);
      place.append(paragraph);
    }
    form.before(place);
    place.focus();
    announce(`${title}. ${more}`);
    return place;
  };
  // As a browser sends them: with the button pressed, lines ended by CR LF.
  const fieldsOf = (form, button) => {
    const found = [...new FormData(form)];
    if (button?.name) found.push([button.name, button.value]);
    return found.map(([name, value]) => [name, typeof value === "string" ? value.replace(/\r\n?|\n/g, "\r\n") : value]);
  };
  const linesOf = (form, left) => [...form.elements].flatMap((field) => {
    if (field === left) return [];
    if (!field.name || ["hidden", "submit", "button", "password"].includes(field.type)) return [];
    if (["checkbox", "radio"].includes(field.type) && !field.checked) return [];
    const label = [...(field.labels ?? [])].map((one) => one.textContent.replace(/\s+/g, " ").trim()).join(" ");
    const group = field.type === "radio" ? field.closest("fieldset")?.querySelector("legend")?.textContent.trim() : "";
    const value = field.tagName === "SELECT" ? [...field.selectedOptions].map((one) => one.textContent.trim()).join(", ") : field.value;
    if (field.type === "radio" || field.type === "checkbox") return [[group || label, group ? label : "✓"]];
    return value ? [[label || field.name, value]] : [];
  });
  const keep = async (form, fields, action, locked) => {
    await keyed.catch(() => {});
    if (fields.some(([, value]) => typeof value !== "string" && value.size)) {
      said(form, say("files"), say("insecure-more"));
      return;
    }
    if (!me.key) { said(form, say("insecure"), say("insecure-more")); return; }
    const clock = Date.now();
    const at_ms = Math.round(clock + offset);
    const act = fields.find(([name]) => name === "act_key")?.[1] || newKey();
    const field = form.elements.happened_at;
    const untouched = field && "defaultValue" in field && (!field.value.trim() || field.value === field.defaultValue);
    // A code typed by a second person is nobody's to keep: without the island it could not be checked anyway.
    const never = new Set(["csrfmiddlewaretoken", "act_key", ...[...form.querySelectorAll("[type=password]")].map((one) => one.name)]);
    const taken = fields.filter(([name, value]) => typeof value === "string" && !never.has(name))
      .map(([name, value]) => (name === "happened_at" && untouched ? [name, typed(at_ms)] : [name, value]));
    const content = {
      v: 1, action, fields: [...taken, ["act_key", act]], title: form.dataset.offlineTitle || document.title,
      lines: linesOf(form, untouched ? field : null), clock_ms: Math.round(clock), offset_ms: Math.round(offset),
    };
    try {
      const before = await store.get(act);  // pressed again: the same act, done when it was first pressed
      const kept = { act, owner: me.owner, who: me.who, role: me.role, at_ms: before?.at_ms ?? at_ms, state: "waiting" };
      await store.put(await seal(me.key, kept, content));
      navigator.storage?.persist?.().catch(() => {});
    } catch {
      said(form, say("insecure"), say("insecure-more"));
      return;
    }
    form.hidden = true;
    // A form of one dose is done with; one that may be filled in again says so.
    const again = "offlineAgain" in form.dataset;
    const place = said(form, locked ? say("kept-locked") : say("kept", { hour: hour(at_ms) }), `${content.title}. ${say("kept-more")}`, again ? [[say("another"), () => {
      form.reset();
      if (form.elements.act_key) form.elements.act_key.value = newKey();
      form.hidden = false;
      place.remove();
      form.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
    }]] : []);
    await show();
    if (!locked) next(AGAIN_MS[0]);
  };
  const goTo = (to) => {
    const address = new URL(to || location.href, location.href);
    if (address.pathname === location.pathname && address.search === location.search) {
      if (address.hash) history.replaceState(null, "", address.hash);
      location.reload();
    } else location.assign(address);
  };
  // The island's own page says what is wrong: shown as it came, for sent a second time a wrong code would count twice.
  const open = (path, page) => {
    history.pushState(null, "", path);
    document.open();
    document.write(page);
    document.close();
  };
  const given = async (form, button) => {
    const action = new URL(button?.getAttribute("formaction") ?? form.getAttribute("action") ?? "", location.href);
    const path = action.pathname + action.search;
    const fields = fieldsOf(form, button);
    const token = form.elements.csrfmiddlewaretoken?.value ?? "";
    // A browser that believes it is offline may be wrong (the island's own machine): it is asked, briefly.
    const doubt = silentSince || navigator.onLine === false;
    const there = me.owner && (!doubt || await here());
    const became = there ? await send(path, fields, token) : { is: "wait" };
    if (became.is === "done") goTo(became.to);
    else if (became.is === "refused") open(path, became.page);
    else await keep(form, fields, path, became.why === "sign-in");
  };

  const passed = new WeakSet();
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    const button = event.submitter;
    if (form.dataset.offline === "given") {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (form.dataset.outboxBusy) return;
      form.dataset.outboxBusy = "1";
      form.setAttribute("aria-busy", "true");
      given(form, button).finally(() => { delete form.dataset.outboxBusy; form.removeAttribute("aria-busy"); });
      return;
    }
    if (passed.has(form)) { passed.delete(form); return; }
    if (!silentSince && navigator.onLine !== false) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    here().then((island) => {
      if (island) { passed.add(form); form.requestSubmit(button ?? undefined); return; }
      const name = form.dataset.offline === "ask" ? "ask" : "needs";
      said(form, say(name), say(`${name}-more`));
      show();
    });
  }, true);
  // The page one reads is worth more than a page that says there is no network.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute("download")) return;
    if (link.pathname === location.pathname && link.search === location.search && link.hash) return;
    if (!silentSince && navigator.onLine !== false) return;
    event.preventDefault();
    here().then((island) => {
      if (island) { location.assign(link.href); return; }
      if (link.pathname === box.dataset.list) { window.releveOutboxPage.openList?.(); return; }
      const main = document.getElementById("main");
      if (main?.firstElementChild) said(main.firstElementChild, say("page"), say("page-more"));
      show().then(() => document.querySelector("[data-offline-only]")?.scrollIntoView());
    });
  });
  window.addEventListener("offline", () => { here().then(show); });
  window.addEventListener("online", () => { misses = 0; next(0); });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => { reached(false); show(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status > 0 && event.detail.xhr.status < 500 && silentSince) { reached(true); show(); }
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) look(); });
  window.releveOutboxPage = { me, keyed, hour, age, now, show, close: say("close") };

  if ("serviceWorker" in navigator && window.isSecureContext) {
    navigator.serviceWorker.register(box.dataset.worker, { updateViaCache: "none" }).catch(() => {});
  }
  look();
})();
