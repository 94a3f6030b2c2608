"""The table of docs/data.md: every row of it happens."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from annotated import coco, draw, write, write_voc, write_yolo

from drawing import class_folders, drawn, put
from shards import members_of, write_shard
from trees import open_to_all, without_rights
from whatsit.data.inspecting.info import look
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import encode_png

PAGE = Path(__file__).parents[2] / "docs" / "data.md"
Build = Callable[[Path], Path]


def documented() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8").partition("| what you have | what happens |\n|---|---|\n")[2]
    lines = [line.strip("| ") for line in text.partition("\n\n")[0].splitlines()]
    return {what.strip(): happens.strip() for what, _, happens in (line.rpartition(" | ") for line in lines)}


def folders(*names: str) -> Build:
    return lambda root: class_folders(root, *names)


def more(names: tuple[str, ...], do: Callable[[Path], object]) -> Build:
    def build(root: Path) -> Path:
        class_folders(root, *names)
        do(root)
        return root

    return build


def table(text: str, name: str = "t.csv", encoding: str = "utf-8") -> Build:
    def build(root: Path) -> Path:
        for number in range(3):
            put(root / f"{number}.png", seed=number)
        (root / name).write_text(text, encoding=encoding)
        return root / name

    return build


# Rows about stores, which need a server: tests/buckets asks for each of them.
STORED = (
    "an address of a store, `s3://bucket/photos`, with any of these below it "
    "([stores](scale.md#photos-in-a-store))",
    "an object that is cut short, gone, refused, or another one than was listed; one whose name is no path",
)


def shard(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Build:
    return lambda root: write_shard(root / "0.tar", change(members_of(0, 4, "txt")))


def linked_shard(root: Path) -> Path:
    with tarfile.open(write_shard(root / "0.tar", members_of(0, 4, "txt")), "a") as archive:
        link = tarfile.TarInfo("link.jpg")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return root


def damaged_shard(change: Callable[[bytes], bytes]) -> Build:
    def build(root: Path) -> Path:
        written = write_shard(root / "0.tar", members_of(0, 4))
        written.write_bytes(change(written.read_bytes()))
        return root

    return build


def shut(written: Path) -> Path:
    """The shard as a compressed archive."""
    packed = written.with_suffix(".tar.gz")
    packed.write_bytes(gzip.compress(written.read_bytes()))
    written.unlink()
    return packed


def parquet(root: Path) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as written

    table("")(root)
    rows = [{"path": "0.png", "label": "cat"}, {"path": "1.png", "label": "dog"}]
    written.write_table(pyarrow.Table.from_pylist(rows), root / "t.parquet")
    return root / "t.parquet"


def photo_rows(root: Path, labels: list[int | None], gap: bool = False) -> Path:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as written

    root.mkdir(exist_ok=True)
    features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}
    photos = [{"bytes": encode_png(drawn(seed=row)), "path": None} for row in range(len(labels))]
    rows = pyarrow.table({"image": [*photos[:2], None] if gap else photos, "label": labels})
    told = {"huggingface": json.dumps({"info": {"features": features}})}
    written.write_table(rows.replace_schema_metadata(told), root / "t.parquet")
    return root / "t.parquet"


def arrays(root: Path, labels: list[int], dtype: str = "u1", most: int = 200) -> Path:
    root.mkdir(exist_ok=True)
    np.savez(root / "a.npz", images=np.full((4, 6, 6), most).astype(dtype), labels=np.array(labels))
    return root / "a.npz"


def npy(root: Path) -> Path:
    root.mkdir(exist_ok=True)
    np.save(root / "images.npy", np.zeros((4, 6, 6), np.uint8))
    np.save(root / "labels.npy", np.arange(4) % 2)
    return root


def coco_in(root: Path, file: str, photos: str) -> Path:
    draw(root / photos)
    write(root / file, coco())
    return root


def coco_of(change: Callable[[dict[str, Any]], object]) -> Build:
    def build(root: Path) -> Path:
        content = coco()
        change(content)
        return write(draw(root) / "t.json", content).parent

    return build


def voc_lists(root: Path, **texts: str) -> Path:
    folder = root / "ImageSets" / "Main"
    folder.mkdir(parents=True)
    for name, text in {"train": "a\nb\nc\n", "test": "d\n", **texts}.items():
        (folder / f"{name}.txt").write_text(text)
    return root


def declare_type(root: Path) -> Path:
    (root / "Annotations" / "a.xml").write_text('<!DOCTYPE annotation [<!ENTITY a "b">]><annotation/>')
    return root


def yolo_in(root: Path, file: str, names: str) -> Path:
    write_yolo(root / "images" / "train", root / "labels" / "train")
    (root / file).write_text(names)
    return root


PETS = ("cat", "dog")
BUILDS: dict[str, list[Build]] = {
    "`CLASS/photo.jpg`, however deep": [folders("cat/deep/down", "dog")],
    "`train/CLASS/…` with `val` or `test`": [folders("train/cat", "train/dog", "val/cat", "val/dog")],
    "`training_set`, `seg_train/seg_train`, `flowers-train` with their `test`": [
        folders("training_set/cat", "training_set/dog", "test_set/cat", "test_set/dog"),
        folders(
            "seg_train/seg_train/cat", "seg_train/seg_train/dog", "seg_test/seg_test/cat", "seg_test/seg_test/dog"
        ),
        folders("flowers-train/cat", "flowers-train/dog", "flowers-test/cat", "flowers-test/dog"),
    ],
    "`CLASS/train/…` and `CLASS/test/…`": [folders("cat/train", "cat/test", "dog/train", "dog/test")],
    "`train/CLASS/…` and `test/*.jpg`": [folders("train/cat", "train/dog", "test")],
    "`train/*.jpg` and `test/*.jpg`": [folders("train", "test")],
    "`train/cats` and `test/cat`": [folders("train/cats", "train/dog", "test/cat", "test/dog")],
    "`images` beside `masks` or `labels`": [folders("images", "masks"), folders("images", "labels")],
    "photos in no folder, a camera's `100APPLE`, a phone's `DCIM` beside others, `Photos from 2023`, `2023/01`": [
        folders("."),
        folders("100APPLE"),
        folders("DCIM/100APPLE", "WhatsApp/sent"),
        folders("Photos from 2023", "Photos from 2024"),
        folders("2023/01"),
        folders("2023-01-15 Beach", "2023-02-01"),
    ],
    "a class folder without photos, beside two with": [more(PETS, lambda root: (root / "fox").mkdir())],
    "a class folder without photos, beside one with": [more(("cat",), lambda root: (root / "fox").mkdir())],
    "a class folder that is a link to nothing, or cannot be opened": [
        more(PETS, lambda root: (root / "fox").symlink_to("nowhere/fox")),
        more(PETS, lambda root: (root / "dog").chmod(0)),
    ],
    "one folder that is two classes, by a link": [more(PETS, lambda root: (root / "fox").symlink_to("dog"))],
    "a link to a folder of photos": [
        more(
            (*PETS, "more/fox"),
            lambda root: (root / "more").rename(root / ".more") and (root / "fox").symlink_to(".more/fox"),
        ),
    ],
    "a link to a folder it lies in, a link to nothing": [
        more(PETS, lambda root: (root / "cat" / "up").symlink_to("..")),
        more(PETS, lambda root: (root / "cat" / "x.png").symlink_to("gone")),
    ],
    "a closed folder below a class, a named pipe, a socket, a device": [
        more((*PETS, "cat/sub"), lambda root: (root / "cat" / "sub").chmod(0)),
        more(PETS, lambda root: os.mkfifo(root / "cat" / "x.png")),
        more(PETS, lambda root: (root / "cat" / "x.png").symlink_to("/dev/zero")),
    ],
    "hidden files, `Thumbs.db`, `__MACOSX`": [
        folders(*PETS, ".cache"),
        folders(*PETS, "__MACOSX", "cat/Thumbs.db"),
    ],
    "other files, and names that are no UTF-8": [
        more(PETS, lambda root: (root / "cat" / "x.mov").write_bytes(b"x")),
        more(PETS, lambda root: put(root / "x.png").rename(os.fsdecode(os.fsencode(root) + b"/cat/\xff.png"))),
    ],
    "a photo that cannot be read": [more(PETS, lambda root: (root / "cat" / "x.png").write_bytes(b"<html>"))],
    "a table with `,` `;` tab or `|`, with `sep=`, in UTF-8 or UTF-16": [
        *(table(f"path{mark}label\n0.png{mark}cat\n1.png{mark}dog\n") for mark in ",;\t|"),
        table("sep=;\npath;label\n0.png;cat\n1.png;dog\n", encoding="utf-16"),
    ],
    "a table with a column of 0 and 1 for each class, or true and false, or an x": [
        table(f"path,cat,dog\n0.png,{one},{zero}\n1.png,{zero},{one}\n")
        for one, zero in (("1", "0"), ("1.0", "0.0"), ("True", "False"), ("x", ""), ("1", ""))
    ],
    "JSON lines, a Parquet table of paths": [
        table('{"path": "0.png", "label": "cat"}\n{"path": "1.png", "label": "dog"}\n', "t.jsonl"),
        parquet,
    ],
    "Parquet with a photo a row, a file or a folder of them, as the Hugging Face Hub has them": [
        lambda root: photo_rows(root, [0, 1, 0]),
        lambda root: photo_rows(root, [0, 1, 0]).parent,
    ],
    "a Parquet row without a photo, without a class, or with -1": [
        lambda root: photo_rows(root, [0, 1, 0], gap=True),
        lambda root: photo_rows(root, [0, 1, None]),
        lambda root: photo_rows(root, [0, 1, -1]),
    ],
    "a folder with `metadata.csv`": [
        lambda root: table("file_name,label\n0.png,cat\n1.png,dog\n", "metadata.csv")(root).parent
    ],
    "paths as Windows writes them, paths without a suffix": [
        table("path,label\n.\\0.png,cat\n.\\1.png,dog\n"),
        table("path,label\n0,cat\n1,dog\n"),
    ],
    "a photo named twice with one class": [table("path,label\n0.png,cat\n1.png,dog\n./0.png,cat\n")],
    "a photo with two classes, also as `a` and `./a`": [table("path,label\n0.png,cat\n./0.png,dog\n")],
    "`dog (1)`, `dog - Copy` or `dog_old` beside `dog`, `New folder`, `nan`": [
        *(
            folders("cat", "dog", name)
            for name in ("dog (1)", "dog - Copy", "Dog copy 2", "Copy of dog", "dog - Kopie", "dog_old", "dog.bak")
        ),
        *(folders("cat", "dog", name) for name in ("New folder", "Untitled folder 2", "nan", "NULL")),
    ],
    "`fold1`, `fold2`, or `query` and `gallery`, with classes in them": [
        folders("fold1/cat", "fold1/dog", "fold2/cat", "fold2/dog"),
        folders("train 1/cat", "train 1/dog", "train 2/cat", "train 2/dog"),
        folders("Batch_1/cat", "Batch_1/dog", "Batch_2/cat"),
        folders("query/cat", "query/dog", "gallery/cat", "gallery/dog"),
    ],
    "`unlabelled` beside classes": [
        folders("cat", "dog", "unlabelled"),
        folders("cat", "dog", "Unlabeled_images"),
    ],
    "a class that is empty, `nan`, `None`, `#N/A`": [
        table(f"path,label\n0.png,cat\n1.png,{label}\n") for label in ("", "nan", "None", "#N/A")
    ],
    "one class `-` or `?` among others, `cat;dog` beside `cat` and `dog`": [
        table(f"path\tlabel\n0.png\tcat\n1.png\tdog\n2.png\t{label}\n")
        for label in ("-", "?", "—", "cat;dog", "dog | cat", "cat,dog", "cat/dog", "cat + dog")
    ],
    "classes `1` and `1.0` or `01`, `cat` and `Cat`, `red fox` and `red_fox`": [
        folders("1", "1.0"),
        folders("1", "01", "2"),
        folders("cat", "Cat"),
        folders("red fox", "red_fox"),
    ],
    "classes that look the same, one with a letter of another alphabet (`c\u0430t`), or one such word": [
        folders("cat", "c\u0430t"),
        folders("dog", "c\u0430t"),
        table("path,label\n0.png,fox\n1.png,f\u03bfx\n"),
    ],
    "a file that is not there": [table("path,label\n0.png,cat\n9.png,dog\n")],
    "a quote that is not closed, a row with too many cells": [
        table('path,label,note\n0.png,cat,"open\n1.png,dog,x\n2.png,dog,closed"\n'),
        table("path,label\n0.png,cat, black\n1.png,dog\n"),
    ],
    "`.npz`, or a folder of `.npy`": [lambda root: arrays(root, [0, 1, 0, 1]), npy],
    "tar shards (WebDataset), one or a folder of them: `0001.jpg` with its class in `0001.cls`, `0001.json` or "
    "`0001.txt`": [
        *(
            lambda root, suffix=suffix: write_shard(root / "0.tar", members_of(0, 4, suffix))
            for suffix in ("cls", "json", "txt")
        ),
        lambda root: write_shard(root / "0.tar", members_of(0, 4)).parent,
    ],
    "a photo in a shard without a class, a second picture of one name, a link in a shard": [
        shard(lambda members: {**members, "unsaid.jpg": members["000000.jpg"]}),
        shard(lambda members: {**members, "000000.png": members["000000.jpg"]}),
        linked_shard,
    ],
    **{row: [] for row in STORED},
    "a shard that is cut short or damaged, a `.tar.gz`, a `.txt` that says another thing of every photo": [
        damaged_shard(lambda content: content[: len(content) // 2]),
        damaged_shard(lambda content: content[:100] + b"x" * 100 + content[200:]),
        lambda root: shut(write_shard(root / "0.tar", members_of(0, 2))),
        lambda root: write_shard(
            root / "0.tar",
            {
                f"{n}{suffix}": content
                for n in range(30)
                for suffix, content in ((".jpg", b"photo"), (".txt", f"a cat on its chair, {n}".encode()))
            },
        ),
    ],
    "an `.npz` with the label -1, or photos beyond 255 as int32": [
        lambda root: arrays(root, [0, 1, -1, 1]),
        lambda root: arrays(root, [0, 1, 0, 1], "i4", 40_000),
    ],
    "a COCO file, or `annotations/instances_train2017.json` with `train2017`, or `train/_annotations.coco.json`": [
        lambda root: coco_in(root, "train.json", "images") / "train.json",
        lambda root: coco_in(root, "annotations/instances_train2017.json", "train2017"),
        lambda root: coco_in(root, "train/_annotations.coco.json", "train"),
    ],
    "Pascal VOC: `Annotations` beside `JPEGImages`, an XML file beside each photo, or lists as "
    "`ImageSets/Main/dog_train.txt`": [
        lambda root: voc_lists(write_voc(root)),
        lambda root: write_voc(root, "train", "train"),
        lambda root: voc_lists(draw(root / "JPEGImages").parent, dog_train="a 1\nb -1\nc 0\n", dog_test="d 1\n"),
    ],
    "YOLO: `images` beside `labels`, with `data.yaml` or `classes.txt`": [
        lambda root: yolo_in(root, "data.yaml", "names: [cat, dog]\n"),
        lambda root: yolo_in(root, "classes.txt", "cat\ndog\n"),
    ],
    "a photo that annotations name and that is not there, or whose path is absolute or leads out of the folder": [
        coco_of(lambda content, name=name: content["images"][0].update(file_name=name))
        for name in ("gone.png", "/etc/hosts.png", "../a.png")
    ],
    "a photo that no annotation speaks of; XML that declares a document type": [
        lambda root: draw(write_voc(root) / "JPEGImages", ["e"], seed=9).parent,
        lambda root: declare_type(write_voc(root)),
    ],
    "JSON that is cut short, two images of one id, a category that is not listed": [
        table('{"images": [', "t.json"),
        coco_of(lambda content: content["images"][0].update(id=2)),
        coco_of(lambda content: content["annotations"][0].update(category_id=99)),
    ],
}


def test_every_row_is_tested() -> None:
    assert list(documented()) == list(BUILDS)


@pytest.mark.parametrize(
    ("what", "build"),
    [(what, build) for what, builds in BUILDS.items() for build in builds],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_the_page_says_happens(what: str, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    happens = documented()[what]
    with open_to_all() as place:
        source = build(place / "data")
        monkeypatch.setenv("WHATSIT_CACHE", str(place / "cache"))
        (place / "cache").mkdir()
        (place / "cache").chmod(0o777)
        is_closed = "closed" in what or "cannot be opened" in what
        with without_rights() if is_closed else contextlib.nullcontext():
            if happens.startswith("asked about"):
                with pytest.raises(UserError) as refusal:
                    read(source)
                assert refusal.value.hint
                return
            data = read(source)
            if what == "a photo that cannot be read":
                assert look(data).skipped
                return
    assert len(data) >= 2
    assert bool(data.skipped) == ("named" in happens or "link to a folder of photos" in what)
    has_parts = "with the parts" in happens or what.startswith(("`train", "`CLASS/train", "`training"))
    assert bool(set(data.parts) - {""}) == has_parts
