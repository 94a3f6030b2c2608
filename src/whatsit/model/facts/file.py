"""What a model file says of itself: classes, size, limits, how good it is, and pictures to prove itself on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from whatsit import words
from whatsit.data.faces.chip import CHIP
from whatsit.data.target import Rule
from whatsit.image import Ground, Resize, Size
from whatsit.model.facts.point import Point
from whatsit.records import Record

FORMATS = (1, 2)
MOST_GOLDEN = 16  # there are three or four; each is decoded before the model answers
MOST_PIXELS = 4096 * 4096  # of the size: what is larger takes gigabytes for one photo, and no network wants it


def choose_format(crop: str, ground: str | None, target: str | None = None, point: Point | None = None) -> int:
    """The oldest format in which no runtime answers about photos cut and laid in this way otherwise.

    Format 2 is for what the runtimes of format 1 do not know: faces cut as a face network wants them, another
    ground under transparency than white, another target than one class a photo, and an operating point: they would
    say a class where the answer is "not sure".
    """
    is_known = not crop.endswith(CHIP) and ground in (None, "white") and target is None and point is None
    return 1 if is_known else 2


@dataclass(frozen=True)
class Thresholds(Record):
    """The limits that turn numbers into words, and what they promise.

    distance:     a photo farther than this is "not one of these"; rejects `reject_share` of known photos
    probability:  classes at least this likely are in `could_be`, which holds the true one with `coverage`
    measured_on:  how many photos both were set by, none of which the model that was asked about it had seen
    out_of_fold:  how many of them are training photos, asked of models that learnt from the others; None: none are
    labels:       labels at least this likely are said, one a label; None where it is not limits that decide
    """

    distance: float
    reject_share: float
    probability: float
    coverage: float
    measured_on: int
    labels: tuple[float, ...] | None = None
    out_of_fold: int | None = None
    point: Point | None = None

    @property
    def rule(self) -> Rule:
        """What decides by them."""
        if self.labels is not None or self.point is None:
            return Rule(labels=self.labels)
        return Rule(sure=self.point.sure, costs=self.point.costs)


@dataclass(frozen=True)
class PartSizes(Record):
    """How many photos each part had."""

    train: int
    val: int
    test: int


@dataclass(frozen=True)
class TestShare(Record):
    """How many of the test photos were answered rightly."""

    right: int
    of: int
    accuracy: float


@dataclass(frozen=True)
class Card(Record):
    """What a model was made of and how good it is; None where nobody says.

    The first fields are the recipe's, those from `name` on are known when the model is measured.
    """

    recipe: str | None = None
    net: str | None = None
    backbone: str | None = None
    backbone_sha256: str | None = None
    backbone_licence: str | None = None
    head: str | None = None
    parameters: int | None = None
    multiply_adds: int | None = None
    mirrored: bool | None = None
    precision: str | None = None
    kept: float | None = None  # recipe finetune: how far it lies from the network it began with, 0 to 1
    is_frozen: bool | None = None  # its features are those of a pretrained network left as it was: see stages.py
    name: str | None = None
    trained_on: str | None = None
    licence: str | None = None
    note: str | None = None
    photos: PartSizes | None = None
    test: TestShare | None = None
    warnings: tuple[str, ...] | None = None
    made_with: str | None = None
    arithmetic: str | None = None  # of an 8-bit model: what it loses


@dataclass(frozen=True)
class Golden(Record):
    """A golden picture (see golden.py): its file and the pixels made of it, both in base64, and the answer."""

    kind: str
    file: str
    pixels: str
    probabilities: tuple[float, ...]
    distance: float


@dataclass(frozen=True)
class ModelFacts(Record):
    """Everything a model file says of itself beside its graph."""

    classes: tuple[str, ...]
    size: Size  # (height, width) of `pixels`
    resize: Resize
    thresholds: Thresholds
    temperature: float
    crop: str  # "face…": the photo is cut to its face first
    card: Card
    golden: tuple[Golden, ...]
    format: int
    detector: str | None = None  # base64 of the file that finds the face, where OpenCV's own cascades do not
    target: str | None = None  # what is predicted, by its name in data/target/; None: one class a photo

    ground: Ground | None = None  # under transparency; None: white, as in files of version 0.1.0

    @property
    def laid_on(self) -> Ground:
        """What lies under transparency."""
        return self.ground or "white"

    @property
    def is_frozen(self) -> bool:
        """Whether its features are those of a pretrained network left as it was (see stages.py)."""
        return bool(self.card.is_frozen)


def find_contradictions(facts: ModelFacts) -> Iterator[str]:
    """What cannot be in the facts of a model, a sentence's end each: `has the class 'cat' twice`."""
    if len(facts.classes) < (2 if facts.target is None else 1):
        yield f"has {words.count(len(facts.classes), 'class')}: there is nothing to tell apart"
    label, times = Counter(facts.classes).most_common(1)[0] if facts.classes else ("", 0)
    if times > 1:
        yield f"has the class {label!r} {times} times"
    if not all(label.strip() for label in facts.classes):
        yield "has a class without a name"
    height, width = facts.size
    if min(facts.size) < 1 or height * width > MOST_PIXELS:
        yield f"looks at photos of {width} × {height} pixels, which cannot be"
    if facts.format < choose_format(facts.crop, None):
        yield f"is of format {facts.format}, which does not cut photos to the {facts.crop}"
    if facts.format < choose_format("", facts.ground):
        yield f"is of format {facts.format}, which lays photos on no ground but white"
    if facts.format < choose_format("", None, facts.target):
        yield f"is of format {facts.format}, which says one class a photo and no {facts.target!r:.40}"
    if (point := facts.thresholds.point) is not None:
        if facts.format < choose_format("", None, None, point):
            yield f"is of format {facts.format}, which answers every photo and knows no {point.wish!r:.40}"
        yield from point.contradictions(len(facts.classes), facts.target is not None)
    if not facts.temperature > 0:
        yield f"has the temperature {facts.temperature:g}, which divides nothing"
    if not all(0 <= share <= 1 for share in (facts.thresholds.reject_share, facts.thresholds.coverage)):
        yield "promises shares of photos that are not between 0 and 1"
    if facts.thresholds.measured_on < 0:
        yield "was measured on less than no photos"
    if not 0 <= (facts.thresholds.out_of_fold or 0) <= facts.thresholds.measured_on:
        yield "was measured out of fold on more photos than on all"
    if facts.thresholds.labels is not None and len(facts.thresholds.labels) != len(facts.classes):
        yield f"has {len(facts.thresholds.labels)} limits for {len(facts.classes)} labels"
    if len(facts.golden) > MOST_GOLDEN:
        yield f"has {len(facts.golden)} pictures to prove itself on"
    for picture in facts.golden:
        if len(picture.probabilities) != len(facts.classes):
            yield f"has {len(picture.probabilities)} probabilities for {len(facts.classes)} classes"
        if not all(0 <= share <= 1 for share in picture.probabilities):
            yield "has golden probabilities that are not between 0 and 1"
