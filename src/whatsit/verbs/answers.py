"""The verbs that ask a model, and those that put it online or into other hands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, overload

from whatsit.options import choose, takes_choices
from whatsit.verbs.common import THREADS, Started, as_folder, ignore, open_any, place_of, writing_to

if TYPE_CHECKING:
    from whatsit.choices import DeployChoices, ServeChoices
    from whatsit.deploying.kit import DeployOptions
    from whatsit.exporting.proof import Proof
    from whatsit.model.answer import Answer
    from whatsit.model.asking.batch import AnswerCounts
    from whatsit.model.asking.sorting import SortCounts
    from whatsit.model.given import Photo
    from whatsit.serving.options import ServeOptions
    from whatsit.verbs.common import AnyRun

    Photos = Photo | Iterable[Photo]
    FileNames = str | Path | Iterable[str | Path]


@overload
def predict(run: AnyRun, photos: Photos, *, to: str | Path, engine: str = THREADS) -> AnswerCounts: ...


@overload
def predict(run: AnyRun, photos: Photos, *, to: None = None, engine: str = THREADS) -> Iterator[Answer]: ...


def predict(
    run: AnyRun, photos: Photos, *, to: str | Path | None = None, engine: str = THREADS
) -> Iterator[Answer] | AnswerCounts:
    """The answers for photos, in their order; one that cannot be read is an answer whose `reason` says why.

    run:    a finished run, its folder, a model.onnx, or "hf:owner/name" of the Hugging Face Hub
    photos: files, folders with all below them, http(s) addresses, or a .txt file with a name a line; or photos
            that are in memory, as `Classifier.predict` takes them
    to:     a .csv, .jsonl or .parquet to write them to instead; gives back how many those were
    engine: what does the work: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster
    """
    import sys

    from whatsit.engine import working_on
    from whatsit.events import progress
    from whatsit.model.asking.batch import answer_photos_on, write_table
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.classifier import load
    from whatsit.model.given import fetch_address, is_one

    model = load(place_of(run))
    several = [photos] if is_one(photos) else photos
    wanted = resolve_names(several, fetch_address, sys.stdin.buffer)  # type: ignore[arg-type]
    if to is None:
        return answer_photos_on(engine, model, wanted)
    with working_on(engine), progress("Asking", None) as advance, writing_to(to) as file:
        return write_table(model, wanted, file, advance)


def sort(
    run: AnyRun, photos: FileNames, out: str | Path, *, link: bool = False, engine: str = THREADS
) -> SortCounts:
    """Put copies of photos into folders of `out` by what a model says of them; how many went where.

    photos: files, folders, lists or addresses, as for `predict`; none of them is moved or changed
    link:   make links to them instead of copies
    engine: what looks at them: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster

    OUT/sure/CLASS has those that can only be one class, OUT/unsure/CLASS and OUT/unlike the others. The same call
    goes on after a kill; `undo_sort(out)` takes the copies away again.
    """
    import sys

    from whatsit.engine import working_on
    from whatsit.events import progress
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.asking.sorting import sort_photos
    from whatsit.model.classifier import load
    from whatsit.model.given import fetch_address

    model = load(place_of(run))
    names = [str(photos)] if isinstance(photos, str | Path) else [str(photo) for photo in photos]
    wanted = resolve_names(names, fetch_address, sys.stdin.buffer)
    with working_on(engine), progress("Sorting", None) as advance:
        return sort_photos(model, wanted, as_folder(out), link, advance)


def undo_sort(out: str | Path) -> tuple[int, int]:
    """Take away what `sort` put into `out`: how many copies went, and how many stay as they were changed since."""
    from whatsit.model.asking.sorting import undo_sort as take_away

    return take_away(as_folder(out))


@takes_choices("whatsit.serving.options:ServeOptions")
def serve(
    runs: AnyRun | Sequence[AnyRun],
    options: ServeOptions | None = None,
    *,
    started: Started = ignore,
    in_network: Started = ignore,
    **choices: Unpack[ServeChoices],
) -> None:
    """Open models as a page and an API, until Ctrl-C or SIGTERM; `started` is told the page's address.

    runs:       a finished run, or several; the first answers where none is named
    options:    how, or its fields as keywords: `port=0, public=True`
    in_network: told before, where the server listens to every network, the address for others in this one
    """
    from whatsit.road.serve import serve as serve_models
    from whatsit.serving.options import ServeOptions

    several = [runs] if isinstance(runs, str | Path) or not isinstance(runs, Sequence) else runs
    paths = [Path(place_of(run)) for run in several]
    serve_models(paths, choose(ServeOptions, options, choices), started, in_network)


@takes_choices("whatsit.deploying.kit:DeployOptions")
def deploy(
    run: AnyRun, into: str | Path, to: str, options: DeployOptions | None = None, **choices: Unpack[DeployChoices]
) -> Path:
    """Write the kit that puts a finished run online to the folder `into`; that folder.

    to:      "ec2", "docker", or "browser"
    options: how, or its fields as keywords: `title="Which bird is it?"`
    """
    from whatsit.deploying.kit import DeployOptions
    from whatsit.road.deploy import deploy as write_kit

    write_kit(open_any(run), as_folder(into), to, choose(DeployOptions, options, choices))
    return Path(into)


def export(run: AnyRun, to: str, into: str | Path) -> Proof:
    """Write a model for another runtime to the new folder `into`; how well it agrees there with the model.

    run: a finished run, its folder, or a model.onnx
    to:  "openvino", "onnx-ort", "torch", "keras", "litert", "opencv", "numpy"

    The folder has a program that asks it without whatsit, and appears only where that gave the model's answers.
    """
    from whatsit.exporting import export as write_export
    from whatsit.model.classifier import find_model_file, load
    from whatsit.model.container import read_model_file

    file = find_model_file(Path(place_of(run)))
    return write_export(load(file), read_model_file(file), to, as_folder(into))


def push(
    run: AnyRun, name: str, *, licence: str = "", public: bool = False, update: bool = False, report: bool = False
) -> str:
    """Put a run's model and its card on the Hugging Face Hub; the address of its page.

    name:    owner and name there; `whatsit.load("hf:owner/name")` gives the model anywhere
    licence: what others may do with it, by its name on the Hub; "" is unknown
    public:  let everybody see it; else nobody but the owner does
    update:  put it into a repository that is there, as a new version
    report:  put the report there too, which shows photos
    """
    from whatsit.road.push import push as put_there

    return put_there(open_any(run), name, licence, public, update, report)
