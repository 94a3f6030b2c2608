"""`whatsit clean`: what is wrong with the photos of a folder."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from whatsit import verbs, words
from whatsit.cli.terminal import console

if TYPE_CHECKING:
    from whatsit.cleaning.cleaning import Cleaned, Undone


def clean(
    data: str,
    /,
    *,
    accept: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    faces: bool | None = None,
    face_detector: str | None = None,
    face_network: str | None = None,
    deep: Annotated[bool, Parameter(negative="")] = False,
    network: Path | None = None,
    group: str | None = None,
    mirrored: bool | None = None,
    labels: str | None = None,
    engine: str = "threads",
    catalog: str | None = None,
    undo: Annotated[bool, Parameter(negative="")] = False,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
) -> None:
    """Find broken, blurred and duplicate photos, and leave out what is certain.

    Nothing is deleted or moved: what is decided is written to the folder's catalog, and can be undone.

    Example: `whatsit clean photos --accept near-duplicate`

    Parameters
    ----------
    data
        A folder with one folder of photos a class, or another data set on disk or at an address
        (s3://bucket/photos).
    accept
        A check all of whose findings leave their photo out. May be given several times.
    faces
        Cut every photo to its largest clear face with two eyes, and leave out photos without one. Remembered
        until --no-faces.
    face_detector
        What finds the faces: haar, the cascades that come with OpenCV, or the file of YuNet, which finds more
        (face_detection_yunet_2023mar.onnx). Implies --faces, and is remembered until haar is named.
    face_network
        Compare the faces of each class and find those of perhaps another person, by a network whose file you bring
        (face_recognition_model.bin; docs/faces.md). Wants faces; is not remembered.
    deep
        Look at what photos show as well: crops of other photos, photos unlike their class, suspect labels.
    network
        What to see it with: a finished run, a model.onnx, an ONNX graph with `pixels` and `features`, or the name
        of a pretrained network that training left in the cache. By default lite0, which comes with whatsit.
    group
        What belongs together, so that it stays on one side of every split: a column of the table, folder
        (CLASS/GROUP/photo), day or camera (as EXIF says), or a pattern of file names with the group in brackets,
        'IMG_(\\d+)_'. Remembered until --group none.
    mirrored
        Whether a photo's mirror image means the same. With --no-mirrored (arrows, letters, hands) mirrored and
        turned photos are no copies, and training mirrors none. Remembered.
    labels
        What a photo has: one (class), several (labels), or the columns that say 1 or 0 of each label: sky,water.
        By default several where the table has a column called labels.
    engine
        What does the work: threads of this machine, or ray or ray=ADDRESS, a Ray cluster that sees the same files.
    catalog
        A database that several people share, postgresql://NAME@HOST/DATABASE, in which the catalog of DATA lies
        (docs/scale.md). By default as $WHATSIT_CATALOG says, or a file in DATA.
    undo
        Take back what the last `clean` decided.
    json_
        Print every finding as a line of JSON.
    """
    if undo:
        show_undone(verbs.clean(data, catalog=catalog, undo=True))
        return
    cleaned = verbs.clean(
        data,
        accept=accept,
        faces=faces,
        face_detector=face_detector,
        face_network=face_network,
        deep=deep,
        network=network,
        group=group,
        mirrored=mirrored,
        labels=labels,
        engine=engine,
        catalog=catalog,
    )
    if json_:
        for finding in cleaned.findings:
            out = finding.photo in cleaned.left_out
            print(json.dumps(asdict(finding) | {"left_out": out}, ensure_ascii=False))
        return
    show(cleaned)
    _say_next(cleaned, data, labels, catalog)


def _say_next(cleaned: Cleaned, data: str, labels: str | None, catalog: str | None) -> None:
    """What to type next, so that it can be pasted."""
    said = () if labels is None else ("--labels", labels)
    shared = "" if catalog is None else ", with the same --catalog"
    if cleaned.waiting or cleaned.too_few:
        what = "what waits" if cleaned.waiting else "them"
        console.note(f"Decide about {what}: {words.typed('whatsit', 'review', data, *said)}{shared}")
    if cleaned.spared:
        found = ", ".join(f"{words.photos(number)} of {check}" for check, number in cleaned.spared.items())
        accept = [part for check in cleaned.spared for part in ("--accept", check)]
        again = words.typed("whatsit", "clean", data, *said, *accept)
        console.note(f"Taken back before, so not left out again: {found}. To leave out all such: {again}{shared}")
    if cleaned.sums is not None:
        console.note(f"Train on what is left: {words.typed('whatsit', 'train', data, *said)}")
    if cleaned.decided:
        console.note(f"Take back what was left out now: {words.typed('whatsit', 'clean', data, '--undo')}{shared}")


def show_undone(undone: Undone) -> None:
    """Print how much was taken back; of photos that stay out all the same, how many and why."""
    from whatsit.data.listing.skipped import list_left

    said = f"{words.count(undone, 'decision')} taken back"
    if undone.out:
        stay = "stays" if len(undone.out) == 1 else "stay"
        said += f": {words.photos(undone.back)} {words.be(undone.back)} back, {len(undone.out):,} {stay} out"
    console.show(f"{said}.")
    for line in list_left(undone.out):
        console.note(line)


def show(cleaned: Cleaned) -> None:
    """Print what was found: what is left for training and a table on stdout, what was left out on stderr."""
    from whatsit.data.inspecting.sums import say_decided
    from whatsit.data.listing.skipped import list_left

    columns = ("check", "finds", "photos", "left out", "waiting")
    rows = list(cleaned.rows())
    left = cleaned.sums or f"{words.photos(len(cleaned.dataset))} looked at"
    console.show(f"{cleaned.dataset.name}: {left}")
    if rows:
        console.table(columns, rows)
    else:
        console.show("The checks found nothing.")
    for line in list_left(cleaned.dataset.skipped if cleaned.sums is None else cleaned.sums.left_out):
        console.note(line)
    for count, text in (
        (cleaned.moved, "Photos found under another name, with what was decided about them"),
        (cleaned.withdrawn, "Decisions taken back, as what they rested on is no longer found"),
        (cleaned.groups, "Groups of photos that show the same, each kept on one side of a split"),
    ):
        if count:
            console.note(f"{text}: {count:,}.")
    console.note(say_decided(len(cleaned.left_out), len(cleaned.waiting)))
    if cleaned.too_few:
        console.warn(f"Nothing can be trained on what is left. {cleaned.too_few}")
