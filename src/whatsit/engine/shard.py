"""In a process of a cluster: the work, rebuilt from bytes once, and shards of pieces done with it.

Nothing here knows Ray. What a shard gives is pickled apart from its arrays, so that these are copied once and no
more: into the memory that the processes of a machine share.
"""

from __future__ import annotations

import pickle
import platform
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whatsit.errors import UserError
from whatsit.version import __version__

# Of these another version may give other bytes: other pixels, or floats that are rounded otherwise.
PACKAGES = ("numpy", "pillow", "pi-heif", "onnxruntime", "opencv-python-headless", "scikit-learn")
KEPT = 2  # works that a process remembers: each may hold a network

Work = Callable[[Any], Any]


@dataclass(frozen=True)
class Done:
    """What came of a shard.

    content: its results in order and, last, the exception that ended it or None, pickled without their arrays
    arrays:  the bytes of these, in the order in which they are asked for
    seconds: that the pieces took, without the time to rebuild the work
    """

    content: bytes
    arrays: list[NDArray[np.uint8]]
    seconds: float

    @property
    def bytes(self) -> int:
        """How much travels."""
        return len(self.content) + sum(array.nbytes for array in self.arrays)

    def open(self) -> tuple[list[Any], Exception | None]:
        """The results, and the exception that ended the shard."""
        *results, error = pickle.loads(self.content, buffers=self.arrays)
        return results, error


def do_shard(digest: bytes, work: NDArray[np.uint8], shard: bytes) -> Done:
    """Do the pieces of a shard, up to the first that raises."""
    results: list[Any] = []
    error: Exception | None = None
    began = time.monotonic()
    try:
        do = _rebuild(digest, work)
        pieces = pickle.loads(shard)  # of the process that leads, as the work is
        began = time.monotonic()
        for piece in pieces:
            results.append(do(piece))
    except Exception as raised:  # it is raised at its piece's turn, where the work is led from
        error = as_it_travels(raised)
    seconds = time.monotonic() - began
    buffers: list[pickle.PickleBuffer] = []
    content = pickle.dumps([*results, error], protocol=5, buffer_callback=buffers.append)
    return Done(content, [np.frombuffer(buffer.raw(), np.uint8) for buffer in buffers], seconds)


def pickle_to_travel(content: Any, what: str) -> bytes:
    """The bytes of what goes to another process. Raises UserError where it cannot be pickled."""
    try:
        return pickle.dumps(content, protocol=5)
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise UserError(
            f"{what} cannot travel to other machines ({error}).", hint="Give paths or bytes, or --engine threads."
        ) from None


def list_versions() -> dict[str, str]:
    """What decides over bytes here: whatsit, and the libraries under it."""
    return {"whatsit": __version__} | {name: _version(name) for name in PACKAGES}


def name_machine() -> str:
    """What this machine calls itself."""
    return platform.node()


def explain_difference(here: dict[str, str], there: dict[str, str], machine: str) -> UserError | None:
    """Why a machine cannot take part: the first thing of which it has another version; None where it can."""
    for name, wanted in here.items():
        found = there.get(name, NONE)
        if found != wanted:
            has = f"has no {name}" if found == NONE else f"has {name} {found}"
            mine = "none is installed here" if wanted == NONE else f"this one has {wanted}"
            return UserError(
                f"The machine {machine!r} of the cluster {has}, and {mine}: answers could differ.",
                hint="Install the same versions on all machines, best from one list: pip freeze, pip install -r.",
            )
    return None


NONE = "none"
_works: OrderedDict[bytes, Work] = OrderedDict()


def _rebuild(digest: bytes, work: NDArray[np.uint8]) -> Work:
    """The work, as it was rebuilt for an earlier shard where there was one."""
    if digest not in _works:
        _works[digest] = pickle.loads(work.data)
        while len(_works) > KEPT:
            _works.popitem(last=False)
    _works.move_to_end(digest)
    return _works[digest]


def as_it_travels(error: Exception) -> Exception:
    """An exception that arrives as what it is, or in words where it cannot."""
    if isinstance(error, ModuleNotFoundError):
        return UserError(
            f"The machine {name_machine()!r} of the cluster has no {error.name!r}, which this work needs.",
            hint="Install whatsit with the same extras on all machines.",
        )
    if not isinstance(error, UserError):
        error.add_note(f"On the machine {name_machine()!r} of the cluster:\n{traceback.format_exc()}")
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # whatever an exception of a library does when it is pickled
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return NONE
