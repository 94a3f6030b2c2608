"""Photos and data sets drawn for the referee. Bitmaps, so that no encoder's version changes a byte."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

COLOURS = {"blue": (60, 80, 200), "green": (60, 180, 80), "red": (200, 60, 60)}
SIDE = 64


def colour(name: str, seed: int, side: int = SIDE) -> Image.Image:
    """A photo of one colour that fades to one side, with discs in shades of it; no two seeds draw the same."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:side, :side] / side
    slope = random.uniform(-50, 50, 2)
    pixels = np.array(COLOURS[name], float) + random.uniform(-10, 10, 3) + random.normal(0, 5, (side, side, 3))
    pixels += (slope[0] * (x - 0.5) + slope[1] * (y - 0.5))[..., None]
    for across, down, radius in random.uniform((0.1, 0.1, 0.05), (0.9, 0.9, 0.2), (4, 3)):
        pixels[(x - across) ** 2 + (y - down) ** 2 < radius**2] *= random.uniform(0.3, 1.5)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def coloured(root: Path, photos: int = 12, first: int = 0, side: int = SIDE) -> Path:
    """Class folders blue, green and red of bitmaps `0.bmp`, `1.bmp`, …"""
    for place, name in enumerate(COLOURS):
        (root / name).mkdir(parents=True)
        for number in range(photos):
            colour(name, 1000 * place + first + number, side).save(root / name / f"{number:02}.bmp")
    return root


def faulty(root: Path) -> Path:
    """Class folders in which cleaning finds something of every kind that one photo can show."""
    coloured(root, photos=6, first=500)
    (root / "blue" / "broken.bmp").write_bytes(b"<!DOCTYPE html><p>No photo")
    whole = (root / "blue" / "00.bmp").read_bytes()
    (root / "blue" / "cut.bmp").write_bytes(whole[: len(whole) // 2])
    (root / "blue" / "again.bmp").write_bytes((root / "blue" / "01.bmp").read_bytes())
    (root / "red" / "other.bmp").write_bytes((root / "green" / "01.bmp").read_bytes())
    with Image.open(root / "green" / "02.bmp") as photo:
        photo.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(root / "green" / "mirrored.bmp")
    Image.new("RGB", (SIDE, SIDE), (120, 120, 120)).save(root / "green" / "blank.bmp")
    colour("green", 7).point(lambda value: value // 8).save(root / "green" / "dark.bmp")
    colour("red", 8).resize((8, 8)).save(root / "red" / "tiny.bmp")
    Image.fromarray(np.tile(np.asarray(colour("red", 9)), (1, 5, 1))).save(root / "red" / "wide.bmp")
    (root / "red" / "notes.txt").write_text("not a photo\n")
    return root


def stripes(root: Path) -> Path:
    """A folder of photos that are of no class."""
    root.mkdir(parents=True)
    for number in range(6):
        pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
        pixels[:: number + 2] = 255
        Image.fromarray(pixels).save(root / f"{number}.bmp")
    return root


def png(name: str, seed: int, side: int = SIDE) -> bytes:
    """A photo of a colour as a PNG: what a server takes, without loss."""
    content = io.BytesIO()
    colour(name, seed, side).save(content, "PNG")
    return content.getvalue()


def sets(root: Path) -> Path:
    """Every data set that calls are made on, below one folder."""
    coloured(root / "colours")
    coloured(root / "others", photos=4, first=300)
    faulty(root / "faulty")
    stripes(root / "stripes")
    for name in ("one", "two"):
        (root / "plains" / name).mkdir(parents=True)
        for number in range(3):
            blocks = np.random.default_rng(number + 10 * (name == "two")).integers(0, 256, (4, 4, 3), np.uint8)
            Image.fromarray(blocks.repeat(16, 0).repeat(16, 1)).save(root / "plains" / name / f"{number}.bmp")
    (root / "empty").mkdir()
    coloured(root / "hollow", photos=1)
    (root / "hollow" / "grey").mkdir()
    for name in ("blue", "green"):  # of one class that has photos and one that has none, nothing can be learnt
        shutil.rmtree(root / "hollow" / name)
    lines = [f"colours/{name}/{number:02}.bmp,{name}" for name in COLOURS for number in range(4)]
    (root / "table.csv").write_text("\n".join(["path,label", *lines]) + "\n")
    (root / "astray.csv").write_text("path,label\ncolours/blue/00.bmp,blue\ncolours/blue/99.bmp,blue\n")
    pixels = np.stack([np.asarray(colour(name, 40 + number, 12)) for name in COLOURS for number in range(6)])
    np.savez(root / "arrays.npz", images=pixels, labels=np.repeat(np.arange(3), 6), classes=list(COLOURS))
    for name in COLOURS:
        shutil.copytree(root / "others" / name, root / "sources" / name)
        (root / "sources" / name / "00.bmp.json").write_text("{}")
    addresses = ["url,class,author,license,page,title"]
    addresses += [f"http://127.0.0.1:9/{name}.jpg,{name},A. Person,CC BY 4.0,," for name in COLOURS]
    (root / "list.csv").write_text("\n".join(addresses) + "\n")
    (root / "names.txt").write_text("colours/red/00.bmp\ncolours/green/00.bmp\nnothere.bmp\n")
    return root
