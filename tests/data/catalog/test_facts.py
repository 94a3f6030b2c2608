"""Answers and settings are remembered by name, and things counted, also by several at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from whatsit.data.catalog import open_catalog


def test_a_fact_is_what_was_said_last(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        assert catalog.fact("crop") == ""
        catalog.set_fact("crop", "face")
        catalog.set_fact("crop", "é; DROP TABLE facts")
        catalog.set_fact("other", "")
    with open_catalog(tmp_path) as catalog:
        assert catalog.fact("crop") == "é; DROP TABLE facts"
        assert catalog.fact("other") == ""
        assert catalog.fact("Crop") == ""


def test_what_is_counted_begins_with_none_and_misses_nobody(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        assert catalog.counted("looks") == 0
        catalog.count_up("looks")
        assert catalog.counted("looks") == 1

    def count() -> None:
        with open_catalog(tmp_path) as own:
            for _ in range(5):
                own.count_up("looks")

    threads = [threading.Thread(target=count) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_catalog(tmp_path) as catalog:
        assert catalog.counted("looks") == 16
        assert catalog.counted("others") == 0
