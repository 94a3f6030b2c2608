"""A model file, loaded and answering; needs onnxruntime, Pillow and numpy, and no training framework."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import platform
import reprlib
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from whatsit import engine
from whatsit.buckets import address_of, fetch_file
from whatsit.data.faces import detector_of
from whatsit.data.faces.face import NO_FACE, Detector, face_in
from whatsit.data.target import Target, find_target
from whatsit.errors import UserError
from whatsit.files import cache_dir, make_folder, mode_of
from whatsit.image import (
    DEFAULT_LIMITS,
    Box,
    DecodeLimits,
    Pixels,
    UnreadablePhoto,
    decode,
    decoder_version,
    encode_png,
    resize_pixels,
)
from whatsit.model.answer import Answer
from whatsit.model.container import read_facts, read_model_file
from whatsit.model.facts.file import ModelFacts
from whatsit.model.foreign.apart import run_apart
from whatsit.model.given import Photo, hint_for, is_one, name_of, read_given
from whatsit.model.golden import PROBABILITY_TOLERANCE, pixels_of, why_pixels_differ
from whatsit.model.graph.features import ReadPixels
from whatsit.model.graph.session import Session, run_over
from whatsit.model.graph.stages import compute_outputs
from whatsit.model.outputs import FROM_A_RUN, OUTPUTS, check_outputs, does_not_answer, said_in_a_sentence
from whatsit.model.run_names import hint_run

MODEL_FILE = "model.onnx"
ON_THE_HUB = "hf:"  # before owner/name
EIGHT_BIT_FILE = "model.int8.onnx"  # the same in 8-bit arithmetic, made for the machine it lies on


class NoFace(UserError):
    """A model that learnt from faces was asked about a photo without a clear one."""


class Classifier:
    """A loaded model.

    >>> model = whatsit.load("runs/digits")
    >>> model.predict("photo.jpg").sentence()
    'seven, 98 %'
    """

    def __init__(self, content: bytes, name: str = MODEL_FILE, threads: int = 1, is_proven: bool = False) -> None:
        """Open a model file's bytes. Raises UserError where they are no whole, unaltered model of ours, or
        where this machine does not give the answers the trainer saw.

        is_proven: that was seen just now, in another process. A file from elsewhere goes through `load`, which has
                   its first run there
        """
        self.facts: ModelFacts = read_facts(content, name)
        self.digest = hashlib.sha256(content).hexdigest()
        self.name, self._threads = name, threads
        # Made now, so that what is missing is said now, not at the first photo.
        crop, finder = self.facts.crop, _bytes_of(self.facts.detector or "", name)
        self._detector = detector_of(crop, finder, name) if crop else None
        self._session = Session(content, threads)
        missing = [output for output in OUTPUTS if output not in self._session.outputs]
        if missing:
            raise UserError(f"The graph in {name!r} does not give {' and '.join(missing)}.", FROM_A_RUN)
        # A network that many models share: what photos gave in it is kept, and looked up for many at once.
        self._frozen = content if self.facts.is_frozen else None
        if not is_proven:
            self._prove()

    def __repr__(self) -> str:
        names = reprlib.repr(list(self.classes))
        return f"<Classifier {self.name!r}: {len(self.classes):,} classes {names}, {self.digest[:12]}>"

    def __reduce__(self) -> tuple[type[Classifier], tuple[bytes, str, int]]:
        return Classifier, (self._session.content, self.name, self._threads)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names, in the order of the model's outputs."""
        return self.facts.classes

    @property
    def target(self) -> Target:
        """What it predicts."""
        return find_target(self.facts.target)

    @overload
    def predict(self, photo: Photo) -> Answer: ...  # type: ignore[overload-overlap]  # a str is one photo
    @overload
    def predict(self, photo: Sequence[Photo]) -> list[Answer]: ...

    def predict(self, photo: Photo | Sequence[Photo]) -> Answer | list[Answer]:
        """The answer for one photo, or a list of answers for several.

        A photo is a path or an http(s) address, an encoded photo in bytes or whatever holds bytes, an open
        file, a picture of Pillow's, an array (height, width[, channels]) in RGB of uint8 or of floats 0..1, or a
        tensor of torch's (channels, height, width). Raises UserError where it cannot be read.
        """
        if is_one(photo):
            try:
                return self.answers(self.pixels(photo)[None], [name_of(photo)])[0]  # type: ignore[arg-type]
            except NoFace as error:
                return no_answer(name_of(photo), error.sentence)
        return list(self.stream(photo))  # type: ignore[arg-type]

    def stream(self, photos: Iterable[Photo]) -> Iterator[Answer]:
        """Answers in order, decoded and computed on all cores, never more than a few photos in memory.

        A photo that cannot be read gives an answer whose `reason` says why.
        """
        return engine.each(self._one, photos)

    def _one(self, photo: Photo) -> Answer:
        try:
            return self.answers(self.pixels(photo)[None], [name_of(photo)])[0]
        except UserError as error:
            return no_answer(name_of(photo), error.sentence)

    def pixels(self, photo: Photo, limits: DecodeLimits = DEFAULT_LIMITS) -> Pixels:
        """A photo as this model sees it, (height, width, 3) uint8. Raises UserError where it cannot be read,
        NoFace where the model looks at faces and there is none."""
        size, resize, ground = self.facts.size, self.facts.resize, self.facts.laid_on
        try:
            given = read_given(photo, limits, ground)
            if self._detector is not None:
                content = given if isinstance(given, bytes) else encode_png(given)
                return decode(content, size, resize, limits, _face_box(content, self._detector, limits), ground)
            if isinstance(given, bytes):
                return decode(given, size, resize, limits, ground=ground)
            return resize_pixels(given, size, resize)
        except UnreadablePhoto as error:
            name = name_of(photo)
            what = f"{name!r} cannot be read" if name else "This photo cannot be read"
            raise UserError(f"{what}: {error.reason}.", hint=hint_for(photo)) from None

    def answers(self, pixels: Pixels, names: Sequence[str] | None = None) -> list[Answer]:
        """Answers for pixels at the model's size, (n, height, width, 3) uint8."""
        probabilities, distances = self.run(pixels)
        names = names or [""] * len(pixels)
        return [
            self.answer(row, float(distance), name)
            for row, distance, name in zip(probabilities, distances, names, strict=True)
        ]

    def answer(self, probabilities: NDArray[np.float32], distance: float, name: str = "") -> Answer:
        """The answer that one row of the model's outputs stands for."""
        order = np.argsort(-probabilities, kind="stable")
        by_class = {self.classes[index]: float(probabilities[index]) for index in order}
        limits, rule, target = self.facts.thresholds, self.facts.thresholds.rule, self.target
        said = target.names(target.decide(probabilities[None], rule)[0], self.classes)
        label = self.classes[order[0]] if target.says_any_number else said[0]
        return Answer(
            label=label,
            probability=by_class[label],
            probabilities=by_class,
            could_be=tuple(label for label, share in by_class.items() if share >= limits.probability),
            known=distance <= limits.distance,
            distance=distance,
            name=name,
            labels=said if target.says_any_number else None,
            target=self.facts.target,
            sure=bool(target.are_sure(probabilities[None], rule)[0]) if rule.may_be_unsure else None,
        )

    def run(self, pixels: Pixels, outputs: Sequence[str] = OUTPUTS) -> list[NDArray[Any]]:
        """The model's raw outputs for (n, height, width, 3) uint8 pixels. Raises UserError where it has none."""
        with said_in_a_sentence(self.name):
            values = self._session.run(pixels, outputs)
        check_outputs(self.name, len(self.classes), len(pixels), outputs, values)
        return values

    def run_over(
        self, take: ReadPixels, rows: NDArray[np.int64], outputs: Sequence[str] = OUTPUTS
    ) -> list[NDArray[Any]]:
        """The raw outputs for many photos, in the order of `rows`, on all cores; `take(rows)` gives pixels.

        Photos that the frozen network of such a model has seen before do not go through it again.
        """
        with said_in_a_sentence(self.name):
            if self._frozen is None:
                values = run_over(self._session, take, rows, outputs)
            else:
                values = compute_outputs(self._frozen, take, rows, outputs, is_frozen=True)
        check_outputs(self.name, len(self.classes), len(rows), outputs, values)
        return values

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the graph's outputs."""
        return self._session.outputs

    def _prove(self) -> None:
        """Refuse to answer where this machine decodes or computes otherwise than the trainer's did.

        Done once for a file's content and a machine: a marker in the cache remembers.
        """
        if not _marker_of(self.digest).exists():
            self.prove()
            _remember(self.digest)

    def prove(self) -> None:
        """Ask about the golden pictures; UserError where pixels or answers differ from the trainer's."""
        facts = self.facts
        if not facts.golden:
            raise UserError(f"{self.name!r} has no pictures to prove itself on.", hint="Train it again.")
        for picture in facts.golden:
            problem = why_pixels_differ(picture, facts.size, facts.resize, facts.laid_on)
            if problem:
                raise UserError(
                    f"{self.name!r} would answer differently here: {problem}.",
                    hint="Install the Pillow version named in the model's card.",
                )
        probabilities = self._ask(np.stack([pixels_of(picture) for picture in facts.golden]))
        expected = np.array([picture.probabilities for picture in facts.golden], np.float32)
        worst = float(np.abs(probabilities - expected).max())
        if not worst <= PROBABILITY_TOLERANCE:
            raise UserError(
                f"{self.name!r} would answer differently here: its probabilities are {worst:.3f} off on pictures "
                "it knows.",
                hint="Update onnxruntime, or train again on this machine.",
            )

    def _ask(self, pixels: Pixels) -> NDArray[np.float32]:
        """The probabilities of pictures; UserError where the graph is not one that answers as ours do."""
        try:
            probabilities, _ = self.run(pixels)
        except ValueError as error:  # of onnxruntime: it takes something else
            raise does_not_answer(self.name, error) from error
        return probabilities


def load(path: str | os.PathLike[str], threads: int = 1) -> Classifier:
    """The classifier in a run's folder or a model file. Raises UserError where there is none."""
    file = find_model_file(Path(path))
    content, name = read_model_file(file), str(file)
    is_proven = _marker_of(hashlib.sha256(content).hexdigest()).exists()
    if not is_proven:
        read_facts(content, name)  # what can be said of it without a process is said first
        run_apart(content, name)
    return Classifier(content, name, threads, is_proven=True)


def find_model_file(place: Path) -> Path:
    """The model file in a run's folder, or what is named itself; of the Hub (`hf:owner/name`) and stores, fetched.

    Raises UserError where there is nothing of that name, for a folder without one, and where the Hub has none.
    """
    if place.as_posix().startswith(ON_THE_HUB):
        return _fetch(place.as_posix().removeprefix(ON_THE_HUB))
    if address := address_of(place):
        return fetch_file(address if address.endswith(".onnx") else f"{address}/{MODEL_FILE}")
    mode = mode_of(place)
    if not mode:
        what = "file" if place.suffix else "run in"
        raise UserError(f"There is no {what} {str(place)!r}.", hint=hint_run(place))
    if not stat.S_ISDIR(mode):
        return place
    file = place / MODEL_FILE
    if not file.exists():
        raise UserError(f"There is no model in {str(place)!r}.", hint=hint_run(place))
    return file


def _fetch(name: str) -> Path:
    """The model file in a repository of the Hub."""
    from whatsit.data.downloading.hub import fetch_files, find_repository

    found = find_repository(name, "model")
    if MODEL_FILE not in found.files:
        raise UserError(
            f"{name!r} on the Hugging Face Hub has no {MODEL_FILE}.", hint="whatsit push puts a run there."
        )
    return fetch_files(found, [MODEL_FILE]) / MODEL_FILE


def remember_proven(content: bytes) -> None:
    """Take a model file for proven here: what was proven just now, with another card in it."""
    _remember(hashlib.sha256(content).hexdigest())


def _remember(digest: str) -> None:
    marker = _marker_of(digest)
    with contextlib.suppress(OSError):  # a read-only machine proves it each time
        make_folder(marker.parent)
        marker.touch()


def no_answer(name: str, reason: str) -> Answer:
    """The answer about a photo that has none, and why."""
    return Answer("", 0.0, {}, (), False, float("nan"), name, reason)


def _face_box(content: bytes, detector: Detector, limits: DecodeLimits) -> Box:
    faces = face_in(content, detector, limits)
    if not faces:
        raise NoFace(NO_FACE, hint="Send a photo of one face, from the front.")
    return faces[0].box


def _bytes_of(coded: str, name: str) -> bytes:
    try:
        return base64.b64decode(coded)
    except ValueError:
        raise UserError(f"{name!r} is damaged: its detector of faces is not in base64.", FROM_A_RUN) from None


def _marker_of(digest: str) -> Path:
    """The file that says that a model file was proven on this machine."""
    return cache_dir() / "proved" / f"{digest[:32]}-{_machine()}"


def _machine() -> str:
    """A short name for this processor and these libraries, so that a proof is repeated when they change."""
    import onnxruntime

    facts = (platform.machine(), platform.processor(), onnxruntime.__version__, decoder_version())
    return hashlib.blake2b("\0".join(facts).encode(), digest_size=6).hexdigest()
