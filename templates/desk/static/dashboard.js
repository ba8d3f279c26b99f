// Keeps the figures up to date while somebody looks at them; without it, there is the link.
const EVERY = 20_000; // milliseconds
const keep = document.getElementById("keep");
let kept = true;

keep.hidden = false;
keep.addEventListener("click", () => {
  kept = !kept;
  keep.setAttribute("aria-pressed", String(kept));
  if (kept) look();
});

async function look() {
  if (!kept || document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (answer.status === 401) return location.reload(); // to sign in
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // The server is away for a moment: what is shown says of when it is.
  }
}

// What is open stays open, and who is somewhere by keyboard stays there.
function show(page) {
  const was = document.getElementById("figures"), now = page.getElementById("figures");
  if (!now) return;
  const at = was.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : "";
  for (const one of was.querySelectorAll("details[open]")) now.querySelector(`#${one.id}`)?.setAttribute("open", "");
  was.replaceWith(document.adoptNode(now));
  const again = at && document.getElementById(at);
  (again?.querySelector("summary") ?? again)?.focus({ preventScroll: true });
}

setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
