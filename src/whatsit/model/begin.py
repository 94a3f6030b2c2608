"""How a run begins: a new one, or a stopped one that goes on; and gone again where it is refused."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from whatsit import clock
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors, hold_lock, refuse_unwritable, remove
from whatsit.model.facts.run import FORMAT, Beginning
from whatsit.model.run import CHECKPOINT, is_finished, read_beginning
from whatsit.model.run_names import RUN_FILE, RUNS
from whatsit.options import flag_of, flatten, list_given, words_of
from whatsit.records import as_json
from whatsit.version import __version__

LOCK = ".lock"


@contextmanager
def hold_run(folder: Path) -> Iterator[None]:
    """Hold the lock of a run for the block; of its folder nothing is left where nothing was begun in it.

    Raises UserError where it is finished or another process has it, and where the folder holds something else or
    takes no files.
    """
    refuse_unwritable(folder)
    _refuse_something_else(folder)  # before a lock is left there
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    with hold_lock(folder / LOCK, f"The run {folder.name!r} is being trained by another whatsit right now."):
        try:
            refuse_finished(folder)  # by the process that had it until now
            yield
        finally:
            with suppress(
                OSError
            ):  # while it is held, or it could be another's by now; Windows keeps what is open
                (folder / LOCK).unlink(missing_ok=True)
                for one in new:
                    one.rmdir()


def begin(
    folder: Path,
    source: str,
    options: Any,
    usual: Any,
    earlier: Path | None,
    uses: Collection[str] | None = None,
) -> Beginning:
    """What run.json says at the start: that of the stopped run there, or a new one's.

    options, usual: how the training is wanted and how it is where nothing is said, dataclasses of one kind
    uses: names of the options that this training looks at (None: all); of the others an older version may have had
        another usual value
    Raises UserError where the folder holds a finished run, one begun otherwise, or something else.
    """
    name = earlier.name if earlier else None
    if not (folder / RUN_FILE).exists():
        _refuse_something_else(folder)
        with explain_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return Beginning(
            format=FORMAT,
            name=folder.name,
            whatsit=__version__,
            created=clock.stamp(),
            source=source,
            options=as_json(options),
            from_=name,
            command=_command(source, options, earlier, folder),
        )
    refuse_finished(folder)
    stopped = read_beginning(folder)
    wanted = {one: value for one, value in flatten(options).items() if uses is None or one in uses}
    begun = flatten(usual) | _flatten_stored(stopped.options)  # an older version lacks the newest options
    other = {one: begun[one] for one, value in wanted.items() if begun[one] != value}
    if (stopped.source, stopped.from_) != (source, name) or other:
        raise _other_begin(folder, stopped, other)
    return replace(stopped, format=FORMAT)


def _refuse_something_else(folder: Path) -> None:
    """Raise UserError where the folder is not empty and holds no run."""
    if (folder / RUN_FILE).exists() or not folder.exists():
        return
    if any(entry.name != LOCK for entry in folder.iterdir()):
        raise UserError(f"The folder {str(folder)!r} has something else in it.", hint="Choose another --name.")


def refuse_finished(folder: Path) -> None:
    """Raise UserError where the folder holds a finished run."""
    if is_finished(folder):
        raise UserError(
            f"There is a finished run {folder.name!r} already.",
            hint=f"Choose another --name, or remove the folder {str(folder)!r}.",
        )


def _other_begin(folder: Path, stopped: Beginning, other: Mapping[str, Any]) -> UserError:
    """The error for a run that was begun otherwise: how, and what to give to go on with it. Its command alone may
    not do: an option that nobody gave may have another usual value since.

    other: the options that differ, with the values it was begun with
    """
    given = " ".join(shlex.join(words_of(one, value)) for one, value in other.items() if value is not None)
    left_out = ", ".join(flag_of(one) for one, value in other.items() if value is None)
    lacks = f" without {left_out}" if left_out else ""
    source = shlex.join([stopped.source, *(["--from", stopped.from_] if stopped.from_ else [])])
    how = f"{source}{f' {given}' if given else ''}{lacks}"
    return UserError(
        f"The stopped run {folder.name!r} was begun with other options or data: {how}.",
        hint=f"To go on with it, give these with its command: whatsit {shlex.join(stopped.command[1:])}. "
        f"Or choose another --name, or remove the folder {str(folder)!r}."
        if stopped.command
        else f"Give these to go on with it, choose another --name, or remove the folder {str(folder)!r}.",
    )


def _command(source: str, options: Any, earlier: Path | None, folder: Path) -> tuple[str, ...]:
    """The words that train the same again: the run's name, and the options that were given."""
    runs = folder.parent
    words = ["whatsit", "train", source, "--name", folder.name]
    words += [] if runs == RUNS else ["--runs", str(runs)]
    for name, value in list_given(options).items():
        words += words_of(name, value)
    if earlier is not None:
        lies_beside = earlier.parent == runs.resolve()
        words += ["--from", str(runs / earlier.name if lies_beside else earlier)]
    return tuple(words)


def _flatten_stored(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a stopped run by the names they have today: 0.1.0 called `search_folds`, of its classical
    group, `folds`, which is another option now."""
    classical = options.get("classical")
    if isinstance(classical, Mapping) and "folds" in classical:
        named = {"search_folds" if name == "folds" else name: value for name, value in classical.items()}
        options = {**options, "classical": named}
    return flatten(options)


@contextmanager
def remove_if_refused(folder: Path) -> Iterator[None]:
    """The folder is removed again where options or photos are refused before anything was learnt."""
    try:
        yield
    except UserError:
        checkpoint = folder / CHECKPOINT
        if not (checkpoint.is_dir() and any(checkpoint.iterdir())):
            remove(folder)
        raise
