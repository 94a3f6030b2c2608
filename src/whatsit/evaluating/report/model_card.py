"""A run's README.md: the model card that stands beside its model wherever that goes.

Its head is the YAML of the Hugging Face Hub's model cards, so that a run's folder can be put there as it is; the
rest is for people. Values in the head are written as JSON, which YAML reads as its own: a name such as `no` stays
one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from whatsit import words
from whatsit.files import write_bytes
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.facts.figures import Figures
from whatsit.model.facts.file import ModelFacts
from whatsit.model.run import Run

CARD_FILE = "README.md"
CLASSES_NAMED = 100
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


def write_model_card(run: Run, facts: ModelFacts, figures: Figures) -> Path:
    """Write the card of a run on the photos it was measured on, and give back where it lies."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("whatsit.evaluating.report", "page"),
        autoescape=False,  # it is Markdown: names go through `plain`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"plain": escape_markdown, "percent": words.percent, "photos": words.photos}
    text = environment.get_template("model_card.md").render(
        run=run,
        facts=facts,
        figures=figures,
        head=json_lines(_head(run, figures)),
        model_file=MODEL_FILE,
        shown=facts.classes[:CLASSES_NAMED],
    )
    target = run.folder / CARD_FILE
    write_bytes(target, text.encode("utf-8", "replace"))  # a class name may hold bytes that are no text
    return target


def escape_markdown(text: Any) -> str:
    """A text on one line that Markdown shows as it is: no mark of it, or of HTML, does anything."""
    return _SPECIAL.sub(r"\\\1", " ".join(words.show_controls(str(text)).split()))


def json_lines(head: dict[str, Any]) -> list[str]:
    """A mapping as lines of YAML: a key each, its value as JSON."""
    return [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]


def _head(run: Run, figures: Figures) -> dict[str, Any]:
    info, several = run.info, figures.several is not None
    tags = ["image-classification", "onnx", "whatsit", *(["multi-label"] if several else [])]
    return {
        "license": "unknown",  # what may be done with photos of others decides, and nobody but the owner knows
        "library_name": "onnx",
        "pipeline_tag": "image-classification",
        "tags": tags,
        "model-index": [
            {
                "name": run.name,
                "results": [
                    {
                        "task": {"type": "image-classification", "name": "Image classification"},
                        "dataset": {"name": _name_data(info.data.name, figures), "type": "imagefolder"},
                        "metrics": _list_metrics(figures),
                    }
                ],
            }
        ],
    }


def _name_data(name: str, figures: Figures) -> str:
    part = {"test": "test part", "val": "validation part"}.get(figures.part, "each asked by a model without it")
    return f"{name} ({words.photos(figures.n)}, {part})"


def _list_metrics(figures: Figures) -> list[dict[str, Any]]:
    """The figures as a model index has them, the interval in the name."""
    found = [_metric("accuracy", "Accuracy", figures.accuracy, figures.interval)]
    found.append(_metric("f1", "F1, mean over classes", figures.macro_f1))
    ranked = figures.several
    if ranked is not None and ranked.mean_average_precision is not None:
        name = "Mean average precision"
        found.insert(0, _metric("mean_average_precision", name, ranked.mean_average_precision, ranked.interval))
    return found


def _metric(kind: str, name: str, value: float, interval: tuple[float, float] | None = None) -> dict[str, Any]:
    within = "" if interval is None else f" (95 % interval {interval[0]:.4f} to {interval[1]:.4f})"
    return {"type": kind, "name": name + within, "value": value}
