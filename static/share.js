// Buttons that copy what stands in the field beside them. Without this module the fields are there
// all the same, to be selected by hand.
//
// Listeners are on the document, so that they survive when parts of the page are replaced.

document.documentElement.classList.add("can-copy");

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  const field = button?.parentElement.querySelector("input, textarea");
  if (!field) return;
  const said = button.closest("details")?.querySelector("[role=status]");
  const isCopied = await copy(field);
  if (said) said.textContent = isCopied ? "Copied." : "Select the text and copy it.";
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(".take input, .take textarea")) event.target.select();
});

// The clipboard is there on secure pages only; elsewhere the selection is copied as of old.
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}
