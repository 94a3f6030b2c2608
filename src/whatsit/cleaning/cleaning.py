"""What `whatsit clean` does: look at every photo, judge, write it down, decide what is certain.

Nothing is moved, renamed or deleted. What cleaning decides by itself are rows in the catalog, in one batch a
run, and `undo` takes the last batch back. What a person decided is never overruled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from whatsit import events, words
from whatsit.cleaning import deep as deep_checks
from whatsit.cleaning import faces, people
from whatsit.cleaning.check import Survey
from whatsit.cleaning.checks import CHECKS
from whatsit.cleaning.decide import decide, withdraw
from whatsit.cleaning.decide import undo as undo_last
from whatsit.cleaning.features import features_of
from whatsit.cleaning.looks import look_at_all
from whatsit.cleaning.remember import remember_groups, remember_photos
from whatsit.data.catalog import BROKEN, DUPLICATES, LEAVE_OUT, PARTS_OF_OTHERS, Catalog, Finding, open_catalog
from whatsit.data.dataset import Dataset, Skipped
from whatsit.data.decisions import settle
from whatsit.data.faces.face import NO_FACE
from whatsit.data.faces.kept import load_crop
from whatsit.data.inspecting.sums import Sums, sum_up
from whatsit.data.meaning import Meaning, keep_mirror_images, put_meaning, recall_meaning
from whatsit.data.readers import read
from whatsit.data.splitting.groups import connect_rows
from whatsit.data.target import require_one_class
from whatsit.data.waiting import find_waiting
from whatsit.errors import UserError, suggest_nearest
from whatsit.words import brief

WHOSE_FACE = (
    "Several labels do not say whose face was cut out: leave --face-network out. Where each photo has one label, "
    "give --labels one."
)


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found.

    sums:     what is left for training; None where that is of too few classes, as `too_few` says
    catalog:  where all of it is written down: a file, or a shared catalog
    left_out: photos that training now leaves out: by whoever decided it, or as they cannot be read
    decided:  how many decisions this run added; withdrawn: how many of ours it took back
    unsettled: (photo, check) of the findings that wait for a decision
    spared:   photos of those that were left out before and would be again, had that not been taken back; by check
    moved:    photos that were known under another name, with their decisions
    """

    dataset: Dataset
    sums: Sums | None
    too_few: str
    catalog: str
    findings: tuple[Finding, ...]
    left_out: frozenset[str]
    unsettled: frozenset[tuple[str, str]]
    spared: Mapping[str, int]
    decided: int
    withdrawn: int
    moved: int
    groups: int

    __repr__ = brief

    @property
    def waiting(self) -> frozenset[str]:
        """The photos with a finding that waits for a decision."""
        return frozenset(photo for photo, _check in self.unsettled)

    def rows(self) -> Iterator[tuple[str, str, int, int, int]]:
        """A row a check that found something: its name, what it finds, photos found, left out, waiting."""
        waiting = Counter(check for _photo, check in self.unsettled)
        for name, check in CHECKS.items():
            photos = {finding.photo for finding in self.findings if finding.check == name}
            if photos:
                yield name, check.help, len(photos), len(photos & self.left_out), waiting[name]


def clean(
    data: str | Path,
    accept: Collection[str] = (),
    cut_to_faces: bool | None = None,
    deep: bool = False,
    network: Path | None = None,
    face_detector: str | None = None,
    face_network: str | None = None,
    labels: str | None = None,
) -> Cleaned:
    """Look at all photos of a data set and write findings, groups and certain decisions to its catalog.

    accept: checks all of whose findings are to leave their photo out
    cut_to_faces: whether training is to see only the largest face of each photo; None leaves that as it was
    deep:    whether to look at what photos show as well; what it found stays until it is asked for again
    network: a run, model or ONNX graph to see it with
    face_detector: what finds the faces, "haar" or a file of YuNet; None leaves that as it was
    face_network: the file of what compares the faces of each class, where they are to be compared
    labels:  what a photo has, one class or several labels; see `data.readers.read`
    """
    for name in accept:
        if name not in CHECKS:
            raise UserError(f"There is no check {name!r}.", hint=suggest_nearest(name, CHECKS))
    detector = faces.find_named(cut_to_faces, face_detector)
    dataset = read(data, labels=labels)
    root = _root_of(dataset)
    if face_network is not None:
        require_one_class(dataset.target, "A face network", WHOSE_FACE)
    network_of_faces = people.find_named_network(dataset, face_network, True if detector else cut_to_faces)
    with open_catalog(root) as catalog:
        dataset = recall_meaning(dataset, catalog)
    survey = look_at_all(dataset)
    with events.working("Looking for duplicates and other faults"):
        findings = tuple(finding for check in CHECKS.values() if check.judge for finding in check.judge(survey))
    mirrors = _describe_mirrors(survey)
    if mirrors:
        events.warn(
            f"Classes that look like each other mirrored or turned: {mirrors}. So it seems to matter how a thing "
            "lies: mirrored and turned photos are no copies across these classes, and training mirrors no photo. "
            "`whatsit clean --no-mirrored` says that this is so, `--mirrored` that it is not."
        )
    with open_catalog(root) as catalog:
        keep_mirror_images(catalog, mirrors)
        moved = remember_photos(catalog, survey)
        detector = faces.choose_detector(catalog, cut_to_faces, detector)
        if detector is not None:
            findings += tuple(faces.judge_faces(catalog, survey, detector))
        if network_of_faces is not None:
            findings += tuple(people.judge_people(catalog, survey, network_of_faces))
        is_deep = deep or network is not None
        if is_deep:
            findings += tuple(_look_deeper(catalog, survey, network))
        asked = {"": True, "faces": True, "deep": is_deep, "people": network_of_faces or detector is None}
        looked = {name for name, check in CHECKS.items() if asked[check.asked_by]}
        groups = remember_groups(catalog, survey.names, DUPLICATES, survey.duplicates.groups)
        catalog.put_findings(looked, findings)  # behind the groups: whoever hears of findings asks for them
        for one in findings:
            events.finding(one.photo, one.check, one.severity, one.reason)
        findings = tuple(finding for finding in catalog.findings() if finding.check in CHECKS)
        withdrawn = withdraw(catalog, findings)
        unsettled = find_waiting(catalog, findings, survey.names, survey.dataset.written)
        decided, spared = decide(catalog, findings, accept, unsettled)
        decisions = catalog.decisions()
        unsettled = find_waiting(catalog, findings, survey.names, survey.dataset.written)
        sums, too_few = _sum_up(catalog, survey)
    here = set(survey.names)
    left_out = frozenset(photo for photo in decisions.keys() & here if decisions[photo].decision == LEAVE_OUT)
    left_out |= {one.photo for one in findings if one.check == BROKEN}
    return Cleaned(
        dataset=dataset,
        sums=sums,
        too_few=too_few,
        catalog=catalog.place,
        findings=findings,
        left_out=left_out,
        unsettled=frozenset(unsettled),
        spared=Counter(one.check for one in spared if (one.photo, one.check) in unsettled),
        decided=decided,
        withdrawn=withdrawn,
        moved=moved,
        groups=groups,
    )


def _sum_up(catalog: Catalog, survey: Survey) -> tuple[Sums | None, str]:
    """What is left for training; or, where nothing can be learnt from that, why."""
    try:
        with events.unheard():  # what it left aside, cleaning has just looked for
            kept = settle(survey.dataset, catalog)
    except UserError as error:
        return None, error.sentence
    places = {name: row for row, name in enumerate(survey.names)}
    rows = np.array([places[name] for name in kept.photos.names], np.int64)
    reasons = survey.column("reason", rows)
    unread = [
        Skipped(kept.photos.names[row], reasons[row].decode("utf-8", "replace"))
        for row in np.flatnonzero(reasons != b"").tolist()
    ]
    readable = np.flatnonzero(reasons == b"")
    good = replace(kept.select(readable), skipped=(*kept.skipped, *unread))
    contents = np.ascontiguousarray(survey.column("sha256", rows[readable])).view("V32")[:, 0]
    return sum_up(good, contents), ""


def _describe_mirrors(survey: Survey) -> str:
    """The classes that are mirror images of others, as in `'left' and 'right' (40 photos)`."""
    classes = survey.dataset.classes
    return ", ".join(
        f"{classes[one]!r} and {classes[other]!r} ({words.photos(photos)})"
        for one, other, photos in survey.duplicates.mirrors
    )


def say_meaning(data: str | Path, said: Meaning) -> None:
    """Keep what people say of a data set's photos, for this cleaning and all that comes after it.

    Raises UserError where it makes no sense for these photos; nothing is kept then.
    """
    dataset = read(data)
    with open_catalog(_root_of(dataset)) as catalog:
        put_meaning(dataset, catalog, said)


class Undone(int):
    """How many decisions were taken back, and what became of their photos.

    back: how many of them training sees again
    out:  those that stay out all the same, and why
    """

    back: int
    out: tuple[Skipped, ...]

    def __new__(cls, decisions: int, out: tuple[Skipped, ...] = ()) -> Undone:
        undone = super().__new__(cls, decisions)
        undone.back, undone.out = decisions - len(out), out
        return undone


def undo(data: str | Path) -> Undone:
    """Take back the last batch of decisions that cleaning made."""
    dataset = read(data)
    with open_catalog(_root_of(dataset)) as catalog:
        photos = undo_last(catalog)
        return Undone(len(photos), tuple(_stay_out(catalog, set(dataset.photos.names), photos)))


def _stay_out(catalog: Catalog, here: Collection[str], photos: Collection[str]) -> Iterator[Skipped]:
    """Those of some photos that training leaves out, with the reason."""
    broken = {one.photo: one.reason for one in catalog.findings(BROKEN)}
    decisions = catalog.decisions()
    with_faces = set(catalog.photos_with_faces()) if load_crop(catalog)[0] else None
    for photo in photos:
        if photo not in here:
            yield Skipped(photo, "it is no longer there")
        elif photo in broken:
            yield Skipped(photo, broken[photo])
        elif photo in decisions and decisions[photo].decision == LEAVE_OUT:
            yield Skipped(photo, decisions[photo].reason)
        elif with_faces is not None and photo not in with_faces:
            yield Skipped(photo, f"{NO_FACE}, and photos are cut to faces")


def _root_of(dataset: Dataset) -> Path:
    if dataset.root is None:
        raise UserError(
            f"{dataset.name!r} lies in no folder of yours, so there is nothing to clean.",
            hint="Name a folder with one folder of photos a class.",
        )
    return dataset.root


def _look_deeper(catalog: Catalog, survey: Survey, network: Path | None) -> Iterator[Finding]:
    """What the checks find that look at what photos show; the groups of parts go to the catalog."""
    features = features_of(survey, network)
    events.note(f"What photos show is seen by {features.source}.")
    pairs = deep_checks.parts_of_others(survey, features)
    linked = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
    numbers = connect_rows(len(survey), linked[:, 0], linked[:, 1])
    remember_groups(catalog, survey.names, PARTS_OF_OTHERS, numbers)
    yield from deep_checks.judge_parts(survey, pairs)
    yield from deep_checks.judge_off_class(survey, features)
    yield from deep_checks.judge_suspects(survey, features)
