from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from drawing import class_folders, put
from whatsit.data.inspecting.info import Info, look
from whatsit.data.readers import read
from whatsit.image import encode_png


def looked(path: Path) -> Info:
    return look(read(path))


def test_counts_sizes_and_balance(tmp_path):
    class_folders(tmp_path, "train/cat", "train/dog", "test/cat", photos=3)
    put(tmp_path / "test" / "dog" / "big.png", height=50, width=90, seed=50)
    found = looked(tmp_path)
    assert found.photos == 10
    assert [(row.label, row.photos, row.parts) for row in found.classes] == [
        ("cat", 6, {"train": 3, "test": 3}),
        ("dog", 4, {"train": 3, "test": 1}),
    ]
    assert found.balance == 1.5
    assert (found.sizes.smallest, found.sizes.median, found.sizes.largest) == ((16, 12), (16, 12), (90, 50))


def test_problems_are_named(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=3)
    (tmp_path / "cat" / "note.txt").write_text("x")
    (tmp_path / "cat" / "empty.jpg").write_bytes(b"")
    found = looked(tmp_path)
    assert [(skipped.name, skipped.reason) for skipped in found.skipped] == [
        ("cat/note.txt", "not a photo by its name (.txt)"),
        ("cat/empty.jpg", "an empty file"),
    ]


def test_as_json_origin_and_skipped_files_have_their_own_entries_only(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=2)
    (tmp_path / "cat" / "empty.jpg").write_bytes(b"")
    told = json.loads(json.dumps(looked(tmp_path).as_dict()))
    assert told["skipped"] == [{"name": "cat/empty.jpg", "reason": "an empty file"}]
    assert told["origin"] == {"title": "", "licence": "unknown", "address": "", "note": ""}


def test_copies_leaks_and_clashes_are_told_apart(tmp_path):
    class_folders(tmp_path, "train/cat", "train/dog", "test/cat", "test/dog", photos=3)
    cat = (tmp_path / "train" / "cat" / "0.png").read_bytes()
    for name in ("train/cat/copy.png", "test/cat/leak.png", "train/dog/clash.png"):
        (tmp_path / name).write_bytes(cat)
    copies = looked(tmp_path).copies
    assert copies.photos == 3
    assert copies.leaks == ("test/cat/leak.png",)
    assert copies.clashes == (
        ("test/cat/leak.png", "train/cat/0.png", "train/cat/copy.png", "train/dog/clash.png"),
    )


def test_photos_of_one_colour_are_named(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=2)
    (tmp_path / "dog" / "blank.png").write_bytes(encode_png(np.full((40, 40, 3), (9, 9, 90), np.uint8)))
    assert looked(tmp_path).flat == ("dog/blank.png",)


def test_tiny_photos_are_named_where_others_are_larger(tmp_path):
    class_folders(tmp_path, "cat", "dog", photos=2)
    assert looked(tmp_path).tiny == ()
    put(tmp_path / "dog" / "large.png", 40, 40)
    assert len(looked(tmp_path).tiny) == 4


def test_a_dark_class_is_a_shortcut(tmp_path):
    random = np.random.default_rng(0)
    for name, light in (("day", 200), ("night", 30)):
        for number in range(30):
            photo = random.integers(0, light, (12, 12, 3)).astype(np.uint8)
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / f"{number}.png").write_bytes(encode_png(photo))
    first = looked(tmp_path).shortcuts[0]
    assert (first.measure, first.gives_away) == ("brightness", True)


def test_copies_do_not_make_a_shortcut(tmp_path):
    """A photo that stands a hundred times would otherwise be a size that is known by heart."""
    class_folders(tmp_path, "cat", "dog", photos=30)
    odd = put(tmp_path / "cat" / "odd.png", 33, 77).read_bytes()
    for number in range(100):
        (tmp_path / "cat" / f"copy{number}.png").write_bytes(odd)
    assert not any(shortcut.gives_away for shortcut in looked(tmp_path).shortcuts)


def test_small_arrays_are_looked_at_as_they_are():
    found = look(read("digits"))
    assert found.sizes.largest == (8, 8)
    assert found.tiny == ()


def test_it_is_json(tmp_path):
    found = looked(class_folders(tmp_path, "кот", "dog", photos=3))
    again = json.loads(json.dumps(found.as_dict()))
    assert again["classes"][1] == {"label": "кот", "photos": 3, "parts": {"": 3}}
