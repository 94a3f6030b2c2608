"""Other names for the classes of a data set, as in `cats=cat,dogs=dog`."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from whatsit.data.dataset import Dataset, check_classes, check_names
from whatsit.data.letters import describe_letters
from whatsit.data.names import fold_plural, match_names
from whatsit.errors import UserError, suggest_nearest

EXAMPLE = "As in: --classes cats=cat,dogs=dog"


def parse_mapping(text: str) -> dict[str, str]:
    """The names that `cats=cat,dogs=dog` gives to classes; a name with a comma stands between double quotes.

    Raises UserError where it cannot be read.
    """
    found: dict[str, str] = {}
    try:
        pairs = next(csv.reader([text], skipinitialspace=True, strict=True), [])
    except csv.Error as error:
        raise UserError(f"--classes {text!r} cannot be read: {error}.", hint=EXAMPLE) from None
    for pair in pairs:
        name, equals, meant = (piece.strip() for piece in pair.partition("="))
        if not (name and equals and meant):
            raise UserError(f"--classes has {pair!r}, which gives no class another name.", hint=EXAMPLE)
        if found.setdefault(name, meant) != meant:
            raise UserError(f"--classes gives {name!r} two names, {found[name]!r} and {meant!r}.", hint=EXAMPLE)
    return found


def rename_classes(dataset: Dataset, mapping: Mapping[str, str]) -> Dataset:
    """The data set with other names for its classes; classes of one name become one. Their order stays.

    Raises UserError where it has no class of a name that is given another.
    """
    for name in mapping:
        if name not in dataset.classes:
            raise UserError(
                f"{dataset.name!r} has no class {name!r} to be called {mapping[name]!r}.",
                hint=suggest_nearest(name, dataset.classes),
            )
    if not mapping:
        return dataset
    named = [mapping.get(label, label) for label in dataset.classes]
    classes = tuple(dict.fromkeys(named))
    (check_names if dataset.target.says_any_number else check_classes)(dataset.name, classes)
    numbers = {label: number for number, label in enumerate(classes)}
    places = np.array([numbers[label] for label in named], np.int64)
    return replace(dataset, classes=classes, labels=dataset.target.renumber(dataset.labels, places, len(classes)))


def refuse_near(
    data: str, strange: Sequence[str], known: Sequence[str], mapping: Mapping[str, str], whose: str
) -> None:
    """Raise a UserError where classes are nearly called like known ones, and nobody has said what they are.

    whose: whose classes those known are, as in `the model's`
    """
    meant = set(mapping.values())
    near = match_names([name for name in strange if name not in meant], known)
    if not near:
        return
    pairs = ",".join(f"{_quote(name)}={_quote(meant)}" for name, meant in near.items())
    first, other = next(iter(near.items()))
    odd = ", ".join(describe_letters(first) + describe_letters(other))
    looks = f" (what looks the same is not: {odd})" if fold_plural(first) != fold_plural(other) else ""
    raise UserError(
        f"{data!r} has the class {first!r}, and {whose} are called otherwise: {other!r}{looks}.",
        hint=f"If they are the same: --classes '{pairs}'. If not: --classes '{_quote(first)}={_quote(first)}'.",
    )


def _quote(name: str) -> str:
    return f'"{name}"' if "," in name else name
