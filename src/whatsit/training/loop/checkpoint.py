"""What an epoch leaves on disk, so that a killed training goes on where it was."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from whatsit import events
from whatsit.files import write_bytes
from whatsit.training.ranks import sharing, who

if TYPE_CHECKING:
    import torch

    from whatsit.training.loop.network import Network

CHECKPOINT = "epoch.pt"
# Of a checkpoint. Raise it when a training draws or computes anything else, so that none goes on half one way and
# half another. 0.1.0 wrote none, which is 1.
FORMAT = 2
ASIDE = ".aside"  # behind the name of a checkpoint that cannot be gone on from


class Progress:
    """How far a training is: weights, optimisers, a row an epoch, and the best epoch's weights."""

    def __init__(self, network: Network, optimisers: list[torch.optim.Optimizer]) -> None:
        self.network = network
        self.optimisers = optimisers
        self.history: list[dict[str, Any]] = []
        self.best: dict[str, torch.Tensor] = {}

    def add(self, row: dict[str, Any]) -> None:
        """One more epoch; its weights are remembered where it is the best so far. A tie keeps the lower loss."""
        self.history.append(row)
        order = [(row["val_accuracy"], -row["val_loss"]) for row in self.history]
        if order[-1] == max(order):
            self.best = {name: value.clone() for name, value in self.network.state_dict().items()}

    def restore_best(self) -> None:
        """Put the best epoch's weights into the network."""
        if self.best:
            self.network.load_state_dict(self.best)

    def save(self, folder: Path) -> None:
        """Write all of it, whole or not at all."""
        import torch

        content = {
            "format": FORMAT,
            "network": self.network.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "history": self.history,
            "best": self.best,
        }
        whole = io.BytesIO()  # torch answers a full disk with an error of its own
        torch.save(content, whole)
        write_bytes(folder / CHECKPOINT, whole.getvalue())

    def load(self, folder: Path) -> None:
        """Go on from what rank 0 saved in the folder, if anything was; of another format, it is set aside."""
        import torch

        file = folder / CHECKPOINT
        whole = sharing.share(file.read_bytes() if who.leads() and file.exists() else b"")
        if not whole:
            return
        content = torch.load(io.BytesIO(whole), map_location="cpu", weights_only=True)
        if content.get("format", 1) != FORMAT:
            if who.leads():
                file.replace(file.with_name(file.name + ASIDE))
            events.warn(
                f"The unfinished training in {str(folder)!r} is of another version of whatsit, "
                "which drew other random numbers: it starts anew."
            )
            return
        self.network.load_state_dict(content["network"])
        for optimiser, state in zip(self.optimisers, content["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.history, self.best = content["history"], content["best"]
        events.note(f"Going on after epoch {len(self.history)}.")
