"""Photos that belong together are known by kind until they are put anew."""

from __future__ import annotations

from pathlib import Path

from whatsit.data.catalog import open_catalog
from whatsit.data.catalog.groups import DUPLICATES, GROUP_KINDS, PARTS_OF_OTHERS


def test_groups_are_kept_by_kind_and_put_anew_as_a_whole(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        assert {kind: catalog.groups(kind) for kind in GROUP_KINDS} == {DUPLICATES: {}, PARTS_OF_OTHERS: {}}
        catalog.put_groups(DUPLICATES, {"a": 1, "b": 1, "é": 2})
        catalog.put_groups(PARTS_OF_OTHERS, {"a": 7})
        catalog.put_groups(DUPLICATES, {"b": 3, "c": 3})
    with open_catalog(tmp_path) as catalog:
        assert catalog.groups(DUPLICATES) == {"b": 3, "c": 3}
        assert catalog.groups(PARTS_OF_OTHERS) == {"a": 7}
        catalog.put_groups(DUPLICATES, {})
        assert catalog.groups(DUPLICATES) == {}
