"use strict";
(() => {
  const connection = document.getElementById("connection");
  const news = document.getElementById("news");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  /** Puts what is wanted in the place of what is there and keeps every element that is still wanted, with its focus and its state. */
  function renew(there, wanted) {
    for (const { name } of [...there.attributes])
      if (!wanted.hasAttribute(name) && !(name === "open" && there.localName === "details"))
        there.removeAttribute(name);
    for (const { name, value } of wanted.attributes)
      if (there.getAttribute(name) !== value && !(name === "open" && there.localName === "details"))
        there.setAttribute(name, value);
    renewChildren(there, wanted);
  }

  function renewChildren(there, wanted) {
    const ids = new Set([...wanted.children].map((child) => child.id).filter(Boolean));
    let at = there.firstChild;
    const skipGone = () => {
      while (at !== null && at.id && !ids.has(at.id)) at = removed(at);
    };
    for (const child of [...wanted.childNodes]) {
      skipGone();
      const known = child.id
        ? [...there.children].find((one) => one.id === child.id)
        : like(at, child)
          ? at
          : undefined;
      if (known === undefined) arrive(there.insertBefore(document.importNode(child, true), at));
      else {
        if (known === at) at = at.nextSibling;
        else there.insertBefore(known, at);
        if (known.nodeType === Node.ELEMENT_NODE) renew(known, child);
        else if (known.data !== child.data) known.data = child.data;
      }
    }
    while (at !== null) at = removed(at);
  }

  const like = (there, wanted) =>
    there !== null && !there.id && there.nodeType === wanted.nodeType && there.nodeName === wanted.nodeName;

  function removed(node) {
    const next = node.nextSibling;
    node.remove();
    return next;
  }

  /** What has just come is seen to come, unless somebody wants no motion. */
  function arrive(node) {
    if (!node.id || still.matches) return;
    const from = getComputedStyle(document.documentElement).getPropertyValue("--arrive");
    node.animate([{ backgroundColor: from }, {}], { duration: 2000, easing: "ease-out" });
  }

  /** Focus that was on something which is gone goes to what was around it. */
  function keepingFocus(change) {
    const around = [];
    for (let node = document.activeElement; node !== null && node !== document.body; node = node.parentElement)
      if (node.id) around.push(node.id);
    change();
    if (around.length === 0 || document.activeElement !== document.body) return;
    const left = around.map((id) => document.getElementById(id)).find(Boolean);
    if (left === undefined) return;
    if (left.tabIndex < 0) left.tabIndex = -1;
    left.focus({ preventScroll: true });
  }

  const source = new EventSource("/events");
  source.addEventListener("board", ({ data }) => {
    const { main, at, said } = JSON.parse(data);
    const wanted = new DOMParser().parseFromString(main, "text/html").querySelector("main");
    keepingFocus(() => renew(document.querySelector("main"), wanted));
    connection.textContent = "Live: changes show as they happen.";
    connection.dataset.at = at;
    if (said.length > 0) news.textContent = said.join(". ");
  });
  source.addEventListener("error", () => {
    const { at = "" } = connection.dataset;
    const lost = `Not connected. What is shown is as of ${at === "" ? "when the page was loaded" : at}.`;
    if (connection.textContent === lost) return;
    connection.textContent = lost;
    news.textContent = "The connection to slipway board is lost.";
  });
  source.addEventListener("open", () => {
    if (news.textContent === "The connection to slipway board is lost.") news.textContent = "Connected again.";
  });
})();
