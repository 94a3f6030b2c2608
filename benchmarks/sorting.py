"""How fast a pile is sorted with a model's help, how honest its verdict is, and how long an answer takes.

    python benchmarks/sorting.py acts [SET …]      imagenette flowers trashnet produce, from $WHATSIT_DATA
    python benchmarks/sorting.py verdict
    python benchmarks/sorting.py speed

A simulated person answers truthfully and every act counts one: a group named after twelve of it were shown (nine
or more of one class; else it is said to be mixed, which is an act too), a photo named, a suggestion corrected, a
screen of suggestions confirmed. Each error of a named group or a confirmed screen costs an act. Photos that
measure count like any other. Accuracy is on photos that were never shown.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import record

from whatsit.data.catalog import open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.photos import Files
from whatsit.data.readers import read
from whatsit.sorting.features import look_at_all, open_network
from whatsit.sorting.learning.asking import SCREEN, Question, choose_group, choose_screen
from whatsit.sorting.learning.directions import find_directions
from whatsit.sorting.learning.learner import Learner
from whatsit.sorting.pile import Pile

Rows = NDArray[np.int64]
Values = NDArray[np.float32]
Ask = Callable[[Pile, np.random.Generator], Question | None]

SETS = ("imagenette", "flowers", "trashnet", "produce")
RUNS, VERDICT_RUNS = 10, 20
PILE = {"imagenette": 850}  # photos of the train part; of the other sets all of it
WANTED = {"imagenette": 0.95}  # accuracy; of the other sets this share of what all labels give
SHARE_OF_ALL = 0.95
MOST_ACTS, MOST_VERDICT_ACTS = 200, 320
STEP = 10  # acts between two points of the curve that is written
SHOWN, AGREE = 12, 9  # photos of a group that are shown, and so many of one class name it
NUMBERS = (1_000, 10_000, 50_000)
ANSWERS = 60  # timed, of each number of photos


@dataclass(frozen=True)
class World:
    """A pile and what it truly shows, and other photos that are never shown: features (n, d), classes (n,)."""

    values: Values
    truth: Rows
    others: Values
    others_truth: Rows
    classes: tuple[str, ...]


@dataclass
class Person:
    """Who answers, truthfully; `acts` counts."""

    world: World
    acts: int = 0

    def answer(self, pile: Pile, asked: Question) -> None:
        kinds = self.world.truth[asked.rows]
        seen = kinds[:SHOWN] if asked.kind == "group" else kinds
        often = int(np.bincount(seen).argmax())
        self.acts += 1
        if asked.kind == "group" and int((seen == often).sum()) < AGREE * len(seen) / SHOWN:
            pile.say_mixed(asked.rows.tolist())
            return
        if asked.kind == "screen" and asked.label >= 0:
            often = self.world.classes.index(pile.classes[asked.label])
        right = asked.rows[kinds == often]
        if len(right):
            pile.name(right.tolist(), self.world.classes[often], asked.kind == "measure")
        for row in asked.rows[kinds != often].tolist():
            pile.name([row], self.world.classes[self.world.truth[row]])
            self.acts += 1


@dataclass
class Curve:
    """Accuracy on photos never shown, after so many acts."""

    acts: list[int] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)

    def reaches(self, wanted: float) -> int | None:
        """The acts after which it is reached first; None where it is not."""
        found = (acts for acts, share in zip(self.acts, self.accuracy, strict=True) if share >= wanted)
        return next(found, None)

    def at(self, acts: int) -> float:
        place = int(np.searchsorted(self.acts, acts, "right")) - 1
        return self.accuracy[max(0, place)]


def acts(*names: str) -> None:
    """Acts to the accuracy wanted: as we ask, and in random order of the same groups and acts."""
    figures: dict[str, Any] = {}
    for name in names or SETS:
        worlds = [make_world(name, seed) for seed in range(RUNS)]
        all_labels = float(np.mean([accuracy_of_all(world) for world in worlds]))
        wanted = WANTED.get(name, SHARE_OF_ALL * all_labels)
        rows = {title: [simulate(*one, ask) for one in enumerate(worlds)] for title, ask in ASKED.items()}
        figures[name] = {
            "photos": len(worlds[0].truth),
            "others": len(worlds[0].others_truth),
            "accuracy_of_all_labels": round(all_labels, 4),
            "wanted": round(wanted, 4),
            "asked": {title: describe(curves, wanted) for title, curves in rows.items()},
        }
    record("sorting", f"acts-{'-'.join(names or ['all'])}", figures, "scikit-learn", "scipy", "onnxruntime")


def describe(curves: list[Curve], wanted: float) -> dict[str, Any]:
    """The mean and each run; a run that never gets there counts as MOST_ACTS."""
    reached = [curve.reaches(wanted) for curve in curves]
    points = range(STEP, MOST_ACTS + 1, STEP)
    return {
        "acts_mean": round(float(np.mean([MOST_ACTS if one is None else one for one in reached])), 1),
        "acts_each": reached,
        "curve": {str(at): round(float(np.mean([curve.at(at) for curve in curves])), 4) for at in points},
    }


def simulate(seed: int, world: World, ask: Ask) -> Curve:
    """One person at one pile."""
    random, person, curve = np.random.default_rng([seed, 1]), Person(world), Curve()
    with pile_of(world, seed) as pile:
        while person.acts < MOST_ACTS:
            asked = ask(pile, random)
            if asked is None:
                break
            person.answer(pile, asked)
            pile.suggestions()
            curve.acts.append(person.acts)
            curve.accuracy.append(accuracy(world, pile))
    return curve


def ask_ours(pile: Pile, _random: np.random.Generator) -> Question | None:
    return pile.next()


def ask_doubt_alone(pile: Pile, _random: np.random.Generator) -> Question | None:
    """As we ask, but photo by photo after the groups, the one first of which the head is least sure."""
    asked = pile.next()
    if asked is None or asked.kind != "screen":
        return asked
    rows = open_rows(pile)
    return Question("photo", rows[[int(pile.suggestions().margins[rows].argmin())]])


def ask_screens_alone(pile: Pile, random: np.random.Generator) -> Question | None:
    """As we ask, without groups once there are two classes."""
    asked, now, rows = pile.next(), pile.suggestions(), open_rows(pile)
    if asked is None or asked.kind != "group" or not len(rows) or (now.labels < 0).all():
        return asked
    return choose_screen(rows, now, random)


def ask_photos_at_random(pile: Pile, random: np.random.Generator) -> Question | None:
    """The same groups in random order, then photos in random order."""
    groups = open_groups(pile)
    if groups:
        return Question("group", groups[int(random.integers(len(groups)))].rows)
    return draw_photo(pile, random)


def ask_at_random(pile: Pile, random: np.random.Generator) -> Question | None:
    """The same groups in random order, then as many screens as photos, all of them drawn at random."""
    groups, rows, now = open_groups(pile), open_rows(pile), pile.suggestions()
    if groups:
        return Question("group", groups[int(random.integers(len(groups)))].rows)
    if not len(rows) or random.random() < 0.5 or (now.labels < 0).all():
        return draw_photo(pile, random)
    label = int(now.labels[random.choice(rows)])
    return Question("screen", random.permutation(rows[now.labels[rows] == label])[:SCREEN], label)


def draw_photo(pile: Pile, random: np.random.Generator) -> Question | None:
    rows = np.flatnonzero(pile.answers.is_open)
    return Question("photo", random.permutation(rows)[:1]) if len(rows) else None


def open_groups(pile: Pile) -> list[Any]:
    groups = [group.without(~pile.answers.is_open) for group in pile.groups]
    return [group for group in groups if choose_group([group], pile.suggestions()) is not None]


def open_rows(pile: Pile) -> Rows:
    return np.flatnonzero(pile.can_be_suggested)


ASKED: dict[str, Ask] = {
    "ours": ask_ours,
    "groups, then the least sure photo": ask_doubt_alone,
    "screens without groups": ask_screens_alone,
    "random order: groups, then photos": ask_photos_at_random,
    "random order: groups, then screens and photos": ask_at_random,
}


def verdict() -> None:
    """What is measured while sorting against the truth, each time it is said; and when it says enough."""
    runs = []
    for seed in range(VERDICT_RUNS):
        runs.append(follow(make_world("imagenette", seed), seed))
    said = [one for run in runs for one in run["said"]]
    ends = [run["said"][-1] for run in runs if run["said"]]
    enough = [one for one in said if one["enough"]]
    record(
        "sorting",
        "verdict",
        {
            "runs": len(runs),
            "inside_when_it_ended": round(float(np.mean([one["inside"] for one in ends])), 3),
            "inside_whenever_said": round(float(np.mean([one["inside"] for one in said])), 3),
            "said_enough": sum(run["enough_after"] is not None for run in runs),
            "enough_after_acts": [run["enough_after"] for run in runs],
            "widest_half_interval_of_enough": max((one["reach"] for one in enough), default=None),
            "each": runs,
        },
        "scikit-learn",
        "scipy",
        "onnxruntime",
    )


def follow(world: World, seed: int) -> dict[str, Any]:
    """One person who goes on until it is enough."""
    person, said, measured_by = Person(world), [], 0
    with pile_of(world, seed) as pile:
        while person.acts < MOST_VERDICT_ACTS:
            asked = pile.next()
            if asked is None:
                break
            person.answer(pile, asked)
            drawn = int(pile.answers.drawn.sum())
            if asked.kind != "measure" or drawn % 5 or drawn == measured_by:
                continue
            measured_by, found, judged = drawn, pile.measure(), pile.verdict()
            if found is None:
                continue
            pile.suggestions()
            true, told = accuracy(world, pile), found.accuracy
            said.append(
                {
                    "acts": person.acts,
                    "measured": round(told.value, 4),
                    "n": told.n,
                    "low": round(told.low, 4),
                    "high": round(told.high, 4),
                    "true": round(true, 4),
                    "inside": told.low <= true <= told.high,
                    "reach": round(max(told.high - told.value, told.value - told.low), 4),
                    "enough": judged.is_enough,
                    "sentence": judged.sentence,
                }
            )
            if judged.is_enough:
                return {"enough_after": person.acts, "said": said}
    return {"enough_after": None, "said": said}


def speed() -> None:
    """From an answer to new suggestions and the next question, of photos with the features of ten classes."""
    figures = {}
    for number in NUMBERS:
        world = draw_world(number)
        person, took = Person(world), []
        with pile_of(world, 0) as pile:
            while len(took) < ANSWERS:
                asked = pile.next()
                assert asked is not None
                kinds = world.truth[asked.rows]
                label = world.classes[int(np.bincount(kinds).argmax())]
                begun = time.perf_counter()
                pile.name(asked.rows.tolist(), label, asked.kind == "measure")
                pile.suggestions()
                pile.next()
                took.append(time.perf_counter() - begun)
                person.acts += 1
            begun = time.perf_counter()
            pile.measure()
            measuring = time.perf_counter() - begun
            named = int((~pile.answers.is_open).sum())
        figures[str(number)] = {
            "median_s": round(float(np.median(took)), 3),
            "p95_s": round(float(np.quantile(took, 0.95)), 3),
            "worst_s": round(max(took), 3),
            "named_photos_at_the_end": named,
            "verdict_s": round(measuring, 2),
        }
    record("sorting", "speed", figures, "numpy", "scipy", "scikit-learn")


def make_world(name: str, seed: int) -> World:
    """A pile of a data set's training photos, and its other photos, by the features of the default network."""
    dataset, features = look_at_all(read(Path(os.environ["WHATSIT_DATA"]) / name), open_network())
    random = np.random.default_rng([seed, 0])
    train = random.permutation(np.flatnonzero(dataset.parts == "train"))
    rows = train[: PILE.get(name, len(train))]
    others = np.flatnonzero(dataset.parts != "train")
    pile, rest = (type(features)(features.values, features.places[some]) for some in (rows, others))
    directions = find_directions(pile)
    return World(
        directions.shorten(pile),
        dataset.labels[rows],
        directions.shorten(rest),
        dataset.labels[others],
        dataset.classes,
    )


def draw_world(number: int, classes: int = 10, width: int = 256) -> World:
    """Made-up photos of ten classes, as far apart as those of imagenette are."""
    random = np.random.default_rng(0)
    truth = random.integers(classes, size=number)
    values = random.normal(size=(number, width)).astype(np.float32) * 0.05
    values += random.normal(size=(classes, width)).astype(np.float32)[truth] * 0.035
    names = tuple(f"class {label}" for label in range(classes))
    return World(values, truth, values[:10], truth[:10], names)


@contextmanager
def pile_of(world: World, seed: int) -> Iterator[Pile]:
    """The pile with a catalog of its own; its photos have other names for each seed, as the draw goes by names."""
    count = len(world.truth)
    with tempfile.TemporaryDirectory() as folder, open_catalog(Path(folder)) as catalog:
        names = [f"{seed}-{row}.jpg" for row in range(count)]
        nothing, parts = np.zeros(count, np.int64), np.zeros(count, "<U5")
        dataset = Dataset("pile", ("",), Files(Path(folder), names), nothing, parts, root=Path(folder))
        yield Pile(dataset, world.values, catalog, seed)


def accuracy(world: World, pile: Pile) -> float:
    """On the photos that are never shown."""
    said = pile.learner.ask(world.others)
    names = np.array([*pile.classes, ""])  # the last: nothing is said
    return float((names[np.maximum(said, -1)] == np.array(world.classes)[world.others_truth]).mean())


def accuracy_of_all(world: World) -> float:
    """Where every photo of the pile is named."""
    learner = Learner(world.values)
    learner.learn(world.truth)
    return float((learner.ask(world.others) == world.others_truth).mean())


if __name__ == "__main__":
    {"acts": acts, "verdict": verdict, "speed": speed}[sys.argv[1]](*sys.argv[2:])
