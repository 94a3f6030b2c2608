"""RUN → kits: folders that put a model online. One file a kit; a new one is that file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from whatsit.deploying.kit import DeployOptions, Kit, MakeKit, Product, refuse_foreign, write_kit
from whatsit.errors import UserError, suggest_nearest
from whatsit.files import refuse_unwritable
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.run import Run, run_name
from whatsit.options import list_given, words_of


def _from(module: str) -> MakeKit:
    """The kit made by `make` in that module, which is imported when it is asked for."""

    def make(product: Product, options: DeployOptions) -> Kit:
        made: Kit = import_module(f"whatsit.deploying.{module}").make(product, options)
        return made

    return make


@dataclass(frozen=True)
class KitKind:
    """A kind of kit: what makes it, which options it looks at, and what it is for."""

    make: MakeKit
    uses: frozenset[str]
    purpose: str


KITS: dict[str, KitKind] = {
    "browser": KitKind(
        _from("browser"),
        frozenset({"title", "ort_web"}),
        "a page whose visitors' browsers run it, on any web host",
    ),
    "docker": KitKind(
        _from("docker"), frozenset({"title", "domain"}), "a container, on any machine that runs some"
    ),
    "ec2": KitKind(
        _from("ec2"), frozenset({"title", "domain", "bucket", "region"}), "a server of your own at Amazon's EC2"
    ),
}


def deploy(
    run: Run,
    out: Path,
    kind: str,
    options: DeployOptions,
    page: Callable[[Callable[[str], str], bool], str],
) -> None:
    """Write the kit of a finished run to the folder `out`. Raises UserError, and then writes nothing."""
    check_kind(kind, options)
    refuse_foreign(out)
    if out.absolute().is_relative_to(run.folder.absolute()):
        raise UserError(f"{str(out)!r} lies in the run's own folder.", hint="Name a folder beside it.")
    refuse_unwritable(out)
    model = run.model()
    product = Product(run_name(run.name), (run.folder / MODEL_FILE).read_bytes(), model.facts, page)
    write_kit(KITS[kind].make(product, options), out, kind, product)


def check_kind(kind: str, options: DeployOptions) -> None:
    """Raise UserError for a kind of kit that is not there, and for a given option that does nothing in it."""
    if kind not in KITS:
        raise UserError(f"There is no kit {kind!r}.", hint=suggest_nearest(kind, KITS))
    for name, value in list_given(options).items():
        if name not in KITS[kind].uses:
            users = " or ".join(f"--to {other}" for other, one in KITS.items() if name in one.uses)
            raise UserError(
                f"{' '.join(words_of(name, value))} does nothing in the kit {kind}.",
                hint=f"It belongs to {users}: give that, or leave it out.",
            )
