"""The layers of a network as text, and how much work a photo is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from whatsit.image import Size

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network


@dataclass(frozen=True)
class Summary:
    """A network's layers with output shapes and parameters as text, how many of them have parameters, all
    parameters, multiply-adds of one photo."""

    text: str
    layers: int
    parameters: int
    multiply_adds: int


def summarise(network: Network, photo_size: Size) -> Summary:
    """What the network is made of, by showing it a photo."""
    import torch
    from torch import nn

    rows: list[str] = []
    multiply_adds = 0

    def record(module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        nonlocal multiply_adds
        count = sum(parameter.numel() for parameter in module.parameters(recurse=False))
        if isinstance(module, nn.Conv2d):
            multiply_adds += module.weight.numel() * output.shape[2] * output.shape[3]
        elif isinstance(module, nn.Linear):
            multiply_adds += module.weight.numel()
        shape = " × ".join(str(side) for side in output.shape[1:])
        rows.append(f"{type(module).__name__:<14} {shape:<18} {count:>12,}")

    leaves = [module for module in network.net.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(record) for leaf in leaves]
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        network(torch.zeros((1, 3, *photo_size), device=network.mean.device))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    header = f"{'layer':<14} {'output':<18} {'parameters':>12}"
    total = f"{parameters:,} parameters, {multiply_adds / 1e6:,.1f} million multiply-adds a photo"
    layers = sum(any(True for _ in leaf.parameters(recurse=False)) for leaf in leaves)
    return Summary("\n".join([header, *rows, total]), layers, parameters, multiply_adds)
