"""The words of the command line: help, wrong flags, what cannot be done, and with which exit code it ends."""

from __future__ import annotations

import json
import re

import pytest

from referee.recordings import shape

COMMANDS = (
    *("studio", "demo", "make", "collect", "sources", "forget", "info", "clean", "review", "pack"),
    *("backbones", "train", "evaluate", "compare", "predict", "serve", "deploy", "export", "push", "doctor"),
)
REFUSED = {  # name → calls that end with 1: something is wrong that a person can mend
    "info": [
        ("info", "nothere"),
        ("info", "empty"),
        ("info", "hollow"),
        ("info", "astray.csv"),
        ("info", "colours", "--show", "a:b"),
        ("info", "colours", "--show", "900"),
    ],
    "train": [
        ("train", "colours", "--recipe", "cnn", "--epochs", "0", "--name", "none"),
        ("train", "colours", "--val", "2", "--name", "share"),
        ("train", "colours", "--time", "soon", "--name", "soon"),
        ("train", "colours", "--recipe", "classical", "--models", "oracle"),
        ("train", "colours", "--recipe", "transfer", "--backbone", "nothere/nothing"),
        ("train", "colours", "--from", "nothere"),
    ],
    "runs": [
        ("evaluate", "nothere"),
        ("evaluate", "colours"),
        ("compare", "nothere", "neither"),
        ("compare",),
        ("predict", "nothere", "colours/red/00.bmp"),
        ("serve", "nothere"),
        ("deploy", "nothere", "out", "--to", "docker"),
    ],
    "photos": [
        ("clean", "digits", "--accept", "ugly"),
        ("clean", "colours", "--accept", "ugly"),
        ("clean", "colours", "--face-detector", "nothere.onnx"),
        ("clean", "nothere", "--undo"),
        ("review", "nothere"),
        ("pack", "colours", "--into", "colours"),
        ("pack", "colours", "--into", "new", "--size", "0"),
        ("forget", "colours"),
        ("forget", "nothere", "--creator", "A. Person"),
    ],
    "collect": [
        ("collect", "unsaid", "cat"),
        ("collect", "nowhere", "cat", "--contact", "a@example.org", "--source", "nowhere"),
        ("collect", "folder", "cat", "--contact", "a@example.org", "--source", "folder:nothere"),
        ("collect", "list", "cat", "--contact", "a@example.org", "--source", "urls:nothere.txt"),
        ("collect", "key", "cat", "--contact", "a@example.org", "--source", "flickr"),
        ("collect", "terms", "cat", "--contact", "a@example.org", "--source", "bing"),
        ("collect", "outside", "../cat", "--contact", "a@example.org"),
    ],
}
MISTYPED = [  # calls that end with 2: the command line itself is wrong
    ("trian", "colours"),
    ("train",),
    ("train", "colours", "--recipe", "guess"),
    ("train", "colours", "--epoch", "3"),
    ("train", "colours", "--epochs", "many"),
    ("pack", "colours"),
    ("deploy", "runs/cnn", "out", "--to", "moon"),
    ("info", "colours", "--size"),
    ("serve",),
]


def test_the_first_page(call, plain, recorded):
    version = call("--version")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", version.out)
    assert version.code == 0
    recorded("first-page", plain(call().text()))


def test_help_of_every_command(call, plain, recorded):
    called = call.each((), *((name, "--help") for name in COMMANDS))
    assert {one.code for one in called} == {0}
    recorded("help", plain("\n".join(one.text() for one in called)))


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_said_and_ends_with_1(trained_cnn, trained_classical, call, plain, recorded, name):
    assert trained_cnn.code == trained_classical.code == 0  # hints name the runs that there are
    called = call.each(*REFUSED[name])
    assert {one.code for one in called} == {1}
    said = re.sub(r"\(Cannot reach .*?\)\.", "(<reason>).", plain("\n".join(one.text() for one in called)))
    recorded(f"refused-{name}", said)


def test_a_mistyped_command_line_ends_with_2(call, plain, recorded):
    called = call.each(*MISTYPED)
    assert {one.code for one in called} == {2}
    recorded("mistyped", plain("\n".join(one.text() for one in called)))


def test_what_doctor_looks_at(call, plain, recorded):
    as_json, as_table = call.each(("doctor", "--json"), ("doctor",))
    found = json.loads(as_json.out)
    kept = {name: shape(value) for name, value in found.items() if name not in ("libraries", "caches")}
    rows = [line.strip() for line in as_table.out.splitlines() if re.match(r" [a-zA-Z]", line)]
    names = [re.split(r"\s{2,}", row)[0] for row in rows]
    names = names[: names.index("Cache") + 1]  # what lies there is the machine's own
    recorded(
        "doctor",
        f"exit {as_json.code} {as_table.code}\n{as_json.err}{as_table.err}"
        + plain.json(kept | {"libraries": sorted(found["libraries"])})
        + "\n".join(names)
        + "\n"
        + as_table.out.splitlines()[-1].partition(" in ")[0]
        + "\n",
    )


def test_the_list_of_sources(call, plain, recorded):
    recorded("sources", plain(call("sources").text()))
