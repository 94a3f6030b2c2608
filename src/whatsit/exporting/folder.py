"""What every export has beside its network: whatsit.json, a program that asks it without whatsit, and a README."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from whatsit.errors import UserError
from whatsit.files import write_json, write_text
from whatsit.model.classifier import Classifier
from whatsit.model.facts.file import ModelFacts
from whatsit.records import as_json
from whatsit.version import __version__

FACTS_FILE, PROGRAM, README = "whatsit.json", "use.py", "README.md"
FILES = Path(__file__).parent / "files"
FORMAT = 1
Convert = Callable[[bytes, Path], None]  # the bytes of model.onnx, and the folder that its network is written to


@dataclass(frozen=True)
class ExportKind:
    """A runtime: what writes its network, the package that runs it, and what it is for.

    program: what its program imports, an empty line, and the lines that open the network and define
             `ask(pixels)`; "" for ours, whose lines lie in files/NAME.txt
    batch:   how many photos the network takes at a time
    """

    convert: Convert
    package: str
    purpose: str
    program: str = ""
    batch: str = "photos"


def write_beside(folder: Path, to: str, kind: ExportKind, model: Classifier) -> None:
    """Write what goes with a network: its facts, the program that asks it, and how that is done."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    facts = model.facts
    write_json(folder / FACTS_FILE, _facts_beside(facts, to, model.digest))
    environment = Environment(
        loader=FileSystemLoader(FILES),
        autoescape=False,  # it is Python and Markdown; no name from outside goes in but through JSON
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    names: dict[str, Any] = {
        "to": to,
        "kind": kind,
        "facts": facts,
        "rule": facts.thresholds.rule,
        "version": __version__,
    }
    names["imported"], names["asked"] = _parts_of_runtime(to, kind)
    names["several"] = model.target.says_any_number
    for target, template in ((PROGRAM, "use.py.jinja"), (README, "README.md.jinja")):
        write_text(folder / target, environment.get_template(template).render(names))


def _parts_of_runtime(to: str, kind: ExportKind) -> tuple[str, str]:
    """What the program imports of a runtime, and its lines that open the network and ask it."""
    program = kind.program or (FILES / f"{to}.txt").read_text(encoding="utf-8")
    imported, _, asked = program.strip().partition("\n\n")
    return imported, asked.strip()


def _facts_beside(facts: ModelFacts, to: str, digest: str) -> dict[str, Any]:
    """What the model file says of itself, but for what only whatsit proves itself by."""
    stated = as_json(facts)
    for name in ("golden", "detector", "format"):
        stated.pop(name, None)
    return {"format": FORMAT, "whatsit": __version__, "to": to, "model_sha256": digest, **stated}


def refuse_filled(into: Path) -> None:
    """Raise UserError where there is anything but an empty folder."""
    if not into.exists() and not into.is_symlink():
        return
    if into.is_symlink() or not into.is_dir() or any(into.iterdir()):
        raise UserError(
            f"There is something at {str(into)!r} already.", hint="Name a folder that is not there yet."
        )
