"""What verbs are given: runs in every way of naming one, data that is none, and places to write to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from models import Tiny
from whatsit.errors import UserError
from whatsit.files import write_bytes
from whatsit.verbs.common import as_folder, check_data, open_any, opened_to_write, place_of, refuse_run, writing_to


def test_a_run_is_given_as_such_or_by_its_folder(tiny: Tiny):
    folder = tiny.run.folder
    assert open_any(tiny.run) is tiny.run
    assert open_any(folder).info == open_any(str(folder)).info == tiny.run.info
    assert (place_of(tiny.run), place_of(folder), place_of(str(folder))) == (folder, folder, str(folder))


@pytest.mark.parametrize(
    ("run", "shown", "hint"),
    [
        (None, "None", "Give its folder"),
        (3, "3", "Give its folder"),
        (["a", "b"], "['a', 'b']", "compare(one, other)"),
        ({"a"}, "{'a'}", "compare(one, other)"),
        (b"runs/a", "b'runs/a'", "compare(one, other)"),
    ],
)
def test_what_is_no_run_is_told_with_what_to_give(run, shown, hint):
    with pytest.raises(UserError) as caught:
        place_of(run)
    assert caught.value.sentence == f"The run is {shown}, and has to be a path, or what `whatsit.train` gave."
    assert hint in caught.value.hint


def test_a_value_of_a_wrong_kind_is_shown_short_and_on_one_line():
    with pytest.raises(UserError) as caught:
        place_of(["one\ntwo   three" * 99])
    assert "\n" not in caught.value.sentence
    assert len(caught.value.sentence) < 160


@pytest.mark.parametrize("path", ["runs/a", Path("runs/a")])
def test_a_folder_to_write_to_is_a_path(path):
    assert as_folder(path) == Path("runs/a")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (None, "What is written to is None"),
        (["a"], "What is written to is ['a']"),
        ("s3://bucket/a", "'s3://bucket/a' is the address of a store"),
        (Path("s3://bucket/a"), "'s3://bucket/a' is the address of a store"),
    ],
)
def test_what_cannot_be_written_to_is_refused(path, why):
    with pytest.raises(UserError) as caught:
        as_folder(path)
    assert caught.value.sentence.startswith(why)
    assert caught.value.hint


@pytest.mark.parametrize("data", ["pets", Path("pets"), "digits", "s3://bucket/pets"])
def test_data_by_a_path_a_name_or_an_address_is_given_on(data):
    assert check_data(data, "whatsit info DATA") is data


def test_what_was_read_is_data_only_where_that_is_taken(tiny: Tiny):
    assert check_data(tiny.dataset, "", (type(tiny.dataset),)) is tiny.dataset
    with pytest.raises(UserError, match=r"has to be a path or a name\.") as caught:
        check_data(tiny.dataset, "")
    assert "`whatsit.read`" not in caught.value.sentence
    with pytest.raises(UserError, match=r"a path or a name, or what `whatsit.read` gave"):
        check_data(7, "", (type(tiny.dataset),))


def test_a_run_where_photos_are_wanted_is_told_with_what_to_type(tiny: Tiny, tmp_path: Path):
    run = shutil.copytree(tiny.run.folder, tmp_path / "my run")
    for check in (
        lambda: refuse_run(run, "whatsit clean DATA --deep RUN"),
        lambda: check_data(str(run), "whatsit clean DATA --deep RUN"),
    ):
        with pytest.raises(UserError, match="is a run, and this looks at photos") as caught:
            check()
        assert caught.value.hint == f"Give the photos: whatsit clean {tiny.run.info.source} --deep '{run}'"


def test_a_folder_without_a_run_or_with_a_run_json_of_somebody_else_may_hold_photos(tmp_path: Path):
    refuse_run(tmp_path, "whatsit info DATA")
    refuse_run(tmp_path / "none", "whatsit info DATA")
    (tmp_path / "run.json").write_text("{}")
    refuse_run(tmp_path, "whatsit info DATA")


def test_a_file_of_this_machine_is_written_where_it_is_named(tmp_path: Path):
    with writing_to(tmp_path / "a.csv") as file:
        assert file == tmp_path / "a.csv"
    with writing_to(str(tmp_path / "a.csv")) as file:
        assert file == tmp_path / "a.csv"


def test_a_file_for_an_address_is_sent_at_a_good_end_and_gone_on_with_after_a_bad_one(tmp_path, monkeypatch):
    fsspec = pytest.importorskip("fsspec")
    monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
    memory, address = fsspec.filesystem("memory"), "memory://common/answers.csv"

    def write(more: bytes) -> Path:
        with writing_to(address) as file:
            write_bytes(file, (file.read_bytes() if file.exists() else b"") + more)
            if more == b"one\n":
                raise KeyboardInterrupt
        return file

    with pytest.raises(KeyboardInterrupt):
        write(b"one\n")
    assert not memory.exists("/common/answers.csv")
    file = write(b"two\n")
    assert memory.cat("/common/answers.csv") == b"one\ntwo\n"
    assert file.name == "answers.csv"
    assert not file.exists()
    memory.rm("/common", recursive=True)


def test_a_run_of_this_machine_is_opened_where_it_lies(tiny: Tiny):
    with opened_to_write(tiny.run.folder) as run:
        assert run.folder == tiny.run.folder
    with opened_to_write(tiny.run) as run:
        assert run is tiny.run
