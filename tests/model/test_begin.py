"""How a run begins, goes on, and is gone again where it is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from whatsit.errors import UserError
from whatsit.model.begin import begin, remove_if_refused
from whatsit.model.facts.run import FORMAT
from whatsit.model.run import write_info
from whatsit.records import as_json
from whatsit.training.options import AugmentOptions, NetOptions, TrainOptions, TransferOptions
from whatsit.version import __version__

USUAL = TrainOptions()
MINE = TrainOptions(
    recipe="cnn", seed=3, net=NetOptions(epochs=2, mirrored=False), augment=AugmentOptions(flip=True)
)


def test_a_new_run_says_how_to_begin_it_again(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "mine"
    beginning = begin(folder, "my photos", MINE, USUAL, None)
    assert folder.is_dir()
    assert (beginning.format, beginning.name, beginning.whatsit) == (FORMAT, "mine", __version__)
    assert (beginning.source, beginning.from_) == ("my photos", None)
    assert " ".join(beginning.command) == (
        f"whatsit train my photos --name mine --runs {folder.parent} --recipe cnn --seed 3 --epochs 2 "
        "--no-mirrored --flip"
    )
    assert (beginning.option("seed"), beginning.option("flip"), beginning.option("nothing")) == (3, True, None)


def test_a_run_that_went_on_from_one_beside_it_names_it_as_the_command_does(tmp_path: Path) -> None:
    runs, far = (tmp_path / "runs").resolve(), (tmp_path / "far" / "first").resolve()
    beside = begin(runs / "second", "photos", USUAL, USUAL, runs / "first")
    assert (beside.from_, beside.command[-2:]) == ("first", ("--from", str(runs / "first")))
    assert begin(runs / "third", "photos", USUAL, USUAL, far).command[-2:] == ("--from", str(far))


def test_a_stopped_run_goes_on_as_it_was_begun(tmp_path: Path) -> None:
    first = begin(tmp_path / "run", "photos", MINE, USUAL, None)
    write_info(tmp_path / "run", first)
    assert begin(tmp_path / "run", "photos", MINE, USUAL, None) == first


@pytest.mark.parametrize(
    ("source", "options", "earlier"),
    [("others", MINE, None), ("photos", replace(MINE, seed=4), None), ("photos", MINE, Path("/runs/first"))],
)
def test_a_stopped_run_of_other_options_data_or_forerunner_is_refused(
    tmp_path: Path, source: str, options: TrainOptions, earlier: Path | None
) -> None:
    write_info(tmp_path / "run", begin(tmp_path / "run", "photos", MINE, USUAL, None))
    with pytest.raises(UserError, match="was begun with other options or data"):
        begin(tmp_path / "run", source, options, USUAL, earlier)


def test_a_stopped_run_of_an_older_version_lacks_the_newest_options(tmp_path: Path) -> None:
    beginning = as_json(begin(tmp_path / "run", "photos", MINE, USUAL, None))
    del beginning["options"]["transfer"]["learning_curve"]
    (tmp_path / "run" / "run.json").write_text(json.dumps({**beginning, "format": 1}))
    assert begin(tmp_path / "run", "photos", MINE, USUAL, None).format == FORMAT


def test_a_stopped_run_whose_options_had_another_name_goes_on(tmp_path: Path) -> None:
    beginning = as_json(begin(tmp_path / "run", "photos", MINE, USUAL, None))
    classical = beginning["options"]["classical"]
    classical["folds"] = classical.pop("search_folds")
    del beginning["options"]["folds"]
    (tmp_path / "run" / "run.json").write_text(json.dumps({**beginning, "format": 1}))
    assert begin(tmp_path / "run", "photos", MINE, USUAL, None).format == FORMAT
    seven = replace(MINE, classical=replace(MINE.classical, search_folds=7))
    with pytest.raises(UserError, match="was begun with other options or data"):
        begin(tmp_path / "run", "photos", seven, USUAL, None)


def test_a_run_that_was_stopped_before_the_usual_values_changed_goes_on_with_the_words_that_are_said(
    tmp_path: Path,
) -> None:
    stopped = as_json(begin(tmp_path / "run", "my photos", USUAL, USUAL, None))
    stopped["options"]["transfer"]["backbone"] = "mobilenetv2"  # the usual network of 0.1.0
    (tmp_path / "run" / "run.json").write_text(json.dumps({**stopped, "format": 1}))
    with pytest.raises(UserError) as caught:
        begin(tmp_path / "run", "my photos", replace(USUAL, size=96), USUAL, None)
    assert caught.value.sentence == (
        "The stopped run 'run' was begun with other options or data: "
        "'my photos' --backbone mobilenetv2 without --size."
    )
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(
        "To go on with it, give these with its command: "
        f"whatsit train 'my photos' --name run --runs {tmp_path}. Or choose another --name"
    )
    same = replace(USUAL, transfer=TransferOptions(backbone="mobilenetv2"))
    assert begin(tmp_path / "run", "my photos", same, USUAL, None).format == FORMAT


def test_a_finished_run_and_a_folder_of_something_else_are_left_alone(tmp_path: Path) -> None:
    begin(tmp_path / "run", "photos", MINE, USUAL, None)
    (tmp_path / "run" / "run.json").write_text('{"format": 2, "finished": "today"}')
    with pytest.raises(UserError, match="There is a finished run 'run' already"):
        begin(tmp_path / "run", "photos", MINE, USUAL, None)
    (tmp_path / "run" / "run.json").rename(tmp_path / "run" / "diary.txt")
    with pytest.raises(UserError, match="has something else in it"):
        begin(tmp_path / "run", "photos", MINE, USUAL, None)


def test_what_is_refused_before_anything_was_learnt_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint").mkdir(parents=True)
    with pytest.raises(UserError), remove_if_refused(tmp_path / "run"):
        raise UserError("No.")
    assert not (tmp_path / "run").exists()


def test_what_was_learnt_is_kept_and_so_is_a_run_that_met_a_fault_of_ours(tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoint").mkdir(parents=True)
    with pytest.raises(ZeroDivisionError), remove_if_refused(tmp_path / "run"):
        _ = 1 / 0
    assert (tmp_path / "run").exists()
    (tmp_path / "run" / "checkpoint" / "weights").touch()
    with pytest.raises(UserError), remove_if_refused(tmp_path / "run"):
        raise UserError("No.")
    assert (tmp_path / "run").exists()


def test_a_stopped_run_goes_on_where_only_what_it_never_looks_at_is_otherwise(tmp_path: Path) -> None:
    write_info(tmp_path / "run", first := begin(tmp_path / "run", "photos", MINE, USUAL, None))
    newer = replace(MINE, transfer=TransferOptions(backbone="another"))
    assert begin(tmp_path / "run", "photos", newer, USUAL, None, uses={"recipe", "seed", "epochs"}) == first
    with pytest.raises(UserError, match="was begun with other options"):
        begin(tmp_path / "run", "photos", newer, USUAL, None, uses={"backbone"})
