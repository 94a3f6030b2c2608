"""What all kits share: what they refuse, and that they appear whole."""

from __future__ import annotations

import json
import os
import re
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models import Tiny
from whatsit.deploying import KITS, check_kind
from whatsit.deploying import deploy as write_product
from whatsit.deploying.kit import DeployOptions
from whatsit.errors import UserError
from whatsit.files import write_json
from whatsit.model.run import open_run
from whatsit.options import options_of
from whatsit.records import as_json
from whatsit.road.deploy import deploy

Make = Callable[[Path], None]


def sparse(path: Path) -> None:
    """A file of a terabyte that takes no room: nobody reads that."""
    with path.open("wb") as file:
        file.truncate(10**12)


def test_a_folder_with_something_else_in_it_is_left_as_it_is(tiny: Tiny, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match=r"has something else in it: 'thesis.txt'"):
        deploy(tiny.run, tmp_path, "ec2", DeployOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere"), sparse])
def test_what_a_kit_has_not_is_not_opened_to_be_refused(tiny: Tiny, tmp_path: Path, make: Make) -> None:
    make(tmp_path / "backup.tar")
    with pytest.raises(UserError, match=r"has something else in it: 'backup.tar'"):
        deploy(tiny.run, tmp_path, "ec2", DeployOptions())


def test_a_kit_takes_an_earlier_kits_place(tiny: Tiny, tmp_path: Path) -> None:
    deploy(tiny.run, tmp_path / "kit", "ec2", DeployOptions())
    deploy(tiny.run, tmp_path / "kit", "ec2", DeployOptions(title="Another"))
    assert len(list((tmp_path / "kit").glob("*.tar.gz"))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["kit"]


def test_a_kit_that_somebody_changed_is_not_replaced(tiny: Tiny, tmp_path: Path) -> None:
    deploy(tiny.run, tmp_path / "kit", "ec2", DeployOptions())
    (tmp_path / "kit/online").write_text("my own steps")
    with pytest.raises(UserError, match="something else in it: 'online'"):
        deploy(tiny.run, tmp_path / "kit", "ec2", DeployOptions())
    assert (tmp_path / "kit/online").read_text() == "my own steps"


def test_a_kit_names_its_files_and_their_hashes(ec2: Path) -> None:
    mark = json.loads((ec2 / "kit.json").read_text())
    assert mark["kit"] == "ec2"
    assert sorted([*mark["files"], "kit.json"]) == sorted(path.name for path in ec2.iterdir())


def test_an_unfinished_run_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    write_json(tmp_path / "half/run.json", {**as_json(tiny.run.info), "finished": None})
    with pytest.raises(UserError, match="is not finished"):
        open_run(tmp_path / "half")


@pytest.mark.parametrize(
    ("option", "value"),
    [("domain", "https://birds.org"), ("domain", "birds"), ("bucket", "My_Bucket"), ("region", "Frankfurt")],
)
def test_a_name_that_cannot_be_one_is_said_before_anything_is_written(option: str, value: str) -> None:
    with pytest.raises(UserError, match=f"--{option} {value!r} is no {option}."):
        DeployOptions(**{option: value})


@pytest.mark.parametrize("kind", ["ec2", "docker"])
def test_a_kit_leaves_no_slot_of_its_files_open(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    deploy(tiny.run, tmp_path / "kit", kind, DeployOptions())
    files = {path.name: path.read_bytes() for path in (tmp_path / "kit").rglob("*") if path.is_file()}
    for archive in (tmp_path / "kit").glob("*.tar.gz"):
        with tarfile.open(archive) as packed:
            members = [member for member in packed if member.isfile()]
            files |= {member.name: packed.extractfile(member).read() for member in members}  # type: ignore[union-attr]
    texts = {name: content for name, content in files.items() if not name.endswith((".gz", ".whl", ".onnx"))}
    assert len(texts) > 8
    assert {
        name: found for name, text in texts.items() if (found := re.findall(rb"@[A-Z][A-Z0-9_]*@", text))
    } == {}


GIVEN = {
    "title": "Which colour?",
    "domain": "birds.example.org",
    "bucket": "my-models",
    "region": "eu-central-1",
    "ort_web": Path("ort"),
}


@pytest.mark.parametrize("kind", KITS)
@pytest.mark.parametrize("option", GIVEN)
def test_an_option_that_does_nothing_in_a_kit_is_refused_with_those_that_use_it(kind: str, option: str) -> None:
    users = [f"--to {other}" for other, one in KITS.items() if option in one.uses]
    assert users
    options = DeployOptions(**{option: GIVEN[option]})  # type: ignore[arg-type]
    if option in KITS[kind].uses:
        check_kind(kind, options)
        return
    with pytest.raises(UserError, match=f"does nothing in the kit {kind}") as caught:
        check_kind(kind, options)
    assert caught.value.sentence.startswith(f"--{option.replace('_', '-')} {GIVEN[option]}")
    assert all(user in str(caught.value.hint) for user in users)


def test_every_option_is_tried_and_the_usual_ones_do_in_every_kit(tiny: Tiny, tmp_path: Path) -> None:
    assert GIVEN.keys() == {option.name for option in options_of(DeployOptions)}
    for kind in KITS:
        check_kind(kind, DeployOptions())
    with pytest.raises(UserError, match="There is no kit 'dockr'") as caught:
        deploy(tiny.run, tmp_path / "kit", "dockr", DeployOptions())
    assert "docker" in str(caught.value.hint)
    assert not (tmp_path / "kit").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
def test_a_folder_that_cannot_be_made_is_said_before_the_model_is_read(tiny: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'/proc/x' could not be written"):
        write_product(
            replace(tiny.run, folder=tmp_path), Path("/proc/x"), "ec2", DeployOptions(), lambda _asset, _server: ""
        )
