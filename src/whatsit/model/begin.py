"""How a run begins: a new one, or a stopped one that goes on; and gone again where it is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from whatsit.errors import UserError
from whatsit.files import explained, read_json, remove
from whatsit.model.run import FORMAT, RUN_FILE, Run
from whatsit.version import __version__


def begun(folder: Path, source: str, options: Any, usual: Any, earlier: Path | None) -> dict[str, Any]:
    """What run.json says at the start: that of the stopped run there, or a new one's.

    options, usual: how the training is wanted and how it is where nothing is said, dataclasses of one kind
    Raises UserError where the folder holds a finished run, one begun otherwise, or something else.
    """
    wanted = {"source": source, "options": asdict(options), "from": earlier.name if earlier else None}
    file = folder / RUN_FILE
    if not file.exists():
        if folder.exists() and any(entry.name != ".lock" for entry in folder.iterdir()):
            raise UserError(f"The folder {str(folder)!r} has something else in it.", hint="Choose another --name.")
        with explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        new = {"format": FORMAT, "name": folder.name, "whatsit": __version__, "created": created}
        return {**new, **wanted, "command": _command(source, options, usual, earlier, folder.parent)}
    info: dict[str, Any] = read_json(file)
    if info.get("finished"):
        raise UserError(
            f"There is a finished run {folder.name!r} already.",
            hint=f"Choose another --name, or remove the folder {str(folder)!r}.",
        )
    if any(info.get(key) != value for key, value in wanted.items()):
        raise UserError(
            f"The stopped run {folder.name!r} was begun with other options or data.",
            hint=f"Repeat its command, choose another --name, or remove the folder {str(folder)!r}.",
        )
    return info


def _command(source: str, options: Any, usual: Any, earlier: Path | None, runs: Path) -> list[str]:
    """The words that train the same again: the options that are not as they come."""
    words = ["whatsit", "train", source]
    for field, value, default in _fields(options, usual):
        flag = f"--{field.replace('_', '-')}"
        if value != default:
            words += [flag] if value is True else [f"--no-{flag[2:]}"] if value is False else [flag, str(value)]
    if earlier is None:
        return words
    lies_beside = earlier.parent == runs.resolve()
    return [*words, "--from", str(runs / earlier.name if lies_beside else earlier)]


def _fields(options: Any, usual: Any) -> Iterator[tuple[str, Any, Any]]:
    """Each option by its own name, whatever group it is in, with its value and the usual one."""
    for name, value in vars(options).items():
        if is_dataclass(value):
            yield from _fields(value, getattr(usual, name))
        else:
            yield name, value, getattr(usual, name)


@contextmanager
def gone_if_refused(run: Run) -> Iterator[Run]:
    """The run; its folder is removed again where options or photos are refused before anything was learnt."""
    try:
        yield run
    except UserError:
        if not (run.checkpoint.is_dir() and any(run.checkpoint.iterdir())):
            remove(run.folder)
        raise
