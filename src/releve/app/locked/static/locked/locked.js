// Looks every two seconds whether the island was opened elsewhere (stick, another screen), and follows it.
// Without script the page says what to do: reload it.
"use strict";
(() => {
  const opening = document.getElementById("opening");
  const ask = async () => {
    try {
      const answer = await fetch("/locked/state/", { cache: "no-store", redirect: "manual" });
      if (answer.headers.get("Content-Type") !== "application/json") {
        location.replace("/");
        return;
      }
      if ((await answer.json()).open && opening.hidden) {
        opening.hidden = false;
        document.getElementById("ways").hidden = true;
      }
    } catch {
      // Neither the page nor the island answers: between the two.
    }
    setTimeout(ask, 2000);
  };
  setTimeout(ask, 2000);
})();
