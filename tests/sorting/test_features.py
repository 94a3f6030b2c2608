"""Photos of a pile are looked at once, by the default network, whatever happens in between."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photos import scene
from whatsit import events
from whatsit.data.dataset import Dataset
from whatsit.data.pixels import decode_photos
from whatsit.data.readers.piles import read_pile
from whatsit.engine import Workers, working_on
from whatsit.errors import UserError
from whatsit.image import encode_jpeg
from whatsit.model.graph.features import Table, features_of
from whatsit.sorting.features import look_at_all, open_network

ONE = Workers(1)


def fill(folder: Path, count: int, first: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    for seed in range(first, first + count):
        (folder / f"{seed:03}.jpg").write_bytes(encode_jpeg(scene(seed=seed)))
    return folder


def look(folder: Path) -> tuple[Dataset, Table, int]:
    """The photos, their features, and how many photos were looked at for it."""
    heard: list[events.Event] = []
    with events.listening(heard.append), working_on(ONE):
        dataset, table = look_at_all(read_pile(folder), open_network())
    return dataset, table, sum(one.total or 0 for one in heard if isinstance(one, events.Begin))


def test_the_second_time_and_with_more_photos_only_the_new_ones_are_looked_at(tmp_path: Path) -> None:
    folder = fill(tmp_path / "pile", 9)
    _, first, count = look(folder)
    assert (len(first), count) == (9, 9)
    assert look(folder)[2] == 0
    dataset, more, count = look(fill(folder, 2, first=9))
    assert (len(dataset), len(more), count) == (11, 11, 2)
    assert np.array_equal(more.take(slice(0, 9)), first.take(slice(None)))


def test_who_is_stopped_goes_on_there(tmp_path: Path) -> None:
    folder = fill(tmp_path / "pile", 40)

    def stop_after_some(event: events.Event) -> None:
        if isinstance(event, events.Step):
            events.stop()

    with pytest.raises(events.Stopped), events.listening(stop_after_some), working_on(ONE):
        look_at_all(read_pile(folder), open_network())
    _, table, count = look(folder)
    assert len(table) == 40
    assert 0 < count < 40


def test_a_changed_photo_is_looked_at_again(tmp_path: Path) -> None:
    folder = fill(tmp_path / "pile", 3)
    _, before, _ = look(folder)
    (folder / "001.jpg").write_bytes(encode_jpeg(scene(seed=50)))
    _, after, count = look(folder)
    assert count == 1
    pairs = zip(before.take(slice(None)), after.take(slice(None)), strict=True)
    assert [np.array_equal(*rows) for rows in pairs] == [True, False, True]


def test_it_is_what_training_sees(tmp_path: Path) -> None:
    folder = fill(tmp_path / "pile", 4)
    dataset, table, _ = look(folder)
    network = open_network()
    _, decoded = decode_photos(dataset, network.size)
    reference = features_of(network.graph, decoded.take, np.arange(4))
    assert table.take(slice(None)) == pytest.approx(reference, abs=1e-5)


def test_a_folder_without_a_photo_that_can_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no photo"):
        look(fill(tmp_path / "pile", 0))
    (tmp_path / "pile" / "broken.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match="no photo") as error:
        look(tmp_path / "pile")
    assert "broken.png" in error.value.hint


def test_a_photo_that_cannot_be_read_is_named_and_the_others_are_there(tmp_path: Path) -> None:
    folder = fill(tmp_path / "pile", 3)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    (folder / "notes.txt").write_text("not a photo")
    for _ in range(2):
        dataset, table, _ = look(folder)
        assert len(dataset) == len(table) == 3
        assert {one.name for one in dataset.skipped} == {"broken.jpg", "notes.txt"}
        assert all(one.reason for one in dataset.skipped)
