// Asks for the page again each minute while a parcel is near, and swaps its content only when something has changed.
"use strict";
setInterval(async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = document.querySelector("main"), after = fresh.querySelector("main");
    if (!after || before.dataset.version === after.dataset.version) return;
    before.replaceWith(after);
    document.title = fresh.title;
    document.getElementById("news").textContent = after.querySelector("h1").textContent;
  } catch { /* no network now; the next minute may have one */ }
}, 60000);
