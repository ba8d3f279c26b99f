// Reloads the desk when the preview has changed, at the place where the reader was, and fits the frame to its mail.
"use strict";

const POLL = 500; // milliseconds
const { version, root } = document.documentElement.dataset;
const frame = document.querySelector("iframe");
const place = "place " + location.pathname;

history.scrollRestoration = "manual";

function fit() {
  const page = frame.contentDocument && frame.contentDocument.documentElement;
  if (page) frame.style.height = page.scrollHeight + 2 + "px";
}

function comeBack() {
  if (frame) fit();
  scrollTo(0, Number(sessionStorage.getItem(place) || 0));
  sessionStorage.removeItem(place);
}

async function look() {
  try {
    const answer = await fetch(root + "version", { cache: "no-store" });
    if (answer.ok && (await answer.text()) !== version) {
      sessionStorage.setItem(place, scrollY);
      location.reload();
      return;
    }
  } catch {
    // The preview has been stopped; it may be started again at the same address.
  }
  setTimeout(look, POLL);
}

addEventListener("load", comeBack);
if (frame) {
  frame.addEventListener("load", fit);
  addEventListener("resize", fit);
}
look();
