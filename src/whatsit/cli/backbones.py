"""`whatsit backbones`: the pretrained networks, and how well they see your photos."""

from __future__ import annotations

import json as json_text
import re
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit import verbs, words
from whatsit.cli.terminal import console, stopping
from whatsit.words import percent, photos

if TYPE_CHECKING:
    from whatsit.road.backbones import Backbones


@stopping.leaves(stopping.NOTHING)
def backbones(*, measure: str | None = None, data_dir: Path | None = None, json: bool = False) -> None:
    """List the pretrained networks: size, work, licence, and where they are; measure those that are here.

    Example: `whatsit backbones --measure photos`

    Parameters
    ----------
    measure
        A data set, as for train: compare the networks that are here on a few hundred of its photos.
    data_dir
        Where known data sets are looked for first.
    json
        Print what was found as JSON.
    """
    found = verbs.backbones(measure, data_dir=data_dir)
    if json:
        console.show(json_text.dumps(found.as_dict(), indent=2, ensure_ascii=False))
    elif measure is None:
        _tell_networks(found)
    else:
        _tell_measured(found, measure)


def _tell_networks(found: Backbones) -> None:
    rows = [
        (
            one.name,
            one.size,
            one.features,
            None if one.work is None else round(one.work / 1e6),
            f"{one.bytes / 1e6:.0f}",
            re.sub(r" \(.*?\)", "", one.licence),  # whose it is stands in --json, in the docs and in model cards
            "yes" if one.is_usable else "no",
        )
        for one in found.networks
    ]
    console.table(("name", "side", "features", "work", "MB", "licence", "here"), rows)
    for one in found.networks:
        console.show(f"{one.name}: {one.where}")
        if one.problem:
            console.warn(f"{one.name}: {one.problem}")
    console.show("Side: of the photos it is shown, in pixels. Work: million multiply-adds a photo.")
    console.show("Any image model of the Hugging Face Hub by its name: --backbone owner/name.")
    console.show("Which is best for your photos: whatsit backbones --measure DATA")


def _tell_measured(found: Backbones, data: str) -> None:
    rows = []
    for one in found.measured:
        low, high = percent(one.accuracy.low), percent(one.accuracy.high)
        rows.append((one.name, percent(one.accuracy.value), f"{low} to {high}", f"{one.seconds:.3g}"))
    console.show(
        f"{found.data}: {photos(found.photos)} of {words.count(found.classes, 'class')}, "
        "each judged by a head that has not seen it"
    )
    console.table(("network", "right", "95 % interval", "seconds a photo"), rows)
    if len(rows) == 1:
        console.show("It is the only one here. What the others need: whatsit backbones")
    elif len(found.alike) == len(rows) * (len(rows) - 1) // 2:
        console.show("These photos cannot tell them apart: each lies inside the others' intervals.")
    elif found.alike:
        pairs = "; ".join(" and ".join(pair) for pair in found.alike)
        console.show(f"These photos cannot tell apart, as each lies inside the other's interval: {pairs}.")
    else:
        console.show("No two lie inside each other's intervals.")
    train = words.typed("whatsit", "train", data, "--recipe", "transfer", "--backbone", found.measured[0].name)
    console.show(f"Train with one: {train}")
