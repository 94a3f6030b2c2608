"""What this machine is best at, found by a short measurement and remembered: allocator, precision.

Nothing here changes what is learnt but its rounding; the choice is written into the run, `--precision` fixes it.
"""

from __future__ import annotations

import ctypes
import functools
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from whatsit.files import cache_dir, write_json
from whatsit.records import decode_json
from whatsit.training.options import Precision
from whatsit.training.ranks import sharing, who

if TYPE_CHECKING:
    import torch

MEASURED_STEPS = 12
LEAST_GAIN = 1.05  # times as fast: less is not worth a word

Arithmetic = Literal["fp32", "bf16"]

# mallopt's parameters (malloc.h): return nothing to the kernel while training. glibc otherwise maps and unmaps
# every large activation, and page faults take a tenth to a third of the time.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4


@functools.cache
def keep_freed_memory() -> None:
    """Let glibc's malloc keep what this process frees; call it before the first tensor. Elsewhere: nothing."""
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(_M_MMAP_MAX, 0)
    libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    libc.mallopt(_M_TOP_PAD, 64 << 20)


@dataclass(frozen=True)
class TrainingDevice:
    """Where a network is trained and in what arithmetic; gain: how many times as fast as the other arithmetic."""

    device: torch.device
    precision: Arithmetic
    gain: float = 1.0


def prepare_machine(precision: Precision) -> TrainingDevice:
    """This machine, ready for training; call it before the first tensor. precision: as asked for."""
    keep_freed_memory()
    device = choose_device()
    if precision != "auto":
        return TrainingDevice(device, precision)
    return TrainingDevice(device, *sharing.agree(choose_precision(device)))


def choose_device() -> torch.device:
    """The best device here: CUDA, Apple's GPU, or the processor."""
    import torch

    if torch.cuda.is_available():
        return torch.device(who.name_gpu(torch.cuda.device_count()))
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def choose_precision(where: torch.device) -> tuple[Arithmetic, float]:
    """The faster arithmetic for convolutions here, and how many times faster than the other it is.

    Measured once a machine and torch version (about a second) and remembered in the cache, so that two trainings
    with one seed make the same choice.
    """
    import torch

    file = cache_dir() / "machine" / f"{_machine(where)}.json"
    if file.exists():
        try:
            known = decode_json(file.read_text())
            return known["precision"], known["ratio"]
        except (ValueError, KeyError, TypeError):
            file.unlink(missing_ok=True)
    if where.type == "cpu" and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "fp32", 1.0
    fp32, bf16 = _step_seconds(where)
    choice: Arithmetic = "bf16" if bf16 < 0.9 * fp32 else "fp32"
    ratio = max(fp32, bf16) / min(fp32, bf16)
    write_json(file, {"precision": choice, "ratio": round(ratio, 2), "fp32_s": fp32, "bf16_s": bf16})
    return choice, round(ratio, 2)


def describe_precision(precision: Arithmetic, gain: float) -> str:
    """The arithmetic and what it is faster than: `bf16 (1.4 times as fast as fp32)`."""
    other = "fp32" if precision == "bf16" else "bf16"
    return f"{precision} ({gain:.1f} times as fast as {other})" if gain >= LEAST_GAIN else precision


def _machine(where: torch.device) -> str:
    import torch

    name = torch.cuda.get_device_name() if where.type == "cuda" else _processor()
    words = f"{name} {torch.get_num_threads()} {torch.__version__}"
    return "".join(letter if letter.isalnum() else "-" for letter in words)


def _processor() -> str:
    import torch

    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            flags = next((line for line in file if line.startswith("flags")), "")
    except OSError:
        flags = ""
    extras = [flag for flag in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if flag in flags]
    return f"{platform.machine()}-{torch.backends.cpu.get_cpu_capability()}-{'-'.join(extras)}"


def _step_seconds(where: torch.device) -> tuple[float, float]:
    """The time of one training step of two convolutions in fp32 and in bf16: the least of several in turn, which
    is what a machine that does other things as well still shows."""
    import torch
    from torch import nn

    net = nn.Sequential(
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.GELU(), nn.Conv2d(64, 64, 3, padding=1)
    )
    net.to(where, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
    photos = torch.ones(64, 32, 32, 32, device=where).contiguous(memory_format=torch.channels_last)

    def step(is_half: bool) -> float:
        start = time.perf_counter()
        with torch.autocast(where.type, torch.bfloat16, enabled=is_half):
            loss = net(photos).float().square().mean()
        loss.backward()
        loss.item()
        return time.perf_counter() - start

    pairs = [(step(False), step(True)) for _ in range(MEASURED_STEPS)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
