"""Features side by side."""

import numpy as np
from columns import drawn

from whatsit.model.graph.features import table_of
from whatsit.model.graph.write import Graph
from whatsit.training.features.columns import Columns
from whatsit.training.features.graph import flatten_value, photo_of


def test_two_features_of_the_same_photos_stand_side_by_side() -> None:
    photos = drawn(6, 8)
    tables = []
    for kind in ("GlobalAveragePool", "GlobalMaxPool"):
        graph = Graph()
        found = flatten_value(graph, graph.add(kind, photo_of(graph)))
        content = graph.model((8, 8), {found: [3]}).SerializeToString()
        tables.append(table_of(content, lambda rows: photos[rows], np.arange(6), found))
    both = Columns(tuple(tables))
    assert len(both) == 6
    assert both.widths == (3, 3)
    some = both.take(np.array([4, 1]))
    np.testing.assert_allclose(some[:, :3], photos[[4, 1]].mean(axis=(1, 2)), rtol=1e-5)
    np.testing.assert_allclose(some[:, 3:], photos[[4, 1]].max(axis=(1, 2)))
