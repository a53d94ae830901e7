// Where acts wait in this browser, and how they are sealed. Nothing here asks the network.
// An act is kept as { act, owner, who, role, at_ms, nonce, sealed, state, tries }: all but `sealed` may be read by the
// next person at this workstation, so nothing of a patient stands beside it.
"use strict";

window.releveOutbox = (() => {
  const NAME = "releve-outbox";
  const PREFIX = `${NAME}:`;

  // ---- Bytes and letters -------------------------------------------------------------------------------------------
  const toBase64 = (bytes) => {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
  const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  // As `secrets.token_urlsafe(18)` writes it on the island.
  const newKey = () => toBase64(crypto.getRandomValues(new Uint8Array(18))).replace(/\+/g, "-").replace(/\//g, "_");

  // ---- Kept: IndexedDB, else localStorage ---------------------------------------------------------------------------
  const open = () => new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("acts", { keyPath: "act" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
  let opened = null;
  const inDatabase = async (mode, work) => {
    opened ??= open();
    let database;
    try { database = await opened; } catch (error) { opened = null; throw error; }
    return new Promise((resolve, reject) => {
      // "strict": said to be kept only once the disk has it.
      const transaction = database.transaction("acts", mode, { durability: "strict" });
      const asked = work(transaction.objectStore("acts"));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
    });
  };
  const database = {
    all: () => inDatabase("readonly", (acts) => acts.getAll()),
    get: (act) => inDatabase("readonly", (acts) => acts.get(act)),
    put: (kept) => inDatabase("readwrite", (acts) => acts.put(kept)),
    remove: (act) => inDatabase("readwrite", (acts) => acts.delete(act)),
  };
  const plain = {
    all: async () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX))
      .map((key) => JSON.parse(localStorage.getItem(key))),
    get: async (act) => JSON.parse(localStorage.getItem(PREFIX + act) ?? "null"),
    put: async (kept) => localStorage.setItem(PREFIX + kept.act, JSON.stringify(kept)),
    remove: async (act) => localStorage.removeItem(PREFIX + act),
  };
  let chosen = null;
  const place = () => {
    chosen ??= (async () => {
      try {
        await database.all();
        return database;
      } catch { return plain; }
    })();
    return chosen;
  };
  const store = {
    // Both places are read: a browser that lost its database for an hour kept acts in the other.
    all: async () => {
      const first = await place();
      const found = await first.all();
      if (first === database) {
        try { found.push(...(await plain.all())); } catch { /* no localStorage here */ }
      }
      return found.sort((a, b) => a.at_ms - b.at_ms);
    },
    get: async (act) => (await (await place()).get(act)) ?? (await plain.get(act).catch(() => null)),
    put: async (kept) => {
      const first = await place();
      try { await first.put(kept); } catch (error) {
        if (first === plain) throw error;
        await plain.put(kept);
      }
    },
    remove: async (act) => {
      await (await place()).remove(act);
      await plain.remove(act).catch(() => {});
    },
  };

  // ---- Sealed to its author -------------------------------------------------------------------------------------------
  const canSeal = () => Boolean(window.isSecureContext && window.crypto && crypto.subtle);
  const takeKey = (text) => crypto.subtle.importKey("raw", fromBase64(text), "AES-GCM", false, ["encrypt", "decrypt"]);
  const bound = (kept) => new TextEncoder().encode(`releve-outbox-1|${kept.owner}|${kept.act}|${kept.at_ms}`);
  const seal = async (key, kept, content) => {
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const bytes = new TextEncoder().encode(JSON.stringify(content));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: bound(kept) }, key, bytes);
    return { ...kept, nonce: toBase64(nonce), sealed: toBase64(new Uint8Array(sealed)) };
  };
  const unseal = async (key, kept) => {
    const opened = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: fromBase64(kept.nonce), additionalData: bound(kept) }, key, fromBase64(kept.sealed),
    );
    return JSON.parse(new TextDecoder().decode(opened));
  };

  return { store, canSeal, takeKey, seal, unseal, newKey };
})();
