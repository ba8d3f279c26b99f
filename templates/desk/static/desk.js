// The desk in the browser: sends what an editor decides, shows what came of it, and what others decide meanwhile.
// Every form works without this file; with it no page is loaded anew.
import * as mail from "./frame.js";

const { base } = document.documentElement.dataset;
const dirty = new Set(); // forms with words that nobody has saved
const byId = (id) => document.getElementById(id);
let { csrf, version } = document.documentElement.dataset;
let { story } = document.documentElement.dataset;
let view = new URL(location.href).searchParams.get("view") ?? "mail";
let variant = byId("variant")?.value ?? "";
let asked = 0; // questions to the server, so that an old answer does not cover a new one
// What the server last said of each part, as a browser writes it; what scripts made of it is no change.
const shown = new Map(Array.from(document.querySelectorAll("[id^=part-]"), (part) => [part.id, part.innerHTML]));
let busy = Promise.resolve();
const stacked = matchMedia("(max-width: 1099px)"); // as in desk.css
let heard = ""; // the newest version that there is
let posting = 0; // answers to what the editor said that have not come yet
const REST = 400; // milliseconds
const TO_READ = 90; // milliseconds for each letter: what is refused may name a command
const AGAIN = 3000; // milliseconds until the desk is asked again where the browser has given up
const OVERDUE = 75000; // milliseconds after its hour when what is said of it is another
const SILENT = "The desk does not answer. What is shown may be old; it is tried again.";
const SIGNED_OUT = "You are signed out. Sign in in another window: what you typed stays here.";
const UNKNOWN = "No answer came, so that may be done or not: look at Record before you do it again.";
const OUTDATED = "This page is from before the desk was started anew. Keep what you typed, and load it again.";

const queryOf = (more = {}) => {
  const query = mail.lookQuery();
  for (const [name, value] of Object.entries({ story, view, variant, ...more })) if (value) query.set(name, value);
  return query;
};

// --- what the server says -------------------------------------------------------------------------------------------

function show(state) {
  if (state.version) version = state.version;
  if (state.revision !== undefined) document.documentElement.dataset.revision = state.revision;
  if (state.csrf) renew(state.csrf);
  if (state.title) document.title = state.title;
  const focused = document.activeElement;
  const held = focused?.id;
  const range = focused?.matches?.("textarea, input:not([type=checkbox], [type=radio], [type=url])")
    ? [focused.selectionStart, focused.selectionEnd]
    : null;
  const ticked = [...document.querySelectorAll(".tick input:checked")].map((one) => one.value);
  for (const [name, html] of Object.entries(state.parts ?? {})) fill(name, html);
  for (const one of ticked) {
    const box = byId(`tick-${one}`);
    if (box) box.checked = true;
  }
  if (held && document.activeElement?.id !== held) (byId(held) ?? byId(`row-${story}`))?.focus({ preventScroll: true });
  if (range && byId(held)?.setSelectionRange) byId(held).setSelectionRange(...range);
  mail.learn(document.querySelectorAll(".order [data-url]"));
  if (state.frame && view === "mail") seen(state);
  if (story) light(story);
  if (story) mail.choose(story, { scroll: false });
  mail.showLook();
  tick();
}

// What was asked for in another look than is chosen by now, is asked for again.
function seen(state) {
  if (state.look === String(mail.lookQuery())) mail.patch(state.frame);
  else mail.reload();
}

function fill(name, html) {
  const part = byId(`part-${name}`);
  if (!part) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  if (shown.get(part.id) === fresh.innerHTML) return;
  const unsaved = [...part.querySelectorAll("form")].filter((form) => dirty.has(form));
  for (const form of unsaved) if (isThere(form, fresh.content)) dirty.delete(form);
  if (unsaved.some((form) => dirty.has(form))) return;
  shown.set(part.id, fresh.innerHTML);
  const open = [...part.querySelectorAll("details")].map((one) => one.open);
  const scroll = part.parentElement.scrollTop;
  part.replaceChildren(fresh.content);
  part.querySelectorAll("details").forEach((one, number) => number in open && (one.open = open[number]));
  part.parentElement.scrollTop = scroll;
}

// What was typed and is there by now is not unsaved: an answer can be lost on its way.
function isThere(form, page) {
  const now = page.querySelector(`form[data-draft="${CSS.escape(form.dataset.draft)}"]`)?.elements;
  return Boolean(now) && words(form).every((one) => one.value === now[one.name]?.value);
}

const words = (form) => [...form.elements].filter((one) => one.name && one.matches("textarea, input:not([type=hidden])"));

// Who has signed in again has another token.
function renew(token) {
  csrf = token;
  for (const one of document.querySelectorAll("[name=csrf]")) one.value = token;
}

// Not while the editor's word is on its way: what was asked before it was heard would be shown after its answer.
async function refresh(more = {}) {
  await busy;
  const mine = ++asked;
  const look = String(mail.lookQuery());
  try {
    const answer = await fetch(`${base}state?${queryOf(more)}`, { headers: { Accept: "application/json" } });
    if (answer.status === 401) return dirty.size ? warn(SIGNED_OUT) : location.reload();
    const state = await answer.json();
    if (!answer.ok) say(state.said, true);
    else if (mine === asked) show({ ...state, look });
  } catch {
    warn(SILENT);
  }
}

// Stays for as long as it is so: an edition that has changed looks the same here.
function warn(text) {
  byId("away").textContent = text;
}

function say(text, wrong = false) {
  const line = byId("said");
  line.textContent = text;
  line.classList.toggle("wrong", wrong);
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (line.textContent = ""), Math.max(wrong ? 9000 : 3500, text.length * TO_READ));
}

function listen() {
  const events = new EventSource(`${base}events`);
  events.addEventListener("open", () => {
    if (!byId("away").textContent) return;
    warn("");
    refresh().then(later);
  });
  events.addEventListener("error", () => {
    if (byId("away").textContent !== SIGNED_OUT) warn(SILENT);
    // A browser gives up where something else answers, such as a proxy before a desk that is being started.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(listen), AGAIN);
  });
  events.addEventListener("version", (event) => {
    heard = event.data;
    if (!posting) catchUp();
  });
}

// What changes while an answer is on its way is most often what the answer will say.
function catchUp() {
  if (heard && heard !== version) refresh().then(later);
}

// What takes a moment is asked for when the hands rest.
function later() {
  clearTimeout(later.timer);
  later.timer = setTimeout(() => refresh({ later: "1" }), REST);
}

// --- what the editor says -------------------------------------------------------------------------------------------

function send(form, values, submitter) {
  const body = new URLSearchParams(new FormData(form));
  for (const [name, value] of Object.entries(values)) body.append(name, value);
  busy = busy.then(() => post(form, body, submitter));
  return busy;
}

async function post(form, body, submitter) {
  asked += 1;
  const [looked, next] = [story, follower(body.get("do"))];
  const look = String(mail.lookQuery());
  if (!form.dataset.draft) body.set("revision", document.documentElement.dataset.revision);
  submitter?.setAttribute("aria-busy", "true");
  posting += 1;
  try {
    const answer = await fetch(`${base}do?${queryOf()}`, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
    });
    const state = await said(answer);
    if (answer.ok) {
      dirty.delete(form);
      if (state.story !== undefined) story = state.story;
      if (state.variant !== undefined) mail.reload((variant = state.variant));
      say(state.said);
    } else if (answer.status === 409) {
      clash(form, state);
    } else {
      say(state.said, true);
    }
    const inRow = Boolean(document.activeElement?.closest?.(".row"));
    if (state.parts) show({ ...state, look });
    if (answer.ok && next && story === looked) choose(next, { focus: inRow });
    if (answer.ok && state.parts) later();
  } catch {
    say(UNKNOWN, true);
  } finally {
    submitter?.removeAttribute("aria-busy");
    posting -= 1;
    if (!posting) catchUp();
  }
}

// What does not come as JSON is not from the desk, or it does not know this page.
function said(answer) {
  if (answer.headers.get("content-type")?.startsWith("application/json")) return answer.json();
  return { said: answer.status === 403 ? OUTDATED : UNKNOWN };
}

// Who drops what is looked at goes on with the story behind it, not among those that are left out.
function follower(order) {
  if (order !== `drop ${story}`) return "";
  const rows = [...document.querySelectorAll(".rows:not(.out) .row")];
  const at = rows.findIndex((row) => row.dataset.story === story);
  return (rows[at + 1] ?? rows[at - 1])?.dataset.story ?? "";
}

function clash(form, state) {
  byId("clash-text").textContent = state.said;
  const field = form.elements.revision;
  if (field) field.value = state.revision; // who has read it may say it again
  byId("clash").showModal();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  const pressed = event.submitter;
  const value = pressed?.value ?? "";
  if (value === "cancel" && !confirm("Nothing more of this edition is sent, and this cannot be undone. Cancel it?")) return;
  if (value === "approve" && !confirm(`${pressed.textContent.trim().replace(/a$/, "").trim()}? Content and readers are frozen.`)) return;
  send(form, pressed?.name ? { [pressed.name]: value } : {}, pressed);
});

document.addEventListener("reset", (event) => {
  dirty.delete(event.target);
  setTimeout(count);
  refresh(); // others may have changed it while it was not saved
});

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (form && words(form).some((one) => one.value !== one.defaultValue)) dirty.add(form);
  else if (form) dirty.delete(form);
  count();
  if (event.target.dataset.preview) preview(event.target);
});

function count() {
  for (const one of document.querySelectorAll("[data-counts]")) one.textContent = byId(one.dataset.counts).value.length;
}

function preview(field) {
  clearTimeout(preview.timer);
  preview.timer = setTimeout(async () => {
    const body = new URLSearchParams({ csrf, note: field.value });
    const answer = await fetch(`${base}note`, { method: "POST", body });
    if (answer.ok) byId("noted").innerHTML = await answer.text();
  }, 120);
}

// --- choosing -------------------------------------------------------------------------------------------------------

function choose(id, { focus = false, scroll = true } = {}) {
  const form = document.querySelector("#part-story form[data-draft]");
  if (form && dirty.has(form) && id !== story) {
    if (!confirm("The words of this story are not saved. Leave them?")) return;
    dirty.delete(form);
  }
  story = id;
  const lit = light(id);
  lit?.scrollIntoView({ block: "nearest" });
  if (focus) lit?.querySelector(".open").focus({ preventScroll: true });
  history.replaceState(null, "", `?${new URLSearchParams({ story: id })}`);
  mail.choose(id, { scroll });
  open("story");
  refresh({ only: "story" });
}

// Where the columns stand below each other, what is known of a story is out of sight.
function visit(id, how) {
  choose(id, how);
  if (story === id && stacked.matches) byId("side").scrollIntoView();
}

function light(id) {
  let found = null;
  for (const row of document.querySelectorAll(".row")) {
    const on = row.dataset.story === id;
    if (on) found = row;
    row.classList.toggle("on", on);
    const link = row.querySelector(".open");
    if (on) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  return found;
}

function open(panel) {
  for (const one of document.querySelectorAll(".panel")) one.hidden = one.dataset.panel !== panel;
  for (const one of document.querySelectorAll("[data-panel].tab, .side .tabs a")) {
    if (one.dataset.panel === panel) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
}

function seeView(name) {
  view = name;
  refresh();
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const hit = (selector) => event.target.closest(selector);
  const row = hit(".open");
  const tab = hit(".side .tabs a");
  const seen = hit("a[data-view]");
  const looked = hit("[data-width], [data-look]");
  const jump = hit("a[data-go]");
  const finding = hit("a[data-mark]");
  const filled = hit("[data-fill]");
  if (row || tab || seen || jump || finding) event.preventDefault();
  if (row) visit(row.closest(".row").dataset.story);
  else if (tab) open(tab.dataset.panel);
  else if (seen) seeView(seen.dataset.view);
  else if (looked) mail.setLook(looked);
  else if (jump) visit(jump.dataset.go);
  else if (finding) mail.goTo(finding.dataset.mark) || say("It is in another part of the mail: look at Source.");
  else if (filled) {
    const field = byId(filled.dataset.fill);
    field.value = filled.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  } else if (hit("#do-help")) byId("help").showModal();
});

document.addEventListener("change", (event) => {
  if (event.target.id === "variant") {
    variant = event.target.value;
    mail.reload(variant);
    refresh();
  }
});

// --- keys -----------------------------------------------------------------------------------------------------------

const KEYS_OFF = "digest: single keys are off";
const ofStory = { p: "pin", d: "drop", J: "down", K: "up", x: "tick" };
const moves = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

function step(by) {
  const rows = [...document.querySelectorAll(".row")];
  const at = rows.findIndex((row) => row.dataset.story === story);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  if (next) choose(next.dataset.story, { focus: true });
}

function press(key) {
  if (key in moves) return step(moves[key]), true;
  if (key in ofStory) return byId(`${ofStory[key]}-${story}`)?.click(), true;
  const panel = { e: "story", i: "edition", f: "findings", l: "record" }[key];
  if (panel) return open(panel), byId("side").focus(), true;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found || found.disabled) return false;
  const home = found.closest(".panel");
  if (home?.hidden) open(home.dataset.panel);
  if (found.matches("textarea, input")) found.focus(), found.select();
  else found.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && typing) {
    event.preventDefault();
    event.target.form?.requestSubmit(event.target.form.querySelector("button[name=do]"));
    return;
  }
  if (event.key === "Escape" && typing) return byId(`row-${story}`)?.focus();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (localStorage.getItem(KEYS_OFF) && event.key !== "?") return;
  if (event.key.startsWith("Arrow") && !event.target.closest(".order")) return;
  if (press(event.key)) event.preventDefault();
});

const switchOfKeys = byId("keys-on");
switchOfKeys.checked = !localStorage.getItem(KEYS_OFF);
switchOfKeys.addEventListener("change", () =>
  switchOfKeys.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"),
);

// --- dragging -------------------------------------------------------------------------------------------------------

let dragged = null;
const rowAt = (event) => event.target.closest?.(".rows:not(.out) .row");

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".row[draggable]");
  dragged?.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const row = rowAt(event);
  if (!dragged || !row) return;
  event.preventDefault();
  for (const one of document.querySelectorAll(".before")) one.classList.remove("before");
  if (row !== dragged) row.classList.add("before");
});
document.addEventListener("drop", (event) => {
  const row = rowAt(event);
  if (!dragged || !row || row === dragged) return;
  event.preventDefault();
  send(byId("order-form"), { do: `move ${dragged.dataset.story}`, before: row.dataset.story });
});
document.addEventListener("dragend", () => {
  for (const one of document.querySelectorAll(".before, .dragged")) one.classList.remove("before", "dragged");
  dragged = null;
});

// --- the clock ------------------------------------------------------------------------------------------------------

function tick() {
  for (const one of document.querySelectorAll("[data-clock]")) {
    const minutes = Math.round((new Date(one.dateTime) - Date.now()) / 60000);
    const late = Date.now() - new Date(one.dateTime) > OVERDUE;
    if (late && one.dataset.late === "false") refresh(); // how it stands has changed, though no data has
    one.dataset.late = late;
    const far = Math.abs(minutes) >= 120 ? `${Math.round(Math.abs(minutes) / 60)} h` : `${Math.abs(minutes)} min`;
    one.dataset.said ??= one.textContent;
    one.textContent = `${one.dataset.said}, ${minutes < 0 ? `${far} ago` : `in ${far}`}`;
  }
}

addEventListener("beforeunload", (event) => dirty.size && event.preventDefault());
setInterval(tick, 15000);
tick();
mail.onStory((id) => visit(id, { scroll: false }));
mail.learn(document.querySelectorAll(".order [data-url]"));
mail.watch();
if (story) mail.choose(story);
listen();
refresh({ later: "1" });
