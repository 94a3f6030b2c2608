"""RUN → kits: folders that put a model online. One file a kit; a new one is that file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from whatsit.deploying.kit import DeployOptions, Kit, MakeKit, Product, refuse_foreign, write_kit
from whatsit.errors import UserError
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.run import Run, run_name


def _from(module: str) -> MakeKit:
    """The kit made by `make` in that module, which is imported when it is asked for."""

    def make(product: Product, options: DeployOptions) -> Kit:
        made: Kit = import_module(f"whatsit.deploying.{module}").make(product, options)
        return made

    return make


KITS: dict[str, MakeKit] = {
    "browser": _from("browser"),
    "docker": _from("docker"),
    "ec2": _from("ec2"),
}


def deploy(
    run: Run,
    out: Path,
    kind: str,
    options: DeployOptions,
    page: Callable[[Callable[[str], str], bool], str],
) -> None:
    """Write the kit of a finished run to the folder `out`. Raises UserError, and then writes nothing."""
    refuse_foreign(out)
    if out.absolute().is_relative_to(run.folder.absolute()):
        raise UserError(f"{str(out)!r} lies in the run's own folder.", hint="Name a folder beside it.")
    model = run.model()
    product = Product(run_name(run.name), (run.folder / MODEL_FILE).read_bytes(), model.facts, page)
    write_kit(KITS[kind](product, options), out, kind, product)
