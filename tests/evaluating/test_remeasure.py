"""A finished run, measured again."""

from __future__ import annotations

import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drawing import class_folders
from evaluating import measured, photo_folder
from models import Tiny
from whatsit.data.catalog import Decision, open_catalog
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.evaluating.remeasure import remeasure
from whatsit.image import encode_png
from whatsit.model.run import open_run
from whatsit.words import percent


def test_on_its_own_photos_the_figures_are_what_they_were(on_disk: Tiny) -> None:
    before = on_disk.run.info.figures
    predictions = (on_disk.run.folder / "predictions.csv").read_bytes()
    report = on_disk.run.report.read_bytes()
    again = remeasure(open_run(on_disk.run.folder))
    assert again.figures == before
    assert again.report == on_disk.run.report
    assert on_disk.run.report.read_bytes() == report
    assert (on_disk.run.folder / "predictions.csv").read_bytes() == predictions


def test_photos_that_came_later_are_not_counted_and_changed_ones_are_said(
    on_disk: Tiny, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    photo_folder(tmp_path / "colours", 30, seed=9)
    names = [row["name"] for row in on_disk.run.rows("split") if row["part"] == "test"]
    (tmp_path / "colours" / names[0]).unlink()
    (tmp_path / "colours" / names[1]).write_bytes(encode_png(np.zeros((12, 12, 3), np.uint8)))
    again = remeasure(open_run(on_disk.run.folder))
    assert again.figures.n == len(names) - 2
    assert "gone, changed or left out since: 2 of 240" in caplog.text


def test_what_was_decided_since_counts(on_disk: Tiny, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = on_disk.run.info.figures
    test = [row for row in on_disk.run.rows("split") if row["part"] == "test"]
    wrong = next(row["name"] for row in test if row["class"] == "blue")
    out = next(row["name"] for row in test if row["class"] == "green")
    with open_catalog(tmp_path / "colours") as catalog:
        catalog.decide(Decision(wrong, "relabel", "red", "hand", ""))
        catalog.decide(Decision(out, "leave-out", "", "hand", ""))
    caplog.set_level("INFO")
    again = remeasure(open_run(on_disk.run.folder)).figures
    photos = {row.class_: row.photos for row in before.per_class}
    assert {row.class_: row.photos for row in again.per_class} == {
        "blue": photos["blue"] - 1,
        "green": photos["green"] - 1,
        "red": photos["red"] + 1,
    }
    said = caplog.text
    assert "Labels that were corrected since this run was trained count as they are now: 1." in said
    assert "gone, changed or left out since: 1 of 240" in said


def test_a_model_of_whole_photos_is_not_measured_on_faces(on_disk: Tiny) -> None:
    faces = replace(on_disk.dataset, crop="face")
    with pytest.raises(UserError, match="was trained on whole photos, and those of 'colours' are cut to the face"):
        remeasure(open_run(on_disk.run.folder), faces)


def test_where_the_photos_have_gone_it_says_so(on_disk: Tiny, tmp_path: Path) -> None:
    shutil.move(tmp_path / "colours", tmp_path / "elsewhere")
    with pytest.raises(UserError, match="cannot be read as they were") as refused:
        remeasure(open_run(on_disk.run.folder))
    assert f"They lay in {str(tmp_path / 'colours')!r}. Go there" in str(refused.value.hint)


def test_from_another_folder_it_finds_its_photos_or_says_from_where_they_are_seen(
    on_disk: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run as `whatsit train colours` leaves it: PLACE/runs/NAME, trained on PLACE/colours by that name."""
    place = tmp_path / "place"
    shutil.copytree(on_disk.run.folder, place / "runs" / "colours")
    shutil.move(tmp_path / "colours", place / "colours")
    run = open_run(place / "runs" / "colours")
    run = replace(run, info=replace(run.info, source="colours"))
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert remeasure(run).figures == on_disk.run.info.figures
    shutil.move(place / "colours", tmp_path / "gone")
    with pytest.raises(UserError) as refused:
        remeasure(run)
    assert "They lay in 'colours', seen from the folder in which it was trained." in str(refused.value.hint)


def test_where_other_photos_lie_in_their_place_it_says_so(on_disk: Tiny, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "colours")
    photo_folder(tmp_path / "colours", 30, seed=3)
    with pytest.raises(UserError, match="None of the photos"):
        remeasure(open_run(on_disk.run.folder))


def test_other_photos_get_a_report_of_their_own(on_disk: Tiny, tmp_path: Path) -> None:
    own = on_disk.run.report.read_bytes()
    again = remeasure(open_run(on_disk.run.folder), photo_folder(tmp_path / "fresh", 60, seed=4))
    assert again.report == on_disk.run.folder / "report-fresh.html"
    assert "60 photos of <bdi>fresh</bdi>" in again.report.read_text(encoding="utf-8")
    assert on_disk.run.report.read_bytes() == own
    info = open_run(on_disk.run.folder).info
    assert info.elsewhere["fresh"] == again.figures
    assert info.figures == on_disk.run.info.figures


def test_photos_it_learnt_from_are_left_out_of_other_photos(
    on_disk: Tiny, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = photo_folder(tmp_path / "fresh", 60, seed=4)
    learnt = next(row for row in on_disk.run.rows("split") if row["part"] == "train")
    shutil.copy(tmp_path / "colours" / learnt["name"], fresh / learnt["class"] / "again.png")
    again = remeasure(open_run(on_disk.run.folder), fresh)
    assert again.figures.n == 60
    assert "as this run learnt from them: 1 photo" in caplog.text
    assert "1 that had were left out" in again.report.read_text(encoding="utf-8")


def test_only_photos_it_learnt_from_are_refused(on_disk: Tiny, tmp_path: Path) -> None:
    for row in on_disk.run.rows("split"):
        if row["part"] == "train":
            file = tmp_path / "seen" / row["name"]
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(tmp_path / "colours" / row["name"], file)
    with pytest.raises(UserError, match="training or validation photos"):
        remeasure(open_run(on_disk.run.folder), tmp_path / "seen")


def test_classes_may_be_fewer_and_in_another_order_and_strange_ones_are_left_out(
    on_disk: Tiny, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fresh = photo_folder(tmp_path / "fresh", 60, seed=4)
    shutil.rmtree(fresh / "blue")
    class_folders(fresh, "amber")
    again = remeasure(open_run(on_disk.run.folder), fresh)
    assert [row.photos for row in again.figures.per_class] == [0, 20, 20]
    assert "the model does not know their classes (amber): 3 photos" in caplog.text


def test_photos_of_no_class_it_knows_are_refused(on_disk: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="knows none of the classes"):
        remeasure(open_run(on_disk.run.folder), class_folders(tmp_path / "strange", "ant", "bee"))


def test_classes_that_are_called_a_little_otherwise_are_asked_about(on_disk: Tiny, tmp_path: Path) -> None:
    fresh = photo_folder(tmp_path / "fresh", 60, seed=4)
    (fresh / "blue").rename(fresh / "Blues")
    run = open_run(on_disk.run.folder)
    with pytest.raises(UserError, match="has the class 'Blues'") as refusal:
        remeasure(run, fresh)
    assert "--classes 'Blues=blue'" in refusal.value.hint
    assert remeasure(run, fresh, classes="Blues=blue").figures.n == 60
    assert remeasure(run, fresh, classes="Blues=Blues").figures.n == 40
    with pytest.raises(UserError, match="names the classes of other photos"):
        remeasure(run, classes="Blues=blue")


def test_outliers_stand_in_the_figures_and_in_the_report(on_disk: Tiny, tmp_path: Path) -> None:
    again = remeasure(open_run(on_disk.run.folder), outliers=class_folders(tmp_path / "odd", "ant", "bee"))
    found = again.figures.outliers
    assert found.n == 6
    assert set(found.scores) == {"distance", "maximum softmax", "energy"}
    page = again.report.read_text(encoding="utf-8")
    assert "Photos of none of the classes" in page
    tile = page.split("Strange photos called “not one of these”</dt>")[1].split("</div>")[0]
    first, second = (re.sub("<[^>]*>", "", line) for line in tile.split("</dd>")[:2])
    assert first.split() == percent(found.rejected.accuracy).split()
    assert re.fullmatch(r"of 6; told apart \(AUROC\) \d\.\d{3}, \d\.\d{3} to \d\.\d{3}", second)


def test_copies_across_official_parts_are_counted_again(tmp_path: Path) -> None:
    root = tmp_path / "parted"
    photo_folder(root / "train", 180, seed=1)
    photo_folder(root / "test", 60, seed=2)
    first = root / "train" / "red" / "1-2.png"
    shutil.copy(first, root / "test" / "red" / "copy.png")
    tiny = measured(tmp_path / "run", read(root))
    assert remeasure(open_run(tmp_path / "run")).figures == tiny.run.info.figures
    table = tmp_path / "run" / "split.csv"  # as if the data set's makers had put the copy there
    line = next(line for line in table.read_text().splitlines() if line.startswith("train/red/1-2.png"))
    table.write_text(table.read_text().replace(line, line.replace(",test,", ",train,")))
    assert remeasure(open_run(tmp_path / "run")).figures.test_leaked == 1


@pytest.mark.slow
def test_a_trained_run_measured_again_has_the_figures_it_had(tmp_path: Path) -> None:
    from whatsit.road.train import train
    from whatsit.training.options import NetOptions, TrainOptions

    run = train("digits", TrainOptions(recipe="cnn", net=NetOptions(net="simple", epochs=2)), runs=tmp_path)
    report = run.report.read_text(encoding="utf-8")
    again = remeasure(open_run(run.folder))
    assert again.figures == run.info.figures
    assert "Training photos most like it" in report
    differing = [
        (one, other)
        for one, other in zip(
            report.splitlines(), run.report.read_text(encoding="utf-8").splitlines(), strict=True
        )
        if one != other and "Time:" not in other
    ]
    assert differing == []


@pytest.mark.skipif(sys.platform != "linux", reason="a folder that takes files from nobody, be it root")
def test_that_pictures_cannot_be_written_is_said_before_photos_are_read(on_disk: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'/proc/x' could not be written"):
        remeasure(open_run(on_disk.run.folder), tmp_path / "no photos", pictures=Path("/proc/x"))
