"""What cleaning finds, and how fast: one row a command, with the peers beside us in the same run.

    python benchmarks/clean.py ROW …

damage PHOTOS [--network ONNX] [--peers PYTHON] [--only DAMAGE …] [--skip N]  near duplicates, damage by damage
checks PHOTOS                                                      pixel checks on planted faults
speed  PHOTOS --peers PYTHON                                       seconds for the pixel checks
memory COUNT                                                       RssAnon for that many small photos
search COUNT                                                       near duplicates among random hashes
faces  PHOTOS [--detector FILE] [--sheet PNG]                       faces against the tutorials' rule

PHOTOS is a folder with photos below it; PYTHON that of the peers' environment (benchmarks/peers/clean.py).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from record import record

from whatsit.cleaning import deep
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.duplicates import find_near_pairs
from whatsit.cleaning.features import features_of
from whatsit.cleaning.hashes import find_close_pairs
from whatsit.cleaning.looks import look_at_all
from whatsit.data.readers import read
from whatsit.engine import Workers, working_on
from whatsit.image import Pixels, decode

PEERS = Path(__file__).parent / "peers" / "clean.py"
Damage = Callable[[Image.Image], Image.Image]


def _cropped(share: float) -> Damage:
    def crop(photo: Image.Image) -> Image.Image:
        """Cut `share` of each side away, more at one edge than at the other, as people crop."""
        wide, tall = photo.width * share, photo.height * share
        return photo.crop(
            (
                round(wide * 0.8),
                round(tall * 0.3),
                round(photo.width - wide * 0.2),
                round(photo.height - tall * 0.7),
            )
        )

    return crop


def _again(quality: int) -> Damage:
    def save(photo: Image.Image) -> Image.Image:
        out = io.BytesIO()
        photo.save(out, "JPEG", quality=quality)
        return Image.open(io.BytesIO(out.getvalue())).convert("RGB")

    return save


def _bordered(photo: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (round(photo.width * 1.1), round(photo.height * 1.1)), (255, 255, 255))
    whole.paste(photo, (round(photo.width * 0.05), round(photo.height * 0.05)))
    return whole


def _watermarked(photo: Image.Image) -> Image.Image:
    marked = photo.copy()
    draw = ImageDraw.Draw(marked)
    for y in range(0, photo.height, max(1, photo.height // 3)):
        draw.text((photo.width * 0.2, y + photo.height * 0.1), "photo agency", fill=(230, 230, 230))
    return marked


DAMAGES: dict[str, Damage] = {
    "saved at quality 30": _again(30),
    "half the size": lambda photo: photo.resize((photo.width // 2, photo.height // 2), Image.Resampling.BICUBIC),
    "lighter by 20 %": lambda photo: ImageEnhance.Brightness(photo).enhance(1.2),
    "contrast up 30 %": lambda photo: ImageEnhance.Contrast(photo).enhance(1.3),
    "grey": lambda photo: photo.convert("L").convert("RGB"),
    "mirrored": lambda photo: photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned by 90": lambda photo: photo.transpose(Image.Transpose.ROTATE_90),
    "turned by 5": lambda photo: photo.rotate(5, Image.Resampling.BICUBIC),
    "blurred": lambda photo: photo.filter(ImageFilter.GaussianBlur(2)),
    "watermark": _watermarked,
    "cropped by 5 %": _cropped(0.05),
    "cropped by 10 %": _cropped(0.10),
    "border": _bordered,
}
FAULTS: dict[str, Damage] = {
    "dark": lambda photo: ImageEnhance.Brightness(photo).enhance(0.15),
    "light": lambda photo: Image.blend(photo, Image.new("RGB", photo.size, (255, 255, 255)), 0.85),
    "blurred": lambda photo: photo.resize(_fitting(photo, 256)).filter(ImageFilter.GaussianBlur(2)),
    "blank": lambda photo: Image.new("RGB", photo.size, photo.getpixel((3, 3))),
    "tiny": lambda photo: photo.resize((24, 24)),
    "odd-shape": lambda photo: photo.resize((photo.width, max(1, photo.width // 5))),
}


def _fitting(photo: Image.Image, side: int) -> tuple[int, int]:
    scale = side / max(photo.size)
    return max(1, round(photo.width * scale)), max(1, round(photo.height * scale))


def photos_in(folder: Path, count: int, skip: int = 0) -> list[Image.Image]:
    """Photos by a fixed lot, less the first `skip`, on which limits were chosen."""
    files = sorted(file for file in folder.rglob("*.*") if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
    lot = np.random.default_rng(0).permutation(len(files))[skip : skip + count]
    files = [files[place] for place in sorted(lot)]
    return [Image.open(file).convert("RGB") for file in files]


def damage(
    folder: Path, count: int, network: Path | None, peers: Path | None, only: list[str], skip: int
) -> dict[str, object]:
    """Precision and recall of near duplicates: each photo beside one damaged copy of it."""
    photos = photos_in(folder, count, skip)
    table: dict[str, object] = {"photos": len(photos), "skipped": skip}
    for name in only or DAMAGES:
        change = DAMAGES[name]
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            for kind, altered in (("a", lambda photo: photo), ("b", change)):
                (root / kind).mkdir()
                for number, photo in enumerate(photos):
                    altered(photo).save(root / kind / f"{number}.jpg", quality=88)
            table[name] = _scores(root, len(photos), network, peers)
            print(name, table[name], flush=True)
    return table


def _scores(root: Path, count: int, network: Path | None, peers: Path | None) -> dict[str, object]:
    survey = look_at_all(replace(read(root), mirrored=True))
    names = survey.names
    found = survey.duplicates
    pixels = {frozenset((names[a], names[b])) for a, b in zip(found.first, found.second, strict=True)}
    scores: dict[str, object] = {"hash": _score(pixels, count)}
    seen = deep.parts_of_others(survey, features_of(survey, network))
    scores["and network"] = _score(pixels | {frozenset((names[a], names[b])) for a, b, _ in seen}, count)
    if peers:
        answer = subprocess.run([peers, PEERS, "pairs", root], check=True, capture_output=True, text=True)
        scores["imagededup pHash"] = _score(
            {frozenset(pair) for pair in json.loads(answer.stdout)["pairs"]}, count
        )
    return scores


def _score(pairs: set[frozenset[str]], count: int) -> dict[str, float]:
    true = sum(len({Path(name).stem for name in pair}) == 1 for pair in pairs)
    return {"recall": round(true / count, 4), "precision": round(true / max(1, len(pairs)), 4)}


def checks(folder: Path, count: int) -> dict[str, object]:
    """Precision and recall of each pixel check where 5 % of the photos have each fault."""
    photos = photos_in(folder, count)
    table: dict[str, object] = {"photos": len(photos)}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for kind in ("a", "b"):
            (root / kind).mkdir()
        for number, photo in enumerate(photos):
            photo.save(root / "a" / f"good-{number}.jpg", quality=90)
        rng = np.random.default_rng(1)
        for fault, change in FAULTS.items():
            for number in rng.permutation(len(photos))[: max(20, len(photos) // 20)]:
                change(photos[number]).save(root / "b" / f"{fault}-{number}.jpg", quality=90)
        survey = look_at_all(read(root))
        for fault in FAULTS:
            found = [Path(finding.photo).stem for finding in CHECKS[fault].judge(survey)]
            planted = sum(Path(name).stem.startswith(f"{fault}-") for name in survey.names)
            true = sum(name.startswith(f"{fault}-") for name in found)
            good = sum(name.startswith("good-") for name in found)
            table[fault] = {"recall": round(true / planted, 4), "good photos found": good, "planted": planted}
    return table


def speed(folder: Path, count: int, peers: Path) -> dict[str, object]:
    """Milliseconds a photo of 500 × 375 on one core, decode included: our pixel checks and the peers'."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for kind in ("a", "b"):
            (root / kind).mkdir()
        for number, photo in enumerate(photos_in(folder, count)):
            photo.resize((500, 375), Image.Resampling.BICUBIC).save(
                root / "ab"[number % 2] / f"{number}.jpg", quality=88
            )
        ours = []
        for _ in range(3):
            os.environ["WHATSIT_CACHE"] = tempfile.mkdtemp()
            begun = time.perf_counter()
            with working_on(Workers(1)):
                survey = look_at_all(read(root))
            for check in CHECKS.values():
                if check.judge:
                    list(check.judge(survey))
            ours.append((time.perf_counter() - begun) * 1000 / len(survey))
            shutil.rmtree(os.environ["WHATSIT_CACHE"])
        answer = subprocess.run([peers, PEERS, "speed", root], check=True, capture_output=True, text=True)
        peer = json.loads(answer.stdout)
    theirs = (peer["imagededup_s"] + peer["cleanvision_s"]) * 1000 / peer["photos"]
    mine = float(np.median(ours))
    return {
        "photos": peer["photos"],
        "whatsit_ms": round(mine, 2),
        "imagededup_ms": round(peer["imagededup_s"] * 1000 / peer["photos"], 2),
        "cleanvision_ms": round(peer["cleanvision_s"] * 1000 / peer["photos"], 2),
        "times_faster": round(theirs / mine, 2),
    }


def memory(count: int) -> dict[str, object]:
    """The anonymous memory at its highest for cleaning `count` small photos."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for kind in ("a", "b"):
            (root / kind).mkdir()
        for number in range(count):
            blocks = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
            Image.fromarray(blocks).resize((64, 48), Image.Resampling.NEAREST).save(
                root / "ab"[number % 2] / f"{number}.jpg", quality=70
            )
        script = (
            "import sys, threading, time, re\n"
            "from whatsit.cleaning.cleaning import clean\n"
            "worst = [0]\n"
            "def watch():\n"
            "    while True:\n"
            "        kb = int(re.search(r'RssAnon:\\s+(\\d+)', open('/proc/self/status').read()).group(1))\n"
            "        worst[0] = max(worst[0], kb); time.sleep(0.05)\n"
            "threading.Thread(target=watch, daemon=True).start()\n"
            "begun = time.perf_counter(); clean(sys.argv[1])\n"
            "print(worst[0] / 1000, time.perf_counter() - begun)\n"
        )
        answer = subprocess.run(
            ["python", "-c", script, root], check=True, capture_output=True, text=True, env=os.environ
        )
    megabytes, seconds = map(float, answer.stdout.split())
    return {"photos": count, "rss_anon_mb": round(megabytes), "seconds": round(seconds, 1)}


def search(count: int) -> dict[str, object]:
    """Seconds to find all pairs within 8 bits among random hashes, and near duplicates with their proof."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, count, dtype=np.uint64)
    begun = time.perf_counter()
    pairs = sum(len(ours) for ours, _ in find_close_pairs(hashes, hashes))
    one = time.perf_counter() - begun
    low = rng.standard_normal((count, 8, 8)).astype(np.float32)
    thumbs = rng.integers(0, 256, (count, 16, 16), dtype=np.uint8)
    begun = time.perf_counter()
    find_near_pairs(low, thumbs)
    return {
        "hashes": count,
        "pairs": pairs,
        "one_search_s": round(one, 1),
        "all_turns_s": round(time.perf_counter() - begun, 1),
        "peak_gb": round(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2
        ),  # with what it is asked about
    }


def faces(folder: Path, named: str, sheet: Path | None) -> dict[str, object]:
    """Photos with a usable face: ours, and by the rule of the tutorials (one cascade, two eyes or more).

    named: our detector, `haar` or a file of YuNet
    sheet: where to draw a hundred of the crops, drawn by seed 13, to be looked at one by one
    """
    import cv2

    from whatsit.data.faces import find_detector
    from whatsit.data.faces.face import face_in

    detector = find_detector(named)
    cv2.setNumThreads(1)
    face = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
    eye = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_eye.xml")
    plain = count = 0
    seconds = 0.0
    crops = []
    for file in sorted(file for file in folder.glob("*/*") if file.is_file()):
        content = file.read_bytes()
        grey = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        boxes = [] if grey is None else face.detectMultiScale(grey, 1.3, 5)
        plain += any(len(eye.detectMultiScale(grey[y : y + h, x : x + w])) >= 2 for x, y, w, h in boxes)
        begun = time.perf_counter()
        found = face_in(content, detector)
        seconds += time.perf_counter() - begun
        crops += [decode(content, (160, 160), box=found[0].box)] if found else []
        count += 1
    if sheet:
        _draw_sheet(random.Random(13).sample(crops, min(100, len(crops))), sheet)
    return {
        "photos": count,
        "crop": detector.crop,
        "whatsit": len(crops),
        "tutorial_rule": plain,
        "times": round(len(crops) / max(1, plain), 2),
        "milliseconds_a_photo": round(1000 * seconds / max(1, count), 1),
    }


def _draw_sheet(crops: list[Pixels], sheet: Path) -> None:
    """The crops in rows of ten, each with its number."""
    whole = Image.new("RGB", (1600, 160 * -(-len(crops) // 10)))
    draw = ImageDraw.Draw(whole)
    for number, crop in enumerate(crops):
        place = number % 10 * 160, number // 10 * 160
        whole.paste(Image.fromarray(crop), place)
        draw.text(place, str(number), fill="white", stroke_width=2, stroke_fill="black")
    whole.save(sheet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("row", choices=("damage", "checks", "speed", "memory", "search", "faces"))
    parser.add_argument("what")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--detector", default="haar")
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--only", nargs="*", default=[], choices=tuple(DAMAGES))
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--skip", type=int, default=0)
    asked = parser.parse_args()
    rows: dict[str, Callable[[], dict[str, object]]] = {
        "damage": lambda: damage(
            Path(asked.what), asked.count, asked.network, asked.peers, asked.only, asked.skip
        ),
        "checks": lambda: checks(Path(asked.what), asked.count),
        "speed": lambda: speed(Path(asked.what), asked.count, asked.peers),
        "memory": lambda: memory(int(asked.what)),
        "search": lambda: search(int(asked.what)),
        "faces": lambda: faces(Path(asked.what), asked.detector, asked.sheet),
    }
    record("clean", asked.row, rows[asked.row](), "numpy", "pillow", "opencv-python-headless", "onnxruntime")


if __name__ == "__main__":
    main()
