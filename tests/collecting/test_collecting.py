"""From words to class folders, against a web on loopback."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from web.collection import QUICK, command_on, environment, names, options
from web.server import Answer, Web, late, status, whole
from web.services import Item, Shelf, bing, drawn, hang, jpeg, png
from whatsit import events
from whatsit.cli.terminal.tally import Tally
from whatsit.collecting.account.attribution import as_row, list_credits
from whatsit.collecting.collecting import collect, parse_class
from whatsit.collecting.download.camera import keep_frame
from whatsit.collecting.forget import forget
from whatsit.collecting.ledger import STATES, TWO_CLASSES
from whatsit.collecting.options import World
from whatsit.collecting.search.canary import check_sources
from whatsit.data import catalog
from whatsit.data.catalog import Decision
from whatsit.errors import UserError
from whatsit.files import hold_lock, sha256_of, write_csv
from whatsit.image import decode, encode_jpeg, read_header


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    with catalog.open_catalog(data) as known:
        return list(known.rows(query))


def listed(tmp_path: Path, *addresses: str, name: str = "list.txt") -> str:
    """A source that is a list of addresses."""
    (tmp_path / name).write_text("\n".join(addresses))
    return f"urls:{tmp_path / name}"


# What a collection is


def test_words_become_class_folders_of_photos(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    for words in ("cat photo", "kite"):
        shelf.items[words] = hang(web, words, 30)
    done = collect(data, [parse_class("cat=cat photo"), parse_class("kite")], options(), world=world)
    assert [(one.class_name, one.photos) for one in done.classes] == [("cat", 10), ("kite", 10)]
    assert Counter(name.split("/")[0] for name in names(data)) == {"cat": 10, "kite": 10}
    with catalog.open_catalog(data) as known:
        assert set(known.photos()) == set(names(data))


def test_photos_are_named_by_their_content_and_true_format(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    web.serves("a.example", "/1.jpg", whole(png(1))).serves("a.example", "/2.png", whole(jpeg(2)))
    source = listed(tmp_path, "http://a.example/1.jpg", "http://a.example/2.png")
    collect(data, [parse_class("cat")], options(source=(source,)), world=world)
    for name in names(data):
        photo = data / name
        assert sha256_of(photo).startswith(photo.stem)
        assert {"JPEG": ".jpg", "PNG": ".png"}[read_header(photo.read_bytes()).format] == photo.suffix


def test_no_more_is_asked_for_than_is_needed(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 60)
    collect(data, [parse_class("kite")], options(per_class=10), world=world)
    assert sum(request.path.endswith(".jpg") for request in web.requests) == 10
    assert len(shelf.asked) == 1


def test_what_failed_is_made_up_for_by_others(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    items = hang(web, "kite", 60)
    for item in items[:20:2]:
        _serve(web, item, status(404))
    shelf.items["kite"] = items
    [one] = collect(data, [parse_class("kite")], options(per_class=20), world=world).classes
    assert (one.photos, one.states["bad"], one.is_short) == (20, 10, False)


def test_further_pages_and_further_sources_are_asked_in_turn(
    data: Path, web: Web, world: World, shelf: Shelf
) -> None:
    shelf.items["kite"] = hang(web, "kite", 70)
    [one] = collect(data, [parse_class("kite")], options(per_class=70), world=world).classes
    assert one.photos == 70
    assert set(one.sources) == {"openverse", "commons"}


def test_several_searches_fill_one_class(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items |= {"cat photo": hang(web, "cat photo", 6), "kitten": hang(web, "kitten", 6)}
    [one] = collect(data, [parse_class("cat=cat photo|kitten")], options(per_class=12), world=world).classes
    assert one.photos == 12
    assert {words for (words,) in rows(data, "SELECT DISTINCT words FROM searches")} == {"cat photo", "kitten"}


def test_the_same_command_again_fetches_nothing_twice(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 30)
    collect(data, [parse_class("kite")], options(), world=world)
    before, asked = names(data), len(web.requests)
    collect(data, [parse_class("kite")], options(), world=world)
    assert names(data) == before
    assert len(web.requests) == asked


def test_more_photos_are_asked_for_from_where_it_ended(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 30)
    collect(data, [parse_class("kite")], options(per_class=10), world=world)
    [one] = collect(data, [parse_class("kite")], options(per_class=25), world=world).classes
    assert one.photos == 25
    photos = [request.path for request in web.requests if request.path.endswith(".jpg")]
    assert len(photos) == len(set(photos)) == 25


def test_what_failed_for_a_passing_reason_is_asked_for_again(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    source = listed(tmp_path, "http://a.example/1.jpg", "http://b.example/2.jpg")
    web.serves("a.example", "/1.jpg", status(503)).serves("b.example", "/2.jpg", status(404))
    [one] = collect(data, [parse_class("cat")], options(source=(source,)), world=world).classes
    assert one.states == {"later": 1, "bad": 1}
    web.serves("a.example", "/1.jpg", whole(jpeg(1))).serves("b.example", "/2.jpg", whole(jpeg(2)))
    [one] = collect(data, [parse_class("cat")], options(source=(source,)), world=world).classes
    assert one.states == {"kept": 1, "bad": 1}


def test_the_same_bytes_are_one_photo(data: Path, web: Web, world: World, tmp_path: Path) -> None:
    addresses = [f"http://host{number}.example/a.jpg" for number in range(40)]
    web.serves_everywhere(whole(jpeg(1))).serves_all("host0.example", whole(jpeg(1)))
    for number in range(40):
        web.serves(f"host{number}.example", "/robots.txt", status(404))
    [one] = collect(
        data, [parse_class("cat")], options(source=(listed(tmp_path, *addresses),)), world=world
    ).classes
    assert one.states == {"kept": 1, "duplicate": 39}
    assert rows(data, "SELECT address FROM candidates WHERE state = 'kept'") == [(addresses[0],)]


def test_a_photo_found_for_two_classes_stays_in_one_and_is_marked(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 4)
    shelf.items["hawk"] = [shelf.items["kite"][1], *hang(web, "hawk", 3)]  # the same address
    web.serves("other.example", "/same.jpg", whole(jpeg(77)))
    web.serves("another.example", "/same.jpg", whole(jpeg(77)))
    shelf.items["kite"] = [*shelf.items["kite"], Item("http://other.example/same.jpg")]
    shelf.items["hawk"] = [*shelf.items["hawk"], Item("http://another.example/same.jpg")]  # the same bytes
    kite, hawk = collect(
        data, [parse_class("kite"), parse_class("hawk")], options(per_class=20), world=world
    ).classes
    assert (kite.photos, hawk.photos, hawk.states["conflict"]) == (5, 3, 2)
    with catalog.open_catalog(data) as known:
        marked = known.findings(TWO_CLASSES)
    assert [(one.photo.split("/")[0], one.reason) for one in marked] == [("kite", "also found for 'hawk'")] * 2
    assert sum(request.path == "/kite/0/1.jpg" for request in web.requests) == 1


def test_a_page_that_two_sources_name_is_one_candidate_seen_twice(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 3)
    collect(data, [parse_class("kite")], options(per_class=50), world=world)
    assert rows(data, "SELECT count(*) FROM candidates") == [(3,)]
    assert rows(data, "SELECT source, count(*) FROM sightings GROUP BY 1") == [("commons", 3), ("openverse", 3)]


def test_a_camera_upside_down_is_known_by_its_upright_size(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    web.serves("a.example", "/1.jpg", whole(encode_jpeg(drawn(1), orientation=6)))
    collect(data, [parse_class("cat")], options(source=(listed(tmp_path, "http://a.example/1.jpg"),)), world=world)
    assert rows(data, "SELECT width, height FROM photos") == [(120, 160)]


def test_photos_can_be_shrunk_while_saving(data: Path, web: Web, world: World, tmp_path: Path) -> None:
    web.serves("a.example", "/1.png", whole(png(1, width=600, height=300))).serves(
        "a.example", "/2.jpg", whole(jpeg(2))
    )
    source = listed(tmp_path, "http://a.example/1.png", "http://a.example/2.jpg")
    collect(data, [parse_class("cat")], options(source=(source,), size=128), world=world)
    sizes = {decode((data / name).read_bytes()).shape for name in names(data)}
    assert sizes == {(128, 256, 3), (120, 160, 3)}
    for path, digest in rows(data, "SELECT path, sha256 FROM photos"):
        assert sha256_of(data / str(path)) == digest
    asked = len(web.requests)
    collect(data, [parse_class("cat")], options(source=(source,), size=128), world=world)
    assert len(web.requests) == asked


@pytest.mark.parametrize(("wish", "count"), [("any", 4), ("known", 3), ("commercial", 2), ("public", 1)])
def test_licences_that_are_not_wanted_are_not_fetched(
    data: Path, web: Web, world: World, tmp_path: Path, wish: str, count: int
) -> None:
    licences = ["", "cc-by-nc", "CC BY 4.0", "CC0"]
    lines = [f"http://a.example/{number}.jpg,{licence}" for number, licence in enumerate(licences)]
    for number in range(4):
        web.serves("a.example", f"/{number}.jpg", whole(jpeg(number)))
    (tmp_path / "l.csv").write_text("\n".join(["url,license", *lines]))
    wanted = options(source=(f"urls:{tmp_path / 'l.csv'}",), license=wish)
    [one] = collect(data, [parse_class("cat")], wanted, world=world).classes
    assert one.photos == count
    assert one.kinds.get("licence", 0) == 4 - count
    assert sum(request.path.endswith(".jpg") for request in web.requests) == count


# What is there already


def test_photos_put_there_by_hand_count_and_are_not_fetched_again(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 30)
    (data / "kite").mkdir(parents=True)
    (data / "kite" / "mine.jpg").write_bytes(jpeg(5))
    (data / "kite" / "broken.jpg").write_bytes(b"nothing")
    _serve(web, shelf.items["kite"][0], whole(jpeg(5)))
    [one] = collect(data, [parse_class("kite")], options(per_class=4), world=world).classes
    assert one.photos == 4
    assert one.states["duplicate"] == 1
    assert len(names(data)) == 5
    assert (data / "kite" / "mine.jpg").exists()


def test_what_lies_in_a_class_folder_is_a_photo_or_is_named(data: Path, world: World, tmp_path: Path) -> None:
    kite = data / "kite"
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "1.jpg").write_bytes(jpeg(1))
    for place in (kite / "deep", kite):
        place.mkdir(parents=True, exist_ok=True)
        (place / "2.jpg").write_bytes(jpeg(2 + len(place.parts)))
    (kite / "linked").symlink_to(tmp_path / "far")
    (kite / "up").symlink_to("..")
    (kite / "gone.jpg").symlink_to("nowhere")
    os.mkfifo(kite / "pipe.jpg")
    Path(os.fsdecode(os.fsencode(kite) + b"/\xff.jpg")).write_bytes(jpeg(3))
    (kite / "broken.jpg").write_bytes(b"nothing")
    (kite / "notes.txt").write_text("x")
    said: list[str] = []
    (tmp_path / "have").mkdir()
    (tmp_path / "have" / "9.jpg").write_bytes(jpeg(90))
    wanted = options(source=(f"folder:{tmp_path / 'have'}",), contact="")
    with events.listening(lambda event: said.append(str(getattr(event, "text", "")))):
        [one] = collect(data, [parse_class("kite")], wanted, world=world).classes
    assert one.photos == 4
    whole = "\n".join(said)
    assert whole.count("1 left out") == 6
    for reason in ("it lies in", "leads nowhere", "a named pipe", "not valid UTF-8", "not a picture", "(.txt)"):
        assert reason in whole, reason


def test_a_photo_that_somebody_deleted_does_not_come_back(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 30)
    collect(data, [parse_class("kite")], options(per_class=5), world=world)
    gone = names(data)[0]
    (data / gone).unlink()
    [one] = collect(data, [parse_class("kite")], options(per_class=5), world=world).classes
    assert one.photos == 5
    assert one.states["removed"] == 1
    assert gone not in names(data)


def test_photos_that_cleaning_left_out_are_made_up_for(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 30)
    collect(data, [parse_class("kite")], options(per_class=5), world=world)
    with catalog.open_catalog(data) as known:
        for name in names(data)[:2]:
            known.decide(Decision(name, "leave-out"))
    collect(data, [parse_class("kite")], options(per_class=5), world=world)
    assert len(names(data)) == 7


def test_what_arrived_halfway_is_gone_after_the_next_run(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 3)
    incoming = data / ".whatsit" / "incoming"
    incoming.mkdir(parents=True)
    (incoming / "99.part").write_bytes(b"half")
    collect(data, [parse_class("kite")], options(), world=world)
    assert list(incoming.iterdir()) == []


def test_a_folder_that_somebody_has_is_copied_with_what_is_known(data: Path, world: World, tmp_path: Path) -> None:
    have = tmp_path / "have"
    for label in ("cat", "dog"):
        (have / label / "deep").mkdir(parents=True)
        (have / label / "deep" / "1.jpg").write_bytes(jpeg(len(label) + ord(label[0])))
    (have / "cat" / "deep" / "1.json").write_text(
        json.dumps({"url": "https://a.example/1.jpg", "caption": "My cat"})
    )
    (have / "cat" / "broken.jpg").write_bytes(b"<html>")
    done = collect(
        data,
        [parse_class("cat"), parse_class("dog")],
        options(source=(f"folder:{have}",), contact=""),
        world=world,
    )
    assert [one.photos for one in done.classes] == [1, 1]
    assert rows(data, "SELECT page, title FROM sightings WHERE title = 'My cat'") == [
        ("https://a.example/1.jpg", "My cat")
    ]
    assert (have / "cat" / "deep" / "1.jpg").exists()


def test_photos_of_a_folder_can_be_linked_and_the_originals_stay_as_they_are(
    data: Path, world: World, tmp_path: Path
) -> None:
    (tmp_path / "have").mkdir()
    original = tmp_path / "have" / "1.png"
    original.write_bytes(png(1, width=300, height=300))
    before = original.read_bytes()
    wanted = options(source=(f"folder:{tmp_path / 'have'}",), link=True)
    collect(data, [parse_class("cat")], wanted, world=world)
    assert (data / names(data)[0]).samefile(original)
    collect(tmp_path / "small", [parse_class("cat")], replace(wanted, size=64), world=world)
    assert original.read_bytes() == before
    assert not (tmp_path / "small" / names(tmp_path / "small")[0]).samefile(original)


def test_a_frame_of_a_camera_is_a_photo_of_its_class(data: Path) -> None:
    first, again, other = (keep_frame(data, "cat", jpeg(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert names(data) == sorted([first, other])
    assert rows(data, "SELECT DISTINCT source FROM sightings") == [("camera",)]
    with pytest.raises(UserError, match="camera's picture is no photo"):
        keep_frame(data, "cat", b"nothing")
    assert list((data / ".whatsit" / "incoming").iterdir()) == []


# The account


def test_lines_that_are_no_addresses_are_counted_as_such(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    web.serves("a.example", "/1.jpg", whole(png(1)))
    source = listed(
        tmp_path, "http://a.example/1.jpg", "http://[::1", "http://10.0.0.1/2.jpg", "no address at all"
    )
    [one] = collect(data, [parse_class("cat")], options(source=(source,), per_class=None), world=world).classes
    assert one.sentence() == "cat: found 4 addresses; 3 not public; 1 photo."


def test_the_account_says_what_became_of_every_address(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    items = hang(web, "kite", 12)
    answers = [status(404), whole(b"<html><title>Log in</title>"), whole(jpeg(99)), whole(jpeg(99))]
    for item, answer in zip(items, answers, strict=False):
        _serve(web, item, answer)
    shelf.items["kite"] = items
    done = collect(data, [parse_class("kite")], options(per_class=20), world=world)
    [one] = done.classes
    assert one.sentence() == "kite: asked 20, found 12 addresses; 1 dead, 1 no photo, 1 duplicate; 9 photos."
    with done.addresses.open(encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 13
    assert "a web page, 'Log in'" in lines[2]
    assert any("--source bing" in hint for hint in done.hints())
    assert any("kite=these words" in hint for hint in done.hints())


def test_every_state_that_a_candidate_can_have_has_a_meaning(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 12)
    collect(data, [parse_class("kite")], options(), world=world)
    assert {state for (state,) in rows(data, "SELECT DISTINCT state FROM candidates")} <= set(STATES)


def test_the_screen_is_told_as_it_goes(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 12)
    tally = Tally()
    with events.listening(tally):
        collect(data, [parse_class("kite")], options(), world=world)
    assert tally.goals == {"kite": 10}
    assert tally.states["kite", "openverse"]["kept"] == 10


def test_a_collection_that_a_listener_stops_keeps_what_it_has_and_goes_on(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 12)
    kept = 0

    def stop_at_three(event: events.Event) -> None:
        nonlocal kept
        kept += isinstance(event, events.CandidateSettled) and event.state == "kept"
        if kept == 3:
            events.stop()

    with events.listening(stop_at_three), pytest.raises(events.Stopped):
        collect(data, [parse_class("kite")], options(), world=world)
    before = {path.name for path in (data / "kite").iterdir()}
    assert 3 <= len(before) < 10
    done = collect(data, [parse_class("kite")], options(), world=world)
    assert done.classes[0].photos == 10
    assert before < {path.name for path in (data / "kite").iterdir()}


def test_each_class_has_a_contact_sheet(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 25)
    done = collect(data, [parse_class("kite")], options(per_class=25), world=world)
    sheet = decode(done.sheets[0].read_bytes())
    assert sheet.shape == (3 * 124 + 4, 10 * 124 + 4, 3)
    assert sheet[10:110, 10:110].std() > 5  # a photo
    assert np.all(sheet[-20:, -20:] == 255)  # no photo


def test_who_made_the_photos_is_written_down(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 3, author="Ann *Star* <b>", licence="by-sa")
    done = collect(data, [parse_class("kite")], options(), world=world)
    text = done.attribution.read_text()
    assert text.count("- `kite/") == 3
    assert "Ann \\*Star\\*" in text
    with catalog.open_catalog(data) as known:
        [first, *_] = list_credits(known)
    assert first.licence == "by-sa"
    assert first.sources == ("commons", "openverse") or first.sources == ("openverse",)
    assert json.loads(json.dumps(as_row(first)))["photo"] == first.photo


def test_photos_of_people_who_have_a_say_are_pointed_out(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 3)
    shelf.items["kanye west"] = hang(web, "kanye west", 3, restrictions="personality")
    assert not collect(data, [parse_class("kite")], options(), world=world).people
    assert collect(data, [parse_class("kanye west")], options(), world=world).people


# Sources that end early


def test_a_source_that_is_down_is_marked_and_others_go_on(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = hang(web, "kite", 12)
    web.serves("api.openverse.org", "/v1/images/", status(503))
    [one] = collect(data, [parse_class("kite")], options(), world=world).classes
    assert one.photos == 10
    assert set(one.ended) == {"openverse"}
    assert "answered 503" in one.ended["openverse"].sentence


def test_a_source_that_repeats_itself_for_ever_is_left(data: Path, web: Web, world: World) -> None:
    shelf = Shelf({"kite": hang(web, "kite", 35)})
    shelf.items["kite"] = list(shelf.items["kite"])

    class Forever(Shelf):
        def found(self, words: str) -> list[Item]:
            return list(shelf.items[words]) * 30

    asked = Forever()
    bing(web, asked)
    [one] = collect(
        data, [parse_class("kite")], options(source=("bing",), agree=True, per_class=100), world=world
    ).classes
    assert one.photos == 35
    assert len(asked.asked) == 2


def test_bad_words_are_given_up_after_five_tries_a_photo(data: Path, world: World, tmp_path: Path) -> None:
    addresses = [f"http://host{number}.example/a.jpg" for number in range(400)]
    source = listed(tmp_path, *addresses)
    [one] = collect(data, [parse_class("cat")], options(source=(source,), per_class=10), world=world).classes
    assert one.states == {"bad": 200, "found": 200}


def test_web_search_wants_to_be_agreed_to_once(data: Path, web: Web, world: World) -> None:
    bing(web, Shelf({"kite": hang(web, "kite", 12)}))
    terms: list[str] = []

    def agree(source: str, said: str) -> bool:
        terms.append(said)
        return source == "bing"

    wanted = options(source=("bing",))
    with pytest.raises(UserError, match="licences of what it finds are unknown") as refused:
        collect(data, [parse_class("kite")], wanted, world=world)
    assert refused.value.hint == "If you agree: --source bing --agree"
    assert web.requests == []
    collect(data, [parse_class("kite")], wanted, agree, world=world)
    collect(data, [parse_class("kite")], wanted, world=world)
    assert len(terms) == 1


# What cannot be


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No class is named"),
        (["../evil"], "cannot be the name of a class"),
        (["a/b"], "name of a folder"),
        (["a\\b"], "name of a folder"),
        ([".hidden"], "cannot be the name"),
        (["=cat"], "cannot be the name"),
        ([""], "cannot be the name"),
        (["cat="], "has no words"),
        (["a\nb"], "name of a folder"),
        (["x" * 200], "cannot be the name"),
        (["cat", "Cat"], "differ only by case"),
        (["cat", "cat=kitten"], "named twice"),
    ],
)
def test_a_class_that_cannot_be_a_folder_is_refused(data: Path, world: World, words: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        collect(data, [parse_class(text) for text in words], options(), world=world)
    assert not data.exists()


def test_a_class_that_differs_by_case_from_one_that_is_there_is_refused(data: Path, world: World) -> None:
    (data / "Cat").mkdir(parents=True)
    with pytest.raises(UserError, match="'Cat' and 'cat' differ only by case"):
        collect(data, [parse_class("cat")], options(), world=world)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ((), "No source is named"),
        (("gogle",), "no source 'gogle'"),
        (("urls",), "needs a list of addresses"),
        (("flickr",), "needs a key in the environment variable FLICKR_API_KEY"),
        (("urls:none.txt",), "no list 'none.txt'"),
        (("folder:none",), "no folder"),
    ],
)
def test_a_source_that_cannot_be_asked_is_refused(
    data: Path, world: World, source: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    with pytest.raises(UserError, match=said):
        collect(data, [parse_class("cat")], options(source=source), world=world)


@pytest.mark.usefixtures("shelf")
def test_words_that_no_source_knows_end_with_an_account(data: Path, world: World) -> None:
    done = collect(data, [parse_class("qwxz")], options(), world=world)
    [one] = done.classes
    assert (one.photos, one.found, one.is_short) == (0, 0, True)
    assert done.hints()


def test_no_network_is_said_at_once(data: Path, web: Web) -> None:
    nowhere = World(replace(web.net(), look_up=_nobody), manners=QUICK)
    with pytest.raises(UserError, match="No source gave an answer"):
        collect(data, [parse_class("kite")], options(), world=nowhere)


@pytest.mark.parametrize("given", [{}, {"contact": ""}, {"source": ("bing",)}])
def test_nothing_stays_of_a_folder_that_was_made_for_nothing(
    tmp_path: Path, web: Web, given: dict[str, object]
) -> None:
    nowhere = World(replace(web.net(), look_up=_nobody), manners=QUICK)
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError):
        collect(tmp_path / "mine" / "new" / "photos", [parse_class("kite")], options(**given), world=nowhere)
    assert list((tmp_path / "mine").iterdir()) == []


def test_what_was_said_of_a_folder_stays_where_it_was_there_before(data: Path, web: Web, world: World) -> None:
    nowhere = World(replace(web.net(), look_up=_nobody), manners=QUICK)
    data.mkdir()
    with pytest.raises(UserError, match="No source gave an answer"):
        collect(data, [parse_class("kite")], options(contact="me@example.org"), world=nowhere)
    with pytest.raises(UserError, match="No source gave an answer"):
        collect(data, [parse_class("kite")], options(contact=""), world=nowhere)  # the contact is remembered
    bing(web, Shelf({"kite": hang(web, "kite", 3)}))
    with pytest.raises(UserError, match="agree"):
        collect(data, [parse_class("kite")], options(source=("bing",)), world=world)
    collect(data, [parse_class("kite")], options(source=("bing",), agree=True), world=world)
    with pytest.raises(UserError, match="No source gave an answer"):
        collect(data / "other", [parse_class("kite")], options(source=("bing",), agree=True), world=nowhere)
    collect(data, [parse_class("kite")], options(source=("bing",)), world=world)  # so is the consent
    assert len(names(data)) == 3


def _nobody(_name: str) -> list[str]:
    raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_whoever_asks_says_where_they_can_be_reached(data: Path, shelf: Shelf, web: Web, world: World) -> None:
    shelf.items["kite"] = hang(web, "kite", 3)
    with pytest.raises(UserError, match="whom to write to"):
        collect(data, [parse_class("kite")], options(contact=""), world=world)
    with pytest.raises(UserError, match="no mail address"):
        collect(data, [parse_class("kite")], options(contact="a\r\nX: b"), world=world)
    collect(data, [parse_class("kite")], options(contact="me@example.org"), world=world)
    collect(data, [parse_class("kite")], options(contact=""), world=world)  # remembered
    assert "(+me@example.org)" in web.requests[-1].headers["user-agent"]


def test_two_collectors_do_not_work_in_one_folder(data: Path, world: World) -> None:
    data.mkdir()
    with (
        hold_lock(data / ".whatsit" / "collect.lock", ""),
        pytest.raises(UserError, match="Another whatsit is collecting"),
    ):
        collect(data, [parse_class("kite")], options(), world=world)


FULL = """
set -e
mount -t tmpfs -o size=1500k tmpfs {data}
if {command}; then exit 9; fi
ls {data}/.whatsit/incoming | wc -l
mount -o remount,size=50m {data}
{command}
find {data}/kite -type f | wc -l
"""


def test_a_full_disk_stops_with_a_sentence_and_the_run_goes_on_when_there_is_room(
    data: Path, web: Web, shelf: Shelf, tmp_path: Path
) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no disk can be made here that is small (unshare is not allowed)")
    shelf.items["kite"] = items = hang(web, "kite", 30)
    for number, item in enumerate(items):
        _serve(web, item, whole(png(number, width=200, height=200)))
    data.mkdir()
    words = ["collect", str(data), "kite", "--per-class", "30", "--contact", "me@example.org"]
    command = shlex.join(command_on(web.place(tmp_path / "place.json"), *words))
    script = FULL.format(data=shlex.quote(str(data)), command=command)
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], env=environment(), capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines() == ["0", "kite: asked 30, found 30 addresses; 30 photos.", "30"]


def test_a_list_with_many_broken_lines_is_worked_through(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    web.serves("a.example", "/1.jpg", whole(jpeg(1)))
    broken = [
        "htp://x",
        "http://",
        "http://[::1",
        "\ud7ff",
        "a b c",
        "http://10.0.0.1/x.jpg",
        "//x",
        "http://x/",
    ] * 300
    source = listed(tmp_path, "http://a.example/1.jpg", *broken, *(f"{line}{n}" for n, line in enumerate(broken)))
    [one] = collect(data, [parse_class("cat")], options(source=(source,), per_class=None), world=world).classes
    assert one.photos == 1
    assert set(one.kinds) == {"address", "private"}
    assert web.dialled[0][0] != "10.0.0.1"


# Taken down


def _collected(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    shelf.items["kite"] = [*hang(web, "kite", 6, author="Ann"), *hang(web, "kite", 6, seed=1, author="Bob")]
    web.serves("photos.other.example", "/x.jpg", whole(jpeg(5)))
    shelf.items["kite"] += [Item("http://photos.other.example/x.jpg", author="Cid")]
    collect(data, [parse_class("kite")], options(per_class=13), world=world)


@pytest.mark.parametrize(
    ("what", "count"), [({"creator": "Ann"}, 6), ({"host": "other.example"}, 1), ({"host": "example.org"}, 12)]
)
def test_what_is_taken_down_is_gone_and_does_not_come_back(
    data: Path, web: Web, shelf: Shelf, world: World, what: dict[str, str], count: int
) -> None:
    _collected(data, web, shelf, world)
    done = forget(data, **what)  # type: ignore[arg-type]
    assert len(done.photos) == count
    assert len(names(data)) == 13 - count
    asked = len(web.requests)
    shelf.items["other words"] = shelf.items["kite"]
    collect(data, [parse_class("kite=kite|other words")], options(per_class=13), world=world)
    assert len(names(data)) == 13 - count
    photos = [request for request in web.requests[asked:] if request.path.endswith(".jpg")]
    assert photos == []


def test_a_photo_is_taken_down_by_path_or_address_with_its_duplicates(
    data: Path, web: Web, world: World, tmp_path: Path
) -> None:
    for host in ("a.example", "b.example", "c.example"):
        web.serves(host, "/1.jpg", whole(jpeg(1)))
    source = listed(tmp_path, "http://a.example/1.jpg", "http://b.example/1.jpg")
    collect(data, [parse_class("cat")], options(source=(source,)), world=world)
    done = forget(data, photo="http://b.example/1.jpg")
    assert (len(done.photos), done.barred, names(data)) == (1, 2, [])
    source = listed(tmp_path, "http://c.example/1.jpg", name="other.txt")
    [one] = collect(data, [parse_class("cat")], options(source=(source,)), world=world).classes
    assert (one.photos, one.states["skipped"]) == (0, 3)


@pytest.mark.usefixtures("shelf")
def test_a_photo_put_there_by_hand_can_be_taken_down(data: Path, world: World) -> None:
    (data / "kite").mkdir(parents=True)
    (data / "kite" / "mine.jpg").write_bytes(jpeg(5))
    collect(data, [parse_class("kite")], options(), world=world)
    assert forget(data, photo="kite/mine.jpg").photos == ("kite/mine.jpg",)
    assert names(data) == []


def test_a_photo_behind_a_link_to_a_folder_is_not_deleted(data: Path, world: World, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "1.jpg").write_bytes(jpeg(5))
    (data / "kite").mkdir(parents=True)
    (data / "kite" / "linked").symlink_to(tmp_path / "mine")
    collect(data, [parse_class("kite")], options(), world=world)
    with pytest.raises(UserError, match=r"'kite/linked/1\.jpg' lies behind the link 'kite/linked'"):
        forget(data, photo="kite/linked/1.jpg")
    assert (tmp_path / "mine" / "1.jpg").exists()


def test_the_runs_that_learnt_from_a_photo_are_named(
    data: Path, web: Web, shelf: Shelf, world: World, tmp_path: Path
) -> None:
    _collected(data, web, shelf, world)
    [(path, digest)] = rows(data, "SELECT path, sha256 FROM photos LIMIT 1")
    columns = ("name", "class", "part", "sha256")
    write_csv(tmp_path / "runs" / "by-content" / "split.csv", columns, [{"name": "x", "sha256": digest}])
    write_csv(tmp_path / "runs" / "other" / "split.csv", columns, [{"name": "y", "sha256": "0"}])
    done = forget(data, photo=str(path), runs=tmp_path / "runs")
    assert done.runs == (tmp_path / "runs" / "by-content",)


def test_a_run_with_a_file_name_that_is_no_utf_8_does_not_hinder_a_takedown(
    data: Path, web: Web, shelf: Shelf, world: World, tmp_path: Path
) -> None:
    _collected(data, web, shelf, world)
    [(path, digest)] = rows(data, "SELECT path, sha256 FROM photos LIMIT 1")
    odd = os.fsdecode(b"kite/caf\xe9.jpg")
    lines = [{"name": odd, "sha256": "0"}, {"name": "x", "sha256": digest}]
    write_csv(tmp_path / "runs" / "odd" / "split.csv", ("name", "class", "part", "sha256"), lines)
    assert forget(data, photo=str(path), runs=tmp_path / "runs").runs == (tmp_path / "runs" / "odd",)
    assert not (data / path).exists()


def test_what_is_not_known_cannot_be_forgotten(data: Path, web: Web, shelf: Shelf, world: World) -> None:
    _collected(data, web, shelf, world)
    with pytest.raises(UserError, match="No creator 'Zoe'") as refused:
        forget(data, creator="Zoe")
    assert "Ann" in refused.value.hint
    with pytest.raises(UserError, match="one photo, one creator or one host"):
        forget(data, creator="Ann", host="a.example")
    with pytest.raises(UserError, match="no folder"):
        forget(data / "none", creator="Ann")


# The canary


def test_each_source_is_asked_whether_it_answers_as_it_did(
    web: Web, shelf: Shelf, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLICKR_API_KEY", raising=False)
    shelf.items["red kite"] = hang(web, "red kite", 30)
    bing(web, Shelf({"red kite": shelf.items["red kite"]}), "captcha")
    answers = {answer.source: answer for answer in check_sources("me@example.org", agree=True, world=world)}
    assert answers["openverse"].sentence == "as expected: 20 photos for 'red kite', 20 with a licence"
    assert "proof of a person" in answers["bing"].sentence
    assert not answers["bing"].is_good
    assert "no key" in answers["flickr"].sentence
    assert answers["urls"].is_good
    assert not answers["inaturalist"].is_good  # nobody is there
    shelf.items.clear()
    answers = {answer.source: answer for answer in check_sources("me@example.org", world=world)}
    assert "answers have changed" in answers["commons"].sentence
    assert "agreed to" in answers["bing"].sentence


def test_how_fast_a_host_is_does_not_decide_which_photos_are_kept(
    data: Path, web: Web, shelf: Shelf, world: World
) -> None:
    shelf.items["kite"] = items = hang(web, "kite", 40)
    left = []
    for slow in (range(10), range(10, 20)):
        for number, item in enumerate(items):
            answer = status(404) if number % 3 == 1 else whole(jpeg(10_000 + number))
            _serve(web, item, late(answer, 0.1) if number in slow else answer)
        collect(data / str(slow), [parse_class("kite")], options(per_class=20), world=world)
        left.append(names(data / str(slow)))
    assert left[0] == left[1]


def _serve(web: Web, item: Item, answer: Answer) -> None:
    """Let the host of a photo answer in another way."""
    host, path = item.address.removeprefix("http://").split("/", 1)
    web.serves(host, "/" + path, answer)
