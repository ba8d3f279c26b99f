// The mail in its frame: filled in anew where it changed, seen as others see it, and led to a story or a finding.
// The frame runs no script of its own; all of this is done to it from outside.
const look = { width: 0, dark: false, images: true, styles: true, zoom: false };
let stories = new Map(); // address of a headline → story
let chosen = "";
const settled = new WeakSet(); // pages that have been seen to
let waiting = ""; // what came before the frame was loaded
let whenClicked = () => {};
const sizes = new ResizeObserver(fit);

const frame = () => document.getElementById("frame");

// Before it is loaded a frame holds an empty page, under our own policy.
function inside() {
  const page = frame()?.contentDocument;
  return page?.body && page.URL !== "about:blank" && page.readyState !== "loading" ? page : null;
}

export function onStory(act) {
  whenClicked = act;
}

export function lookQuery() {
  const query = new URLSearchParams();
  if (look.dark) query.set("dark", "1");
  if (!look.images) query.set("images", "0");
  if (!look.styles) query.set("styles", "0");
  return query;
}

export function learn(rows) {
  stories = new Map(Array.from(rows, (row) => [row.dataset.url, row.dataset.story]));
}

// Not by the frame's load event: that waits for the slowest picture.
export function watch() {
  settle();
  setTimeout(watch, 60);
}

// What is loaded is given its size, and its links lead to the desk instead of away.
function settle() {
  const page = inside();
  if (!page || settled.has(page)) return;
  settled.add(page);
  if (waiting) patch(waiting);
  page.addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    const cell = event.target.closest?.("td.lead, td.story, tr");
    const found = link ?? cell?.querySelector("a[href]");
    event.preventDefault();
    const story = found && stories.get(found.getAttribute("href"));
    if (story) whenClicked(story);
  });
  page.documentElement.style.overflowX = "auto";
  dress();
  sizes.disconnect();
  sizes.observe(page.body);
  fit();
}

function dress() {
  const page = inside();
  if (!page) return;
  page.documentElement.style.zoom = look.zoom ? "2" : "";
  const box = frame();
  box.style.width = look.width ? look.width + "px" : "";
  outline();
}

function fit() {
  const page = inside();
  if (!page) return;
  const box = frame();
  // A frame does not get lower than it is by itself, as its page is at least as high as the frame.
  const high = Math.ceil(page.body.getBoundingClientRect().height * (look.zoom ? 2 : 1)) + 2;
  if (Math.abs(high - box.offsetHeight) > 2) box.style.height = high + "px";
  clip();
}

function clip() {
  const stage = document.getElementById("stage");
  stage?.querySelector(".clip")?.remove();
  const at = inside()?.querySelector("[data-clipped]");
  if (!at) return;
  const line = document.createElement("p");
  line.className = "clip";
  line.innerHTML = "<b>Gmail shows nothing below</b>";
  line.style.top = at.getBoundingClientRect().top + "px";
  stage.append(line);
}

// Only what differs is replaced, so nothing flickers and nothing moves.
export function patch(html) {
  const page = inside();
  waiting = page ? "" : html;
  if (!page) return;
  // Of the frame's own page, and so under its policy: ours allows no style in the markup.
  const next = page.createElement("html");
  next.innerHTML = html.replace(/^[^]*?<html[^>]*>/i, "");
  const [head, body] = ["head", "body"].map((name) => next.querySelector(name));
  if (!page.head.isEqualNode(head)) page.head.replaceWith(head);
  morph(page.body, body);
  dress();
  fit();
}

function morph(old, fresh) {
  unmark(old);
  if (old.isEqualNode(fresh)) return;
  const alike = old.nodeType === 1 && fresh.nodeType === 1 && old.tagName === fresh.tagName;
  if (!alike) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const [was, now] = [[...old.childNodes], [...fresh.childNodes]];
  if (was.length === now.length) was.forEach((node, number) => morph(node, now[number]));
  else ends(old, was, now);
}

// Of two lists the same beginning and the same end stay.
function ends(parent, was, now) {
  let first = 0;
  let last = 0;
  const least = Math.min(was.length, now.length);
  was.forEach(unmark);
  while (first < least && was[first].isEqualNode(now[first])) first += 1;
  while (last < least - first && was[was.length - 1 - last].isEqualNode(now[now.length - 1 - last])) last += 1;
  const after = was[was.length - last] ?? null;
  was.slice(first, was.length - last).forEach((node) => node.remove());
  now.slice(first, now.length - last).forEach((node) => parent.insertBefore(node, after));
}

function unmark(node) {
  if (node.nodeType !== 1 || !node.style?.outline) return;
  node.style.removeProperty("outline");
  node.style.removeProperty("outline-offset");
  if (!node.getAttribute("style")) node.removeAttribute("style");
}

function cellOf(story) {
  const url = [...stories].find(([, one]) => one === story)?.[0];
  const link = url && inside()?.querySelector(`a[href="${CSS.escape(url)}"]`);
  return link?.closest("td.lead, td.story") ?? link?.closest("tr");
}

let marked = null;
function mark(element) {
  if (marked) unmark(marked);
  marked = element ?? null;
  element?.style.setProperty("outline", "2px solid #b3261e");
  element?.style.setProperty("outline-offset", "2px");
}

function outline() {
  if (chosen) mark(cellOf(chosen));
}

function bring(element) {
  if (!element) return;
  const sheet = document.querySelector(".sheet");
  const pane = sheet.scrollHeight > sheet.clientHeight + 1 ? sheet : null;
  const top = frame().getBoundingClientRect().top + element.getBoundingClientRect().top;
  const seen = pane ? pane.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  if (top > seen.top + 120 && top + 40 < seen.bottom) return;
  if (pane) pane.scrollTop += top - seen.top - 150;
}

export function choose(story, { scroll = true } = {}) {
  chosen = story;
  const cell = cellOf(story);
  mark(cell);
  if (scroll) bring(cell);
}

export function goTo(name) {
  const found = inside()?.querySelector(`[data-mark~="${CSS.escape(name)}"]`);
  mark(found);
  bring(found);
  return Boolean(found);
}

export function setLook(button) {
  const { look: name, width } = button.dataset;
  const group = button.parentElement;
  if (width !== undefined) {
    look.width = Number(width);
    for (const one of group.children) one.setAttribute("aria-pressed", String(one === button));
  } else {
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    look[name] = name === "images" || name === "styles" ? !on : on;
  }
  if (name && name !== "zoom") reload();
  else if (inside()) dress(), fit();
}

// After the bar was written anew it shows what is on.
export function showLook() {
  for (const one of document.querySelectorAll("[data-width]")) one.setAttribute("aria-pressed", String(Number(one.dataset.width) === look.width));
  const off = { dark: look.dark, images: !look.images, styles: !look.styles, zoom: look.zoom };
  for (const one of document.querySelectorAll("[data-look]")) one.setAttribute("aria-pressed", String(off[one.dataset.look]));
}

export function reload(variant) {
  waiting = "";
  const box = frame();
  if (!box) return;
  const url = new URL(box.src);
  const query = lookQuery();
  query.set("variant", variant ?? url.searchParams.get("variant") ?? "");
  box.src = `${url.pathname}?${query}`;
}
