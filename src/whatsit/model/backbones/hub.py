"""Image models of the Hugging Face Hub, or of a folder that is kept as theirs are.

Only families that were exported and compared are taken (FAMILIES). Size and normalisation come from the model's
own `preprocessor_config.json`, weights from safetensors; nothing in a folder is ever run.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from whatsit.data.downloading import hub
from whatsit.errors import UserError, suggest_nearest
from whatsit.image import Size
from whatsit.model.backbones.known import DEFAULT
from whatsit.model.backbones.memory import check_room
from whatsit.records import decode_json

FeaturesFrom = Literal["map", "tokens", "first", "pooled"]


@dataclass(frozen=True)
class Family:
    """A kind of model of the library `transformers`: its class, and what of its output are the features.

    map:    the mean over the last map, (n, d, h, w)
    tokens: the mean over the tokens, which are a square map
    first:  the first token, which has looked at all others
    pooled: what the model itself makes of its tokens
    """

    model: str
    features: FeaturesFrom
    has_pooler: bool = False  # a layer behind the tokens that is built but where asked not to, and not used


FAMILIES: dict[str, Family] = {
    "beit": Family("BeitModel", "first", has_pooler=True),
    "clip": Family("CLIPVisionModel", "pooled"),
    "clip_vision_model": Family("CLIPVisionModel", "pooled"),
    "convnext": Family("ConvNextModel", "map"),
    "convnextv2": Family("ConvNextV2Model", "map"),
    "deit": Family("DeiTModel", "first", has_pooler=True),
    "dinov2": Family("Dinov2Model", "first"),
    "dinov2_with_registers": Family("Dinov2WithRegistersModel", "first"),
    "dinov3_convnext": Family("DINOv3ConvNextModel", "pooled"),
    "dinov3_vit": Family("DINOv3ViTModel", "first"),
    "efficientnet": Family("EfficientNetModel", "map"),
    "focalnet": Family("FocalNetModel", "tokens", has_pooler=True),
    "mobilenet_v1": Family("MobileNetV1Model", "map"),
    "mobilenet_v2": Family("MobileNetV2Model", "map"),
    "mobilevit": Family("MobileViTModel", "map"),
    "pvt_v2": Family("PvtV2Model", "map"),
    "regnet": Family("RegNetModel", "map"),
    "resnet": Family("ResNetModel", "map"),
    "siglip": Family("SiglipVisionModel", "pooled"),
    "siglip_vision_model": Family("SiglipVisionModel", "pooled"),
    "swiftformer": Family("SwiftFormerModel", "map"),
    "swin": Family("SwinModel", "tokens", has_pooler=True),
    "swinv2": Family("Swinv2Model", "tokens", has_pooler=True),
    "vit": Family("ViTModel", "first", has_pooler=True),
}
WITHOUT = f"Without it: --backbone {DEFAULT} comes with whatsit; or bring the files and name their folder or file."
CONFIG, PREPROCESSOR, CARD = "config.json", "preprocessor_config.json", "README.md"
INDEX = "model.safetensors.index.json"  # of weights in several files
# Licences, by their short names on the Hub, that leave everybody free to use a model for anything.
OPEN = {
    "apache-2.0",
    "mit",
    "bsd-2-clause",
    "bsd-3-clause",
    "cc0-1.0",
    "cc-by-4.0",
    "cc-by-3.0",
    "isc",
    "unlicense",
}


@dataclass(frozen=True)
class HubModel:
    """A model's folder, and what its files say."""

    folder: Path
    family: Family
    size: Size
    mean: tuple[float, float, float]  # of pixels in 0..255
    spread: tuple[float, float, float]
    licence: str


def open_model(place: str, any_licence: bool = True) -> HubModel:
    """The model in a folder, or of that name (owner/name) on the Hub. Raises UserError where we do not read it.

    any_licence: take it though its licence may forbid some uses; else it is not even fetched
    """
    folder = Path(place)
    if not folder.is_dir():
        folder = _fetch(place, any_licence)
    config = _json(folder, CONFIG)
    family = _family(folder, config)
    prepared = _json(folder, PREPROCESSOR)
    mean, spread = _normalisation(prepared)
    if not any(folder.glob("*.safetensors")):
        raise UserError(
            f"The model {folder.name!r} has no weights we open: only .safetensors hold nothing but numbers.",
            hint="Look for a newer version of it, or convert it: https://huggingface.co/docs/safetensors",
        )
    found = HubModel(folder, family, _size(folder, prepared, config), mean, spread, _licence(folder))
    if not any_licence:
        check_licence(place, found.licence)
    return found


def _fetch(name: str, any_licence: bool) -> Path:
    """The folder of a model of the Hub, where its licence, its size and whoever is asked allow it."""
    found = hub.find_repository(name, "model")
    if not any_licence and found.licence != "unknown":  # its card may say more
        check_licence(name, found.licence)
    wanted = [file for file in found.files if _is_wanted(file)]
    check_room(name, sum(found.files[file] for file in wanted))
    return hub.fetch_files(found, wanted, WITHOUT)


def check_licence(name: str, licence: str) -> None:
    """Raise UserError for a licence that does not leave everybody free to use a model for anything."""
    if licence.casefold() not in OPEN:
        raise UserError(
            f"The licence of {name} is {licence!r}: it may forbid what you want to do with it.",
            hint="Read it on the model's page; if it allows your use, give --accept-licence.",
        )


def is_place(name: str) -> bool:
    """Whether this is how a model of the Hub is called, or a folder with one."""
    return Path(name).is_dir() or hub.NAME.fullmatch(name) is not None


def _is_wanted(file: str) -> bool:
    return file in (CONFIG, PREPROCESSOR, CARD, INDEX) or ("/" not in file and file.endswith(".safetensors"))


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = decode_json((folder / name).read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError
    except FileNotFoundError:
        raise UserError(
            f"The folder {str(folder)!r} has no {name}.", hint="Name the folder of a whole model of the Hub."
        ) from None
    except ValueError:
        raise UserError(f"The file {str(folder / name)!r} is damaged.", hint="Bring it again.") from None
    return found


def _family(folder: Path, config: dict[str, Any]) -> Family:
    kind = str(config.get("model_type", ""))
    if kind in FAMILIES:
        return FAMILIES[kind]
    raise UserError(
        f"The model in {str(folder)!r} is of the family {kind!r}, which does not look at photos, "
        "or which we have not checked.",
        hint=suggest_nearest(kind, FAMILIES),
    )


def _normalisation(prepared: dict[str, Any]) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and spread of pixels in 0..255."""
    white = 1 / float(prepared.get("rescale_factor", 1 / 255)) if prepared.get("do_rescale", True) else 1.0
    if not prepared.get("do_normalize", True):
        return (0.0, 0.0, 0.0), (white, white, white)
    mean, spread = prepared.get("image_mean", [0.5] * 3), prepared.get("image_std", [0.5] * 3)
    return (
        (mean[0] * white, mean[1] * white, mean[2] * white),
        (spread[0] * white, spread[1] * white, spread[2] * white),
    )


def _size(folder: Path, prepared: dict[str, Any], config: dict[str, Any]) -> Size:
    """The size that photos reach the model in: what is cropped to, else what is resized to."""
    for key in ("crop_size", "size"):
        side = prepared.get(key)
        if isinstance(side, int):
            return side, side
        if isinstance(side, dict) and {"height", "width"} <= side.keys():
            return int(side["height"]), int(side["width"])
        if isinstance(side, dict) and "shortest_edge" in side:
            return int(side["shortest_edge"]), int(side["shortest_edge"])
    side = config.get("image_size")
    if isinstance(side, int):
        return side, side
    raise UserError(
        f"The model in {str(folder)!r} does not say the size of its photos.", hint="Give it: --size 224"
    )


def _licence(folder: Path) -> str:
    """As the model's card has it between its first two lines of dashes; `unknown` where it has none."""
    card = folder / CARD
    if not card.exists():
        return "unknown"
    front = re.match(r"---\n(.*?)\n---", card.read_text(encoding="utf-8", errors="replace"), re.DOTALL)
    found = re.search(r"^license(?:_name)?:\s*([\w.+-]+)", front[1], re.MULTILINE) if front else None
    return found[1] if found else "unknown"


def digest_of(model: HubModel) -> str:
    """The SHA-256 of what the network is made from."""
    whole = hashlib.sha256()
    for file in (model.folder / CONFIG, model.folder / PREPROCESSOR, *sorted(model.folder.glob("*.safetensors"))):
        with file.open("rb") as content:
            whole.update(hashlib.file_digest(content, "sha256").digest())
    return whole.hexdigest()
