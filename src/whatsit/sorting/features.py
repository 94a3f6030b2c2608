"""What the photos of a pile show, as vectors: by the default network, once a photo, kept without their pixels.

A photo is found again by its name, size and time, so a pile that was looked at before opens at once. The records
are added as they come: who is stopped goes on there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from whatsit import engine, events
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.objects import name_place
from whatsit.data.photos import Photos, key_of
from whatsit.data.pixels.piece import FACTS, Piece, Raster, decode_piece
from whatsit.errors import UserError
from whatsit.image import Size, decoder_version
from whatsit.languages.speaking import gettext
from whatsit.model.backbones.default import load_default_graph
from whatsit.model.graph.cut import count_features, cut_to_features
from whatsit.model.graph.features import Table
from whatsit.model.graph.session import BATCH, Session, runtime
from whatsit.model.graph.write import FEATURES
from whatsit.store import Records, Store, keys_of

VERSION = 1  # raise it when the records are others, and old stores are left behind


@dataclass(frozen=True)
class Network:
    """What looks at the photos: an ONNX graph from `pixels` to `features`, and the size it is shown."""

    name: str
    graph: bytes
    size: Size
    width: int


@dataclass
class Looked:
    """What became of some photos: features (d,) float32 each, zeros where one cannot be read, and then why."""

    rows: list[NDArray[np.float32]]
    facts: NDArray[np.void]
    unopened: list[str]


def open_network() -> Network:
    """The default network. Raises UserError where its weights are not here."""
    backbone, graph = load_default_graph()
    return Network(backbone.name, cut_to_features(graph), backbone.size, count_features(graph))


def look_at_all(dataset: Dataset, network: Network) -> tuple[Dataset, Table]:
    """The photos that can be read, and their features on disk; the others stand in `skipped`.

    Raises UserError where none can be read.
    """
    store = store_of(dataset, network)
    keys = keys_of([key_of(dataset.photos, row) for row in range(len(dataset))])
    records = store.read()
    found, unopened = records.find(keys), dict[int, str]()
    if (found < 0).any():
        with store.writing(f"Another whatsit is looking at {dataset.name!r} right now.") as out:
            missing = np.flatnonzero(store.read().find(keys) < 0)
            out.make_room(len(missing), 4 * network.width)
            with events.progress("Looking at photos", len(missing)) as step:
                for bunch, made in _look(dataset, network, missing):
                    opened = [at for at, reason in enumerate(made.unopened) if not reason]
                    out.add(keys[bunch[opened]], [made.rows[at] for at in opened], made.facts[opened])
                    unopened |= {int(bunch[at]): reason for at, reason in enumerate(made.unopened) if reason}
                    step(len(bunch))
        records = store.read()
        found = records.find_each(keys, but=unopened)
    return _put_together(dataset, network, records, found, unopened)


def store_of(dataset: Dataset, network: Network) -> Store:
    """Where the features of a pile's photos are kept; another decoder, network or runtime gives others."""
    digest = hashlib.blake2b(runtime().encode() + network.graph, digest_size=12).hexdigest()
    identity = f"pile {VERSION}\0{digest}\0{decoder_version()}\0{dataset.photos.place}"
    return Store(
        "features",
        identity,
        f"{name_place(dataset)} by {network.name}",
        _FIELDS,
    )


_FIELDS = [("reason", FACTS["reason"].str)]


def _look(
    dataset: Dataset, network: Network, rows: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], Looked]]:
    bunches = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    look = partial(look_at, Session(network.graph), Raster(network.size, "squish"), network.width)
    pieces = (dataset.photos.select(bunch) for bunch in bunches)
    yield from zip(bunches, engine.each(look, pieces, engine.chosen()), strict=True)


def look_at(session: Session, raster: Raster, width: int, photos: Photos) -> Looked:
    """Decode some photos and ask the network."""
    made = decode_piece(Piece(photos, None, raster))
    good = [at for at, row in enumerate(made.rows) if len(row)]
    rows = [np.zeros(width, np.float32)] * len(made.rows)
    if good:
        (features,) = session.run(np.stack([made.rows[at] for at in good]), (FEATURES,))
        for at, values in zip(good, np.asarray(features, np.float32).reshape(len(good), width), strict=True):
            rows[at] = values
    facts = np.zeros(len(rows), np.dtype([(name, kind) for name, kind in _FIELDS]))
    facts["reason"] = made.facts["reason"]
    return Looked(rows, facts, made.unopened)


def _put_together(
    dataset: Dataset, network: Network, records: Records, found: NDArray[np.int64], unopened: dict[int, str]
) -> tuple[Dataset, Table]:
    reasons = np.full(len(found), b"?", FACTS["reason"])
    reasons[found >= 0] = records.facts["reason"][found[found >= 0]]
    good = np.flatnonzero(reasons == b"")
    why = ((row, reasons[row].decode("utf-8", "replace")) for row in np.flatnonzero(reasons != b"").tolist())
    skipped = tuple(Skipped(dataset.photos.names[row], unopened.get(row) or reason) for row, reason in why)
    if not len(good):
        first = (
            gettext("The first, {name}: {reason}.", name=f"{skipped[0].name!r}", reason=skipped[0].reason)
            if skipped
            else gettext("Put photos into it.")
        )
        raise UserError(
            gettext("There is no photo in {name} that can be read.", name=f"{dataset.name!r}"), hint=first
        )
    values, places = records.map_rows(found[good], np.float32, (network.width,))
    kept = replace(dataset.select(good), skipped=(*dataset.skipped, *skipped)) if skipped else dataset
    return kept, Table(values, places)
