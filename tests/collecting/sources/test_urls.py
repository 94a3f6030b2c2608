"""Lists of addresses in any common form, and what is no list."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whatsit.collecting.search.found import Ask, SourceError
from whatsit.collecting.sources import SOURCES
from whatsit.data.catalog import Sighting
from whatsit.errors import UserError
from whatsit.events import Event, Warn, listening


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
        (
            "l.jsonl",
            f'{{"url": "{A}", "label": "cat"}}\n{{"url": "{B}", "label": "cat"}}\n{{"url": "x", "label": 0}}\n',
        ),
        ("l.csv", f"sep=;\nurl;class\n{A};cat\n{B};cat\n"),
        ("l.csv", f"class\turl\ncat\t{A}\ndog\tx\ncat\t{B}\n"),
        ("l.csv", f"url,title\n{A},{'A' * 200_000}\n{B},b\n"),
        ("l.txt", f'"{A}"\n<{B}>\n'),
        ("l.txt", f"'{A}',\r{B}\r"),
        ("l.txt", f"{A}\n{B}\n".encode("utf-16")),
        ("l.csv", f"url;class\n{A};cat\n{B};cat\n".encode("utf-16-le")),
        *(("l.txt", f"{A}{between}{B}\n") for between in (" ", ";", ", ", "\t", " | ")),
        ("l.txt", f'"{A}", "{B}"\n'),
        ("l.txt", f"['{A}', '{B}']\n"),
        ("l.txt", f'["{A}","{B}"]'.replace("/", "\\/")),
        ("l.txt", f"<{A}> <{B}>\n"),
        ("l.csv", f'url\n"{A} {B}"\n'),
        ("l.csv", f"url,cat,dog\n{A},1,0\nhttps://x.example/,0,1\n{B},1.0,0\n"),
        ("l.csv", f"url,Cat,Dog\n{A},x,\nhttps://x.example/,,x\n{B},TRUE,\n"),
        ("l.jsonl", f'{{"url": "{A}", "cat": true}}\n{{"url": "x", "cat": false}}\n{{"url": "{B}", "cat": 1}}\n'),
        *(("l.txt", f"{bullet} {A}\n{bullet} {B}\n") for bullet in ("-", "*", "•", "1.", "12)")),
        ("l.md", f"[one]({A})\n![]({B})\n"),
        ("l.html", f'<img src="{A}">\n<a class=x href=\'{B}\' title="y">z</a>\n'),
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


def test_an_address_within_another_is_part_of_it(tmp_path: Path) -> None:
    address = f"https://a.example/?to={B}&also=1;{B}"
    assert [one.address for one in listed(tmp_path, "l.txt", f"https://a.example/?to={B}&also=1")] == [
        f"https://a.example/?to={B}&also=1"
    ]
    assert len(listed(tmp_path, "l.txt", address)) == 2  # what is behind the semicolon is one of its own


def test_lines_with_several_addresses_lose_none_at_the_end_of_a_page(tmp_path: Path) -> None:
    lines = "\n".join(f"https://a.example/{n}.jpg https://b.example/{n}.jpg" for n in range(2_500))
    assert len({one.address for one in listed(tmp_path, "l.txt", lines)}) == 5_000


def test_an_address_from_the_source_of_a_page_is_the_address(tmp_path: Path) -> None:
    [one] = listed(tmp_path, "l.txt", "https://a.example/?id=1&amp;size=2\n")
    assert one.address == "https://a.example/?id=1&size=2"


def test_parquet_is_a_list_too(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rows = [{"URL": f"https://a.example/{n}.jpg", "label": n % 2, "emb": [1.0]} for n in range(2500)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "have.parquet")
    found = listed(tmp_path, "l.parquet", (tmp_path / "have.parquet").read_bytes(), "0")
    assert [one.address for one in found] == [row["URL"] for row in rows[::2]]


@pytest.mark.parametrize(
    ("value", "class_name"),
    [(0, "0"), (1, "1"), (False, "false"), (True, "true"), (False, "False"), (2.0, "2"), ("0", "0")],
)
def test_zero_and_false_are_classes(tmp_path: Path, value: object, class_name: str) -> None:
    rows = [{"url": A, "label": value}, {"url": B, "label": "another"}]
    assert [one.address for one in listed(tmp_path, "l.jsonl", "\n".join(map(json.dumps, rows)), class_name)] == [
        A
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"url,class\n{A},Cat\n{B},Cat\n", "has no addresses of 'cat'; it has 2 of 'Cat'"),
        (f"url,class\n{A},cats\n", "has no addresses of 'cat'; it has 1 of 'cats'"),
        (f"url,class\n{A},cat\n{B},\n", "Line 3 of .* states no class, and 1 others do"),
        (f"url,class\n{A},cat\n{B},nan\n", "Line 3 of .* the class 'nan'"),
        (f"url,dog,cat\n{A},1,0\n", "has no addresses of 'cat'"),
    ],
)
def test_a_list_of_other_classes_or_with_rows_of_none_is_a_question(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "l.csv").write_text(text)
    check = SOURCES["urls"].check
    assert check is not None
    with pytest.raises(UserError, match=said) as refusal:
        check(str(tmp_path / "l.csv"), ["cat"])
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.csv", f"url,cat,dog\n{A},1,0\n{B},1,1\n"),
        ("l.jsonl", f'{{"url": "{A}", "class": "cat"}}\n{{"url": "{B}", "class": ["cat", "dog"]}}\n'),
    ],
)
def test_an_address_of_several_classes_is_a_question(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    check = SOURCES["urls"].check
    assert check is not None
    with pytest.raises(UserError, match=r"states several classes: .*cat.* and .*dog|\['cat', 'dog'\]") as refusal:
        check(str(tmp_path / name), ["cat", "dog"])
    assert refusal.value.hint


def test_rows_without_an_address_are_counted(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(f"url,class\n,cat\n{A},cat\n,cat\n")
    told: list[Event] = []
    check = SOURCES["urls"].check
    assert check is not None
    with listening(told.append):
        check(str(tmp_path / "l.csv"), ["cat"])
    assert [one.text for one in told if isinstance(one, Warn)] == [
        f"Rows of {str(tmp_path / 'l.csv')!r} without an address: 2, the first in line 2."
    ]
