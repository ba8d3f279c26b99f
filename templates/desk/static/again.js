// Loads a page that could not be shown anew, as soon as something has changed.
let first = "";
new EventSource("events").addEventListener("version", (event) => {
  if (first && event.data !== first) location.reload();
  first = event.data;
});
