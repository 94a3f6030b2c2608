"""Who made the photos: every source is named, and the strictest licence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from whatsit.collecting.account.attribution import as_row, list_credits, render_attribution
from whatsit.data.catalog import Authorship, Catalog, Credit, KnownPhoto, Proven, Sighting, open_catalog

ADDRESS = "https://photos.example/1.jpg"


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[Catalog]:
    """One photo that two sources named, under different licences, and one that was found and not kept."""
    said = {
        "commons": Sighting(ADDRESS, "https://a.example", "A *cat*", "Ann", licence="by", rights="stated"),
        "openverse": Sighting(
            ADDRESS, "https://b.example", "Cat", "Ann B.", licence="by-nc", restrictions="personality"
        ),
    }
    with open_catalog(tmp_path) as catalog:
        for rank, address in enumerate((ADDRESS, "https://photos.example/2.jpg"), 1):
            catalog.add_candidate("cat", address, rank, "commons", None)
        for source, one in said.items():
            assert catalog.add_sighting("cat", source, "cat", one)
            assert not catalog.add_sighting("cat", source, "cat", one)
        (first, _) = catalog.next_candidates("cat", 0, 9)
        photo = KnownPhoto("cat/x.jpg", "kept", 9, 80, 60, "JPEG", 1)
        catalog.put_proof(first, Proven("x", photo), ADDRESS)
        catalog.put_state(first.id, "kept", photo.path)
        yield catalog


def test_a_photo_has_one_credit_with_the_strictest_licence_and_all_sources(catalog: Catalog) -> None:
    (credit,) = list_credits(catalog)
    assert (credit.photo, credit.licence, credit.author, credit.page) == (
        "cat/x.jpg",
        "by-nc",
        "Ann B.",
        "https://b.example",
    )
    assert as_row(credit)["sources"] == ["commons", "openverse"]


def test_the_text_says_who_made_it_and_what_binds_its_use(catalog: Catalog) -> None:
    (line,) = (one for one in render_attribution(catalog).splitlines() if one.startswith("- "))
    assert line == "- `cat/x.jpg`: Cat, Ann B., licence by-nc (personality). <https://b.example>"


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "a heading of its own": ({"title": "Cat\n# Pay here"}, r"Cat \# Pay here, licence by. <https://b.example>"),
    "a picture": ({"title": "![x](https://c.example/x)"}, r"\!\[x\](https://c.example/x), licence by."),
    "markup": ({"title": "<script>&lt;`a`"}, r"\<script\>\&lt;\`a\`, licence by."),
    "a formula": ({"title": '=HYPERLINK("x")'}, '\'=HYPERLINK("x"), licence by.'),
    "what steers a terminal": ({"title": "a\x1b[2Jb"}, r"a\\x1b\[2Jb, licence by."),
    "a licence of its own": ({"licence": "by [x](y)\n"}, r"licence by \[x\](y)."),
    "terms": ({"restrictions": "*none*"}, r"(\*none\*)."),
    "a link to a program": ({"page": "javascript:alert(1)"}, "licence by. `javascript:alert(1)`"),
    "an end of the link": ({"page": "https://b.example/> [x](y)"}, "<https://b.example/%3E%20[x](y)>"),
    "code in a name": ({"photo": "cat/a`b``c.jpg"}, "- ``` cat/a`b``c.jpg ```: "),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_foreign_text_stays_text(what: str) -> None:
    changes, written = HOSTILE[what]
    credit = Credit(
        "cat/x.jpg", "cat", "0", ADDRESS, "https://b.example", "Cat", "", "by", "", "", "", ("commons",)
    )
    catalog = SimpleNamespace(credits=lambda: [replace(credit, **changes)])
    (line,) = (one for one in render_attribution(catalog).splitlines() if one.startswith("- "))  # type: ignore[arg-type]
    assert written in line
    assert render_attribution(catalog).count("\n") == 6  # type: ignore[arg-type]


def test_every_sources_word_is_there_for_a_pack(catalog: Catalog) -> None:
    assert sorted(catalog.authorships(), key=lambda one: one.author) == [
        Authorship("cat/x.jpg", "Ann", "by", "https://a.example", ""),
        Authorship("cat/x.jpg", "Ann B.", "by-nc", "https://b.example", ""),
    ]


def test_people_who_have_a_say_are_told_of_by_class(catalog: Catalog) -> None:
    assert catalog.has_people("cat")
    assert not catalog.has_people("dog")
