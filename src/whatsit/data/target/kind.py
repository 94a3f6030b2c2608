"""What a kind of target has to say: the form of labels, what outputs mean, how right they are, and in which words.

Throughout: `labels` are those of n photos in the target's form, `logits` and `probabilities` (n, classes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from whatsit.data.target.wish import Costs, CostTable, Wish

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]
Cells = dict[str, str | float]
NEVER_SAID = 2.0  # as a threshold: no probability reaches it


@dataclass(frozen=True)
class Rule:
    """What makes of probabilities what is said.

    labels: the least probability each of several labels is said at; None: none were fitted
    sure:   the least probability at which one class is said, and not "not sure"; None: it always is
    costs:  (classes, answers) what each answer costs where a class is true, one column more for "not sure" where
            that is an answer; the one of least expected cost is given. None: the likeliest is
    """

    labels: tuple[float, ...] | None = None
    sure: float | None = None
    costs: Costs | None = None

    @property
    def may_be_unsure(self) -> bool:
        """Whether there are photos that it leaves to a person."""
        return self.sure is not None or self.costs is not None


NO_RULE = Rule()  # the likeliest is said, however likely; of several labels what is likelier than not


@dataclass(frozen=True)
class AnswerCounts:
    """Of `photos` how many were answered, how many of these rightly, and how many could be. Of a label among
    several: photos in which it was looked for, in which it is said, in which it is said rightly, which have it."""

    photos: int
    answered: int
    right: int
    there: int


class Target(Protocol):
    """One kind of thing that is predicted."""

    @property
    def name(self) -> str:
        """Its name in `TARGETS`, and in the files that say it."""

    @property
    def says_any_number(self) -> bool:
        """Whether an answer says any number of labels (`Answer.labels`), or one (`Answer.label`) alone."""

    @property
    def columns(self) -> Mapping[str, type[str] | type[float]]:
        """The columns for what is said of a photo in tables of answers, and what stands in them."""

    def shape(self, photos: int, classes: int) -> tuple[int, ...]:
        """The shape of the labels of so many photos; they are int64."""

    def counts(self, labels: Labels, classes: int) -> NDArray[np.int64]:
        """(classes,) the photos of each class."""

    def renumber(self, labels: Labels, places: NDArray[np.int64], classes: int) -> Labels:
        """The labels among other classes, `classes` of them: `places` (old classes,) are the new one of each, -1
        where there is none. Of several that become one, one is enough."""

    def strata(self, labels: Labels) -> NDArray[np.int64]:
        """(n,) numbers from 0 on; photos of one number are dealt evenly over the parts of a split.

        Where a photo may have several of what is dealt evenly, the rarest that it has.
        """

    def memberships(self, labels: Labels) -> NDArray[np.int64] | None:
        """(n, k) the 0s and 1s of all that is dealt evenly; None where `strata` says it, each photo being in
        one."""

    def link(self, logits: Floats) -> Floats:
        """The probabilities."""

    def misfit(self, logits: Floats, labels: Labels) -> Callable[[float], float]:
        """How unlikely the labels are at a temperature: the negative log-likelihood of float64 logits over it.

        One photo's worth of a uniform prior keeps a perfect validation part from claiming certainty.
        """

    def fit_scales(self, logits: Floats, labels: Labels, temperature: float, /) -> tuple[Floats, Floats] | None:
        """(classes,) what each class's logits over the temperature are multiplied by, and (classes,) what is then
        added, so that they fit labels of photos that were not learnt from; None where all share one scale.
        """

    def loss(self, logits: Floats, labels: Labels) -> float:
        """How unlikely the labels are, on average: the negative log-likelihood a photo."""

    @property
    def plain_wishes(self) -> tuple[str, ...]:
        """What may be preferred without a share that is promised."""

    def read_costs(self, table: CostTable, classes: Sequence[str]) -> Costs:
        """What mistakes cost, a row a class. Raises UserError where the table has other rows or columns."""

    def fit_rule(self, probabilities: Floats, labels: Labels, wish: Wish) -> Rule:
        """What decides as is wished, chosen on photos that the model has not seen."""

    def decide(self, probabilities: Floats, rule: Rule) -> Labels:
        """What is said of each photo, in the form of labels; of those that are not sure the likeliest."""

    def are_sure(self, probabilities: Floats, rule: Rule) -> NDArray[np.bool_]:
        """(n,) whether what is said of a photo is sure enough for what was wished."""

    def say_anything(self, decided: Labels) -> NDArray[np.bool_]:
        """(n,) whether anything is said of a photo."""

    def count_answers(
        self, decided: Labels, labels: Labels, sure: NDArray[np.bool_], known: NDArray[np.bool_]
    ) -> tuple[AnswerCounts, ...]:
        """What comes of an operating point: of one class once, of several labels for each.

        What is not `sure` (n,) or not `known` (n,) gets no answer.
        """

    def weigh(self, decided: Labels, labels: Labels, sure: NDArray[np.bool_], costs: Costs) -> Floats:
        """(n,) what is said of each photo costs."""

    def hits(self, decided: Labels, labels: Labels) -> NDArray[np.bool_]:
        """(n,) whether what is said of a photo is right."""

    def conformity(self, probabilities: Floats, labels: Labels) -> tuple[Floats, Floats]:
        """(m,) the probability of each true label, and what share of its photo's true labels it is: those of a
        photo sum to one."""

    def contradictions(self, one: Any, other: Any, classes: Sequence[str]) -> dict[str, bool]:
        """Where two photos that show the same contradict each other: a class or label, and whether the `other` has
        it. What nobody looked for contradicts nothing."""

    def say_contradictions(self, found: Mapping[str, bool]) -> str:
        """Those of the other photo, behind its name: `in dog`, `which has boats and is without people`."""

    def names(self, decided: Any, classes: Sequence[str]) -> tuple[str, ...]:
        """The names of what labels say of one photo, a row of them."""

    def write(self, labels: Any, classes: Sequence[str]) -> str:
        """The labels of one photo in one cell of a table."""

    def read(self, text: str, places: Mapping[str, int]) -> Any:
        """The labels that such a cell stands for; `places` are those of the classes.

        Raises KeyError where there is no such class.
        """

    def cells(self, names: Sequence[str], shares: Mapping[str, float]) -> Cells:
        """What stands in `columns` for the names that are said; `shares` are the probabilities."""

    def words(self, names: Sequence[str], shares: Mapping[str, float]) -> str:
        """The names that are said of a photo, for a person: `tabby, 93 %`."""
