"""How far each search has been read is known, each by its class, source and words."""

from __future__ import annotations

from pathlib import Path

from whatsit.data.catalog import open_catalog


def test_a_search_goes_on_where_it_was_read_to(tmp_path: Path) -> None:
    kite = ("kite", "commons", "red kite")
    with open_catalog(tmp_path) as catalog:
        assert catalog.search_state(*kite) == ("", 0, False)
        catalog.advance_search(*kite, "page 2", False)
        assert catalog.search_state(*kite) == ("page 2", 1, False)
        catalog.advance_search(*kite, "", True)
    with open_catalog(tmp_path) as catalog:
        assert catalog.search_state(*kite) == ("", 2, True)
        for other in (("owl", *kite[1:]), ("kite", "openverse", "red kite"), ("kite", "commons", "kite")):
            assert catalog.search_state(*other) == ("", 0, False)
        catalog.advance_search("owl", "commons", "red kite", "page 9", False)
        assert catalog.search_state(*kite) == ("", 2, True)
