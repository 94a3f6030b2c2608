"""Groups of photos dealt to the parts of a split, so that each class comes as near to its shares as it can.

A photo alone is a group of one. Groups of one class are dealt class by class, in an order of their own, so adding
a class moves no photo of another; groups with photos of several classes are dealt before them, as their place
concerns every class they touch. A group that is large beside what a part wants of its class stays in training,
unless nothing smaller would fill the part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

TRAIN = "train"
# Of what a part wants of a class: a group up to this is dealt in its turn, a larger one only where no others fill
# the part, so that the figure of a class does not rest on the copies of one photo.
USUAL_GROUP = 0.5
MOST_ROUNDS = 50  # of making a fit better; each makes it strictly better, and few are needed
MOST_SWAPPED = 100  # groups of several classes among which exchanges are tried too: the pairs of them are many


class Group(NamedTuple):
    """Photos that stay together: how many there are of each class. `order` is when it is dealt: smallest first."""

    counts: Mapping[int, int]
    order: bytes

    @property
    def size(self) -> int:
        """How many photos it has."""
        return sum(self.counts.values())


@dataclass
class Table:
    """What is dealt so far.

    shares: part → the share of each class that it wants; what is left over is for training
    totals: class → photos that are dealt; given: part → class → photos it has got
    """

    shares: Mapping[str, float]
    totals: Counter[int]
    given: dict[str, Counter[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in (*self.shares, TRAIN):
            self.given.setdefault(part, Counter())

    def wanted(self, part: str, label: int) -> float:
        """How many photos of a class a part wants."""
        share = self.shares[part] if part != TRAIN else 1 - sum(self.shares.values())
        return share * self.totals[label]

    def missing(self, part: str, label: int) -> float:
        """How many photos of a class a part still wants; below zero where it has too many."""
        return self.wanted(part, label) - self.given[part][label]

    def move(self, group: Group, part: str, source: str) -> None:
        """Put a group into a part, out of another."""
        for label, count in group.counts.items():
            self.given[part][label] += count
            self.given[source][label] -= count

    def cost(self, group: Group, part: str, source: str) -> float:
        """By how much the misfit of all classes grows where a group moves from one part to another."""
        return sum(
            abs(self.missing(part, label) - count)
            - abs(self.missing(part, label))
            + abs(self.missing(source, label) + count)
            - abs(self.missing(source, label))
            for label, count in group.counts.items()
        )

    def can_leave(self, group: Group) -> bool:
        """Whether training keeps photos of every class of a group that leaves it."""
        return all(self.given[TRAIN][label] > count for label, count in group.counts.items())


def deal_groups(groups: Sequence[Group], shares: Mapping[str, float]) -> list[str]:
    """The part of each group: one of `shares`, which want that share of every class, or training.

    For a class whose groups have no photos of others, training then has at most one group more or less than what
    the best choice of its groups would give it. Training keeps a group of each class. The order of `groups` has
    no say.
    """
    totals: Counter[int] = Counter()
    for group in groups:
        for label, count in group.counts.items():
            totals[label] += count
    table = Table(shares, totals)
    table.given[TRAIN].update(totals)
    found = [TRAIN] * len(groups)
    mixed = [row for row, group in enumerate(groups) if len(group.counts) > 1]
    by_class: dict[int, list[int]] = {}
    for row, group in enumerate(groups):
        if len(group.counts) == 1:
            by_class.setdefault(next(iter(group.counts)), []).append(row)
    _deal_mixed(table, groups, mixed, found)
    for label, rows in by_class.items():
        one = _OneClass(table, label, groups, sorted(rows, key=lambda row: groups[row].order))
        one.deal()
        for part, taken in one.taken.items():
            for row in taken:
                found[row] = part
    _improve_mixed(table, groups, mixed, found)
    _fill_empty(table, groups, mixed, found)
    return found


def _deal_mixed(table: Table, groups: Sequence[Group], rows: Iterable[int], found: list[str]) -> None:
    """Deal groups of several classes where they fit into a part for every class they have."""
    for row in sorted(rows, key=lambda row: groups[row].order):
        group = groups[row]
        for part in table.shares:
            if table.can_leave(group) and all(
                count <= _most_usual(table, part, label) and count - 0.5 <= table.missing(part, label)
                for label, count in group.counts.items()
            ):
                table.move(group, part, TRAIN)
                found[row] = part
                break


def _most_usual(table: Table, part: str, label: int) -> float:
    return max(1.0, USUAL_GROUP * table.wanted(part, label))


@dataclass
class _OneClass:
    """The groups of one class, and where they go.

    left: rows of groups that are still for training, in the order they are dealt; taken: part → rows it has got
    """

    table: Table
    label: int
    groups: Sequence[Group]
    left: list[int]
    taken: dict[str, list[int]] = field(default_factory=dict)

    def _size(self, row: int) -> int:
        return self.groups[row].counts[self.label]

    def deal(self) -> None:
        """The usual groups in their order, then what makes the fit better, then one for a part that has none."""
        parts = self.table.shares
        is_enough = len(self.left) > len(parts)  # for one in each part, and one for training
        wanted = {part: self._share_of_usual(part) for part in parts}
        for part in parts:
            self._take_usual(part, wanted[part], at_least_one=is_enough)
        for part in parts:
            self._improve(part)
            if is_enough and self.left and not self._has(part):
                smallest = min(self.left, key=lambda row: (self._size(row), self.groups[row].order))
                if self.table.can_leave(self.groups[smallest]):
                    self._take(part, smallest)

    def _has(self, part: str) -> bool:
        return self.table.given[part][self.label] > 0

    def _take(self, part: str, row: int, instead: int | None = None) -> None:
        """Put a group into a part, and one of the part's back into training."""
        self.table.move(self.groups[row], part, TRAIN)
        self.left.remove(row)
        self.taken[part].append(row)
        if instead is not None:
            self.table.move(self.groups[instead], TRAIN, part)
            self.taken[part].remove(instead)
            self.left.append(instead)

    def _share_of_usual(self, part: str) -> float:
        """How many photos of usual groups a part is to get: what it wants, or less where they are not enough."""
        table, label = self.table, self.label
        most = _most_usual(table, part, label)
        usual = sum(size for size in map(self._size, self.left) if size <= most)
        in_all = sum(table.wanted(one, label) for one in table.shares)
        return min(1.0, usual / in_all) * table.wanted(part, label)

    def _take_usual(self, part: str, wanted: float, at_least_one: bool) -> None:
        """Take usual groups, in the order they come, until the part has what is wanted."""
        most = _most_usual(self.table, part, self.label)
        self.taken[part], rest = [], []
        for place, row in enumerate(self.left):
            size, missing = self._size(row), wanted - self.table.given[part][self.label]
            wants_any = at_least_one and not self._has(part)
            if missing < 0.5 and not wants_any:
                rest += self.left[place:]
                break
            fits = size - 0.5 <= missing or wants_any
            if size <= most and fits and self.table.can_leave(self.groups[row]):
                self.table.move(self.groups[row], part, TRAIN)
                self.taken[part].append(row)
            else:
                rest.append(row)
        self.left = rest

    def _improve(self, part: str) -> None:
        """Add a group to a part, or exchange one, while that brings it nearer to what it wants."""
        for _ in range(MOST_ROUNDS):
            missing = self.table.missing(part, self.label)
            in_training, best, change = self.table.given[TRAIN][self.label], abs(missing), None
            if best <= 0.5:
                return
            more = {self._size(row): row for row in reversed(self.left)}  # the first of each size
            less = {self._size(row): row for row in reversed(self.taken[part])}
            for size, row in more.items():
                for other, instead in ((0, None), *less.items()):
                    misfit = abs(missing - size + other)
                    if misfit < best and in_training > size - other:
                        best, change = misfit, (row, instead)
            if change is None:
                return
            self._take(part, *change)


def _improve_mixed(table: Table, groups: Sequence[Group], rows: Sequence[int], found: list[str]) -> None:
    """Move groups of several classes, or exchange two, while that brings all classes together nearer to their
    shares; large ones first."""
    order = sorted(rows, key=lambda row: (-groups[row].size, groups[row].order))
    for _ in range(MOST_ROUNDS):
        moved = [_improve_one(table, groups[row], row, found) for row in order]
        if not any(moved) and not (len(order) <= MOST_SWAPPED and _exchange(table, groups, order, found)):
            return


def _improve_one(table: Table, group: Group, row: int, found: list[str]) -> bool:
    source = found[row]
    parts = [part for part in (*table.shares, TRAIN) if part != source]
    if source == TRAIN and not table.can_leave(group):
        return False
    costs = {part: table.cost(group, part, source) for part in parts}
    best = min(costs, key=lambda part: costs[part], default=TRAIN)
    if not costs or costs[best] > -1e-9:
        return False
    table.move(group, best, source)
    found[row] = best
    return True


def _exchange(table: Table, groups: Sequence[Group], rows: Sequence[int], found: list[str]) -> bool:
    """Exchange two groups of two parts where that makes the fit better; whether any were."""
    changed = False
    for place, first in enumerate(rows):
        for second in rows[place + 1 :]:
            ours, theirs = found[first], found[second]
            if ours == theirs:
                continue
            cost = table.cost(groups[first], theirs, ours)
            table.move(groups[first], theirs, ours)
            cost += table.cost(groups[second], ours, theirs)
            table.move(groups[second], ours, theirs)
            touched = {*groups[first].counts, *groups[second].counts}
            if cost < -1e-9 and all(table.given[TRAIN][label] > 0 for label in touched):
                found[first], found[second] = theirs, ours
                changed = True
            else:
                table.move(groups[first], ours, theirs)
                table.move(groups[second], theirs, ours)
    return changed


def _fill_empty(table: Table, groups: Sequence[Group], mixed: Sequence[int], found: list[str]) -> None:
    """Give a part that has nothing of a class the smallest group of several classes with it, where training can
    spare one and the class has enough groups to give one to each part."""
    order = sorted(mixed, key=lambda row: (groups[row].size, groups[row].order))
    counts = Counter(label for group in groups for label in group.counts)
    for part in table.shares:
        for label in sorted(table.totals):
            if table.given[part][label] or counts[label] <= len(table.shares) or not table.wanted(part, label):
                continue
            for row in order:
                if found[row] == TRAIN and label in groups[row].counts and table.can_leave(groups[row]):
                    table.move(groups[row], part, TRAIN)
                    found[row] = part
                    break
