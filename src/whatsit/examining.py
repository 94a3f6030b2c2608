"""What this machine can do for whatsit, and where its caches lie."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from whatsit.engine import cores
from whatsit.files import cache_dir, folder_bytes
from whatsit.plugins import Plugin, Registry
from whatsit.store import StoreSize, list_stores, most_kept, parse_bytes, prune
from whatsit.version import __version__
from whatsit.words import brief, human_bytes

# Instruction sets that change how fast a network runs, by the names /proc/cpuinfo gives them.
INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd", "sve")

# extra → (the module that shows it is there, what it brings)
EXTRAS = {
    "train": ("torch", "training networks: recipes cnn and finetune, further pretrained networks"),
    "hub": ("huggingface_hub", "data sets and models of the Hugging Face Hub (comes with train)"),
    "clean": ("cv2", "faces, and suspect labels"),
    "browser": ("playwright", "search pages that only a real browser can open"),
    "parquet": ("pyarrow", "data sets and answers as Parquet"),
    "ray": ("ray", "work on several machines, by a Ray cluster"),
    "openvino": ("openvino", "exports to OpenVINO"),
    "stores": ("s3fs", "data in object stores: s3://bucket/photos"),
    "postgresql": ("psycopg", "a catalog that several people share"),
    "keras": ("keras", "exports to Keras"),
    "litert": ("litert_torch", "exports to LiteRT"),
    "pandas": ("pandas", "data frames of pandas"),
    "polars": ("polars", "data frames of polars"),
    "mlflow": ("mlflow", "trainings told to MLflow"),
    "tensorboard": ("tensorboard", "trainings told to TensorBoard"),
    "wandb": ("wandb", "trainings told to Weights & Biases"),
    "telemetry": ("opentelemetry", "traces of serving, for a collector of OpenTelemetry"),
}


# folder of the cache → what lies in it
CACHES = {
    "stores": "what is kept of photos: pixels, looks, features, faces",
    "objects": "what was read of object stores",
    "buckets": "what lies in object stores, by name",
    "fetched": "models and tables of object stores",
    "data": "data sets, downloaded or unpacked",
    "arrays": "arrays, unpacked",
    "hub": "what the Hugging Face Hub has, as it was last seen",
    "weights": "pretrained networks that you brought",
    "backbones": "pretrained networks, ready to run",
    "proved": "which models have proven themselves here",
    "machine": "which arithmetic is faster here",
    "sending": "tables on their way to an object store",
    "packing": "packs on their way to an object store",
    "catalogs": "what was decided about photos that lie where nothing can be written",
}
DECIDED = "catalogs"  # the one whose loss is more than time


@dataclass(frozen=True)
class Examined:
    """What was found.

    extras: name → (is it there, what it brings)
    caches: name → bytes; stores: what is kept of photos, those not used for longest first; removed: just now
    plugins: what other packages add
    most_kept: bytes of stores that are kept at most
    """

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
    most_kept: float
    caches: dict[str, int]
    stores: tuple[StoreSize, ...]
    removed: tuple[StoreSize, ...]
    plugins: tuple[Plugin, ...]

    __repr__ = brief

    def as_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {
            "cache": str(self.cache),
            "stores": [_as_dict(store) for store in self.stores],
            "removed": [_as_dict(store) for store in self.removed],
        }


def _as_dict(store: StoreSize) -> dict[str, Any]:
    return {
        "kind": store.kind,
        "of": store.title,
        "bytes": store.bytes,
        "used": _day(store.used),
        "place": str(store.place),
    }


def examine(removed: Sequence[StoreSize] = ()) -> Examined:
    """Look at this machine, after some stores were removed.

    Takes a few seconds the first time: the faster precision is measured.
    """
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
        most_kept=most_kept(),
        caches=_caches(),
        stores=tuple(list_stores()),
        removed=tuple(removed),
        plugins=_list_plugins(),
    )


def _list_plugins() -> tuple[Plugin, ...]:
    from whatsit.cleaning.checks import CHECKS
    from whatsit.collecting.sources import SOURCES
    from whatsit.data.readers import READERS
    from whatsit.exporting import EXPORTS
    from whatsit.model.backbones.known import BACKBONES
    from whatsit.training.recipes import RECIPES

    registries: tuple[Registry[Any], ...] = (SOURCES, READERS, CHECKS, RECIPES, BACKBONES, EXPORTS)
    return tuple(plugin for registry in registries for plugin in registry.plugins)


def make_room(left: str) -> list[StoreSize]:
    """Remove what is kept of photos, what was not used for longest first, until at most `left` of it is left.

    left: as in "5GB". Raises UserError where it is no size.
    """
    return prune(parse_bytes(left))


def _day(moment: float) -> str:
    """A moment in Unix time as the day it was here."""
    return datetime.fromtimestamp(moment).astimezone().date().isoformat()


def rows_of(stores: Sequence[StoreSize]) -> list[tuple[str, str, str, str]]:
    """Stores as rows of a table: kind, what it is of, size, last used; the latest first."""
    return [(one.kind, one.title, human_bytes(one.bytes), _day(one.used)) for one in reversed(stores)]


def _training() -> tuple[str, str]:
    """The device and the arithmetic that training would use."""
    if not _is_there("torch"):
        return "processor", "fp32"
    from whatsit.training import machine

    where = machine.choose_device()
    precision, ratio = machine.choose_precision(where)
    name = {"cpu": "processor", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}[where.type]
    return name, machine.describe_precision(precision, ratio)


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
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
