"""Makes `0.1.0/`: what whatsit 0.1.0 left on disk, and what it answered, by its command line alone.

    python tests/made_by/make_0_1_0.py

It was run once, at the last commit before the packages were rearranged, and refuses any later version: these files
are what later versions must open. It needs Linux's `unshare` and `ip` (a network of its own, in which the
addresses of a collection lead to a small server here), scikit-image for the portrait, and transformers for a small
random network.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from referee.calls import Called, Caller, opened  # noqa: E402
from referee.drawn import COLOURS, colour  # noqa: E402

OUT = HERE / "0.1.0"
WEB = ("93.184.216.34", "93.184.216.35")  # public addresses, which lead to us in a network of our own
CNN = (
    *("--recipe", "cnn", "--net", "simple", "--depth", "2", "--width", "8", "--dense", "16", "--size", "16"),
    *("--batch", "8", "--precision", "fp32", "--learning-rate", "0.003"),
)
QUICK = ("--recipe", "classical", "--features", "colour", "--models", "logistic", "--folds", "2", "--size", "16")
HALF = ("train", "colours", *CNN, "--epochs", "120", "--dropout", "0.2", "--shift", "0.1", "--name", "half")
CONTACT = ("--contact", "made@example.org")
COLLECT = ("collect", "collected", "blue", "red", "--source", "urls:list.csv", "--per-class", "8", "--source")


def main() -> None:
    """Make everything in a temporary folder, then the archives and `expected.json`."""
    if "--inside" not in sys.argv:
        inside = f'ip link set lo up && ip route add local 93.184.216.0/24 dev lo && exec "$@" {OUT}'
        command = ["unshare", "-rn", "sh", "-c", inside, "sh", sys.executable, __file__, "--inside"]
        raise SystemExit(subprocess.run(command, check=False).returncode)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "made"
        (folder / "home").mkdir(parents=True)
        call = Caller(folder)
        if call("--version").out.strip() != "0.1.0":
            raise SystemExit("This is not whatsit 0.1.0; what it left is in the folder already.")
        expected: dict[str, Any] = {}
        photos_of_colours(folder)
        trained(call, expected)
        cleaned(call, expected)
        faces(call, expected)
        collected(call, expected)
        interrupted(call)
        OUT.mkdir(exist_ok=True)
        archive(folder, "colours", "colours", "others")
        archive(folder, "cnn", "runs/cnn")
        archive(folder, "transfer", "runs/transfer", "backbone")
        archive(folder, "finetune", "runs/finetune")
        archive(folder, "cleaned", "cleaned")
        archive(folder, "faces", "people", "runs/people")
        archive(folder, "collected", "collected", "sources", "list.csv", "runs/learnt")
        archive(folder, "interrupted", "runs/half")
        (OUT / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


def done(called: Called) -> Called:
    """A call that did what it should."""
    if called.code:
        raise SystemExit(called.text())
    return called


def archive(folder: Path, name: str, *parts: str) -> None:
    """A compressed archive of parts of the folder, without owners."""
    file = OUT / f"{name}.tar.gz"
    with tarfile.open(file, "w:gz", compresslevel=9) as packed:
        for part in parts:
            packed.add(folder / part, part, filter=_anonymous)
    print(f"{file.name}: {file.stat().st_size:,} bytes")


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def photos_of_colours(folder: Path) -> None:
    """Two sets of small photos in three classes."""
    for root, photos, first in (("colours", 12, 0), ("others", 4, 300)):
        for place, name in enumerate(COLOURS):
            (folder / root / name).mkdir(parents=True)
            for number in range(photos):
                photo = colour(name, 5000 + 1000 * place + first + number, 32)
                photo.save(folder / root / name / f"{number:02}.png", optimize=True)


def trained(call: Caller, expected: dict[str, Any]) -> None:
    """Runs by three recipes, measured, and asked; corrections of visitors in one of them."""
    backbone(call.place / "backbone")
    small = ("--backbone", "backbone", "--size", "32")
    done(call("train", "colours", *CNN, "--epochs", "40", "--dropout", "0", "--name", "cnn"))
    done(call("train", "colours", "--recipe", "transfer", *small, "--head", "linear", "--name", "transfer"))
    tuned = ("--epochs", "4", "--precision", "fp32", "--name", "finetune")
    done(call("train", "colours", "--recipe", "finetune", *small, *tuned))
    with opened(call, "serve", "runs/cnn", "--port", "0", "--corrections", "--log", "off") as site:
        for number, name in enumerate(("red", "red", "green")):
            content = (call.place / f"others/blue/0{number}.png").read_bytes()
            status, _, said = site.ask("POST", f"/api/corrections?class={name}", content)
            if status != 200:
                raise SystemExit(said.decode())
        site.end()
    for run in ("cnn", "transfer", "finetune"):
        others = done(call("evaluate", f"runs/{run}", "--data", "others", "--json"))
        own = json.loads((call.place / f"runs/{run}/run.json").read_text())["figures"]
        expected[run] = {"answers": asked(call, run, "others"), "figures": own, "others": json.loads(others.out)}
    both = done(call("compare", "runs/cnn", "runs/transfer", "runs/finetune", "--json"))
    expected["compare"] = json.loads(both.out)


def asked(call: Caller, run: str, photos: str) -> list[Any]:
    """What a run answers for photos."""
    return [json.loads(line) for line in done(call("predict", f"runs/{run}", photos, "--json")).out.splitlines()]


def backbone(folder: Path) -> None:
    """A small random network in the form of the Hugging Face Hub's."""
    import torch
    import transformers

    torch.manual_seed(0)
    sides = {"hidden_sizes": [8, 12, 16, 24], "depths": [1, 1, 1, 1]}
    config = transformers.ResNetConfig(**sides, embedding_size=8, layer_type="basic")
    transformers.ResNetModel(config).save_pretrained(folder)
    prepared = {"size": {"height": 32, "width": 32}, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
    (folder / "preprocessor_config.json").write_text(json.dumps(prepared))
    (folder / "README.md").write_text("---\nlibrary_name: transformers\nlicense: apache-2.0\n---\n# Random\n")


def jpeg(photo: Image.Image, file: Path, quality: int = 85) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    photo.convert("RGB").save(file, "JPEG", quality=quality)


def cleaned(call: Caller, expected: dict[str, Any]) -> None:
    """A set with faults that was cleaned, reviewed in part, and cleaned once more."""
    root = call.place / "cleaned"
    for place, name in enumerate(COLOURS):
        for number in range(8):
            jpeg(colour(name, 9000 + 100 * place + number), root / name / f"{number}.jpg")
    (root / "blue" / "broken.jpg").write_bytes(b"<!DOCTYPE html><p>No photo")
    (root / "blue" / "again.jpg").write_bytes((root / "blue/1.jpg").read_bytes())
    (root / "red" / "other.jpg").write_bytes((root / "green/1.jpg").read_bytes())
    jpeg(Image.open(root / "green/2.jpg").transpose(Image.Transpose.FLIP_LEFT_RIGHT), root / "green/mirrored.jpg")
    jpeg(Image.open(root / "green/3.jpg").resize((56, 56)), root / "green/smaller.jpg")
    jpeg(Image.new("RGB", (64, 64), (120, 120, 120)), root / "green/blank.jpg")
    jpeg(colour("green", 7).point(lambda value: value // 8), root / "green/dark.jpg")
    jpeg(Image.fromarray(np.tile(np.asarray(colour("red", 9)), (1, 5, 1))), root / "red/wide.jpg")
    done(call("clean", "cleaned"))
    with opened(call, "review", "cleaned") as site:
        site.enter()
        names = {
            fact["name"]: fact["row"]
            for fact in reviewed(site, "facts?rows=" + ",".join(map(str, range(40))))["photos"]
        }

        def decide(decision: str, *photos: str, label: str = "") -> None:
            body = {"photos": [names[photo] for photo in photos], "decision": decision, "label": label}
            status, _, said = site.ask("POST", "/api/decide", body)
            if status != 200:
                raise SystemExit(said.decode())

        decide("leave-out", "blue/2.jpg")
        decide("relabel", "blue/3.jpg", "blue/4.jpg", label="red")
        decide("keep", "green/dark.jpg")
        decide("leave-out", "red/5.jpg", "red/6.jpg")
        site.ask("POST", "/api/undo", {})
        decide("leave-out", "red/7.jpg")
        site.end()
    done(call("clean", "cleaned", "--accept", "near-duplicate"))
    expected["cleaned"] = seen(call, "cleaned")


def reviewed(site: Any, path: str) -> Any:
    """JSON from the review page."""
    return json.loads(site.ask("GET", f"/api/{path}")[2])


def seen(call: Caller, data: str) -> dict[str, Any]:
    """What `info` and the review page show of a set that was cleaned."""
    info = json.loads(done(call("info", data, "--json")).out)
    with opened(call, "review", data) as site:
        site.enter()
        shown = {one["name"]: reviewed(site, f"queue/{one['name']}") for one in reviewed(site, "queues")["queues"]}
        rows = ",".join(map(str, range(60)))
        facts = reviewed(site, f"facts?rows={rows}")["photos"]
        site.end()
    return {"info": info, "queues": shown, "facts": facts}


def faces(call: Caller, expected: dict[str, Any]) -> None:
    """A set that is cut to faces (astronaut Eileen Collins, by NASA), in two tints, and a run of it."""
    from skimage import data

    whole = Image.fromarray(data.astronaut())
    tints = {"cold": (0.6, 0.8, 1.0), "warm": (1.0, 0.8, 0.5)}
    for place, (name, tint) in enumerate(tints.items()):
        for number in range(8):
            random = np.random.default_rng(10 * place + number)
            left, top = int(random.integers(60, 110)), int(random.integers(0, 20))
            pixels = np.asarray(whole.crop((left, top, left + 260, top + 260)).resize((160, 160)))
            pixels = np.clip(pixels * np.array(tint) * random.uniform(0.85, 1.1), 0, 255).astype(np.uint8)
            part = "train" if number < 4 else "val" if number < 6 else "test"
            jpeg(Image.fromarray(pixels), call.place / "people" / part / name / f"{number}.jpg", 75)
    ramp = np.tile(np.linspace(60, 200, 160)[:, None, None], (1, 160, 3)).astype(np.uint8)
    jpeg(Image.fromarray(ramp), call.place / "people/train/warm/none.jpg")
    done(call("clean", "people", "--faces"))
    done(call("train", "people", *CNN, "--epochs", "60", "--dropout", "0", "--name", "people"))
    expected["people"] = seen(call, "people") | {"answers": asked(call, "people", "people")}


def collected(call: Caller, expected: dict[str, Any]) -> None:
    """A set collected from a list and a folder, photos of it taken down, and a run that learnt from it."""
    served: dict[str, tuple[int, bytes]] = {}
    lines = ["url,class,author,license,page,title"]
    for name in ("blue", "red"):
        for number in range(8):
            content = io.BytesIO()
            colour(name, 20_000 + 100 * len(name) + number, 72).save(content, "JPEG", quality=80)
            status, photo = 200, content.getvalue()
            if number == 5:
                status, photo = 404, b"gone"
            if number == 6:
                photo = b"<!DOCTYPE html><p>No photo"
            if number == 7:
                photo = served[f"/{name}/0.jpg"][1]
            served[f"/{name}/{number}.jpg"] = (status, photo)
            author = "B. Person" if number == 1 else "A. Person"
            address = f"http://{WEB[number % 2]}/{name}/{number}.jpg"
            lines.append(f"{address},{name},{author},CC BY 4.0,http://example.org/{name}/{number},Photo {number}")
    (call.place / "list.csv").write_text("\n".join(lines) + "\n")
    for place, name in enumerate(("blue", "red")):
        for number in range(6):
            jpeg(colour(name, 30_000 + 100 * place + number, 72), call.place / "sources" / name / f"{number}.jpg")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = served.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words: object) -> None:
            return

    server = ThreadingHTTPServer(("0.0.0.0", 80), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listed = ("collect", "collected", "blue", "red", "--source", "urls:list.csv", *CONTACT)
    done(call(*listed))
    done(call(*COLLECT, "folder:sources"))
    server.shutdown()
    done(call("train", "collected", *QUICK, "--name", "learnt"))
    before = addresses(call)
    first = sorted((call.place / "sources/blue").iterdir())[0].read_bytes()
    known = next(file for file in (call.place / "collected/blue").iterdir() if file.read_bytes() == first)
    forgotten = done(call("forget", "collected", "--creator", "B. Person"))
    done(call("forget", "collected", "--photo", f"blue/{known.name}"))
    photos = sorted(file.relative_to(call.place).as_posix() for file in (call.place / "collected").rglob("*.jpg"))
    told = forgotten.out + forgotten.err
    expected["collected"] = {"before": before, "after": addresses(call), "photos": photos, "forgotten": told}


def addresses(call: Caller) -> str:
    """What became of every address."""
    return (call.place / "collected/.whatsit/addresses.csv").read_text().replace(str(call.place), "<made>")


def interrupted(call: Caller) -> None:
    """A training that was killed after some epochs."""
    process = call.popen(*HALF)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("epoch   12/"):
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = [file.name for file in (call.place / "runs/half/checkpoint").iterdir()]
    if not kept or (call.place / "runs/half/model.onnx").exists():
        raise SystemExit("It was killed too early or too late.")


if __name__ == "__main__":
    main()
