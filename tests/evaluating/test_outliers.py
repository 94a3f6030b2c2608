"""Photos of none of the classes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from models import Tiny
from whatsit import events
from whatsit.errors import UserError
from whatsit.evaluating.outliers import measure_outliers
from whatsit.image import encode_png


def strangers(folder: Path, photos: int = 30) -> Path:
    """Yellow photos, which none of the colours is."""
    random = np.random.default_rng(5)
    for number in range(photos):
        noisy = np.array((220, 210, 40)) + random.normal(0, 25, (12, 12, 3))
        file = folder / "deep" / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode_png(np.clip(noisy, 0, 255).astype(np.uint8)))
    return folder


def found(tiny: Tiny, source: Path) -> object:
    return measure_outliers(source, tiny.run, tiny.model, tiny.ready, tiny.split.rows("test"))


def test_the_scores_are_scikit_learns_on_the_models_own_outputs(on_disk: Tiny, tmp_path: Path) -> None:
    result = found(on_disk, strangers(tmp_path / "strange"))
    pixels = [on_disk.model.pixels(file) for file in sorted((tmp_path / "strange").rglob("*.png"))]
    shares, distances = on_disk.model.run(np.stack(pixels))
    own_shares, own_distances = on_disk.model.run(on_disk.decoded.take(on_disk.split.rows("test")))
    truth = np.repeat([0, 1], [len(own_distances), len(distances)])
    softmax = 1 - np.concatenate([own_shares, shares]).max(axis=1)
    expected = {
        "distance": roc_auc_score(truth, np.concatenate([own_distances, distances])),
        "maximum softmax": roc_auc_score(truth, softmax),
    }
    assert result.n == 30
    for score in result.scores:
        if score.name in expected:
            assert score.auroc.value == pytest.approx(expected[score.name], abs=1e-3)
    assert [score.name for score in result.scores] == ["distance", "maximum softmax", "energy"]
    assert result.rejected.right == int((distances > on_disk.model.facts.thresholds.distance).sum())


def test_photos_of_the_runs_own_data_are_named_and_left_out(on_disk: Tiny, tmp_path: Path) -> None:
    folder = strangers(tmp_path / "strange")
    own = sorted((tmp_path / "colours" / "red").iterdir())[:2]
    for file in own:
        shutil.copy(file, folder / f"copy-{file.name}")
    result = found(on_disk, folder)
    assert result.n == 30
    assert sorted(result.overlapping) == sorted(f"copy-{file.name}" for file in own)


def test_a_folder_of_nothing_else_is_refused(on_disk: Tiny, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not in the data set of this model"):
        found(on_disk, tmp_path / "colours" / "red")


def test_a_folder_without_photos_is_refused(on_disk: Tiny, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty"):
        found(on_disk, tmp_path / "empty")


def test_a_named_data_set_can_be_the_strangers(on_disk: Tiny) -> None:
    assert found(on_disk, Path("digits")).n == 1_797


def test_damaged_photos_are_skipped_with_their_reason(on_disk: Tiny, tmp_path: Path) -> None:
    folder = strangers(tmp_path / "strange")
    (folder / "bad.jpg").write_bytes(b"<html>")
    told: list[events.Event] = []
    with events.listening(told.append):
        assert [item.name for item in found(on_disk, folder).skipped] == ["bad.jpg"]
    assert "  bad.jpg: not a picture" in "\n".join(one.text for one in told if isinstance(one, events.Warn))


def test_a_model_of_faces_is_not_asked_about_whole_photos(on_disk: Tiny, tmp_path: Path) -> None:
    on_disk.model.facts = replace(on_disk.model.facts, crop="face")
    with pytest.raises(UserError, match="cut to the face"):
        found(on_disk, strangers(tmp_path / "strange", 3))
