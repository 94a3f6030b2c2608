"""What is said of a photo in a shard: its class or labels, and further facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from whatsit.data.readers.labels import write_labels
from whatsit.data.readers.sharded.samples import Sample
from whatsit.data.readers.tables.columns import LABEL_COLUMNS, LABELS_COLUMN
from whatsit.errors import UserError
from whatsit.records import decode_json

UNKNOWN = "unknown"  # the labels that nobody looked for
_KEYS = (*LABEL_COLUMNS, "cls")


@dataclass(frozen=True)
class Said:
    """What is said of one photo.

    label:  its class; None where none is said
    labels: the text of its labels (see `readers.labels`); None where no list of them stands there
    others: further facts as texts
    """

    label: str | None = None
    labels: str | None = None
    others: dict[str, str] = field(default_factory=dict)


def read_said(where: str, sample: Sample, names: Sequence[str]) -> Said:
    """What stands beside a photo. Raises UserError, with `where`, for what cannot have been meant.

    names: of the classes, where numbers stand for them

    A .cls says the class before a .json does, and that before a .txt.
    """
    facts = _read_facts(where, sample)
    labels = facts.pop(LABELS_COLUMN, None)
    key = next((key for key in _KEYS if _is_plain(facts.get(key))), None)
    label = None if key is None else str(facts.pop(key))
    for text in (sample.said.get("cls"), label, sample.said.get("txt")):
        if text is not None:
            label = _name(where, text.strip(), names)
            break
    unknown = facts.pop(UNKNOWN, None)
    others = {name: _text(value) for name, value in facts.items() if _is_plain(value)}
    return Said(label, None if labels is None else _join(where, labels, unknown or []), others)


def _read_facts(where: str, sample: Sample) -> dict[str, Any]:
    if "json" not in sample.said:
        return {}
    try:
        facts = decode_json(sample.said["json"])
    except ValueError as error:
        raise UserError(f"The .json of {where} is none ({error}).", hint="Pack the shard again.") from None
    return facts if isinstance(facts, dict) else {next(iter(_KEYS)): facts}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _name(where: str, label: str, names: Sequence[str]) -> str:
    if not names or not label.isdecimal():
        return label
    if int(label) >= len(names):
        raise UserError(
            f"The class of {where} is {label}, and classes.txt names {len(names)}.", hint="Classes count from 0."
        )
    return names[int(label)]


def _join(where: str, labels: object, unknown: object) -> str:
    lists = [labels, unknown]
    if not all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists):
        raise UserError(f"The labels of {where} are no list of names.", hint='As in: {"labels": ["sky", "water"]}')
    return write_labels(where, *lists)  # type: ignore[arg-type]  # looked at just now
