"""Each source, asked as it is asked in earnest, of a double that answers and refuses like the real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from web.collection import QUICK
from web.server import Web, status, whole
from web.services import (
    GOOGLE_WALLS,
    Item,
    Shelf,
    bing,
    commons,
    duckduckgo,
    flickr,
    google_page,
    inaturalist,
    openverse,
)
from whatsit.collecting.found import Ask, Page, SourceError
from whatsit.collecting.search import web_of
from whatsit.collecting.sources import SOURCES, google
from whatsit.data.catalog import Sighting
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.fetch.polite import Polite

ITEMS = [
    Item(
        f"http://photos.example.org/{n}.jpg?v=2&x=%2F",
        f"Red kite <b>{n}</b>",
        "Ann & Bob",
        page=f"https://blog.example/{n}",
    )
    for n in range(90)
]


def pages(web: Web, name: str, ask: Ask, most: int = 20, contact: str = "me@example.org") -> list[Page]:
    """All pages of a search, to its end."""

    async def run() -> list[Page]:
        async with Polite(contact, QUICK, web.net()) as polite:
            asked, answers = ask, []
            while len(answers) < most:
                answers.append(await SOURCES[name].page(asked, web_of(polite)))
                if not answers[-1].following:
                    break
                asked = replace(asked, cursor=answers[-1].following)
            return answers

    return asyncio.run(run())


def found(web: Web, name: str, ask: Ask, **how: Any) -> list[Sighting]:
    return [one for page in pages(web, name, ask, **how) for one in page.found]


KITES = Ask("kite", "red kite")
SERVICES: dict[str, Callable[[Web, Shelf], None]] = {
    "openverse": openverse,
    "commons": commons,
    "bing": bing,
    "duckduckgo": duckduckgo,
    "flickr": flickr,
    "inaturalist": inaturalist,
}


def with_key(name: str, ask: Ask) -> Ask:
    return replace(ask, key="right" if SOURCES[name].key else "")


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_gives_all_that_its_service_has_once_and_in_order(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({"red kite": ITEMS}))
    addresses = [one.address for one in found(web, name, with_key(name, KITES))]
    assert addresses == [item.address for item in ITEMS]


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_ends_where_nothing_is_found(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({}))
    assert found(web, name, with_key(name, KITES)) == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_that_answers_nonsense_says_so(name: str, web: Web) -> None:
    for host in ("api.openverse.org", "commons.wikimedia.org", "www.bing.com", "duckduckgo.com"):
        web.serves_all(host, whole(b"<html><title>Maintenance</title></html>", "text/html"))
    for host in ("api.flickr.com", "api.inaturalist.org"):
        web.serves_all(host, whole(b'{"a": null}', "application/json"))
    with pytest.raises(SourceError, match=r"\."):
        found(web, name, with_key(name, KITES))


@pytest.mark.parametrize("name", SERVICES)
def test_a_source_that_is_busy_is_asked_again_later(name: str, web: Web) -> None:
    web.serves_everywhere(status(503))
    with pytest.raises(FetchError, match="answered 503"):
        found(web, name, with_key(name, KITES))


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.kind == "free"])
def test_a_free_source_states_author_and_licence(name: str, web: Web) -> None:
    SERVICES[name](web, Shelf({"red kite": ITEMS[:1]}))
    [one] = found(web, name, with_key(name, KITES))
    assert one.licence == "by-sa"
    assert one.rights == "stated"
    assert one.author == "Ann & Bob"
    assert "<" not in one.title
    assert one.attribution


WORDS = [
    *("results", "query", "pages", "imageinfo", "url", "image", "photos", "photo", "stat", "extmetadata", "index"),
    *("continue", "gsroffset", "value", "license", "width", "page_count", "user", "error", "url_l"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.just("https://a.example/b.jpg"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(answer=JSON, name=st.sampled_from([name for name in SERVICES if name != "bing"]))
def test_any_json_is_an_answer_or_a_refusal(answer: Any, name: str) -> None:
    import json

    class Said:
        status = 200
        headers: ClassVar[dict[str, str]] = {}

        def text(self) -> str:
            return json.dumps(answer)

    async def web(*_words: Any) -> Any:
        return Said()

    cursor = "4-1|0" if name == "duckduckgo" else ""
    try:
        page = asyncio.run(SOURCES[name].page(replace(KITES, cursor=cursor), web))
    except (SourceError, FetchError):
        return
    assert all(one.address.startswith("http") for one in page.found)


def test_openverse_is_asked_for_twenty_and_no_deeper_than_240(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS * 5})
    openverse(web, shelf)
    found(web, "openverse", KITES)
    assert len(shelf.asked) == 12
    assert {fields["page_size"] for fields in shelf.asked} == {"20"}


def test_openverse_filters_by_licence_before_we_do(web: Web) -> None:
    items = [Item(f"http://a.example/{licence}.jpg", licence=licence) for licence in ("by", "by-nc", "cc0")]
    openverse(web, Shelf({"red kite": items}))
    for wish, count in (("any", 3), ("commercial", 2), ("public", 1)):
        assert len(found(web, "openverse", replace(KITES, licence=wish))) == count


def test_openverse_says_no_deeper_with_401_too(web: Web) -> None:
    web.serves("api.openverse.org", "/v1/images/", status(401))
    assert found(web, "openverse", replace(KITES, cursor="2")) == []
    with pytest.raises(SourceError, match="Openverse answered 401"):
        found(web, "openverse", KITES)


def test_commons_waits_where_it_lags(web: Web) -> None:
    commons(web, Shelf({"red kite": ITEMS[:3]}), lagging=1)
    with pytest.raises(FetchError, match="lagged") as busy:
        found(web, "commons", KITES)
    assert busy.value.retry_after_s == 1.0
    assert len(found(web, "commons", KITES)) == 3


def test_commons_says_who_it_wants_to_hear_from(web: Web) -> None:
    commons(web, Shelf({"red kite": ITEMS}))
    with pytest.raises(SourceError, match="answered 403: Please set a user-agent"):
        found(web, "commons", KITES, contact="")


def test_commons_asks_for_copies_unless_originals_are_needed(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS[:1]})
    commons(web, shelf)
    found(web, "commons", KITES)
    found(web, "commons", replace(KITES, side_px=2000))
    assert ["iiurlwidth" in fields for fields in shelf.asked] == [True, False]


def test_commons_passes_on_what_else_binds_a_photo(web: Web) -> None:
    commons(web, Shelf({"red kite": [replace(ITEMS[0], restrictions="personality|trademarked")]}))
    assert found(web, "commons", KITES)[0].restrictions == "personality|trademarked"


@pytest.mark.parametrize("layout", ["a", "b"])
def test_bing_is_read_whatever_stands_around_its_pictures(web: Web, layout: str) -> None:
    bing(web, Shelf({"red kite": [replace(ITEMS[0], page=""), *ITEMS[1:]]}), layout)
    some = found(web, "bing", KITES)
    assert [one.address for one in some] == [item.address for item in ITEMS]
    assert (some[1].width, some[1].height) == ((160, 120) if layout == "a" else (None, None))
    assert some[0].page == ""
    assert {one.rights for one in some} == {"unknown"}


@pytest.mark.parametrize("layout", ["captcha", "changed"])
def test_bing_that_asks_for_a_person_or_has_changed_is_no_empty_answer(web: Web, layout: str) -> None:
    bing(web, Shelf({"red kite": ITEMS}), layout)
    with pytest.raises(SourceError, match="proof of a person, or has changed") as blocked:
        found(web, "bing", KITES)
    assert "--source openverse" in blocked.value.hint


def test_bing_passes_a_licence_on_as_a_hint(web: Web) -> None:
    shelf = Shelf({"red kite": ITEMS[:1]})
    bing(web, shelf)
    assert found(web, "bing", replace(KITES, licence="public"))[0].rights == "hint"
    assert shelf.asked[0]["qft"] == "+filterui:license-L1"


@pytest.mark.parametrize("code", [403, 202, 200])
def test_duckduckgo_that_refuses_is_left_alone(web: Web, code: int) -> None:
    duckduckgo(web, Shelf({"red kite": ITEMS}), blocked=code)
    with pytest.raises(SourceError, match="refuses") as blocked:
        found(web, "duckduckgo", KITES)
    assert "an hour" in blocked.value.hint


def test_flickr_says_what_is_wrong_with_a_key(web: Web) -> None:
    flickr(web, Shelf({}))
    with pytest.raises(SourceError, match="Invalid API Key"):
        found(web, "flickr", replace(KITES, key="wrong"))


def test_inaturalist_gives_more_than_the_small_square(web: Web) -> None:
    inaturalist(web, Shelf({"Milvus milvus": [Item("https://i.example/photos/1/medium.jpg")]}))
    [one] = found(web, "inaturalist", Ask("kite", "Milvus milvus"))
    assert one.address == "https://i.example/photos/1/medium.jpg"


# Lists


def listed(tmp_path: Path, name: str, text: str | bytes, class_name: str = "cat") -> list[Sighting]:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())

    async def run() -> list[Sighting]:
        ask, some = Ask(class_name, "", argument=str(path)), []
        while True:
            page = await SOURCES["urls"].page(ask, None)  # type: ignore[arg-type]
            some += page.found
            if not page.following:
                return some
            ask = replace(ask, cursor=page.following)

    return asyncio.run(run())


A, B = "https://a.example/1.jpg", "https://b.example/2.jpg"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.txt", f"{A}\n{B}"),
        ("l.txt", f"\ufeff{A}\r\n\r\n# a note\r\n  {B}  \r\n"),
        ("l.csv", f"url\n{A}\n{B}\n"),
        ("l.csv", f"Label,URL\ncat,{A}\ndog,https://x.example/\ncat,{B}\n"),
        ("l.tsv", f"image\tcaption\n{A}\tone\n{B}\ttwo, three\n"),
        ("l.csv", f'title,url\n"two\nlines",{A}\n"a, b",{B}\n'),
        ("l.jsonl", f'{{"url": "{A}", "label": "cat"}}\n{{"url": "{B}"}}\n{{"url": "x", "label": "dog"}}\n'),
    ],
)
def test_a_list_in_any_common_form_is_read(tmp_path: Path, name: str, text: str) -> None:
    assert [one.address for one in listed(tmp_path, name, text)] == [A, B]


def test_a_list_says_who_made_a_photo_and_its_licence(tmp_path: Path) -> None:
    [one] = listed(
        tmp_path, "l.csv", f"url,license,author,page,title\n{A},CC BY 4.0,Ann,https://p.example/,A cat\n"
    )
    assert one == Sighting(A, "https://p.example/", "A cat", "Ann", licence="by", rights="stated")


def test_a_long_list_is_read_page_by_page(tmp_path: Path) -> None:
    lines = [f"https://a.example/{number}.jpg" for number in range(2500)]
    assert [one.address for one in listed(tmp_path, "l.txt", "\n".join(lines))] == lines


def test_broken_lines_are_candidates_like_others_and_are_clipped(tmp_path: Path) -> None:
    some = listed(tmp_path, "l.txt", A.encode() + b"\n\xff\xfe\x00 nonsense\n" + b"x" * 100_000 + b"\n")
    assert len(some) == 3
    assert max(len(one.address) for one in some) == 8000


def test_a_file_that_is_no_list_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no list of addresses: its first line reads"):
        listed(tmp_path, "l.txt", bytes(range(256)) * 100)
    with pytest.raises(UserError, match="no column of addresses"):
        listed(tmp_path, "l.csv", "a,b\n1,2\n")


def test_a_list_that_is_not_there_says_so(tmp_path: Path) -> None:
    for place, said in ((tmp_path / "none.txt", "no list"), (tmp_path, "is a folder")):
        with pytest.raises(UserError, match=said):
            asyncio.run(SOURCES["urls"].page(Ask("cat", "", argument=str(place)), None))  # type: ignore[arg-type]


@settings(max_examples=80, deadline=None)
@given(content=st.binary(max_size=300), suffix=st.sampled_from(["txt", "csv", "tsv", "jsonl"]))
def test_any_bytes_are_a_list_or_refused(
    content: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with suppress(SourceError, UserError):
        listed(tmp_path_factory.mktemp("lists"), f"l.{suffix}", content)


# Google's pages

GOOGLE = [
    replace(item, thumbnail=f"https://encrypted-tbn0.gstatic.com/images?q=tbn:{number}")
    for number, item in enumerate(ITEMS[:9])
]


@pytest.mark.parametrize("kind", ["links", "scripts"])
def test_a_saved_page_gives_the_originals(kind: str) -> None:
    some = google.read(google_page(GOOGLE, kind))
    assert [one.address for one in some] == [item.address for item in GOOGLE]
    assert [one.page for one in some] == [item.page for item in GOOGLE]
    assert (some[0].width, some[0].height) == (160, 120)


def test_a_saved_page_gives_small_pictures_where_there_is_no_more() -> None:
    assert [one.address for one in google.read(google_page(GOOGLE, "tiles"))] == [
        item.thumbnail for item in GOOGLE
    ]


def test_a_page_saved_with_its_pictures_gives_those_files_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "images(1).jpg").write_bytes(b"x")
    (tmp_path.parent / "secret.jpg").write_bytes(b"x")
    items = [
        replace(GOOGLE[0], thumbnail=where)
        for where in ("page_files/images(1).jpg", "../secret.jpg", "/etc/passwd")
    ]
    [one] = google.read(google_page(items, "tiles"), tmp_path / "page.html")
    assert one.address == (tmp_path / "page_files" / "images(1).jpg").as_uri()


@pytest.mark.parametrize("wall", GOOGLE_WALLS)
def test_a_page_that_is_a_wall_says_which_and_what_else_to_do(wall: str) -> None:
    with pytest.raises(SourceError, match="no page of pictures, but a page that") as blocked:
        google.read(GOOGLE_WALLS[wall])
    assert "--source" in blocked.value.hint


def test_a_page_of_another_kind_says_what_to_save() -> None:
    with pytest.raises(SourceError, match="no pictures on this page") as refused:
        google.read("<html><body><a href='/search?q=x'>Web</a></body></html>")
    assert "Webpage, complete" in refused.value.hint


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_any_page_is_read_or_refused(text: str) -> None:
    assert google.read(google_page(GOOGLE[:2]) + text)
    with suppress(SourceError):
        google.read(text)
