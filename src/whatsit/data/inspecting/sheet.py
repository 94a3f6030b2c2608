"""A data set to look at, drawn as one PNG: photos as small pictures with their class, counts as bars."""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from whatsit.data.dataset import Dataset
from whatsit.data.thumbnails import decode_photo, shrink
from whatsit.errors import UserError
from whatsit.files import write_bytes
from whatsit.image import (
    LUMA,
    RESIZES,
    Pixels,
    Size,
    UnreadablePhoto,
    read_header,
    resize_pixels,
)

MOST = 400  # photos on one sheet
A_CLASS = 6  # photos a class on a sheet of samples
MOST_CLASSES = 25
# Installed on most machines that show such scripts at all; those that are missing are passed over.
_FONTS = (
    *(
        "DejaVu Sans",
        "Noto Sans CJK SC",
        "Noto Sans CJK JP",
        "Microsoft YaHei",
        "Hiragino Sans",
        "WenQuanYi Zen Hei",
    ),
    *(
        "Noto Sans",
        "Noto Sans Arabic",
        "Noto Sans Devanagari",
        "Noto Sans Hebrew",
        "Noto Sans Thai",
        "Arial Unicode MS",
    ),
)


@dataclass(frozen=True)
class SheetPicture:
    """A small picture and what is written below it; pixels are None where the photo cannot be read."""

    caption: str
    pixels: Pixels | None


@dataclass(frozen=True)
class Bars:
    """Counts by name, for one series or several; side by side, or stacked on each other."""

    title: str
    series: dict[str, dict[str, int]]
    stacked: bool = False


def rows_of(text: str, count: int) -> range:
    """The rows that `7`, `0:25`, `10:` or `:10` mean. Raises UserError where there are none, or too many."""
    found = re.fullmatch(r"(\d*)(:?)(\d*)", text.strip())
    if not found or not (found[1] or found[2]):
        raise UserError(
            f"{text!r} is no photo and no range of photos.", hint="Give a number, or a range like 0:25."
        )
    start = int(found[1] or 0)
    stop = min(count, int(found[3]) if found[3] else count) if found[2] else start + 1
    if start >= min(stop, count):
        raise UserError(f"There is no photo {text!r}.", hint=f"The photos are numbered 0 to {count - 1}.")
    if stop - start > MOST:
        raise UserError(f"{stop - start:,} photos are too many for one sheet.", hint=f"Ask for at most {MOST}.")
    return range(start, stop)


def choose_samples(dataset: Dataset, seed: int = 0) -> list[int]:
    """Rows of some photos of each of the first classes, class by class."""
    random = np.random.default_rng(seed)
    rows: list[int] = []
    for label in range(min(len(dataset.classes), MOST_CLASSES)):
        own = np.flatnonzero(dataset.having(label))
        rows += sorted(random.permutation(own)[:A_CLASS].tolist())
    return rows


def draw_pictures(dataset: Dataset, rows: Sequence[int]) -> list[SheetPicture]:
    """The photos at some rows, upright, in their own proportions, with their row and class."""
    return [_picture(dataset, row) for row in rows]


def _picture(dataset: Dataset, row: int) -> SheetPicture:
    caption = f"{row} {dataset.written(row)}"
    try:
        return SheetPicture(caption, shrink(decode_whole(dataset, row)))
    except UnreadablePhoto as error:
        return SheetPicture(f"{caption}: {error.reason}", None)


def decode_whole(dataset: Dataset, row: int) -> Pixels:
    """A photo, or the part of it to look at, as large as it is. Raises UnreadablePhoto."""
    return decode_photo(dataset.photos, row, dataset.boxes[row] if dataset.boxes else None)


def resize_preview(dataset: Dataset, size: Size) -> list[SheetPicture]:
    """The widest, the tallest and an ordinary photo: as they are, then as each resize policy makes them."""
    found: list[SheetPicture] = []
    for row in _shapes(dataset):
        pixels = decode_whole(dataset, row)
        height, width = pixels.shape[:2]
        found.append(SheetPicture(f"{row}: {width} × {height}", shrink(pixels)))
        found += [SheetPicture(policy, shrink(resize_pixels(pixels, size, policy))) for policy in RESIZES]
    return found


def _shapes(dataset: Dataset, most: int = 1000) -> list[int]:
    """Rows of the widest, the tallest and the middle one of up to `most` photos."""
    step = max(1, len(dataset) // most)
    shapes: list[tuple[float, int]] = []
    for row in range(0, len(dataset), step):
        try:
            content = dataset.photos.read(row)
            header = read_header(content) if isinstance(content, bytes) else None
        except (OSError, UnreadablePhoto):
            continue  # `info` names those
        shapes.append((header.width / header.height if header else 1.0, row))
    shapes.sort()
    return list(dict.fromkeys(shapes[place][1] for place in (-1, 0, len(shapes) // 2))) if shapes else []


def write_sheet(path: Path, shown: Sequence[SheetPicture], columns: int | None = None) -> None:
    """Draw pictures with their captions as one PNG, row by row."""
    from matplotlib.figure import Figure

    across = columns or min(len(shown), math.ceil(math.sqrt(len(shown) * 1.4)))
    down = math.ceil(len(shown) / across)
    figure = Figure(figsize=(1.5 * across, 1.7 * down), dpi=110, layout="constrained")
    family = _families()
    for place, picture in enumerate(shown):
        axes = figure.add_subplot(down, across, place + 1)
        axes.set_axis_off()
        if picture.pixels is not None:
            axes.imshow(picture.pixels, interpolation="nearest" if max(picture.pixels.shape[:2]) <= 64 else None)
        axes.set_title(_short(picture.caption), fontsize=7, fontfamily=family, parse_math=False)
    _print(figure, path)


def write_bars(path: Path, shown: Sequence[Bars]) -> None:
    """Draw counts as one PNG, a panel each, the names down its side; at most MOST_CLASSES names a panel."""
    from matplotlib.figure import Figure

    lengths = [1 + min(MOST_CLASSES, len(_names(one))) * (1 if one.stacked else len(one.series)) for one in shown]
    figure = Figure(figsize=(8, 0.9 * len(shown) + 0.22 * sum(lengths)), dpi=110, layout="constrained")
    panels = figure.subplots(len(shown), 1, squeeze=False, height_ratios=lengths)[:, 0]
    for axes, one in zip(panels, shown, strict=True):
        _draw_bars(axes, one)
    _print(figure, path)


def _names(one: Bars) -> list[str]:
    return list(dict.fromkeys(name for counts in one.series.values() for name in counts))


def _draw_bars(axes: Any, one: Bars) -> None:
    names = _names(one)[:MOST_CLASSES]
    places, begun = np.arange(len(names)), np.zeros(len(names))
    thick = 0.8 if one.stacked else 0.8 / len(one.series)
    for number, (title, counts) in enumerate(one.series.items()):
        values = np.array([counts.get(name, 0) for name in names])
        shift = 0.0 if one.stacked else (number - (len(one.series) - 1) / 2) * thick
        drawn = axes.barh(places + shift, values, thick, begun if one.stacked else 0, label=title)
        labels = [f"{value:,}" if value or not one.stacked else "" for value in values]
        axes.bar_label(
            drawn,
            labels,
            label_type="center" if one.stacked else "edge",
            padding=0 if one.stacked else 2,
            fontsize=7,
            color=_ink_on(drawn) if one.stacked else "black",
        )
        begun += values
    axes.set_yticks(places, [_short(name) for name in names], fontsize=8, fontfamily=_families(), parse_math=False)
    axes.set_title(one.title, fontsize=10, loc="left")
    axes.invert_yaxis()
    axes.margins(x=0.1)
    axes.xaxis.get_major_locator().set_params(integer=True)  # photos are whole
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if len(one.series) > 1:
        axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1, 1))  # beside the bars


def _ink_on(bars: Any) -> str:
    """The colour of text that can be read on bars of their colour."""
    red, green, blue, _ = bars.patches[0].get_facecolor() if len(bars.patches) else (1, 1, 1, 1)
    return "white" if float(np.dot(LUMA, (red, green, blue))) < 0.6 else "black"


def _print(figure: Any, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands for a letter no font has
        FigureCanvasAgg(figure).print_png(out)
    write_bytes(path, out.getvalue())


def _families() -> list[str]:
    from matplotlib.font_manager import get_font_names

    installed = set(get_font_names())
    return [family for family in _FONTS if family in installed]


def _short(caption: str, most: int = 26) -> str:
    return caption if len(caption) <= most else f"{caption[: most - 1]}…"
