// Does this browser trust the island? A worker is registered only over a connection that it trusts: a warning that
// was clicked away is told from a certificate that is trusted. Without this file the page says it in words.
"use strict";

(() => {
  const show = (answer) => {
    for (const place of document.querySelectorAll("[data-trust]")) place.hidden = place.dataset.trust !== answer;
  };
  document.addEventListener("DOMContentLoaded", async () => {
    if (location.protocol !== "https:") return show(window.isSecureContext ? "here" : "plain");
    if (!window.isSecureContext || !("serviceWorker" in navigator)) return show("not");
    try {
      const worker = await navigator.serviceWorker.register("/trust/probe.js", { scope: "/trust/" });
      await worker.unregister();
      show("yes");
    } catch {
      show("not");
    }
  });
})();
