"""The report of a run: one HTML file that needs nothing beside it."""

from __future__ import annotations

from typing import Any

from whatsit.data.dataset import Dataset
from whatsit.data.pixels import Decoded
from whatsit.data.split import Split
from whatsit.evaluate.figures import figures
from whatsit.evaluate.predictions import Predictions
from whatsit.files import write_text
from whatsit.model.classifier import Classifier
from whatsit.model.run import Run


def write_report(
    run: Run,
    model: Classifier,
    dataset: Dataset,
    decoded: Decoded,
    split: Split,
    test: Predictions,
    val: Predictions,
) -> dict[str, Any]:
    """Write the run's report.html, and give back the figures that run.json keeps.

    `decoded` and `split` have the photos of `dataset` row by row; `test` and `val` are its predictions. Where
    there is no test part, the validation part is what is reported, and said to have chosen the model.
    """
    part, shown = ("test", test) if len(test) else ("val", val)
    measured = figures(shown, model.classes, model.facts.thresholds, part)
    measured["val"] = figures(val, model.classes, model.facts.thresholds, "val") if len(val) else None
    measured["leaked"] = len(split.leaked)
    measured["random_leaks"] = split.random_leaks
    write_text(run.report, _rendered(run=run, measured=measured, dataset=dataset, size=decoded.size))
    return measured


def _rendered(**values: Any) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("whatsit.evaluate", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(values)
