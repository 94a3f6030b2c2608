"""The verbs as functions: the names and options of the command line, called from Python.

>>> import whatsit
>>> run = whatsit.train("digits", recipe="cnn", epochs=10)
>>> for answer in whatsit.predict(run.folder, "photo.jpg"):
...     print(answer.label, answer.probability)

Each verb gives back what the command prints of it. Options with a record of their own may be given as that record
or, by their names, as keywords. Where the user has to mend something a `UserError` says what; what happens
meanwhile is told to whoever listens (`whatsit.listening`). The work itself is done in the package of the verb.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack, overload

from whatsit.options import choose, takes_choices

if TYPE_CHECKING:
    from whatsit.choices import CollectChoices, DeployChoices, PackChoices, ServeChoices, TrainChoices
    from whatsit.cleaning.cleaning import Cleaned
    from whatsit.collecting.account.yields import Yield
    from whatsit.collecting.forget import Forgotten
    from whatsit.collecting.options import CollectOptions
    from whatsit.collecting.search.canary import SourceReply
    from whatsit.collecting.search.found import Source
    from whatsit.data.dataset import Dataset
    from whatsit.deploying.kit import DeployOptions
    from whatsit.evaluating.compare import Comparison
    from whatsit.evaluating.remeasure import Remeasured
    from whatsit.examining import Examined
    from whatsit.exporting.proof import Proof
    from whatsit.model.answer import Answer
    from whatsit.model.asking.batch import AnswerCounts
    from whatsit.model.asking.sorting import SortCounts
    from whatsit.model.given import Photo
    from whatsit.model.run import Run
    from whatsit.packing.contents import Contents
    from whatsit.packing.packing import PackOptions
    from whatsit.road.backbones import Backbones
    from whatsit.road.demo import Demo
    from whatsit.road.info import Seen
    from whatsit.road.make import Made, StepResult
    from whatsit.serving.options import ServeOptions
    from whatsit.training.options import TrainOptions

    AnyRun = str | Path | Run  # a finished run, or its folder
    Photos = Photo | Iterable[Photo]
    FileNames = str | Path | Iterable[str | Path]

RUNS = Path("runs")
Started = Callable[[str], None]


def _ignore(_told: object) -> None:
    """For callers who do not want to be told."""


def info(data: str | Path | Dataset, *, data_dir: Path | None = None, labels: str | None = None) -> Seen:
    """What a data set holds: counts, sizes, copies, problems, what gives classes away, what cleaning made of it.

    data:     a folder, file or name of a data set, or one that `whatsit.read` gave
    data_dir: where data sets with a name lie
    labels:   what a photo has: "one" class, "several" labels, or the columns of labels, with commas
    """
    from whatsit.road.info import see

    return see(data, data_dir, labels)


@takes_choices("whatsit.collecting.options:CollectOptions")
def collect(
    data: str | Path,
    classes: Sequence[str],
    options: CollectOptions | None = None,
    *,
    agree_to: Callable[[str, str], bool] | None = None,
    **choices: Unpack[CollectChoices],
) -> Yield:
    """Collect photos by search words into DATA, one folder a class; what became of every address.

    classes:  names of classes, searched for as they are, or "class=words" or "class=words|other words"
    options:  how, or its fields as keywords: `per_class=50, source=("commons",)`
    agree_to: asked with a source's name and terms, for sources that want to be agreed to
    """
    from whatsit.collecting.collecting import collect as collect_photos
    from whatsit.collecting.collecting import parse_class
    from whatsit.collecting.options import CollectOptions

    wanted = [parse_class(text) for text in classes]
    return collect_photos(Path(data), wanted, choose(CollectOptions, options, choices), agree_to)


@overload
def sources(*, check: Literal[False] = False) -> dict[str, Source]: ...


@overload
def sources(*, check: Literal[True], contact: str = "", agree: bool = False) -> list[SourceReply]: ...


def sources(
    *, check: bool = False, contact: str = "", agree: bool = False
) -> dict[str, Source] | list[SourceReply]:
    """Where photos can be looked for, by name; with `check`, what each source answered to one small question.

    contact: a mail address or page where you can be reached, which sources are told
    agree:   ask also those whose terms want to be agreed to
    """
    from whatsit.collecting.search.canary import check_sources
    from whatsit.collecting.sources import SOURCES

    return check_sources(contact, agree) if check else dict(SOURCES)


def forget(
    data: str | Path,
    *,
    photo: str | None = None,
    creator: str | None = None,
    host: str | None = None,
    runs: str | Path = RUNS,
) -> Forgotten:
    """Delete photos because somebody asked and keep them from coming back; what was taken down.

    photo, creator, host: one of them: a path in DATA or an address, an author, or a host
    runs: the folder in which runs are looked for that learnt from them
    """
    from whatsit.collecting.forget import forget as take_down

    return take_down(Path(data), photo, creator, host, Path(runs))


@overload
def clean(data: str | Path, *, undo: Literal[True]) -> int: ...


@overload
def clean(
    data: str | Path,
    *,
    accept: Sequence[str] = (),
    faces: bool | None = None,
    face_detector: str | None = None,
    face_network: str | None = None,
    deep: bool = False,
    network: str | Path | None = None,
    group: str | None = None,
    mirrored: bool | None = None,
    labels: str | None = None,
    undo: Literal[False] = False,
) -> Cleaned: ...


def clean(
    data: str | Path,
    *,
    accept: Sequence[str] = (),
    faces: bool | None = None,
    face_detector: str | None = None,
    face_network: str | None = None,
    deep: bool = False,
    network: str | Path | None = None,
    group: str | None = None,
    mirrored: bool | None = None,
    labels: str | None = None,
    undo: bool = False,
) -> Cleaned | int:
    """Find broken, blurred and duplicate photos and leave out what is certain; what was found.

    Nothing is deleted or moved: decisions are rows in DATA's catalog.

    accept:  checks all of whose findings leave their photo out
    faces:   whether photos are cut to their largest clear face; None leaves that as it was
    face_detector: what finds faces, "haar" or the file of YuNet; None leaves that as it was
    face_network: the file of a network that compares the faces of each class; None: they are not compared
    deep:    look at what photos show as well
    network: what to see it with: a finished run, a model.onnx, or an ONNX graph with `pixels` and `features`
    group:   by what photos belong together (a column, folder, day, camera, a pattern of names); kept until "none"
    mirrored: whether a photo's mirror image means the same; None leaves that as it was
    labels:  what a photo has: "one" class, "several" labels, or the columns of labels, with commas
    undo:    take back what the last cleaning decided instead; gives back how many decisions those were
    """
    from whatsit.cleaning import cleaning
    from whatsit.data.meaning import Meaning

    if undo:
        return cleaning.undo(data)
    seen_with = None if network is None else Path(network)
    if group is not None or mirrored is not None:
        cleaning.say_meaning(data, Meaning(group, mirrored))
    return cleaning.clean(data, accept, faces, deep, seen_with, face_detector, face_network, labels)


def review(
    data: str | Path,
    *,
    run: str | Path | None = None,
    labels: str | None = None,
    corrections: bool = False,
    port: int = 0,
    started: Started = _ignore,
) -> None:
    """Open the page to look through photos and decide, until Ctrl-C; `started` is told its address.

    Of a folder of photos without class folders it is the page on which they are named, a model helping.

    run:    a finished run on these photos: the labels that it suspects come first, as proposals
    labels: what a photo has, one class or several labels, as for `train`
    corrections: `data` is a run; decide about the corrections that people proposed to its answers
    """
    from whatsit.cleaning.checks import CHECKS
    from whatsit.data.readers.folders import is_pile
    from whatsit.reviewing.server import review as serve_page

    if corrections:
        from whatsit.data.corrections import read_proposals
        from whatsit.model.run import open_run

        served = open_run(Path(data))
        model = served.model()
        proposals = read_proposals(served.folder.resolve(), model.classes, model.target)
        serve_page(proposals, port=port, started=started)
        return
    if run is None and labels is None and is_pile(Path(data)):
        from whatsit.sorting.server import sort_pile

        sort_pile(Path(data), port, started)
        return
    checks = {name: check.is_paired for name, check in CHECKS.items()}
    serve_page(data, checks, port, started, None if run is None else Path(run), labels)


@takes_choices("whatsit.packing.packing:PackOptions")
def pack(
    data: str | Path, into: str | Path, options: PackOptions | None = None, **choices: Unpack[PackChoices]
) -> Contents:
    """Write a data set as cleaning left it to the new folder `into`, for training elsewhere; what was written.

    options: how, or its fields as keywords: `to="npz", size=64, per_class=6000`
    """
    from whatsit.packing.packing import PackOptions
    from whatsit.packing.packing import pack as write

    return write(data, Path(into), choose(PackOptions, options, choices))


def backbones(measure: str | Path | Dataset | None = None, *, data_dir: str | Path | None = None) -> Backbones:
    """The pretrained networks that are known by name: size, work, licence, and where this machine has them from.

    measure:  a data set, as for `train`: how well those that are here see a few hundred of its photos, the most
              accurate first. Nothing is fetched
    data_dir: where data sets with a name lie
    """
    from whatsit.road.backbones import see_backbones

    return see_backbones(measure, None if data_dir is None else Path(data_dir))


@takes_choices("whatsit.training.options:TrainOptions")
def train(
    data: str | Path | Dataset,
    options: TrainOptions | None = None,
    *,
    name: str | None = None,
    runs: str | Path = RUNS,
    from_: str | Path | None = None,
    data_dir: str | Path | None = None,
    track: str | Sequence[str] = (),
    **choices: Unpack[TrainChoices],
) -> Run:
    """Train a classifier, measure it, and give the finished run: model.onnx, figures, report.

    data:     a folder with one folder of photos a class, a CSV, an .npz, IDX files, a known name, or what
              `whatsit.read` gave
    options:  how, or its fields as keywords: `recipe="cnn", epochs=10`
    name:     of the run's folder below `runs`; by default made from the data's name and the recipe
    from_:    the folder of a finished run to go on from
    data_dir: where data sets with a name lie
    track:    loggers that are told of it: "mlflow:http://127.0.0.1:5000", "tensorboard:FOLDER", "wandb:PROJECT"

    A run of that name that was stopped goes on where it stopped.
    """
    from whatsit.records import as_json
    from whatsit.road.train import train as train_and_measure
    from whatsit.tracking import tracking
    from whatsit.training.options import TrainOptions

    earlier, lies_in = (None if path is None else Path(path) for path in (from_, data_dir))
    wanted = choose(TrainOptions, options, choices)
    called = name or (Path(data).name if isinstance(data, str | Path) else data.name)
    with tracking([track] if isinstance(track, str) else track, called, as_json(wanted)) as finish:
        run = train_and_measure(data, wanted, name, Path(runs), earlier, lies_in)
        finish(run)
    return run


def evaluate(
    run: AnyRun,
    *,
    data: str | Path | None = None,
    outliers: str | Path | None = None,
    classes: str = "",
    pictures: str | Path | None = None,
) -> Remeasured:
    """Measure a finished run again and write its report; the figures, and where the report lies.

    data:     other photos to measure on, of classes the run knows; None: its own test photos
    outliers: photos of none of the classes: how well the model tells them apart
    classes:  other names for the classes of `data`: "cats=cat,dogs=dog"
    pictures: a folder for the charts of the report as files, SVG and PNG
    """
    from whatsit.evaluating.remeasure import remeasure

    return remeasure(_run(run), data, outliers, classes, None if pictures is None else Path(pictures))


def compare(*runs: AnyRun, html: str | Path | None = None) -> Comparison:
    """Put finished runs side by side: their figures, and whether they differ at all.

    html: a file for a page with curves and intervals
    """
    from whatsit.evaluating.compare import compare as compare_runs
    from whatsit.evaluating.report.comparison import write_comparison

    found = compare_runs([_run(run) for run in runs])
    if html is not None:
        write_comparison(Path(html), found)
    return found


@overload
def predict(run: AnyRun, photos: Photos, *, to: str | Path) -> AnswerCounts: ...


@overload
def predict(run: AnyRun, photos: Photos, *, to: None = None) -> Iterator[Answer]: ...


def predict(run: AnyRun, photos: Photos, *, to: str | Path | None = None) -> Iterator[Answer] | AnswerCounts:
    """The answers for photos, in their order; one that cannot be read is an answer whose `reason` says why.

    run:    a finished run, its folder, a model.onnx, or "hf:owner/name" of the Hugging Face Hub
    photos: files, folders with all below them, http(s) addresses, or a .txt file with a name a line; or photos
            that are in memory, as `Classifier.predict` takes them
    to:     a .csv, .jsonl or .parquet to write them to instead; gives back how many those were
    """
    import sys

    from whatsit.events import progress
    from whatsit.model.asking.batch import answer_photos, write_table
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.classifier import load
    from whatsit.model.given import fetch_address, is_one

    model = load(run if isinstance(run, str | Path) else run.folder)
    several = [photos] if is_one(photos) else photos
    wanted = resolve_names(several, fetch_address, sys.stdin.buffer)  # type: ignore[arg-type]
    if to is None:
        return answer_photos(model, wanted)
    with progress("Asking", None) as advance:
        return write_table(model, wanted, Path(to), advance)


def sort(run: AnyRun, photos: FileNames, out: str | Path, *, link: bool = False) -> SortCounts:
    """Put copies of photos into folders of `out` by what a model says of them; how many went where.

    photos: files, folders, lists or addresses, as for `predict`; none of them is moved or changed
    link:   make links to them instead of copies

    OUT/sure/CLASS has those that can only be one class, OUT/unsure/CLASS and OUT/unlike the others. The same call
    goes on after a kill; `undo_sort(out)` takes the copies away again.
    """
    import sys

    from whatsit.events import progress
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.asking.sorting import sort_photos
    from whatsit.model.classifier import load
    from whatsit.model.given import fetch_address

    model = load(run if isinstance(run, str | Path) else run.folder)
    names = [str(photos)] if isinstance(photos, str | Path) else [str(photo) for photo in photos]
    wanted = resolve_names(names, fetch_address, sys.stdin.buffer)
    with progress("Sorting", None) as advance:
        return sort_photos(model, wanted, Path(out), link, advance)


def undo_sort(out: str | Path) -> tuple[int, int]:
    """Take away what `sort` put into `out`: how many copies went, and how many stay as they were changed since."""
    from whatsit.model.asking.sorting import undo_sort as take_away

    return take_away(Path(out))


@takes_choices("whatsit.serving.options:ServeOptions")
def serve(
    runs: AnyRun | Sequence[AnyRun],
    options: ServeOptions | None = None,
    *,
    started: Started = _ignore,
    **choices: Unpack[ServeChoices],
) -> None:
    """Open models as a page and an API, until Ctrl-C or SIGTERM; `started` is told the page's address.

    runs:    a finished run, or several; the first answers where none is named
    options: how, or its fields as keywords: `port=0, public=True`
    """
    from whatsit.road.serve import serve as serve_models
    from whatsit.serving.options import ServeOptions

    several = [runs] if isinstance(runs, str | Path) or not isinstance(runs, Sequence) else runs
    paths = [Path(run) if isinstance(run, str | Path) else run.folder for run in several]
    serve_models(paths, choose(ServeOptions, options, choices), started)


@takes_choices("whatsit.deploying.kit:DeployOptions")
def deploy(
    run: AnyRun, out: str | Path, to: str, options: DeployOptions | None = None, **choices: Unpack[DeployChoices]
) -> Path:
    """Write the kit that puts a finished run online to the folder `out`; that folder.

    to:      "ec2", "docker", or "browser"
    options: how, or its fields as keywords: `title="Which bird is it?"`
    """
    from whatsit.deploying.kit import DeployOptions
    from whatsit.road.deploy import deploy as write_kit

    write_kit(_run(run), Path(out), to, choose(DeployOptions, options, choices))
    return Path(out)


def export(run: AnyRun, to: str, into: str | Path) -> Proof:
    """Write a model for another runtime to the new folder `into`; how well it agrees there with the model.

    run: a finished run, its folder, or a model.onnx
    to:  "openvino", "onnx-ort", "torch", "numpy"

    The folder has a program that asks it without whatsit, and appears only where that gave the model's answers.
    """
    from whatsit.exporting import export as write_export
    from whatsit.model.classifier import find_model_file, load
    from whatsit.model.container import read_model_file

    file = find_model_file(Path(run) if isinstance(run, str | Path) else run.folder)
    return write_export(load(file), read_model_file(file), to, Path(into))


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

    return put_there(_run(run), name, licence, public, update, report)


@takes_choices("whatsit.collecting.options:CollectOptions")
def make(
    data: str | Path,
    classes: Sequence[str],
    options: CollectOptions | None = None,
    *,
    name: str | None = None,
    runs: str | Path = RUNS,
    agree_to: Callable[[str, str], bool] | None = None,
    done: Callable[[StepResult], None] = _ignore,
    **choices: Unpack[CollectChoices],
) -> Made:
    """From words to a finished run: collect photos, clean them, train, report; `serve` opens it.

    classes: as for `collect`; options: how photos are collected, or its fields as keywords
    name:    the run's; by default that of the folder
    done:    given what each step gave back, as it comes

    Each step can be stopped; the same call goes on from there.
    """
    from whatsit.collecting.options import CollectOptions
    from whatsit.road.make import MakePlan
    from whatsit.road.make import make as make_run

    plan = MakePlan(classes, choose(CollectOptions, options, choices), name, Path(runs))
    return make_run(Path(data), plan, agree_to, done)


def demo(*, runs: str | Path = RUNS, chapter: Callable[[str], None] = _ignore) -> Demo:
    """Train a small network on scikit-learn's digits twice, plain and on changed photos, and compare the two.

    chapter: told what comes next
    """
    from whatsit.road.demo import walk

    return walk(Path(runs), chapter)


def doctor(*, prune: str | None = None) -> Examined:
    """What this machine can do: cores, instruction sets, GPU, extras, and what the caches take.

    prune: first remove what is kept of photos, not used for longest first, until this much ("5GB") is left
    """
    from whatsit.examining import examine, make_room

    return examine(make_room(prune) if prune is not None else ())


def _run(run: AnyRun) -> Run:
    from whatsit.model.run import open_run

    return open_run(run) if isinstance(run, str | Path) else run
