// The list of what waits here: one's own acts opened in memory, to read and to print; others' by count and name only.
// On the page of its own; while nothing answers, opened in place, for that page cannot be fetched.
"use strict";

(() => {
  if (!window.releveOutboxPage) return;
  const { store, seal, unseal } = window.releveOutbox;
  const { me, keyed, hour, age, now, show } = window.releveOutboxPage;
  const words = {};
  const readWords = () => document.getElementById("outbox-list-words").content.querySelectorAll("[data-word]")
    .forEach((line) => { words[line.dataset.word] = line.textContent; });
  const say = (name, said = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => said[key] ?? "");
  const element = (name, text, css = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (css) made.className = css;
    return made;
  };
  const drawn = async (kept) => {
    const item = document.createElement("li");
    let content;
    try { content = await unseal(me.key, kept); } catch {
      item.append(element("b", hour(kept.at_ms)), " ", element("span", words.unreadable));
      return item;
    }
    const refused = kept.state === "refused";
    item.append(element("b", hour(kept.at_ms)), " ", element("b", content.title), " ",
      element("span", refused ? words.refused : words.waits, refused ? "urgent" : "muted"), ", ", element("span", words.unchecked, "muted"));
    const lines = document.createElement("dl");
    lines.className = "lines";
    for (const [label, value] of content.lines) {
      const pair = document.createElement("div");
      pair.append(element("dt", label), element("dd", value));
      lines.append(pair);
    }
    item.append(lines);
    if (refused) {
      if (content.refusal) item.append(element("p", content.refusal));
      item.append(element("p", words["refused-more"], "no-print"));
      const aside = element("button", words.aside, "btn no-print");
      aside.type = "button";
      aside.addEventListener("click", async () => {
        await store.put(await seal(me.key, { ...kept, state: "closed" }, { ...content, closed_ms: now() }));
        await draw();
        document.getElementById("outbox-mine").focus();  // the button is gone: what is left is read on
      });
      item.append(aside);
    }
    return item;
  };
  let seen = "";
  const draw = async () => {
    if (!document.getElementById("outbox-mine")) return;
    await keyed.catch(() => {});
    const waiting = (await store.all()).filter((kept) => kept.state !== "closed");
    const state = JSON.stringify(waiting.map((kept) => [kept.act, kept.state]));
    if (state === seen) return;
    seen = state;
    const mine = waiting.filter((kept) => me.owner && kept.owner === me.owner);
    document.getElementById("outbox-mine").replaceChildren(...(await Promise.all(mine.map(drawn))));
    document.getElementById("outbox-none").hidden = mine.length > 0;
    document.getElementById("outbox-print").hidden = !mine.length;
    const people = new Map();
    for (const kept of waiting.filter((one) => !mine.includes(one))) {
      const found = people.get(kept.owner) ?? { who: kept.role ? `${kept.who} (${kept.role})` : kept.who, n: 0, since: kept.at_ms };
      found.n += 1;
      found.since = Math.min(found.since, kept.at_ms);
      people.set(kept.owner, found);
    }
    document.getElementById("outbox-others").replaceChildren(...[...people.values()].map((person) => element("li",
      say("other", { who: person.who, n: person.n, since: hour(person.since), age: age(now() - person.since) }))));
    document.getElementById("outbox-nobody").hidden = people.size > 0;
    await show();
  };
  const begin = () => {
    readWords();
    seen = "";
    document.querySelector("#outbox-print button").addEventListener("click", () => window.print());
    return draw();
  };
  window.addEventListener("beforeprint", () => {
    if (document.querySelector("main .outbox-list") && !document.getElementById("outbox-print").hidden) {
      document.body.classList.add("prints-outbox");
    }
  });
  window.addEventListener("afterprint", () => document.body.classList.remove("prints-outbox"));
  // Asked for while nothing answers: above what the page shows, which stays.
  window.releveOutboxPage.openList = async () => {
    const main = document.getElementById("main");
    const form = document.getElementById("outbox-list");
    if (!main || !form || main.querySelector(".outbox-list")) return;
    main.prepend(form.content.cloneNode(true));
    const close = element("button", window.releveOutboxPage.close, "btn no-print");
    close.type = "button";
    const list = main.querySelector(".outbox-list");
    close.addEventListener("click", () => { list.remove(); document.getElementById("outbox-count")?.focus(); });
    list.append(close);
    await begin();
    list.tabIndex = -1;
    list.focus();
  };
  if (document.getElementById("outbox-mine")) begin();
  setInterval(draw, 2000);
})();
