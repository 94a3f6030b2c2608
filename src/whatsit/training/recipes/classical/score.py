"""Candidates and their scores, as they stand in memory, in history.csv and in the checkpoint."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from whatsit.files import read_json, write_json
from whatsit.training.recipes.classical.kind import Parameters


@dataclass(frozen=True)
class GridCandidate:
    """One model to try: a stack of features, a kind of model by name, its parameters."""

    stack: str
    model: str
    parameters: Parameters

    @property
    def words(self) -> str:
        """The parameters, as in `C=10 gamma=1`."""
        return " ".join(
            f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}"
            for name, value in self.parameters.items()
        )


@dataclass(frozen=True)
class GridScore:
    """How a candidate did in cross-validation over so many photos.

    mean, spread: of what the search is after (see `Aim`), over the folds (spread: its standard deviation); None
                  where it was left out
    seconds:      of one fold, on one core
    left_out:     why it was not tried
    """

    candidate: GridCandidate
    photos: int
    folds: int = 0
    mean: float | None = None
    spread: float | None = None
    seconds: float = 0.0
    left_out: str = ""

    def row(self) -> dict[str, Any]:
        """Its row in history.csv."""
        row = {
            "features": self.candidate.stack,
            "model": self.candidate.model,
            "parameters": self.candidate.words,
            "photos": self.photos,
            "folds": self.folds or None,
            "mean": None if self.mean is None else round(self.mean, 5),
            "spread": None if self.spread is None else round(self.spread, 5),
            "seconds": round(self.seconds, 3) if self.folds else None,
        }
        return row | {"left_out": self.left_out} if self.left_out else row


def rank(scores: Iterable[GridScore]) -> list[GridScore]:
    """Those that were tried, first by photos seen, then by figure; of equals the one that was tried first."""
    tried = [score for score in scores if score.mean is not None]
    return sorted(tried, key=lambda score: (-score.photos, -(score.mean or 0)))


class KeptScores:
    """Scores on disk, so that a killed search goes on: only those of the same search count (`identity`)."""

    def __init__(self, folder: Path, identity: str) -> None:
        self._file = folder / "candidates.json"
        self._identity = identity
        stored = read_json(self._file) if self._file.exists() else {}
        rows = stored["scores"] if stored.get("identity") == identity else []
        self._scores = [GridScore(GridCandidate(**row.pop("candidate")), **row) for row in rows]

    def __len__(self) -> int:
        return len(self._scores)

    def get(self, candidate: GridCandidate, photos: int) -> GridScore | None:
        """The score that this candidate has already on so many photos."""
        for score in self._scores:
            if score.candidate == candidate and score.photos == photos:
                return score
        return None

    def add(self, score: GridScore) -> None:
        """Keep one more."""
        self._scores.append(score)
        write_json(self._file, {"identity": self._identity, "scores": [asdict(score) for score in self._scores]})
