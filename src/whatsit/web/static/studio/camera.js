// The camera: a video that is held to record, whose frames are kept where they differ from the one before.
import { reveal } from "./answer.js";
import { bdi } from "./parts.js";
import { html, useEffect, useRef, useState } from "./preact.js";
import { _, ngettext } from "./translate.js";

const LOOK_MS = 120; // between two looks at the video while it records
const MOST = 200; // frames of one recording
const EYE = 16; // pixels a side at which two frames are compared
const DIFFERENT = 5; // of 255, on average over those pixels: what a hand that holds still stays below
const SIDE = 1024; // pixels of the longer side that are kept: more than any training looks at
const QUALITY = 0.9;

/** Open the camera; a sentence where that is not possible. */
export function useCamera(video, isWanted) {
  const [trouble, setTrouble] = useState("");
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    if (!isWanted) return undefined;
    let stream = null;
    let isGone = false;
    const lose = () => { setOn(false); setTrouble(_("The camera was unplugged, or another program took it. Plug it in and open it again.")); };
    (async () => {
      try {
        if (!navigator.mediaDevices?.getUserMedia) throw new Error("none");
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });
        if (isGone) { stream.getTracks().forEach((track) => track.stop()); return; }
        stream.getVideoTracks()[0].addEventListener("ended", lose);
        video.current.srcObject = stream;
        await video.current.play();
        setTrouble("");
        setOn(true);
      } catch (error) {
        if (!isGone) {
          setTrouble(error.name === "NotAllowedError"
            ? _("The browser does not let this page use the camera. Allow it beside the address, then open it again.")
            : _("There is no camera that can be used. Add photos from files, or plug one in."));
        }
      }
    })();
    return () => {
      isGone = true;
      stream?.getTracks().forEach((track) => track.stop());
      setOn(false);
    };
  }, [isWanted]);
  return { trouble, isOn };
}

/** A JPEG of what a video shows now, at most `side` pixels on its longer side. */
export function frame(video, side = SIDE, quality = QUALITY) {
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** Frames that differ from the last one that was kept. */
export class Thinning {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.canvas.width = this.canvas.height = EYE;
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
    this.last = null;
  }

  /** Whether what the video shows now is new. */
  isNew(video) {
    this.pen.drawImage(video, 0, 0, EYE, EYE);
    const now = this.pen.getImageData(0, 0, EYE, EYE).data;
    const differs = this.last === null || mean(now, this.last) > DIFFERENT;
    if (differs) this.last = now;
    return differs;
  }
}

function mean(one, other) {
  let sum = 0;
  for (let place = 0; place < one.length; place += 4) {
    for (let colour = 0; colour < 3; colour += 1) sum += Math.abs(one[place + colour] - other[place + colour]);
  }
  return sum / (one.length * 0.75);
}

/** The camera for a class: `keep(blob, recording, number)` is given each frame that is kept. */
export function Recorder({ label, keep, close }) {
  const video = useRef(null);
  const box = useRef(null);
  const recording = useRef(null);
  useEffect(() => reveal(box.current), []);
  const [frames, setFrames] = useState(0);
  const [isRecording, setRecording] = useState(false);
  const { trouble, isOn } = useCamera(video, true);
  const stop = () => {
    clearInterval(recording.current?.timer);
    recording.current = null;
    setRecording(false);
  };
  useEffect(() => stop, []);
  useEffect(() => { if (!isOn) stop(); }, [isOn]);
  const start = () => {
    if (recording.current || !isOn) return;
    const now = { name: Date.now().toString(36), number: 0, thinning: new Thinning() };
    const look = async () => {
      if (now.number >= MOST || recording.current !== now || !now.thinning.isNew(video.current)) return;
      now.number += 1;
      const number = now.number;
      const photo = await frame(video.current);
      if (photo && await keep(photo, now.name, number)) setFrames((before) => before + 1);
    };
    now.timer = setInterval(look, LOOK_MS);
    recording.current = now;
    setRecording(true);
    look();
  };
  const held = (event, work) => { if ([" ", "Enter"].includes(event.key)) { event.preventDefault(); work(); } };
  return html`<div class="camera" ref=${box}>
    <video ref=${video} muted playsinline aria-label=${_("What the camera sees")}></video>
    <div class="actions">
      <button type="button" class=${`button main hold${isRecording ? " on" : ""}`} disabled=${!isOn}
        onPointerDown=${(event) => { event.currentTarget.setPointerCapture(event.pointerId); start(); }}
        onPointerUp=${stop} onPointerCancel=${stop} onBlur=${stop} onContextMenu=${(event) => event.preventDefault()}
        onKeyDown=${(event) => held(event, start)} onKeyUp=${(event) => held(event, stop)}>${_("Hold to record")}</button>
      <button type="button" class="button" onClick=${close}>${_("Close the camera")}</button>
    </div>
    ${trouble ? html`<p class="trouble" role="alert">${trouble}</p>` : html`<p class="small" role="status">
      ${!isOn ? _("Opening the camera …") : isRecording ? _("Recording: {count} kept. Turn it, move it, change the light.", { count: frames })
        : frames ? ngettext("{count} photo kept of {name}. Record again from another place: that teaches it more.", "{count} photos kept of {name}. Record again from another place: that teaches it more.", frames, { name: bdi(label) })
        : _("Hold the button and move the thing slowly in front of the camera. Photos that look alike are left out.")}</p>`}
  </div>`;
}
