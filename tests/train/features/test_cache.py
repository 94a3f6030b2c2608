"""Features are computed once."""

from pathlib import Path

import numpy as np
from columns import drawn

from whatsit.files import cache_dir
from whatsit.train.features.cache import computed
from whatsit.train.features.graph import Graph, flat, photo_of


def mean_colour() -> bytes:
    """A graph `pixels` → `mean`, three columns."""
    graph = Graph()
    flat(graph, graph.add("GlobalAveragePool", photo_of(graph)))
    graph.add("Identity", flat(graph, graph.add("GlobalAveragePool", photo_of(graph))), output="mean")
    return graph.model((8, 8), {"mean": 3}).SerializeToString()


class Counted:
    """Photos that count how many were computed, by what the cache's file grew."""

    def __init__(self, count: int, seed: int) -> None:
        self.photos = drawn(count, 8, seed)

    def take(self, rows: np.ndarray) -> np.ndarray:
        return self.photos[rows]


def stored(graph: bytes) -> int:
    """Rows in the caches of all graphs."""
    del graph
    return sum(file.stat().st_size for file in (cache_dir() / "features").rglob("rows.f32")) // 12


def test_a_photo_seen_before_is_not_computed_again_whatever_its_place() -> None:
    graph, source = mean_colour(), Counted(1100, seed=1)
    before = stored(graph)
    first = computed(graph, "mean", 3, source.take, np.arange(700))
    assert stored(graph) - before == 700
    again = computed(graph, "mean", 3, source.take, np.array([650, 3, 900, 3]))
    assert stored(graph) - before == 701
    np.testing.assert_array_equal(again.take(slice(None))[:2], first.take(np.array([650, 3])))
    expected = source.photos[[650, 3, 900, 3]].mean(axis=(1, 2))
    np.testing.assert_allclose(again.take(slice(None)), expected, rtol=1e-5)


def test_equal_photos_share_a_row() -> None:
    graph, source = mean_colour(), Counted(4, seed=2)
    source.photos[1:] = source.photos[0]
    table = computed(graph, "mean", 3, source.take, np.arange(4))
    assert len(set(table.rows.tolist())) == 1


def test_what_a_killed_run_left_half_written_is_cut_off_and_computed_anew() -> None:
    graph, source = mean_colour(), Counted(40, seed=3)
    computed(graph, "mean", 3, source.take, np.arange(30))
    folder = max((cache_dir() / "features").iterdir(), key=lambda place: place.stat().st_mtime)
    with (folder / "rows.f32").open("ab") as rows:  # features without their keys, the last one cut
        rows.write(bytes(12 * 5 + 7))
    table = computed(graph, "mean", 3, source.take, np.arange(40))
    np.testing.assert_allclose(table.take(slice(None)), source.photos.mean(axis=(1, 2)), rtol=1e-5)
    assert not (Path(folder) / "rows.f32").stat().st_size % 12
