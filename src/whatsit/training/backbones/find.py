"""Pretrained networks: which there are, where their weights lie, and their graphs.

Weights are looked for by name in the folder `weights` of the cache and of $WHATSIT_DATA, and where neither has
them they are fetched from the Hugging Face Hub. A network is exported once for a weights file and a photo size;
after that, training a head needs neither torch nor the weights.
"""

from __future__ import annotations

import hashlib
import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit import events
from whatsit.data import hub
from whatsit.errors import UserError, missing_extra, nearest
from whatsit.files import cache_dir, sha256_of, write_bytes
from whatsit.image import Size
from whatsit.model.backbones import hub as models
from whatsit.training.options import TransferOptions

if TYPE_CHECKING:
    from whatsit.training.backbones.body import Body

EXPORT = 1  # raise it when an export gives another graph, and old ones are left behind


@dataclass(frozen=True)
class Backbone:
    """A network whose code is ours: NAME.py.

    files: the names its weights are looked for under, besides NAME.safetensors, NAME.pth and NAME.h5
    hub:   the repository and file of the Hub that its weights come from where there are none
    """

    purpose: str
    licence: str
    size: int
    files: tuple[str, ...]
    hub: tuple[str, str]


BACKBONES: dict[str, Backbone] = {
    "mobilenetv2": Backbone(
        purpose="MobileNet V2, trained on ImageNet: the fastest, and small enough for any laptop and browser",
        licence="Apache-2.0",
        size=256,
        files=(
            "mobilenet_v2_1.0_224.pth",
            "mobilenet_v2-b0353104.pth",
            "mobilenet_v2-7ebf99e0.pth",
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        ),
        hub=("timm/mobilenetv2_100.ra_in1k", "model.safetensors"),
    ),
    "vgg16": Backbone(
        purpose="VGG16, trained on ImageNet: the textbooks' network, fifty times the work of mobilenetv2",
        licence="BSD-3-Clause (torchvision), CC BY 4.0 (the authors' weights, which Keras has)",
        size=224,
        files=("vgg16-397923af.pth", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        hub=("timm/vgg16.tv_in1k", "model.safetensors"),
    ),
}
DEFAULT = "mobilenetv2"
SUFFIXES = (".safetensors", ".pth", ".h5")


@dataclass(frozen=True)
class Found:
    """A pretrained network that is on this machine.

    place:  its weights file, or the folder of a model of the Hub
    digest: of its weights, so that what is computed with them can be kept
    """

    name: str
    place: Path
    digest: str
    size: Size
    licence: str


def found(options: TransferOptions, may_fetch: bool = True) -> Found:
    """The network and weights that the options name. Raises UserError where they cannot be had."""
    if options.backbone not in BACKBONES:
        return _of_hub(options)
    known = BACKBONES[options.backbone]
    file = Path(options.weights) if options.weights else _on_disk(options.backbone)
    if file is None and may_fetch:
        file = _fetched(options.backbone)
    if file is None or not file.exists():
        raise absent(options.backbone, str(file or ""))
    side = known.size
    return Found(options.backbone, file, sha256_of(file), (side, side), known.licence)


def _of_hub(options: TransferOptions) -> Found:
    """A model of the Hub, or of a folder kept as theirs are."""
    if not models.is_place(options.backbone):
        raise UserError(
            f"There is no backbone {options.backbone!r}.",
            hint=f"{nearest(options.backbone, BACKBONES)} Or name a model of the Hub (owner/name) or its folder.",
        )
    model = models.opened(options.backbone)
    if not model.is_open and not options.accept_licence:
        raise UserError(
            f"The licence of {options.backbone} is {model.licence!r}: it may forbid what you want to do with it.",
            hint="Read it on the model's page; if it allows your use, give --accept-licence.",
        )
    return Found(options.backbone, model.folder, models.digest_of(model), model.size, model.licence)


def places() -> list[Path]:
    """The folders that weights are looked for in."""
    shared = os.environ.get("WHATSIT_DATA")
    return [cache_dir() / "weights", *([Path(shared) / "weights"] if shared else [])]


def _on_disk(name: str) -> Path | None:
    files = [*(name + suffix for suffix in SUFFIXES), *BACKBONES[name].files]
    candidates = (place / file for place in places() for file in files)
    return next((file for file in candidates if file.is_file()), None)


def _fetched(name: str) -> Path | None:
    """The weights from the Hub; None, and said why, where that cannot be."""
    repository, file = BACKBONES[name].hub
    try:
        return hub.fetched(hub.repository(repository, "model"), [file]) / file
    except UserError as error:
        events.warn(str(error))
        return None


def absent(name: str, asked: str = "") -> UserError:
    """The error for weights that are not here: which file to bring, and where to put it."""
    if asked:
        return UserError(f"There is no weights file {asked!r}.", hint="Give --weights the path of a file.")
    known = BACKBONES[name]
    repository, file = known.hub
    return UserError(
        f"The weights of {name} are not on this machine, and could not be fetched.",
        hint=f"Bring {file} of https://huggingface.co/{repository} as "
        f"{cache_dir() / 'weights' / name}.safetensors, or {known.files[0]} into the same folder; "
        "or name any such file with --weights.",
    )


def graph_of(backbone: Found, size: Size) -> bytes:
    """The network as an ONNX model for photos of `size`, made once: `pixels` → `features` (n, d), and where it
    ends in a mean over a map, `map` (n, d, h, w)."""
    height, width = size
    name = Path(backbone.name).name
    file = cache_dir() / "backbones" / f"{name}-{backbone.digest[:16]}-{height}x{width}-{EXPORT}.onnx"
    if file.exists():
        content = file.read_bytes()
        if hashlib.sha256(content[_DIGEST:]).digest() == content[:_DIGEST]:
            return content[_DIGEST:]
    from whatsit.training.backbones.body import exported

    content = exported(body_of(backbone), size)
    write_bytes(file, hashlib.sha256(content).digest() + content)
    return content


_DIGEST = 32  # bytes of SHA-256 in front of a kept graph, so that a damaged one is made again


def body_of(backbone: Found) -> Body:
    """The network with its weights, for torch."""
    try:
        import torch  # noqa: F401
    except ImportError:
        raise missing_extra("torch", "train", f"The backbone {backbone.name}") from None
    if backbone.place.is_dir():
        from whatsit.training.backbones.hub import loaded

        return loaded(models.opened(str(backbone.place)))
    from whatsit.training.backbones.body import Chain
    from whatsit.training.backbones.weights import read_tensors

    published = importlib.import_module(f"whatsit.training.backbones.{backbone.name}")
    net, normalisation = published.loaded(read_tensors(backbone.place), backbone.place)
    return Chain(net.features, normalisation)
