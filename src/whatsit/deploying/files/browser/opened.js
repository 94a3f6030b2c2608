// No module, as browsers run none of a page that was opened as a file: says so, in place of a page that does nothing.
if (location.protocol === "file:") {
  document.getElementById("from-file").hidden = false;
  document.getElementById("drop").hidden = true;
}
