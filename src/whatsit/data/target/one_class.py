"""One class a photo, the usual kind: softmax, and the likeliest class is the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target.kind import NEVER_SAID, AnswerCounts, Cells, Floats, Labels, Rule
from whatsit.data.target.promise import find_complete, find_precise
from whatsit.data.target.wish import NOT_SURE, Costs, CostTable, Wish
from whatsit.mapped import rows_at_once
from whatsit.words import probability


@dataclass(frozen=True)
class OneClass:
    """One class a photo: labels are (n,) indexes into the classes, and the likeliest class is the answer."""

    name: str = "class"
    says_any_number: bool = False
    columns: Mapping[str, type[str] | type[float]] = field(
        default_factory=lambda: {"predicted": str, "probability": float}, hash=False
    )
    plain_wishes: tuple[str, ...] = ()

    def shape(self, photos: int, _classes: int) -> tuple[int, ...]:
        return (photos,)

    def counts(self, labels: Labels, classes: int) -> NDArray[np.int64]:
        return np.bincount(labels, minlength=classes).astype(np.int64)

    def renumber(self, labels: Labels, places: NDArray[np.int64], _classes: int) -> Labels:
        return places[labels]

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        return labels

    def memberships(self, _labels: Labels) -> NDArray[np.int64] | None:
        return None

    def link(self, logits: Floats) -> Floats:
        return softmax(logits)

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        classes = logits.shape[1]

        def at(temperature: float) -> float:
            log_sum, of_true, mean = np.zeros((3, len(labels)))
            for rows in rows_at_once(logits):
                some = logits[rows].astype(np.float64)
                some -= some.max(axis=1, keepdims=True)
                some /= temperature
                of_true[rows], mean[rows] = some[np.arange(len(some)), labels[rows]], some.mean(axis=1)
                log_sum[rows] = np.log(np.exp(some, out=some).sum(axis=1))
            return float(log_sum.sum() - of_true.sum() + (log_sum - mean).mean() / classes)

        return at

    def fit_scales(self, _logits: Floats, _labels: Labels, _temperature: float) -> tuple[Floats, Floats] | None:
        """None: the classes of a photo are weighed against each other, by one temperature."""
        return None

    def loss(self, logits: Floats, labels: Labels) -> float:
        of_true = softmax(logits)[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(of_true, 1e-12)).mean())

    def read_costs(self, table: CostTable, classes: Sequence[str]) -> Costs:
        """A column a class, and one for NOT_SURE where the table has one."""
        answers = list(classes)
        if NOT_SURE in table.columns and NOT_SURE not in classes:
            answers.append(NOT_SURE)
        table.check_names(classes, answers)
        return tuple(tuple(table.read_cost(label, answer) for answer in answers) for label in classes)

    def fit_rule(self, probabilities: Floats, labels: Labels, wish: Wish) -> Rule:
        """Precision is that of the answers that are given; recall counts how many of the right ones are."""
        if wish.costs is not None or wish.least is None:
            return Rule(costs=wish.costs)
        sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
        if wish.measure == "precision":
            found = find_precise(sure, right, wish.least)
            return Rule(sure=NEVER_SAID if found is None else found)
        return Rule(sure=find_complete(sure[right], wish.least) or 0.0)

    def decide(self, probabilities: Floats, rule: Rule) -> Labels:
        if rule.costs is None:
            return np.asarray(probabilities.argmax(axis=1), np.int64)
        likeliest, cheapest = probabilities.argmax(axis=1), _expect(probabilities, rule.costs).argmin(axis=1)
        is_class = cheapest < probabilities.shape[1]
        return np.asarray(np.where(is_class, cheapest, likeliest), np.int64)

    def are_sure(self, probabilities: Floats, rule: Rule) -> NDArray[np.bool_]:
        if rule.costs is not None:
            return np.asarray(_expect(probabilities, rule.costs).argmin(axis=1) < probabilities.shape[1])
        return np.asarray(probabilities.max(axis=1) >= (rule.sure or 0.0))

    def say_anything(self, decided: Labels) -> NDArray[np.bool_]:
        return np.full(len(decided), True)

    def count_answers(
        self, decided: Labels, labels: Labels, sure: NDArray[np.bool_], known: NDArray[np.bool_]
    ) -> tuple[AnswerCounts, ...]:
        answered, right = sure & known, self.hits(decided, labels) & known
        return (AnswerCounts(len(labels), int(answered.sum()), int((answered & right).sum()), int(right.sum())),)

    def weigh(self, decided: Labels, labels: Labels, sure: NDArray[np.bool_], costs: Costs) -> Floats:
        return np.asarray(np.array(costs)[labels, np.where(sure, decided, -1)])  # "not sure" is the last column

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        return np.asarray(decided == labels)

    def conformity(self, probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
        return np.asarray(probabilities[np.arange(len(labels)), labels]), np.ones(len(labels))

    def contradictions(self, one: Any, other: Any, classes: Sequence[str]) -> dict[str, bool]:
        return {classes[other]: True} if one != other else {}

    def say_contradictions(self, found: Mapping[str, bool]) -> str:
        return f"in {' and '.join(found)}"

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        return (classes[decided],)

    def write(self, labels: Any, classes: Sequence[str]) -> str:
        return str(classes[labels])

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        return places[text]

    def cells(self, names: Sequence[str], shares: Mapping[str, float]) -> Cells:
        return {"predicted": names[0], "probability": shares[names[0]]}

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        return f"{names[0]}, {probability(shares[names[0]])}"


def _expect(probabilities: Floats, costs: Costs) -> Floats:
    """(n, answers) what each answer costs on average, where classes are as likely as is said."""
    return np.asarray(probabilities.astype(np.float64) @ np.array(costs))


def softmax(logits: Floats) -> Floats:
    """Rows of (n, classes) as probabilities that sum to one."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


ONE_CLASS = OneClass()
