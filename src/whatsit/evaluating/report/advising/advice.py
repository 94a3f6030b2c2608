"""What to do next: small rules that read the figures of a run, the weightiest first.

A step weighs what is at stake in it, in the measure of accuracy: the share of photos that it may set right, or by
which a figure is unsure or off. What makes all other figures worthless comes before everything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from whatsit.evaluating.report.advising.evidence import Act, Advice, Evidence, with_command
from whatsit.evaluating.report.advising.label_rules import suspect_labels, unmeasured_label, weak_label
from whatsit.evaluating.report.advising.photo_rules import sure_mistakes, suspect_photos, weak_refusal
from whatsit.model.calibrate import enough_for
from whatsit.model.finish import REJECT_SHARE
from whatsit.model.share import CONFIDENCE, normal_quantile
from whatsit.words import isolate, percent, photos

MOST = 5
WIDE = 0.06  # an interval more than this to either side says little
WIDE_AIM = 0.03  # what it takes to get below this is worth saying
FOLDS = 5  # by which every photo may be asked once
MORE_BY_FOLDS = 2  # times the photos that were asked: fewer more are not worth the trainings
MOST_VALIDATION = 0.3  # of all photos; with more there is too little left to learn from
GAP = 0.08  # training accuracy this far above validation: it learnt the photos by heart
RISING = 0.005  # validation still won this much a quarter of the training before its end
FREQUENT = 0.2  # a pair with this share of all mistakes is the one to look at
SURELY_SOME = 0.05  # mistakes or hits that a few test photos without any do not rule out
HARDLY = 5  # training photos of a class; from fewer it is hardly learnt, and so are that many of the classes
UNEVEN = 4  # the largest class has this many times the photos of the smallest
CALIBRATED = 0.02  # an error up to this much in a probability changes nobody's decision
MANY_SKIPPED = 0.02  # of all files
FIRST = math.inf  # the weight of what makes all other figures worthless
A_LITTLE = 0.005  # of what has no figure of its own


def give_advice(evidence: Evidence) -> list[Advice]:
    """What to do next, at most MOST steps, the weightiest first; the last one is how to use the model."""
    rules = RULES if evidence.figures.several is None else LABEL_RULES
    found = sorted(
        (step for rule in rules if (step := rule(evidence)) is not None), key=lambda step: -step.weight
    )  # of equal weight, in the order of the rules
    use = Advice("Use it", "Ask it about your own photos, in a page on this machine.", Act("serve"))
    if _no_better_than_guessing in rules and _no_better_than_guessing(evidence) is not None:
        use = replace(use, what="See what it says", why="Ask it about a few photos, to see where it goes wrong.")
    return [with_command(step, evidence) for step in (*found[: MOST - 1], use)]


def _better(evidence: Evidence) -> Advice | None:
    if evidence.better is None:
        return None
    return Advice("Train again with what was missing", f"What would do better: {evidence.better}", weight=FIRST)


def _leaks(evidence: Evidence) -> Advice | None:
    leaked, without = evidence.figures.test_leaked, evidence.figures.without_leaked
    if not leaked:
        return None
    rest = (
        f"Without them it is {percent(without.accuracy)}."
        if without.accuracy is not None
        else "Nothing else is left."
    )
    return Advice(
        "Take the copies out of the test photos",
        f"Copies of training photos among the test photos: {leaked:,}, so the accuracy flatters. {rest}",
        Act("clean"),
        FIRST,
    )


def _no_better_than_guessing(evidence: Evidence) -> Advice | None:
    low, guess = evidence.figures.interval[0], evidence.figures.guessing.accuracy
    if low > guess:
        return None
    return Advice(
        "Do not use this model yet",
        f"It cannot be told from always answering {isolate(evidence.figures.guessing.class_)}, "
        f"which is right for {percent(guess)}.",
        weight=FIRST,
    )


def _by_heart(evidence: Evidence) -> Advice | None:
    best = _best_epoch(evidence.history)
    if best is None or best["accuracy"] - best["val_accuracy"] < GAP:
        return None
    has_changes = evidence.augment not in ("", "auto", "none")
    return Advice(
        "Show it more varied photos",
        f"It got {percent(best['accuracy'])} of the training photos right but {percent(best['val_accuracy'])} of "
        "the validation photos: it knows the former by heart. More photos help most; changing them at random "
        "while training helps too.",
        Act() if has_changes else Act("train", {"augment": "light"}),
        best["accuracy"] - best["val_accuracy"],
    )


def _too_short(evidence: Evidence) -> Advice | None:
    curve = [row["val_accuracy"] for row in _numbers(evidence.history) if "val_accuracy" in row]
    if len(curve) < 3:
        return None
    before = max(curve[: -max(1, len(curve) // 4)])
    if max(curve) - before < RISING:
        return None
    return Advice(
        "Train longer",
        f"Validation accuracy was still rising at the end (from {percent(before)} to {percent(max(curve))} in the "
        "last quarter).",
        Act("train", {"epochs": 2 * len(curve)}),
        max(curve) - before,
    )


def _pair(evidence: Evidence) -> Advice | None:
    wrong = evidence.figures.n - evidence.figures.right
    if (
        not evidence.pairs
        or evidence.pairs[0][2] < 3
        or evidence.pairs[0][2] < FREQUENT * wrong
        or len(evidence.classes) < 3
    ):
        return None
    true, guess = (isolate(label) for label in evidence.pairs[0][:2])
    often = evidence.pairs[0][2]
    return Advice(
        f"Help it tell {true} from {guess}",
        f"{often} of the {wrong} mistakes are {true} taken for {guess}. Bring more photos of both, or make them "
        "one class if the difference does not matter.",
        Act(label=evidence.pairs[0][0]),
        weight=often / evidence.figures.n,
    )


def _weak_class(evidence: Evidence) -> Advice | None:
    rows = [(row.recall, row) for row in evidence.figures.per_class if row.recall is not None]
    if len(rows) < 3:
        return None
    recall, worst = min(rows, key=lambda one: one[0])
    if worst.recall_interval[1] >= evidence.figures.interval[0]:
        return None
    learnt = evidence.counts[list(evidence.classes).index(worst.class_)]
    return Advice(
        f"Bring more photos of {isolate(worst.class_)}",
        f"It finds {percent(recall, 0)} of them, clearly fewer than of the other classes; it learnt from "
        f"{photos(learnt)}.",
        Act(label=worst.class_),
        weight=(1 - recall) * worst.photos / evidence.figures.n,
    )


def _uneven(evidence: Evidence) -> Advice | None:
    counts = [count for count in evidence.counts if count]
    if not counts or max(counts) < UNEVEN * min(counts):
        return None
    rarest = evidence.classes[list(evidence.counts).index(min(counts))]
    return Advice(
        "Even out the classes",
        f"The largest class has {max(counts):,} training photos, {isolate(rarest)} only {min(counts):,}. Look at "
        "the figures of the rare classes, not at the accuracy alone.",
        Act(label=rarest),
        weight=A_LITTLE if min(counts) >= HARDLY else 1 / len(counts),
    )


def _weak_slice(evidence: Evidence) -> Advice | None:
    weak = [part for part in evidence.slices if part.is_weak]
    if not weak:
        return None
    worst = min(weak, key=lambda part: part.share.value - part.others.value)
    return Advice(
        f"Bring more photos like those it is weak on: {isolate(worst.name)}",
        f"There it is right for {percent(worst.share.value)} of {worst.share.n:,}, elsewhere for "
        f"{percent(worst.others.value)}.",
        weight=(worst.others.value - worst.share.value) * worst.share.n / evidence.figures.n,
    )


def _few_tests(evidence: Evidence) -> Advice | None:
    low, high = evidence.figures.interval
    if (high - low) / 2 < WIDE:
        return None
    share = min(max(evidence.figures.accuracy, SURELY_SOME), 1 - SURELY_SOME)
    spread = normal_quantile(CONFIDENCE) ** 2 * share * (1 - share)  # Wald's, solved for the number of photos
    needed = 100 * math.ceil(spread / WIDE_AIM**2 / 100)
    asked = photos(evidence.figures.n)
    why = f"With {asked} the true accuracy can lie anywhere from {percent(low)} to {percent(high)}. "
    weight = (high - low) / 2 - WIDE
    if evidence.photos >= MORE_BY_FOLDS * evidence.figures.n and "--from" not in evidence.command:
        points = round(100 * math.sqrt(spread / evidence.photos))
        why += (
            f"All {evidence.photos:,} photos, each asked of a model that learnt from the others, narrow that to "
            f"about {points} points either way ({FOLDS} trainings more)"
        )
        aim = round(100 * WIDE_AIM)
        why += f"; {aim} points take about {needed:,} photos." if points > aim else "."
        return Advice("Measure on more photos", why, Act("train", {"folds": FOLDS}), weight)
    why += f"About {needed:,} other photos of these classes would narrow that to 3 points either way."
    return Advice("Measure on more photos", why, Act("evaluate", {"data": "FOLDER"}), weight)


def _calibration(evidence: Evidence) -> Advice | None:
    ece, chance = evidence.figures.ece, evidence.figures.ece_by_chance
    if ece <= max(chance, CALIBRATED):
        return None
    return Advice(
        "Do not take its probabilities at their word",
        f"They are {percent(ece)} off on average, more than chance explains ({percent(chance)}). More photos "
        "to calibrate on, of the kind that is tested on, would set them right.",
        weight=ece - chance,
    )


def _few_validation(evidence: Evidence) -> Advice | None:
    enough = enough_for(REJECT_SHARE)
    if evidence.validated >= enough:
        return None
    why = f"{evidence.validated:,} are too few to set “not one of these” well; {enough} or more can."
    if evidence.is_crossed:
        return Advice("Bring more photos", why, weight=A_LITTLE)
    # One photo a class more: parts are dealt class by class.
    share = math.ceil(100 * (enough + len(evidence.classes)) / max(1, evidence.photos)) / 100
    if share > MOST_VALIDATION:
        return Advice("Bring more photos", why, weight=A_LITTLE)
    return Advice("Keep more photos for validation", why, Act("train", {"val": share}), A_LITTLE)


def _skipped(evidence: Evidence) -> Advice | None:
    share = evidence.skipped / max(1, evidence.skipped + sum(evidence.counts))
    if share <= MANY_SKIPPED:
        return None
    why = (
        f"{evidence.skipped:,} could not be read as photos, or lie where none is looked for; all that is "
        "left out is listed below with its reason."
    )
    return Advice("Look at the skipped files", why, weight=share)


RULES: tuple[Callable[[Evidence], Advice | None], ...] = (
    _better,
    _leaks,
    _no_better_than_guessing,
    suspect_photos,
    sure_mistakes,
    _by_heart,
    _too_short,
    _pair,
    _weak_class,
    _weak_slice,
    _few_tests,
    weak_refusal,
    _calibration,
    _uneven,
    _few_validation,
    _skipped,
)


LABEL_RULES: tuple[Callable[[Evidence], Advice | None], ...] = (
    _better,
    _leaks,
    suspect_labels,
    unmeasured_label,
    _by_heart,
    _too_short,
    weak_label,
    weak_refusal,
    _calibration,
    _few_validation,
    _skipped,
)


def _best_epoch(history: Sequence[dict[str, str]]) -> dict[str, float] | None:
    rows = [row for row in _numbers(history) if {"accuracy", "val_accuracy"} <= row.keys()]
    return max(rows, key=lambda row: row["val_accuracy"]) if rows else None


def _numbers(history: Sequence[dict[str, str]]) -> list[dict[str, float]]:
    return [
        {column: float(cell) for column, cell in row.items() if column in _COLUMNS and cell}
        for row in history
        if "epoch" in row
    ]


_COLUMNS = ("epoch", "accuracy", "val_accuracy")
