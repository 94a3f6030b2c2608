"""Several labels a photo: each holds or not, by itself; which of them hold is not known of every photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target.kind import NEVER_SAID, AnswerCounts, Cells, Floats, Labels, Rule
from whatsit.data.target.promise import find_complete, find_precise
from whatsit.data.target.wish import Costs, CostTable, Wish
from whatsit.errors import UserError
from whatsit.mapped import rows_at_once
from whatsit.words import probability

UNKNOWN = -1  # of a label that nobody looked for in a photo: it counts neither as there nor as missing
SEPARATOR = ";"  # between the labels in a cell
NOT_LOOKED_FOR = "?"  # before the name of a label that is UNKNOWN
MOST_SAID = 4  # times the photos that have it is a label said, where its F1 decides: an F1 above 0.4 needs no more
MOST_NAMED = 20  # labels in a sentence; of more the likeliest
UNDECIDED = 0.5  # the threshold of a label that no validation photo has
# How a label's own scale is found: what the prior weighs, measured (docs/decisions/036-several-labels.md); steps
# of Newton's method; a step that is as good as none; and the least factor, so that photos stay in their order.
PRIOR, STEPS, NEAR, LEAST_FACTOR = 3.0, 30, 1e-5, 0.1
BETAS = {"f1": 1.0, "precision": 0.5, "recall": 2.0}  # of the F-measure (van Rijsbergen, 1979)
MISS, FALSE_ALARM = "miss", "false alarm"  # the columns of a table of costs


@dataclass(frozen=True)
class SeveralLabels:
    """Any number of labels a photo: (n, classes) of 1 (it has the label), 0 (it has not) and UNKNOWN."""

    name: str = "several"
    says_any_number: bool = True
    columns: Mapping[str, type[str] | type[float]] = field(default_factory=lambda: {"predicted": str}, hash=False)
    plain_wishes: tuple[str, ...] = tuple(BETAS)

    def shape(self, photos: int, classes: int) -> tuple[int, ...]:
        return photos, classes

    def counts(self, labels: Labels, _classes: int) -> NDArray[np.int64]:
        return np.asarray((labels == 1).sum(axis=0), np.int64)

    def renumber(self, labels: Labels, places: NDArray[np.int64], classes: int) -> Labels:
        """A label that was there under any of its names is there; one that nobody looked for under some is
        UNKNOWN."""
        found = np.zeros((len(labels), classes), np.int64)
        for old, new in enumerate(places.tolist()):
            if new >= 0:
                either = (found[:, new] == 1) | (labels[:, old] == 1)
                unknown = (found[:, new] == UNKNOWN) | (labels[:, old] == UNKNOWN)
                found[:, new] = np.where(either, 1, np.where(unknown, UNKNOWN, 0))
        return found

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        """The rarest label of each photo; one number more for those that have none."""
        has = labels == 1
        order = np.argsort(has.sum(axis=0), kind="stable")
        first = has[:, order].argmax(axis=1)
        return np.asarray(np.where(has.any(axis=1), order[first], labels.shape[1]), np.int64)

    def memberships(self, labels: Labels) -> NDArray[np.int64] | None:
        """The labels, and having none of them."""
        has = labels == 1
        return np.column_stack([has, ~has.any(axis=1)]).astype(np.int64)

    def link(self, logits: Floats) -> Floats:
        return np.asarray(np.exp(-np.logaddexp(0, -logits)))

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        logits, known, true = np.asarray(logits, np.float64), labels != UNKNOWN, labels == 1

        def at(temperature: float) -> float:
            scaled = logits / temperature
            softplus = np.logaddexp(0, scaled)
            prior = (softplus - scaled / 2).sum() / max(1, len(scaled))
            return float((known * (softplus - true * scaled)).sum() + prior)

        return at

    def fit_scales(self, logits: Floats, labels: Labels, temperature: float) -> tuple[Floats, Floats] | None:
        """Each label by itself (Platt, 1999); the fewer photos speak for it, the nearer to what all labels share:
        Newton's method on the negative log-likelihood and a normal prior around a factor of 1 and a shift of 0."""
        factors, shifts = np.ones(logits.shape[1]), np.zeros(logits.shape[1])
        for _ in range(STEPS):
            (by_factor, by_shift), (bends, both, bends_shift) = _slopes(
                logits, labels, factors / temperature, shifts
            )
            by_factor, bends, both = by_factor / temperature, bends / temperature**2, both / temperature
            by_factor, by_shift = by_factor + PRIOR * (factors - 1), by_shift + PRIOR * shifts
            bends, bends_shift = bends + PRIOR, bends_shift + PRIOR
            area = bends * bends_shift - both**2
            step = np.clip((bends_shift * by_factor - both * by_shift) / area, -1.0, 1.0)
            shift = np.clip((bends * by_shift - both * by_factor) / area, -1.0, 1.0)
            factors, shifts = np.maximum(factors - step, LEAST_FACTOR), shifts - shift
            if max(np.abs(step).max(initial=0), np.abs(shift).max(initial=0)) < NEAR:
                break
        return factors, shifts

    def loss(self, logits: Floats, labels: Labels) -> float:
        known = labels != UNKNOWN
        each = known * (np.logaddexp(0, logits) - (labels == 1) * logits)
        return float(each.sum() / max(1, known.sum()))

    def read_costs(self, table: CostTable, classes: Sequence[str]) -> Costs:
        """What it costs to miss a label, and to say it wrongly."""
        table.check_names(classes, (MISS, FALSE_ALARM))
        costs = [(table.read_cost(label, MISS), table.read_cost(label, FALSE_ALARM)) for label in classes]
        for label, both in zip(classes, costs, strict=True):
            if not any(both):
                hint = "Give a cost above 0 to one of the two."
                raise UserError(f"By {table.name!r}, mistakes with {label!r:.60} cost nothing either way.", hint)
        return tuple(costs)

    def fit_rule(self, probabilities: Floats, labels: Labels, wish: Wish) -> Rule:
        """A threshold a label: of the best F-measure, of the share that is promised, or of least expected cost."""
        if wish.costs is not None:
            return Rule(labels=tuple(false / (miss + false) if miss else NEVER_SAID for miss, false in wish.costs))
        return Rule(
            labels=tuple(
                _fit_threshold(probabilities[known, place], labels[known, place], wish)
                for place, known in enumerate((labels != UNKNOWN).T)
            )
        )

    def decide(self, probabilities: Floats, rule: Rule) -> Labels:
        return np.asarray(probabilities >= np.array(UNDECIDED if rule.labels is None else rule.labels), np.int64)

    def are_sure(self, probabilities: Floats, _rule: Rule) -> NDArray[np.bool_]:
        """All: what is not sure enough is a label that is not said."""
        return np.full(len(probabilities), True)

    def say_anything(self, decided: Labels) -> NDArray[np.bool_]:
        return np.asarray((decided == 1).any(axis=1))

    def count_answers(
        self, decided: Labels, labels: Labels, _sure: NDArray[np.bool_], known: NDArray[np.bool_]
    ) -> tuple[AnswerCounts, ...]:
        looked_for, known = labels != UNKNOWN, known[:, None]
        said, there = (decided == 1) & looked_for & known, (labels == 1) & known
        columns = (values.sum(axis=0).tolist() for values in (looked_for, said, said & there, there))
        return tuple(AnswerCounts(*row) for row in zip(*columns, strict=True))

    def weigh(self, decided: Labels, labels: Labels, _sure: NDArray[np.bool_], costs: Costs) -> Floats:
        miss, false = np.array(costs).T
        missed, said_wrongly = (labels == 1) & (decided == 0), (labels == 0) & (decided == 1)
        return np.asarray((missed * miss + said_wrongly * false).sum(axis=1))

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        """Whether every label that is known of a photo is said as it is."""
        return np.asarray(((decided == labels) | (labels == UNKNOWN)).all(axis=1))

    def conformity(self, probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
        rows, places = np.nonzero(labels == 1)
        return np.asarray(probabilities[rows, places]), 1 / np.bincount(rows, minlength=len(labels))[rows]

    def contradictions(self, one: Any, other: Any, classes: Sequence[str]) -> dict[str, bool]:
        places = np.flatnonzero((one != other) & (one != UNKNOWN) & (other != UNKNOWN)).tolist()
        return {classes[place]: bool(other[place] == 1) for place in places}

    def say_contradictions(self, found: Mapping[str, bool]) -> str:
        there = ", ".join(label for label, is_there in found.items() if is_there)
        missing = ", ".join(label for label, is_there in found.items() if not is_there)
        said = (there and f"has {there}", missing and f"is without {missing}")
        return f"which {' and '.join(filter(None, said))}"

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return tuple(classes[place] for place in np.flatnonzero(np.asarray(decided) == 1).tolist())

    def write(self, labels: Any, classes: Sequence[str]) -> str:
        unknown = [
            NOT_LOOKED_FOR + label for label, holds in zip(classes, labels, strict=True) if holds == UNKNOWN
        ]
        return SEPARATOR.join([*self.names(labels, classes), *unknown])

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        row = np.zeros(len(places), np.int64)
        for name in filter(None, text.split(SEPARATOR)):
            is_unknown = name not in places and name.startswith(NOT_LOOKED_FOR)
            row[places[name.removeprefix(NOT_LOOKED_FOR) if is_unknown else name]] = UNKNOWN if is_unknown else 1
        return row

    def cells(self, names: Sequence[str], _shares: Mapping[str, float]) -> Cells:
        return {"predicted": SEPARATOR.join(names)}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        likeliest = (
            names if len(names) <= MOST_NAMED else sorted(names, key=lambda name: -shares[name])[:MOST_NAMED]
        )
        said = [f"{name}, {probability(shares[name])}" for name in likeliest]
        rest = [f"and {len(names) - MOST_NAMED} more"] * (len(names) > MOST_NAMED)
        return "; ".join([*said, *rest]) or "none of its labels"


def _fit_threshold(shares: Floats, truth: Labels, wish: Wish) -> float:
    """From where on a label is said; never, or always, where nothing else can be promised."""
    if wish.least is None:
        return _best_threshold(shares, truth, BETAS[wish.measure])
    if wish.measure == "precision":
        found = find_precise(shares, truth == 1, wish.least)
        return NEVER_SAID if found is None else found
    return find_complete(shares[truth == 1], wish.least) or 0.0


def _slopes(logits: Floats, labels: Labels, factors: Floats, shifts: Floats) -> tuple[Floats, Floats]:
    """(2, classes) the first and (3, classes) the second derivatives of the negative log-likelihood of what is
    known, by each label's factor and shift; the middle one of the three by both."""
    first, second = np.zeros((2, len(factors))), np.zeros((3, len(factors)))
    for rows in rows_at_once(logits):
        some, known = logits[rows].astype(np.float64), labels[rows] != UNKNOWN
        shares = SEVERAL.link(some * factors + shifts)
        off, weight = known * (shares - (labels[rows] == 1)), known * shares * (1 - shares)
        first += (off * some).sum(axis=0), off.sum(axis=0)
        second += (weight * some**2).sum(axis=0), (weight * some).sum(axis=0), weight.sum(axis=0)
    return first, second


def _best_threshold(shares: Floats, truth: Labels, beta: float) -> float:
    """Where the F-measure of saying a label from there on is largest; of equals the highest."""
    order = np.argsort(-shares, kind="stable")
    ordered, true = shares[order].astype(np.float64), truth[order] == 1
    if not true.any():
        return UNDECIDED
    found, said = np.cumsum(true), np.arange(1, len(true) + 1)
    weight = beta**2
    measures = (1 + weight) * found / (said + weight * true.sum())
    ends = np.append(ordered[1:] < ordered[:-1], True)  # between equals there is no threshold
    # Where a model cannot tell a label, its F-measure is best where all photos get it (Lipton and others, 2014).
    is_sparing = said <= MOST_SAID * beta * true.sum()
    best = int(np.where(ends & (is_sparing | ~(ends & is_sparing).any()), measures, -1.0).argmax())
    below = ordered[best + 1] if best + 1 < len(ordered) else 0.0
    return float((ordered[best] + below) / 2)


SEVERAL = SeveralLabels()
