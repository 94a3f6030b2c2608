// Where photos come from: the file chooser, a drop anywhere on the page, the clipboard, the camera.

/** Call `take(files)` whenever somebody gives photos. */
export function gather(take) {
  const input = document.getElementById("photo");
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => {
    const files = photosIn(event.clipboardData.files);
    if (files.length) take(files);
  });
  dropAnywhere(take);
  camera(take);
}

/** Call `take(address)` whenever somebody asks about a photo by its address; what is no address is said. */
export function gatherAddresses(take) {
  const field = document.getElementById("url");
  if (!field) return;
  const trouble = document.getElementById("trouble");
  field.form.noValidate = true; // what is wrong is said on the page, in its own words
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"));
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = field.value.trim();
    const address = /^[a-z][a-z\d+.-]*:/i.test(typed) || !typed ? typed : `https://${typed}`;
    if (isAddress(address)) {
      take(address);
      return;
    }
    field.setAttribute("aria-invalid", "true");
    field.focus();
    trouble.textContent = "This is not the address of a photo. One looks like https://example.org/photo.jpg.";
  });
}

function isAddress(text) {
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ["http:", "https:"].includes(protocol) && hostname.includes(".");
}

const photosIn = (files) => [...files].filter((file) => file.type.startsWith("image/") || !file.type);

function dropAnywhere(take) {
  const mark = (isOver) => document.documentElement.classList.toggle("over", isOver);
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // else the browser opens the file in place of the page
    mark([...event.dataTransfer.types].includes("Files"));
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(false); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer.files.length) take([...event.dataTransfer.files]);
  });
}

function camera(take) {
  const button = document.getElementById("camera");
  if (!navigator.mediaDevices?.getUserMedia) return; // not a secure context, or no camera at all
  button.hidden = false;
  const dialog = document.getElementById("shoot");
  const video = dialog.querySelector("video");
  const part = (name) => dialog.querySelector(`[data-part=${name}]`);
  const trouble = document.getElementById("trouble");

  button.addEventListener("click", async () => {
    trouble.textContent = "";
    try {
      const wanted = { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } };
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted });
      dialog.showModal();
    } catch {
      trouble.textContent = "The camera cannot be used. Allow it for this page, or choose a photo.";
    }
  });
  part("take").addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((photo) => {
      if (photo) take([new File([photo], "camera.jpg", { type: "image/jpeg" })]);
      dialog.close();
    }, "image/jpeg", 0.92);
  });
  part("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    for (const track of video.srcObject?.getTracks() ?? []) track.stop();
    video.srcObject = null;
  });
}
