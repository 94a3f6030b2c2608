// The page that asks a model about photos: choose, drop or paste, see the answer.
import { drawAnswer } from "./answer.js";
import { predict } from "./server.js";

document.documentElement.classList.add("js");

const main = document.getElementById("main");
const drop = document.getElementById("drop");
const input = document.getElementById("photo");
const stage = document.getElementById("stage");
const status = document.getElementById("status");
const trouble = document.getElementById("trouble");

input.addEventListener("change", () => { askAll(input.files); input.value = ""; });
document.addEventListener("paste", (event) => askAll(event.clipboardData.files));
document.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
document.addEventListener("dragleave", () => drop.classList.remove("over"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  askAll(event.dataTransfer.files);
});

async function askAll(files) {
  for (const file of files) await ask(file);
}

async function ask(file) {
  trouble.textContent = "";
  status.textContent = "Looking…";
  const outcome = await predict(file, main.dataset.model);
  status.textContent = "";
  if (outcome.error) {
    trouble.textContent = `${outcome.error} ${outcome.hint}`;
    return;
  }
  const result = document.getElementById("result").content.cloneNode(true);
  const picture = result.querySelector("img");
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src));
  drawAnswer(result, outcome);
  stage.prepend(result);
}
