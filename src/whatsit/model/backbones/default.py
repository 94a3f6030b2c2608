"""The network that is asked where no other is named: it comes with the installation, and needs no torch."""

from __future__ import annotations

from whatsit.model.backbones.find import Backbone, find_backbone
from whatsit.model.backbones.kept import load_kept_graph
from whatsit.model.backbones.known import DEFAULT
from whatsit.model.backbones.lite import convert_lite


def load_default_graph() -> tuple[Backbone, bytes]:
    """The default network and its graph as `load_kept_graph` gives it. Raises UserError without its weights."""
    backbone = find_backbone(DEFAULT)
    return backbone, load_kept_graph(backbone, backbone.size, convert_lite)
