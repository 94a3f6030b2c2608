"""Faults planted into real photos, and how many of them `whatsit clean` finds.

    python benchmarks/clean_planted.py PHOTOS [--each N] [--most N] [--network MODEL]

PHOTOS has class folders; `--most` of them a class are copied, and `--each` faults of a kind planted among them.
What is found in the photos as they are is not counted: a real data set has faults of its own. With `--network`,
also crops, and photos put into another class.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from clean import DAMAGES, FAULTS
from PIL import Image
from record import record

from whatsit.cleaning.cleaning import clean
from whatsit.data.catalog import Finding

Plant = Callable[[Path, Path], None]  # a photo → the file that is planted


def _saved(change: Callable[[Image.Image], Image.Image]) -> Plant:
    def plant(photo: Path, target: Path) -> None:
        change(Image.open(photo).convert("RGB")).save(target, "JPEG", quality=85)

    return plant


def _cut_short(photo: Path, target: Path) -> None:
    content = photo.read_bytes()
    target.write_bytes(content[: len(content) // 3])


def _page(_photo: Path, target: Path) -> None:
    target.write_text("<!doctype html><title>404</title>")


# fault → the check that is to find it, and how it is made
KINDS: dict[str, tuple[str, Plant]] = {
    "cut short": ("broken", _cut_short),
    "a web page": ("broken", _page),
    "the same file": ("exact-duplicate", lambda photo, target: shutil.copy(photo, target) and None),
    "saved at quality 30": ("near-duplicate", _saved(DAMAGES["saved at quality 30"])),
    "half the size": ("near-duplicate", _saved(DAMAGES["half the size"])),
    "mirrored": ("near-duplicate", _saved(DAMAGES["mirrored"])),
    "watermark": ("near-duplicate", _saved(DAMAGES["watermark"])),
    **{fault: (fault, _saved(change)) for fault, change in FAULTS.items()},
}
DEEP_KINDS: dict[str, tuple[str, Plant]] = {
    "cropped by 10 %": ("part-of-another", _saved(DAMAGES["cropped by 10 %"])),
    "border": ("part-of-another", _saved(DAMAGES["border"])),
}
COPIES = ("exact-duplicate", "near-duplicate", "part-of-another")


def planted(folder: Path, most: int, each: int, network: Path | None) -> dict[str, object]:
    """What each check finds of its faults, and how many photos beside them."""
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "photos"
        photos = _copied(folder, root, most, rng)
        before = {(one.photo, one.check) for one in clean(root, deep=bool(network), network=network).findings}
        kinds = KINDS | (DEEP_KINDS if network else {})
        swapped = (
            _swapped(root, photos, each, rng) if network else set()
        )  # these get no copies, which would show it
        faults = {fault: _planted(root, photos, fault, plant, each, rng) for fault, (_, plant) in kinds.items()}
        if network:
            kinds |= {"in another class": ("suspect-label", _page)}
            faults["in another class"] = swapped
        begun = time.perf_counter()
        found = clean(root, deep=bool(network), network=network).findings
        seconds = time.perf_counter() - begun
    found = tuple(one for one in found if (one.photo, one.check) not in before)
    checks = {check: _score(check, [f for f, (c, _) in kinds.items() if c == check], faults, found)
              for check in dict.fromkeys(check for check, _ in kinds.values())}  # fmt: skip
    return {
        "photos": len(photos),
        "each": each,
        "seconds": round(seconds, 1),
        "found before": len(before),
        **checks,
    }


def _copied(folder: Path, root: Path, most: int, rng: np.random.Generator) -> list[Path]:
    copies = []
    for label in sorted(entry for entry in folder.iterdir() if entry.is_dir()):
        files = sorted(file for file in label.iterdir() if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
        (root / label.name).mkdir(parents=True)
        for place in sorted(rng.permutation(len(files))[:most]):
            copies.append(root / label.name / files[place].name)
            shutil.copy(files[place], copies[-1])
    return copies


def _planted(
    root: Path, photos: list[Path], fault: str, plant: Plant, each: int, rng: np.random.Generator
) -> set[str]:
    names = set()
    for number in rng.permutation(len(photos))[:each]:
        photo = photos[number]
        target = photo.with_name(f"planted {fault.replace(' %', '')} {photo.stem}.jpg")
        plant(photo, target)
        names.add(target.relative_to(root).as_posix())
    return names


def _swapped(root: Path, photos: list[Path], each: int, rng: np.random.Generator) -> set[str]:
    labels = sorted(entry.name for entry in root.iterdir() if entry.is_dir())
    names = set()
    for photo in [photos[number] for number in rng.permutation(len(photos))[:each]]:
        photos.remove(photo)
        other = labels[(labels.index(photo.parent.name) + 1) % len(labels)]
        target = root / other / f"planted swap {photo.stem}.jpg"
        photo.rename(target)
        names.add(target.relative_to(root).as_posix())
    return names


def _score(
    check: str, own: list[str], faults: dict[str, set[str]], found: tuple[Finding, ...]
) -> dict[str, object]:
    """Recall of what is this check's to find, and how many photos are named that nothing was done to.

    A planted photo of another fault is none of these: a blank photo is without a sharp edge as well, and a dark
    copy is a copy. A copy is found where it is named, or the photo it was made from beside it.
    """
    planted, touched = (set().union(*(faults[fault] for fault in some)) for some in (own, faults))
    pairs = [
        {one.photo, str(one.detail.get("of", one.photo))} if check in COPIES else {one.photo}
        for one in found
        if one.check == check
    ]
    named = set().union(*pairs)
    recalls = {fault: round(len(named & faults[fault]) / len(faults[fault]), 3) for fault in own}
    return {
        "planted": len(planted),
        "recall": round(len(named & planted) / len(planted), 3),
        "found": len(pairs),
        "untouched": sum(not pair & touched for pair in pairs),
        **({"by fault": recalls} if len(own) > 1 else {}),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--most", type=int, default=500)
    parser.add_argument("--network", type=Path)
    asked = parser.parse_args()
    figures = planted(asked.photos, asked.most, asked.each, asked.network)
    record("clean", f"planted-{asked.photos.name}", figures, "numpy", "pillow", "onnxruntime")


if __name__ == "__main__":
    main()
