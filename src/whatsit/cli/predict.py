"""`whatsit predict`: ask a model about photos."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from whatsit import verbs, words
from whatsit.cli.terminal import console, stopping
from whatsit.cli.terminal.usage import WrongUsage
from whatsit.errors import UserError

if TYPE_CHECKING:
    from whatsit.model.answer import Answer
    from whatsit.model.asking.photos import NamedPhoto
    from whatsit.model.classifier import Classifier

DRAWN = 3  # photos that are drawn in the terminal; more are a line each
BARS = 5
NONE: list[str] = []


def _names_stand_for_files(command: Callable[..., None]) -> Callable[..., None]:
    """Have `predict` refuse what looks like an option, and end with 1 where a file that was named is not there:
    the others have their answers by then."""

    @functools.wraps(command)
    def called(run: Path, photos: list[str] = NONE, /, **how: Any) -> None:
        from whatsit.model.asking.batch import NOT_THERE
        from whatsit.model.asking.photos import is_missing

        missing = [name for name in photos if is_missing(name)]
        if options := [name for name in missing if name.startswith("-")]:
            raise WrongUsage(
                f"Unknown option: {options[0]}.", hint="whatsit predict --help lists those there are."
            )
        command(run, photos, **how)
        if missing:
            others = f" Nor {words.count(len(missing) - 1, 'other file')}." if missing[1:] else ""
            raise UserError(f"There is no file {missing[0]!r}.{others}", hint=NOT_THERE)

    return called


@_names_stand_for_files
@stopping.leaves("Stopped. Nothing was written; with --to FILE answers are kept, and the same command goes on.")
def predict(
    run: Path,
    photos: Annotated[list[str], Parameter(name="photo", negative="", allow_leading_hyphen=True)] = NONE,
    /,
    *,
    to: Path | None = None,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    csv_: Annotated[bool, Parameter(name="--csv", negative="")] = False,
    explain: Path | None = None,
    sort: Path | None = None,
    engine: str = "threads",
    link: bool = False,
    undo: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Ask a model about photos: what they are, how sure that is, and whether they are none of its classes.

    Example: `whatsit predict runs/animals photo.jpg`

    Example: `whatsit predict runs/cats holiday/ --to answers.csv`

    Example: `whatsit predict runs/cats pile/ --sort sorted`

    Parameters
    ----------
    run
        The folder of a finished run, a model.onnx, an address of either (s3://bucket/runs/cats), or hf:owner/name
        of the Hugging Face Hub.
    photos
        Files, folders (with all that is below them), http(s) addresses, addresses of a store (s3://bucket/photos),
        a .txt file with a name a line, or - for a photo or such a list through a pipe.
    to
        A file for the answers, or its address: .csv, .jsonl or .parquet. Stopped, the same command goes on where
        it was.
    json_
        Print each answer whole, as a line of JSON.
    csv_
        Print the answers as CSV, with the probability of every class.
    explain
        A folder for pictures of why: each photo as the model saw it, warm where it spoke for the answer.
    sort
        A new folder for copies of the photos, by what they are; those that are not sure lie apart.
    engine
        What does the work: threads of this machine, or ray or ray=ADDRESS, a Ray cluster that sees the same files.
    link
        With --sort: make links to the photos instead of copies.
    undo
        With --sort: take the copies in that folder away again.
    """
    from whatsit.engine import working_on
    from whatsit.model.asking.batch import answer_photos
    from whatsit.model.asking.photos import resolve_names
    from whatsit.model.asking.tables import write_csv
    from whatsit.model.classifier import load
    from whatsit.model.given import fetch_address

    if sort is not None:
        if to is not None or explain is not None or json_ or csv_:
            raise UserError("--sort writes folders, and nothing else.", hint="Leave out the other flags.")
        with stopping.leaves(stopping.GOES_ON):
            _sort(run, photos, sort, link, undo, engine)
        return
    if link or undo:
        raise UserError("--link and --undo say how to sort.", hint="Name the folder too: --sort OUT")
    if not photos:
        raise _refuse_none_named(run)
    if to is not None and explain is None:
        from whatsit.buckets import address_of

        with stopping.leaves(stopping.GOES_ON):
            asked = verbs.predict(run, photos, to=to, engine=engine)
        place = address_of(to) or str(to)
        why = {f"The column `reason` in {place} says why, of each." if asked.failed else "": None}
        _account(_Tally(asked.photos + asked.earlier, asked.failed, why), f" in {place}")
        return
    model = load(run)
    wanted = resolve_names(photos, fetch_address, sys.stdin.buffer)
    if explain is not None:
        if to is not None or json_ or csv_:
            raise UserError(
                "--explain draws pictures and has no tables.", hint="Leave out --to, --json and --csv."
            )
        with stopping.leaves("Stopped. The pictures drawn so far are kept; the same command begins anew."):
            _explain(model, wanted, explain)
        return
    with working_on(engine):
        if not json_ and not csv_:
            _show(model, wanted)
            return
        tally = _Tally()
        answers = tally.count(answer_photos(model, wanted))
        with console.notes_last():
            if csv_:
                write_csv(sys.stdout, model, answers)
            else:
                for answer in answers:
                    print(json.dumps(answer.as_dict()))
        tally.refuse_none_read()


def _refuse_none_named(run: Path) -> UserError:
    """The error for a run without photos; or for photos in its place."""
    from whatsit.model.classifier import MODEL_FILE
    from whatsit.model.run_names import hint_run

    suffix = Path(MODEL_FILE).suffix
    if run.suffix != suffix and (run.is_file() or (run.is_dir() and not (run / MODEL_FILE).exists())):
        ask = words.typed("whatsit", "predict", "RUN", run)
        return UserError(f"{str(run)!r} is no run, and the run comes first: {ask}", hint=hint_run(run))
    return UserError("No photo is named.", hint="Name files, folders, a list, or - for a pipe.")


def _sort(run: Path, photos: list[str], out: Path, link: bool, undo: bool, engine: str) -> None:
    if undo:
        gone, kept = verbs.undo_sort(out)
        stay = f" {words.photos(kept)} stay: they were changed since." if kept else ""
        console.note(f"Taken away: {words.photos(gone)}.{stay} The originals are where they were.")
        return
    if not photos:
        raise _refuse_none_named(run)
    from whatsit.model.asking.sorting import JOURNAL

    done = verbs.sort(run, photos, out, link=link, engine=engine)
    rows = [("sure", done.sure, f"{out}/sure/CLASS"), ("unsure", done.unsure, f"{out}/unsure/CLASS")]
    rows += [
        ("unlike all classes", done.unlike, f"{out}/unlike"),
        ("could not be read", done.failed, f"{out / JOURNAL}"),
    ]
    console.table(("What", "Photos", "Where"), [row for row in rows if row[1]])
    back = words.typed("whatsit", "predict", run, "--sort", out, "--undo")
    console.note(f"The originals are where they were. Undo: {back}")
    if not done.sure + done.unsure + done.unlike:
        raise UserError("None of the photos could be read.", hint=f"Why not, of each: {out / JOURNAL}")


def _show(model: Classifier, wanted: Iterator[NamedPhoto]) -> None:
    """Draw a few photos with their bars; of many, print a line each."""
    from whatsit.model.asking.batch import answer_photos

    first = list(islice(wanted, DRAWN + 1))
    if sys.stdout.isatty() and len(first) <= DRAWN:
        drawn = _Tally()
        for photo, answer in zip(first, drawn.count(answer_photos(model, first)), strict=True):
            _fail_if_alone(first, answer)
            _draw(model, photo, answer)
        if drawn.failed or not first:
            _account(drawn)
        return
    tally = _Tally()
    with console.notes_last():
        for answer in tally.count(answer_photos(model, chain(first, wanted))):
            if len(first) > 1 or not answer.reason:
                console.show(f"{answer.name}: {answer.sentence()}")
    if len(first) == 1:
        _fail_if_alone(first, answer)
    else:
        _account(tally)


def _explain(model: Classifier, wanted: Iterable[NamedPhoto], folder: Path) -> None:
    """Answer each photo and write why: as a picture, and in a terminal drawn for the first few."""
    from whatsit.files import write_bytes
    from whatsit.image import encode_png
    from whatsit.model.asking.batch import answer_photos
    from whatsit.model.asking.explain import compute_heat_map, lay_over

    tally = _Tally()
    for photo in wanted:
        (answer,) = tally.count(answer_photos(model, [photo]))
        if answer.reason:
            console.warn(f"{photo.name}: {answer.reason}")
            continue
        pixels = model.pixels(photo.read())
        why = lay_over(pixels, compute_heat_map(model, pixels, answer.label))
        file = folder / f"{tally.asked:04}-{Path(photo.name).stem[:80]}.png"
        write_bytes(file, encode_png(why))
        if sys.stdout.isatty() and tally.asked <= DRAWN:
            _draw(model, photo, answer)
            console.show(console.half_blocks(why))
        else:
            console.show(f"{answer.name}: {answer.sentence()}")
            _note_why_not(model, answer)
        console.note(f"Why: {file}")
    _account(tally)


def _draw(model: Classifier, photo: NamedPhoto, answer: Answer) -> None:
    from whatsit.image import decode

    if answer.reason:
        console.warn(f"{photo.name}: {answer.reason}")
        return
    console.show(console.half_blocks(decode(photo.read())))
    console.show(f"{answer.name}: {answer.sentence()}")
    _note_why_not(model, answer)
    if not answer.stands_out:
        console.note("Of most photos that it knows it is more sure: better look at this one yourself.")
    others = [label for label in answer.could_be if label not in answer.said]
    if others:
        console.show(f"It could also be {', '.join(others[:BARS])}.")
    console.show(console.bars(islice(answer.probabilities.items(), BARS)))


def _note_why_not(model: Classifier, answer: Answer) -> None:
    """Say why there is no answer to act on: how far it is from being known, or from being sure."""
    limits = model.facts.thresholds
    if answer.known and answer.sure is False and limits.point is not None:
        sure = limits.point.sure
        if sure is None:
            console.note("By its table of costs, to answer would cost more on average than not to.")
        elif sure > 1:
            console.note(f"It answers nothing: {limits.point.wish} could not be promised. See the report.")
        else:
            console.note(f"It answers where it is at least {words.percent(sure)} sure ({limits.point.wish}).")
    if not answer.known:
        console.note(
            f"It is {answer.distance:.3g} away from the photos that the model learnt from; "
            f"{words.percent(1 - limits.reject_share, 0)} of photos of its classes stay within "
            f"{limits.distance:.3g}."
        )


def _fail_if_alone(photos: Iterable[NamedPhoto], answer: Answer) -> None:
    if answer.reason and len(list(photos)) == 1:
        from whatsit.model.asking.batch import hint_of

        named = answer.reason if answer.name in answer.reason else f"{answer.name}: {answer.reason}"
        raise UserError(named, hint=hint_of(answer.reason))


@dataclass
class _Tally:
    """How many photos were asked about, how many of them could not be read, and what to do about those."""

    asked: int = 0
    failed: int = 0
    hints: dict[str, None] = field(default_factory=dict)

    def count(self, answers: Iterable[Answer]) -> Iterator[Answer]:
        """The answers, counted as they come."""
        from whatsit.model.asking.batch import hint_of

        for answer in answers:
            self.asked += 1
            if answer.reason:
                self.failed += 1
                self.hints[hint_of(answer.reason)] = None
            yield answer

    def refuse_none_read(self) -> None:
        """Raise UserError where there were photos and none could be read."""
        if self.asked and self.failed == self.asked:
            raise UserError("None of the photos could be read.", hint="\n".join(filter(None, self.hints)))


def _account(tally: _Tally, where: str = "") -> None:
    if not tally.asked:
        raise UserError("What was given names no photo.", hint="Is the list or the pipe empty?")
    why = ": their `reason` says why" if where else ""
    unread = f", {tally.failed:,} of them could not be read{why}" if tally.failed else ""
    console.note(f"{words.photos(tally.asked)} asked about{where}{unread}.")
    tally.refuse_none_read()
