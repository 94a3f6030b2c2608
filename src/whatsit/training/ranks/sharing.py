"""What ranks exchange while they train: gradients, sums, and what rank 0 decides."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any, cast

from whatsit.records import decode_json
from whatsit.training.ranks import who
from whatsit.training.ranks.meeting import is_meeting

if TYPE_CHECKING:
    from whatsit.training.loop.network import Network


def learn_together(network: Network) -> Network:
    """The network as it is to be trained: with rank 0's weights on all, and gradients that are the mean over the
    ranks from the end of each backward pass on. Its weights are those of the network that was given."""
    if not is_meeting():
        return network
    from torch.nn.parallel import DistributedDataParallel

    device = network.mean.device
    devices = [device] if device.type == "cuda" else None
    with warnings.catch_warnings(category=FutureWarning, action="ignore"):  # its name since torch 2.13 is another
        made = DistributedDataParallel(network, device_ids=devices, broadcast_buffers=False)
    return cast("Network", made)


def total(*values: float) -> tuple[float, ...]:
    """Each number summed over the ranks, to the same bits on all."""
    if not is_meeting():
        return values
    import torch
    from torch import distributed

    sums = torch.tensor(values, dtype=torch.float64)
    distributed.all_reduce(sums)
    return tuple(sums.tolist())


def average_statistics(network: Network) -> None:
    """Give the batch norms that learn the mean of what the ranks' photos had: each has seen its own part alone."""
    if not is_meeting():
        return
    from torch import distributed
    from torch.nn.modules.batchnorm import _BatchNorm

    for module in network.modules():
        if isinstance(module, _BatchNorm) and module.training:
            for values in (module.running_mean, module.running_var):
                if values is not None:
                    distributed.all_reduce(values)
                    values /= who.world()


def share(content: bytes) -> bytes:
    """The bytes that rank 0 has."""
    if not is_meeting():
        return content
    import torch
    from torch import distributed

    length = torch.tensor(len(content))
    distributed.broadcast(length, 0)
    whole = torch.zeros(int(length), dtype=torch.uint8)
    if who.leads() and content:
        whole = torch.frombuffer(bytearray(content), dtype=torch.uint8)
    distributed.broadcast(whole, 0)
    return whole.numpy().tobytes()


def agree(value: Any) -> Any:
    """The value that rank 0 has, anything that JSON holds."""
    return decode_json(share(json.dumps(value).encode())) if is_meeting() else value
