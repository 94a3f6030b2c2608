"""What `whatsit clean` does: look at every photo, judge, write it down, decide what is certain.

Nothing is moved, renamed or deleted. What cleaning decides by itself are rows in the catalog, in one batch a
run, and `undo` takes the last batch back. What a person decided is never overruled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from whatsit import events
from whatsit.cleaning import deep as deep_checks
from whatsit.cleaning import faces
from whatsit.cleaning.check import CERTAIN, Survey
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.deep import DEEP_CHECKS
from whatsit.cleaning.features import features_of
from whatsit.cleaning.looks import look_at_all
from whatsit.data.catalog import Catalog, Decision, Finding, KnownPhoto, open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import GROUP_KINDS
from whatsit.data.groups import connected
from whatsit.data.readers import read
from whatsit.errors import UserError, nearest

ALL_CHECKS = {name: check.help for name, check in CHECKS.items()} | DEEP_CHECKS | faces.FACE_CHECKS
DUPLICATES, PARTS_OF_OTHERS = GROUP_KINDS
BY_CLEAN = "clean"  # decisions of ours are by `clean NUMBER`, a number a batch


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found.

    left_out: photos that training now leaves out, by whoever decided it
    decided:  how many decisions this run added; withdrawn: how many of ours it took back
    waiting:  photos with a finding that nobody has decided about
    moved:    photos that were known under another name, with their decisions
    """

    dataset: Dataset
    catalog: Path
    findings: tuple[Finding, ...]
    left_out: frozenset[str]
    waiting: frozenset[str]
    decided: int
    withdrawn: int
    moved: int
    groups: int

    def rows(self) -> Iterator[tuple[str, str, int, int, int]]:
        """A row a check that found something: its name, what it finds, photos found, left out, waiting."""
        for name, help_text in ALL_CHECKS.items():
            photos = {finding.photo for finding in self.findings if finding.check == name}
            if photos:
                yield name, help_text, len(photos), len(photos & self.left_out), len(photos & self.waiting)


def clean(
    data: str | Path,
    accept: Collection[str] = (),
    cut_to_faces: bool | None = None,
    deep: bool = False,
    network: Path | None = None,
    face_detector: str | None = None,
) -> Cleaned:
    """Look at all photos of a data set and write findings, groups and certain decisions to its catalog.

    accept: checks all of whose findings are to leave their photo out
    cut_to_faces: whether training is to see only the largest face of each photo; None leaves that as it was
    deep:    whether to look at what photos show as well; what it found stays until it is asked for again
    network: a run, model or ONNX graph to see it with
    face_detector: what finds the faces, "haar" or a file of YuNet; None leaves that as it was
    """
    for name in accept:
        if name not in ALL_CHECKS:
            raise UserError(f"There is no check {name!r}.", hint=nearest(name, ALL_CHECKS))
    detector = faces.asked(cut_to_faces, face_detector)
    dataset = read(data)
    root = _root_of(dataset)
    survey = look_at_all(dataset)
    findings = tuple(finding for check in CHECKS.values() for finding in check.judge(survey))
    with open_catalog(root) as catalog:
        moved = _remember(catalog, survey)
        detector = faces.wanted(catalog, cut_to_faces, detector)
        if detector is not None:
            findings += tuple(faces.judged(catalog, survey, detector))
        replaced = set(ALL_CHECKS)
        if deep or network:
            findings += tuple(_look_deeper(catalog, survey, network))
        else:
            replaced -= DEEP_CHECKS.keys()
        catalog.put_findings(replaced, findings)
        findings = tuple(finding for finding in catalog.findings() if finding.check in ALL_CHECKS)
        groups = _put_groups(catalog, survey.names, DUPLICATES, survey.duplicates.groups)
        withdrawn = _withdraw(catalog, findings)
        wanted = [finding for finding in findings if finding.severity == CERTAIN or finding.check in accept]
        decided = _decide(catalog, wanted, accept)
        decisions = catalog.decisions()
    left_out = frozenset(photo for photo, one in decisions.items() if one.decision == "leave-out")
    waiting = frozenset(finding.photo for finding in findings) - decisions.keys()
    return Cleaned(dataset, catalog.path, findings, left_out, waiting, decided, withdrawn, moved, groups)


def undo(data: str | Path) -> int:
    """Take back the last batch of decisions that cleaning made; how many they were."""
    with open_catalog(_root_of(read(data))) as catalog, catalog.together():
        last = list(
            catalog.rows(
                "SELECT by FROM decisions WHERE undone IS NULL AND by LIKE ? ORDER BY id DESC LIMIT 1",
                f"{BY_CLEAN} %",
            )
        )
        if not last:
            raise UserError("There is nothing to undo: cleaning has decided nothing here, or all is undone.")
        numbers = [
            number
            for (number,) in catalog.rows("SELECT id FROM decisions WHERE undone IS NULL AND by = ?", last[0][0])
        ]
        for number in numbers:
            catalog.undo(number)
    return len(numbers)


def _root_of(dataset: Dataset) -> Path:
    if dataset.root is None:
        raise UserError(
            f"{dataset.name!r} lies in no folder of yours, so there is nothing to clean.",
            hint="Name a folder with one folder of photos a class.",
        )
    return dataset.root


def _remember(catalog: Catalog, survey: Survey) -> int:
    """Write down the photos as they are now; carry the decisions about renamed ones over, and count those."""
    known = {
        path: (sha256, bytes_, changed)
        for path, sha256, bytes_, changed in catalog.rows("SELECT path, sha256, bytes, changed_ns FROM photos")
    }
    digests = [row.tobytes().hex() for row in np.ascontiguousarray(survey.column("sha256"))]
    sizes, changed = survey.column("bytes").tolist(), survey.column("changed_ns").tolist()
    widths, heights = survey.column("width").tolist(), survey.column("height").tolist()
    formats = survey.column("format")
    fresh = [
        row for row, name in enumerate(survey.names) if known.get(name) != (digests[row], sizes[row], changed[row])
    ]
    gone = known.keys() - set(survey.names)
    moved = _moves(known, gone, {digests[row]: survey.names[row] for row in fresh})
    catalog.put_photos(
        KnownPhoto(
            survey.names[row],
            digests[row],
            sizes[row],
            widths[row],
            heights[row],
            formats[row].decode(),
            changed[row],
        )
        for row in fresh
    )
    _carry(catalog, moved)
    catalog.drop_photos(gone)
    return len(moved)


def _moves(known: dict[str, tuple[str, int, int]], gone: Iterable[str], fresh: dict[str, str]) -> dict[str, str]:
    """Old name → new name of photos whose content has turned up elsewhere."""
    return {path: fresh[known[path][0]] for path in gone if known[path][0] in fresh}


def _carry(catalog: Catalog, moved: dict[str, str]) -> None:
    decisions = catalog.decisions()
    with catalog.together():
        for old, new in moved.items():
            if old in decisions and new not in decisions:
                catalog.write("UPDATE decisions SET photo = ? WHERE photo = ?", new, old)


def _put_groups(catalog: Catalog, names: Sequence[str], kind: str, numbers: NDArray[np.int64]) -> int:
    shared = np.bincount(numbers, minlength=len(numbers))[numbers] > 1
    catalog.put_groups(kind, {names[row]: int(numbers[row]) for row in np.flatnonzero(shared).tolist()})
    return len(np.unique(numbers[shared]))


def _look_deeper(catalog: Catalog, survey: Survey, network: Path | None) -> Iterator[Finding]:
    """What the checks find that look at what photos show; the groups of parts go to the catalog."""
    features = features_of(survey, network)
    events.note(f"What photos show is seen by {features.source}.")
    pairs = deep_checks.parts_of_others(survey, features)
    linked = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
    numbers = connected(len(survey), linked[:, 0], linked[:, 1])
    _put_groups(catalog, survey.names, PARTS_OF_OTHERS, numbers)
    yield from deep_checks.judge_parts(survey, pairs)
    if features.is_trained:
        yield from deep_checks.judge_off_class(survey, features)
        yield from deep_checks.judge_suspects(survey, features)
    else:
        events.note(
            "Without a trained network, off-class photos and suspect labels are not looked for: --network."
        )


def _withdraw(catalog: Catalog, findings: Iterable[Finding]) -> int:
    """Take back decisions of ours whose finding is no more: the photo was replaced, or its twin has gone."""
    held = {(finding.photo, finding.check) for finding in findings}
    stale = [
        decision.id
        for decision in catalog.decisions().values()
        if decision.by.startswith(f"{BY_CLEAN} ") and (decision.photo, decision.why.split(":")[0]) not in held
    ]
    with catalog.together():
        for number in stale:  # not "undone": that would say a person wants the photo whatever is found again
            catalog.write("DELETE FROM decisions WHERE id = ?", number)
    return len(stale)


def _decide(catalog: Catalog, findings: Iterable[Finding], accept: Collection[str]) -> int:
    """Leave out the photos of these findings, but for those somebody decided about, or undid this very reason."""
    taken = set(catalog.decisions())
    undone = {
        (photo, why.split(":")[0])
        for photo, why in catalog.rows(
            "SELECT photo, why FROM decisions WHERE undone IS NOT NULL AND by LIKE ?", f"{BY_CLEAN} %"
        )
    }
    (last,) = next(catalog.rows("SELECT coalesce(max(id), 0) FROM decisions"))
    counts: Counter[str] = Counter()
    with catalog.together():
        for one in findings:
            if one.photo in taken or (one.check not in accept and (one.photo, one.check) in undone):
                continue
            taken.add(one.photo)
            why = f"{one.check}: {one.reason}"
            catalog.decide(Decision(one.photo, "leave-out", by=f"{BY_CLEAN} {last + 1}", why=why))
            counts[one.check] += 1
    return counts.total()
