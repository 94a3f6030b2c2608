"""What this machine can do for whatsit, and where its caches lie."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from whatsit.engine import cores
from whatsit.files import cache_dir, folder_bytes
from whatsit.version import __version__

# Instruction sets that change how fast a network runs, by the names /proc/cpuinfo gives them.
INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sve")

# extra → (the module that shows it is there, what it brings)
EXTRAS = {
    "train": ("torch", "training networks: recipes cnn, transfer and finetune"),
    "hub": ("transformers", "backbones and data sets of the Hugging Face Hub"),
    "clean": ("cv2", "faces, and suspect labels"),
    "browser": ("playwright", "search pages that only a real browser can open"),
    "parquet": ("pyarrow", "answers as Parquet"),
}


@dataclass(frozen=True)
class Examined:
    """What was found. `extras`: name → (is it there, what it brings); `caches`: name → bytes."""

    whatsit: str
    python: str
    system: str
    cores: int
    memory_bytes: int
    instruction_sets: tuple[str, ...]
    device: str
    precision: str
    libraries: dict[str, str]
    extras: dict[str, tuple[bool, str]]
    cache: Path
    caches: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"cache": str(self.cache)}


def examine() -> Examined:
    """Look at this machine. Takes a few seconds the first time: the faster precision is measured."""
    device, precision = _training()
    return Examined(
        whatsit=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        cores=cores(),
        memory_bytes=_memory(),
        instruction_sets=_instruction_sets(),
        device=device,
        precision=precision,
        libraries={name: _version(name) for name in ("numpy", "pillow", "onnxruntime", "scikit-learn", "torch")},
        extras={name: (_is_there(module), brings) for name, (module, brings) in EXTRAS.items()},
        cache=cache_dir(),
        caches=_caches(),
    )


def _training() -> tuple[str, str]:
    """The device and the arithmetic that training would use."""
    if not _is_there("torch"):
        return "processor", "fp32"
    from whatsit.training import machine

    where = machine.choose_device()
    precision, ratio = machine.choose_precision(where)
    name = {"cpu": "processor", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}[where.type]
    return name, f"{precision} ({ratio:.1f} times as fast as the other)" if ratio > 1 else precision


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0


def _instruction_sets() -> tuple[str, ...]:
    file = Path("/proc/cpuinfo")
    if not file.exists():
        return ()
    words = set(file.read_text(encoding="utf-8", errors="replace").split())
    return tuple(name for name in INSTRUCTION_SETS if name in words)


def _is_there(module: str) -> bool:
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _caches() -> dict[str, int]:
    folder = cache_dir()
    if not folder.exists():
        return {}
    return {entry.name: folder_bytes(entry) for entry in sorted(folder.iterdir()) if entry.is_dir()}
