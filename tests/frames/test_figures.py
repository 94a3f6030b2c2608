"""The recipes of figures in the pages draw what they say, with matplotlib itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whatsit
from evaluating import measured, photo_folder
from labelled import write_labelled
from pointed import QUICK

pytest.importorskip("pandas", reason="needs the extra 'pandas'")
matplotlib = pytest.importorskip("matplotlib", reason="draws the recipes")

PAGE = Path(__file__).parents[2] / "docs" / "elsewhere.md"


def recipes() -> list[str]:
    """The blocks of Python of the section, in their order."""
    text = PAGE.read_text(encoding="utf-8").split("## Figures of your own\n")[1].split("\n## ")[0]
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The axes that the recipes leave, by what they show: run in turn beside runs of the names that they use."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder = tmp_path_factory.mktemp("figures")
    pets = photo_folder(folder / "pets")
    measured(folder / "runs" / "pets", whatsit.read(pets))
    whatsit.train(pets, name="pets-classical", runs=folder / "runs", **QUICK)
    tags = write_labelled(folder / "set", photos=80)
    whatsit.train(tags, name="tags", recipe="transfer", size=32, runs=folder / "runs")
    names: dict[str, Any] = {}
    axes: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for place, recipe in enumerate(recipes()):
            exec(compile(recipe, f"{PAGE.name}, figure {place}", "exec"), names)
            if "ax" in names:
                axes.setdefault(names["ax"].get_xlabel(), names["ax"])
        for number in pyplot.get_fignums():
            pyplot.figure(number).savefig(folder / f"{number}.png")
    yield axes | {"run": whatsit.open_run(folder / "runs" / "pets"), "photos": names["axes"]}
    pyplot.close("all")


def test_each_chart_that_comes_as_a_file_has_a_recipe(drawn: dict[str, Any]) -> None:
    assert set(drawn) == {
        *("predicted", "probability claimed", "share of photos answered, the surest first", "distance", "epoch"),
        *("accuracy in cross-validation", "recall", "", "run", "photos"),
    }


def test_what_is_drawn_are_the_figures_of_the_run(drawn: dict[str, Any]) -> None:
    figures = drawn["run"].info.figures
    shares = np.asarray(drawn["predicted"].images[0].get_array())
    assert shares.diagonal() == pytest.approx([row.recall for row in figures.per_class], abs=1e-6)
    (line,) = drawn["share of photos answered, the surest first"].lines
    assert line.get_ydata()[-1] == pytest.approx(figures.accuracy, abs=1e-6)
    claimed = drawn["probability claimed"].lines[0].get_xdata()
    assert len(claimed) == len(whatsit.to_pandas(drawn["run"], "calibration"))
    assert sum(bar.get_height() for bar in drawn["distance"].patches) == figures.n
    training, validation = drawn["epoch"].lines
    assert training.get_xdata().tolist() == validation.get_xdata().tolist() == [1, 2, 3, 4]
    assert len(drawn["recall"].lines) == 2
    assert len(drawn["accuracy in cross-validation"].get_yticklabels()) > 0


def test_the_photos_of_mistakes_are_their_photos(drawn: dict[str, Any]) -> None:
    pictures = [ax for ax in drawn["photos"].flat if ax.images]
    assert len(pictures) == min(6, drawn["run"].info.figures.n - drawn["run"].info.figures.right)
    for ax in pictures:
        predicted, true = re.fullmatch(r"(\w+) \d+%, in truth (\w+)", ax.get_title()).groups()
        assert predicted != true
        assert np.asarray(ax.images[0].get_array()).shape == (12, 12, 3)
