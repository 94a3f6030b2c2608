"""What the page shows, as plain records: the template gets these and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from whatsit import words
from whatsit.data.target import ONE_CLASS, Target
from whatsit.image import WEB_LIMITS, WEB_SUFFIXES, WEB_TYPES, Pixels, encode_jpeg
from whatsit.model.answer import Answer
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import Card, TestShare, Thresholds
from whatsit.model.share import CONFIDENCE, wilson
from whatsit.model.strangeness.doubt import doubt_refusal
from whatsit.serving.options import ServeOptions
from whatsit.web.assets import address
from whatsit.web.pages import render_page, short_percent
from whatsit.words import isolate

SHOWN = 5  # bars; the page's script can show all
LABELS_SHOWN = 30  # bars of labels that are said, before all are asked for
LABELS_NAMED = 12  # of those that are said, in a heading
NAMED = 4  # classes in a sentence
NO_LABEL = "None of its labels"
SCRIPTS = (
    "answer.js",
    "fitting.js",
    "heat.js",
    "names.js",
    "photos.js",
    "server.js",
    "table.js",
    "translate.js",
    "visit.js",
)  # what ask.js imports


@dataclass(frozen=True)
class Bar:
    """A class and its probability; `sample` is the address of a photo of it."""

    label: str
    share: float
    sample: str = ""
    threshold: float | None = None  # from which on it is said, where a photo may have any number of labels
    is_said: bool = False


@dataclass(frozen=True)
class AnswerView:
    """An answer in words. `picture` is a data: address, `reason` says why there is no answer."""

    known: bool
    headline: str
    share: str
    aside: str
    bars: tuple[Bar, ...]
    picture: str = ""
    name: str = ""
    reason: str = ""
    is_unsure: bool = False
    doubt: str = ""  # what is to be minded of what is named


@dataclass(frozen=True)
class CardView:
    """What a model is and how good, for people."""

    lines: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    classes: tuple[str, ...]
    samples: Mapping[str, str]


@dataclass(frozen=True)
class ScriptData:
    """What the page's script knows. `samples` has the address of a photo for some classes."""

    model: str
    classes: tuple[str, ...]
    samples: Mapping[str, str]
    addresses: bool
    corrections: bool
    why: bool = True
    none: str = ""  # the class of a correction to none of them
    thresholds: Mapping[str, float] | None = None  # from which on each of several labels is said
    doubt: str = ""  # what is to be minded of every answer: see model/strangeness/doubt.py
    types: tuple[str, ...] = WEB_TYPES  # of files that are read as they are
    maxBytes: int = 0  # noqa: N815  # as JavaScript spells it
    maxPixels: int = WEB_LIMITS.max_pixels  # noqa: N815


@dataclass(frozen=True)
class AskPage:
    """Everything on the page that asks a model."""

    title: str
    purpose: str
    model: str
    models: tuple[str, ...]
    card: CardView
    facts: ScriptData
    answers: tuple[AnswerView, ...] = field(default=())
    accept: str = ",".join((*WEB_TYPES, *WEB_SUFFIXES))  # what the file chooser offers
    has_server: bool = True  # without one, the page asks a model in the browser itself


def render_ask_page(asked: AskPage, asset: Callable[[str], str] = address) -> str:
    """The page as HTML; `asset` gives the address of a file beside it by its name."""
    values: dict[str, Any] = {name: getattr(asked, name) for name in AskPage.__dataclass_fields__}
    values["asset"] = asset
    return render_page("ask.html", scripts=SCRIPTS, **(values | {"facts": asdict(asked.facts)}))


def page_of(
    name: str, model: Classifier, models: tuple[str, ...], options: ServeOptions, samples: Mapping[str, str]
) -> AskPage:
    """The page of a model, before anything was asked."""
    return AskPage(
        title=options.title,
        purpose=state_purpose(model.classes, model.target),
        model=name,
        models=models,
        card=card_of(name, model, samples),
        facts=ScriptData(
            model=name,
            classes=model.classes,
            samples=samples,
            thresholds=_thresholds(model),
            doubt=doubt_refusal(model.facts.thresholds),
            addresses=options.addresses,
            corrections=options.corrections,
            maxBytes=options.max_body,
        ),
    )


def view_answer(
    answer: Answer,
    picture: Pixels | None = None,
    samples: Mapping[str, str] | None = None,
    thresholds: Mapping[str, float] | None = None,
) -> AnswerView:
    """An answer as the page words it; answer.js words it the same. `thresholds` are those of several labels."""
    source = "" if picture is None else _data_address(picture)
    if answer.reason:
        return AnswerView(False, "", "", "", (), source, answer.name, answer.reason)
    given, limits = samples or {}, thresholds or {}
    said = answer.said
    shown = list(answer.probabilities.items())[: max(SHOWN, min(LABELS_SHOWN, len(said)))]
    bars = tuple(
        Bar(label, share, given.get(label, ""), limits.get(label), label in said) for label, share in shown
    )
    best = short_percent(answer.probability)
    if not answer.known:
        aside = f"Unlike anything it has learnt from. The nearest is {isolate(answer.label)}, {best}."
        return AnswerView(False, "Not one of these", "", aside, bars, source, answer.name)
    if answer.sure is False:
        aside = f"Most likely it is {isolate(answer.label)}, {best}, which is not sure enough to say so."
        return AnswerView(True, "Not sure", "", aside, bars, source, answer.name, is_unsure=True)
    if answer.labels is not None:
        return AnswerView(True, _name_labels(answer) or NO_LABEL, "", _could_be(answer), bars, source, answer.name)
    return AnswerView(True, answer.label, best, _could_be(answer), bars, source, answer.name)


def _name_labels(answer: Answer) -> str:
    """The labels that are said; of very many the likeliest, and how many more."""
    said = answer.said
    if len(said) <= LABELS_NAMED:
        return ", ".join(map(isolate, said))
    likeliest = sorted(said, key=lambda label: -answer.probabilities[label])[:LABELS_NAMED]
    return f"{', '.join(map(isolate, likeliest))} and {len(said) - LABELS_NAMED} more"


def _could_be(answer: Answer) -> str:
    others = [label for label in answer.could_be if label not in answer.said]
    what, verb = ("class", "be") if answer.labels is None else ("label", "show")
    if len(others) > 1 and len(others) >= len(answer.probabilities) - len(answer.said):
        return f"No {what} can be ruled out."
    if not answer.stands_out:
        return "That is less sure than usual: better look at the photo yourself."
    return f"It could also {verb} {_in_words(others)}." if others else ""


def _in_words(names: list[str]) -> str:
    some, more = [isolate(name) for name in names[:NAMED]], len(names) - NAMED
    if more > 0:
        return f"{', '.join(some)} or {more} more"
    return f"{', '.join(some[:-1])} or {some[-1]}" if len(some) > 1 else some[0]


def _data_address(picture: Pixels) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(encode_jpeg(picture)).decode()


def state_purpose(classes: tuple[str, ...], target: Target = ONE_CLASS) -> str:
    """What a model tells apart, in a sentence: `Tells cats and dogs apart.`"""
    named = [isolate(label) for label in (classes if len(classes) <= 6 else classes[:5])]
    if target.says_any_number:
        among = "" if len(classes) <= 6 else f"{len(classes)} things, among them "
        return f"Says which of these a photo shows: {among}{', '.join(named)}; any number of them, or none."
    if len(classes) <= 6:
        return f"Tells {', '.join(named[:-1])} and {named[-1]} apart, and says where a photo is none of them."
    return f"Tells {len(classes)} classes apart, among them {', '.join(named)}, and says where it is none."


def card_of(name: str, model: Classifier, samples: Mapping[str, str]) -> CardView:
    """What a model's card says, as far as it says it."""
    card, limits = model.facts.card, model.facts.thresholds
    size = model.facts.size
    lines = [
        ("Model", card.name or name),
        ("Learnt from", _learnt_from(card)),
        (_right_on(model.target), _accuracy(card.test)),
        ("Promises", "" if limits.point is None else limits.point.promise()),
        ("Leaves to a person", _left_to_a_person(limits)),
        (
            "Unsure",
            _could_be_promise(model.target, limits.coverage),
        ),
        (
            "Not one of these",
            f"turns away {short_percent(limits.reject_share)} of photos of its own classes, to turn away others",
        ),
        ("Sees", f"{size[1]} × {size[0]} pixels of each photo"),
        ("Licence of its photos", card.licence or ""),
        ("Network", " ".join(part for part in (card.recipe, card.net, card.backbone) if part)),
        ("Licence of its network", card.backbone_licence or ""),
        ("Made with", card.made_with or ""),
        ("Digest", model.digest[:16]),
    ]
    warnings = (*(card.warnings or ()), *((card.note,) if card.note else ()))
    kept = tuple((term, text) for term, text in lines if text and text != "unknown")
    return CardView(kept, tuple(map(str, warnings)), model.classes, samples)


def _could_be_promise(target: Target, coverage: float) -> str:
    share = short_percent(coverage)
    if target.says_any_number:
        return (
            f"names every label that it cannot rule out: made so that {share} of those of a photo are among them"
        )
    return (
        f"names every class that it cannot rule out: it is made so that the true one is among them for {share} of "
        "photos like those it learnt from; where there is none it is less sure than usual"
    )


def _left_to_a_person(limits: Thresholds) -> str:
    """Of one class with an operating point, what share of photos it was not sure about."""
    if not limits.rule.may_be_unsure or limits.point is None:
        return ""
    counts = limits.point.all
    share = words.keep_together(words.percent(1 - counts.answered / max(1, counts.photos), 0))
    return f"{share} of the {words.photos(counts.photos)} that this was set on: it says “not sure” of them"


def _right_on(target: Target) -> str:
    return (
        "Every label right, of photos it never saw" if target.says_any_number else "Right on photos it never saw"
    )


def _thresholds(model: Classifier) -> dict[str, float] | None:
    limits = model.facts.thresholds.labels
    return None if limits is None else dict(zip(model.classes, limits, strict=True))


def _learnt_from(card: Card) -> str:
    learnt = card.photos.train + card.photos.val if card.photos else 0
    count = words.photos(learnt) if learnt else ""
    return ", ".join(part for part in (count, card.trained_on or "") if part)


def _accuracy(test: TestShare | None) -> str:
    """As in `27 of 28 (96.4 %; 95 % interval 82.3 % to 99.4 %)`."""
    if not test or not test.of:
        return ""
    low, high = map(words.percent, wilson(test.right, test.of))
    share = f"{words.percent(test.right / test.of)}; {words.percent(CONFIDENCE, 0)} interval {low} to {high}"
    return f"{test.right:,} of {test.of:,} ({words.keep_together(share)})"
