"""What the page shows, as plain records: the template gets these and nothing else."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from whatsit.image import Pixels, encode_jpeg
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.web.pages import page, percent

SHOWN = 5  # bars; the page's script can show all


@dataclass(frozen=True)
class Bar:
    """A class and its probability."""

    label: str
    share: float


@dataclass(frozen=True)
class Shown:
    """An answer in words. `picture` is a data: address, `reason` says why there is no answer."""

    known: bool
    headline: str
    share: str
    aside: str
    bars: tuple[Bar, ...]
    picture: str = ""
    reason: str = ""


def shown(answer: Answer, picture: Pixels | None = None) -> Shown:
    """An answer as the page words it; answer.js says the same."""
    bars = tuple(Bar(label, share) for label, share in list(answer.probabilities.items())[:SHOWN])
    source = "" if picture is None else _data_address(picture)
    if answer.reason:
        return Shown(False, "", "", "", (), source, answer.reason)
    best = percent(answer.probability)
    if not answer.known:
        aside = f"Unlike anything it has learnt from. The nearest is {answer.label}, {best}."
        return Shown(False, "Not one of these", "", aside, bars, source)
    others = [label for label in answer.could_be if label != answer.label]
    aside = f"It could also be {', '.join(others)}." if others else ""
    return Shown(True, answer.label, best, aside, bars, source)


def _data_address(picture: Pixels) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(picture)).decode()


def ask_page(name: str, model: Classifier, models: tuple[str, ...], answers: tuple[Shown, ...] = ()) -> str:
    """The page that asks a model, with the answers of a plain form where there are some."""
    return page(
        "ask.html",
        title="whatsit",
        model=name,
        models=models,
        question="What is it?",
        purpose=purpose(model.classes),
        answers=answers,
    )


def purpose(classes: tuple[str, ...]) -> str:
    """What a model tells apart, in a sentence: `Tells apart cats and dogs.`"""
    if len(classes) <= 6:
        return f"Tells apart {', '.join(classes[:-1])} and {classes[-1]}."
    return f"Tells apart {len(classes)} classes, among them {', '.join(classes[:5])}."
