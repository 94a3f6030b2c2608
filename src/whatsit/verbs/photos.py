"""The verbs about photos: how they come, what they hold, what is wrong with them, and taking them elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack, overload

from whatsit.options import choose, list_names, takes_choices
from whatsit.verbs.common import RUNS, THREADS, Started, as_folder, check_data, ignore, open_any

if TYPE_CHECKING:
    from whatsit.choices import CollectChoices, PackChoices
    from whatsit.cleaning.cleaning import Cleaned, Undone
    from whatsit.collecting.account.yields import Yield
    from whatsit.collecting.forget import Forgotten
    from whatsit.collecting.options import CollectOptions
    from whatsit.collecting.search.canary import SourceReply
    from whatsit.collecting.search.found import Source
    from whatsit.data.dataset import Dataset
    from whatsit.packing.contents import Contents
    from whatsit.packing.packing import PackOptions
    from whatsit.road.info import Seen


def info(
    data: str | Path | Dataset, *, data_dir: Path | None = None, labels: str | None = None, engine: str = THREADS
) -> Seen:
    """What a data set holds: counts, sizes, copies, problems, what gives classes away, what cleaning made of it.

    data:     a folder, file or name of a data set, or one that `whatsit.read` gave
    data_dir: where data sets with a name lie
    labels:   what a photo has: "one" class, "several" labels, or the columns of labels, with commas
    engine:   what does the work: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster
    """
    from whatsit.data.dataset import Dataset
    from whatsit.engine import working_on
    from whatsit.road.info import see

    check_data(data, "whatsit info DATA", (Dataset,))
    with working_on(engine):
        return see(data, data_dir, labels)


@takes_choices("whatsit.collecting.options:CollectOptions")
def collect(
    data: str | Path,
    classes: Sequence[str],
    options: CollectOptions | None = None,
    *,
    agree_to: Callable[[str, str], bool] | None = None,
    engine: str = THREADS,
    **choices: Unpack[CollectChoices],
) -> Yield:
    """Collect photos by search words into DATA, one folder a class; what became of every address.

    classes:  names of classes, searched for as they are, or "class=words" or "class=words|other words"
    options:  how, or its fields as keywords: `per_class=50, source=("commons",)`
    agree_to: asked with a source's name and terms, for sources that want to be agreed to
    engine:   what proves that files are photos: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster,
              which then has the workers too
    """
    from whatsit.collecting.collecting import collect as collect_photos
    from whatsit.collecting.collecting import parse_class
    from whatsit.collecting.options import CollectOptions
    from whatsit.engine import working_on

    check_data(data, "whatsit collect DATA CLASS ...")
    wanted = [parse_class(text) for text in list_names("classes", classes)]
    with working_on(engine):
        return collect_photos(as_folder(data), wanted, choose(CollectOptions, options, choices), agree_to)


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

    check_data(data, "whatsit forget DATA")
    return take_down(as_folder(data), photo, creator, host, Path(runs))


@overload
def clean(data: str | Path, *, catalog: str | None = None, undo: Literal[True]) -> Undone: ...


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
    engine: str = THREADS,
    catalog: str | None = None,
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
    engine: str = THREADS,
    catalog: str | None = None,
    undo: bool = False,
) -> Cleaned | Undone:
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
    engine:  what does the work: "threads" of this machine, or "ray" or "ray=ADDRESS", a cluster
    catalog: "postgresql://…", the database with the catalog of DATA; by default $WHATSIT_CATALOG, or a file
    undo:    take back what the last cleaning decided instead; how many decisions those were, as a number
             that says which of their photos are back, and which stay out and why
    """
    from whatsit.cleaning import cleaning
    from whatsit.data.catalog import sharing
    from whatsit.data.meaning import Meaning
    from whatsit.engine import working_on

    check_data(data, "whatsit clean DATA")
    names = list_names("accept", accept)
    with sharing(catalog):
        if undo:
            return cleaning.undo(data)
        seen_with = None if network is None else Path(network)
        if group is not None or mirrored is not None:
            cleaning.say_meaning(data, Meaning(group, mirrored))
        with working_on(engine):
            return cleaning.clean(data, names, faces, deep, seen_with, face_detector, face_network, labels)


def review(
    data: str | Path,
    *,
    run: str | Path | None = None,
    labels: str | None = None,
    corrections: bool = False,
    port: int = 0,
    engine: str = THREADS,
    catalog: str | None = None,
    as_: str | None = None,
    started: Started = ignore,
) -> None:
    """Open the page to look through photos and decide, until Ctrl-C; `started` is told its address.

    Of a folder of photos without class folders it is the page on which they are named, a model helping.

    run:    a finished run on these photos: the labels that it suspects come first, as proposals
    labels: what a photo has, one class or several labels, as for `train`; "several" of a folder of photos without
            class folders: each may show several things
    corrections: `data` is a run; decide about the corrections that people proposed to its answers
    engine: what first looks at photos without classes: "threads" of this machine, or "ray" or "ray=ADDRESS"
    catalog: "postgresql://…", a database in which several people decide at once; by default as $WHATSIT_CATALOG
            says, or a file in DATA
    as_:    the name that is kept with each decision, and shown to the others; by default the system's user
    """
    from whatsit.data.catalog import sharing

    if not corrections:
        check_data(data, "whatsit review DATA --run RUN")
    with sharing(catalog):
        _review(data, None if run is None else Path(run), labels, corrections, port, engine, as_, started)


def _review(
    data: str | Path,
    run: Path | None,
    labels: str | None,
    corrections: bool,
    port: int,
    engine: str,
    person: str | None,
    started: Started,
) -> None:
    """The page that fits: of a run's corrections, of a pile, or of a data set."""
    from whatsit.cleaning.checks import CHECKS
    from whatsit.data.readers import locate
    from whatsit.data.readers.folders import is_pile
    from whatsit.data.readers.labels import ONE, SEVERAL_ALWAYS
    from whatsit.reviewing.server import review as serve_page

    if corrections:
        from whatsit.data.corrections import read_proposals

        served = open_any(data)
        model = served.model()
        proposals = read_proposals(served.folder.resolve(), model.classes, model.target)
        serve_page(proposals, port=port, started=started, person=person)
        return
    if run is None and labels in (None, ONE, SEVERAL_ALWAYS) and is_pile(pile := locate(data)):
        from whatsit.errors import UserError
        from whatsit.sorting.page.server import sort_pile

        if person is not None:
            raise UserError(
                "A pile is sorted by one person at a time, whose name is not kept.", hint="Leave --as out."
            )
        sort_pile(pile, port, started, labels, engine)
        return
    checks = {name: check.is_paired for name, check in CHECKS.items()}
    serve_page(data, checks, port, started, run, labels, person)


@takes_choices("whatsit.packing.packing:PackOptions")
def pack(
    data: str | Path, into: str | Path, options: PackOptions | None = None, **choices: Unpack[PackChoices]
) -> Contents:
    """Write a data set as cleaning left it to the new folder or address `into`, for training elsewhere.

    options: how, or its fields as keywords: `to="npz", size=64, per_class=6000`
    """
    from whatsit.packing.packing import PackOptions
    from whatsit.packing.packing import pack as write

    check_data(data, "whatsit pack DATA INTO")
    return write(data, into, choose(PackOptions, options, choices))
