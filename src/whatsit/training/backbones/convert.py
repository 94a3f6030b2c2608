"""Pretrained networks from their published weights: converted to a graph, and as layers of torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit.errors import UserError, missing_extra
from whatsit.image import Size
from whatsit.model.backbones import face_network
from whatsit.model.backbones.chain import PLUS_MINUS_ONE
from whatsit.model.backbones.find import Backbone, find_backbone
from whatsit.model.backbones.hub import open_model
from whatsit.model.backbones.kept import load_kept_graph
from whatsit.model.backbones.known import BACKBONES
from whatsit.model.backbones.lite import BLOCKS, convert_lite, read_table
from whatsit.model.backbones.memory import check_room
from whatsit.model.graph.cut import count_features
from whatsit.model.strangeness.knowledge import find_directions, put_knowledge
from whatsit.training.options import TransferOptions

if TYPE_CHECKING:
    from whatsit.training.backbones.body import Body


def find_wanted(options: TransferOptions, may_fetch: bool = True) -> Backbone:
    """The network and weights that the options name. Raises UserError where they cannot be had."""
    if options.face_network is not None:
        return face_network.find_face_network(options.face_network)
    return find_backbone(
        options.backbone, options.weights, accept_licence=options.accept_licence, may_fetch=may_fetch
    )


def make_graph(backbone: Backbone, size: Size) -> bytes:
    """The network as an ONNX model for photos of `size`, converted where none is kept."""
    return load_kept_graph(backbone, size, convert_backbone)


def convert_backbone(backbone: Backbone, size: Size) -> bytes:
    """The network as an ONNX model, converted now; `make_graph` keeps it."""
    if backbone.name == face_network.NAME:
        return face_network.convert(backbone, size)
    if backbone.name in BLOCKS:
        return convert_lite(backbone, size)
    write_graph = _find_writer(backbone)
    if write_graph is not None:
        return write_graph(backbone.place, size)
    body = load_body(backbone)
    from whatsit.training.backbones.body import export_body

    content = export_body(body, size)
    if backbone.place.is_dir():
        return content
    from whatsit.training.backbones.weights import read_tensors

    return put_knowledge(content, find_directions(read_tensors(backbone.place), count_features(content)))


def _find_writer(backbone: Backbone) -> Callable[[Path, Size], bytes] | None:
    """What writes the graph of a network that another package adds."""
    known = BACKBONES.get(backbone.name)
    return None if known is None else known.write_graph


def load_body(backbone: Backbone) -> Body:
    """The network with its weights, for torch."""
    if _find_writer(backbone) is not None:
        raise UserError(
            f"The backbone {backbone.name} can be looked through, not trained on.",
            hint=f"Use it frozen: --recipe transfer --backbone {backbone.name}",
        )
    try:
        import torch  # noqa: F401
    except ImportError:
        raise missing_extra("torch", "train", f"The backbone {backbone.name}") from None
    files = sorted(backbone.place.glob("*.safetensors")) if backbone.place.is_dir() else [backbone.place]
    check_room(backbone.name, sum(file.stat().st_size for file in files))
    if backbone.place.is_dir():
        from whatsit.training.backbones.hub import load_model

        return load_model(open_model(str(backbone.place)))
    from whatsit.training.backbones.body import Chain

    if backbone.name in BLOCKS:
        from whatsit.training.backbones.lite import build_lite

        tensors = read_table(backbone.name, backbone.place)
        return Chain(build_lite(backbone.name, tensors).eval(), PLUS_MINUS_ONE)
    from whatsit.training.backbones.weights import read_tensors

    layers = importlib.import_module(f"whatsit.training.backbones.{backbone.name}")
    net, normalisation = layers.load(read_tensors(backbone.place), backbone.place)
    return Chain(net.features, normalisation)
