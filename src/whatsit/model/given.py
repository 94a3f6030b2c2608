"""What people hand over as a photo, and whether it is one or several.

One photo: a path or an http(s) address; encoded bytes in whatever holds bytes; an open file; a picture of
Pillow's; an array (height, width[, channels]); a tensor of torch's (channels, height, width). Several: a list of
any of these, or an array or tensor with one dimension more. What is none of them is refused by name: a guess would
be an answer about another photo.
"""

from __future__ import annotations

import base64
import hashlib
import io
import numbers
import os
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import unquote, unquote_to_bytes, urlsplit

import numpy as np
from numpy.typing import NDArray

from whatsit.buckets import address_of, fetch_file
from whatsit.errors import UserError
from whatsit.fetch.errors import FetchError
from whatsit.files import NAMES
from whatsit.image import (
    CHANNELS,
    DEFAULT_LIMITS,
    GIVE_ONE,
    DecodeLimits,
    Ground,
    Pixels,
    as_rgb,
    convert_picture,
    is_picture,
    read_picture_file,
)


class HasArray(Protocol):
    """A tensor, or whatever else numpy can make an array of."""

    def __array__(self) -> NDArray[Any]: ...


class HasArrayInterface(Protocol):
    """A picture of Pillow's."""

    @property
    def __array_interface__(self) -> dict[str, Any]: ...


Photo = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | HasArray | HasArrayInterface
NO_FILE = "There is no file"
MOST_SHOWN = 120  # characters of a name in a sentence
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
WHAT_IS_ONE = "Give a path, an address, encoded bytes, an open file, a Pillow picture, an array or a tensor."
GIVE_AN_ARRAY = (
    "Give (height, width, 3) in RGB, of uint8 0..255 or floats 0..1: floats of 0..255 want `photo / 255`, and "
    "what was normalised for a network is no picture any more."
)


def is_address(name: str) -> bool:
    """Whether a name is an address of the web."""
    return name[:8].casefold().startswith(("http://", "https://"))


def is_data_address(name: str) -> bool:
    """Whether a name is no name but a photo itself, as pages hold small ones: `data:image/png;base64,…`."""
    return name[:5].casefold() == "data:" and "," in name


def name_data_address(name: str) -> str:
    """A short name for a `data:` address, another for every other photo: `data:image/png;base64,…f3ac0a91b2d0`."""
    about, _, text = name.partition(",")
    return f"{about[:MOST_SHOWN]},…{hashlib.blake2b(text.encode('utf-8', NAMES), digest_size=6).hexdigest()}"


def read_data_address(name: str) -> bytes:
    """The bytes of a `data:` address. Raises UserError."""
    about, _, text = name.partition(",")
    content = unquote_to_bytes(text)
    if not about.casefold().rstrip().endswith(";base64"):
        return content
    try:
        return base64.b64decode(content.translate(_URL_SAFE, b" \t\r\n"), validate=True)
    except ValueError:
        raise UserError(f"{shorten(name)!r} is no base64.", hint="Is the whole address there?") from None


def path_of(name: str) -> str:
    """A name as a path: `file:///a%20b.jpg`, as browsers and lists have it, is `/a b.jpg`."""
    if name[:7].casefold() != "file://":
        return name
    parts = urlsplit(name)
    return unquote(parts.path, errors=NAMES) if parts.netloc in ("", "localhost") else name


def shorten(name: str) -> str:
    """A name for a sentence: of one that goes on for ever its two ends."""
    return name if len(name) <= MOST_SHOWN else f"{name[: MOST_SHOWN // 2]}…{name[-MOST_SHOWN // 2 :]}"


def is_one(photo: object) -> bool:
    """Whether it stands for one photo; what is no photo at all is one too, and refused when it is read."""
    if _is_encoded(photo) or is_picture(photo) or isinstance(photo, Mapping | Set):
        return True
    if _is_tensor(photo):
        return bool(photo.ndim <= 3)  # type: ignore[attr-defined]
    if (array := _as_array(photo)) is not None:
        is_list = array.ndim == 1 and array.dtype.kind in "OU"
        return array.ndim <= 3 and not is_list
    if isinstance(photo, list | tuple) and photo:
        return isinstance(photo[0], numbers.Number | list | tuple)  # a picture written as numbers, see `_refuse`
    return not isinstance(photo, Iterable)


def name_of(photo: object) -> str:
    """The name of a photo that has one: its path, its address, or that of the open file."""
    if isinstance(photo, str | os.PathLike):
        name = os.fspath(photo)
        return name_data_address(name) if is_data_address(name) else name
    name = getattr(photo, "name", "") if hasattr(photo, "read") else ""
    return name if isinstance(name, str) else ""


def read_given(photo: Any, limits: DecodeLimits = DEFAULT_LIMITS, ground: Ground = "drawing") -> bytes | Pixels:
    """A photo's encoded bytes, or the pixels of one that has none, (height, width, 3) uint8.

    Raises UserError where it cannot be had or is no photo, and UnreadablePhoto where its pixels are none.
    """
    if isinstance(photo, bytes):
        return photo
    if isinstance(photo, str | os.PathLike):
        return _read_name(os.fspath(photo))
    if is_picture(photo):
        content = read_picture_file(photo, limits)
        return convert_picture(photo, limits, ground) if content is None else content
    if _is_encoded(photo):
        return _read_file(photo)
    array = _array_of_tensor(photo) if _is_tensor(photo) else _as_array(photo)
    if array is None:
        raise _refuse(photo)
    if array.ndim == 1 and array.dtype == np.uint8:  # as np.fromfile and cv2.imencode give a file
        return array.tobytes()
    if isinstance(photo, np.ma.MaskedArray) and np.ma.is_masked(photo):
        raise UserError("An array with masked values is no photo.", hint="Fill them: `photo.filled(0)`.")
    return as_rgb(array, ground)


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UserError where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"{NO_FILE} {shorten(str(path))!r}.") from None
    except IsADirectoryError:
        hint = "`whatsit.predict(RUN, FOLDER)` asks about all photos in a folder."
        raise UserError(f"{str(path)!r} is a folder, not a photo.", hint=hint) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise UserError(
            f"{shorten(str(path))!r} cannot be opened ({getattr(error, 'strerror', error)})."
        ) from None


def fetch_address(address: str) -> bytes:
    """The bytes at an address, also where an event loop is running already, as in a notebook.

    Raises FetchError.
    """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from whatsit.fetch.photo import fetch_photo  # loads the HTTP client, which takes a fifth of a second

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return fetch_photo(address)
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(fetch_photo, address).result()


def hint_for(photo: object) -> str:
    """What to do where a photo cannot be read."""
    return GIVE_ONE if _is_encoded(photo) or is_picture(photo) else GIVE_AN_ARRAY


def _is_encoded(photo: object) -> bool:
    """Whether it leads to the bytes of a file: a name, bytes, or what can be read."""
    if isinstance(photo, str | bytes | os.PathLike):
        return True
    if is_picture(photo) or isinstance(photo, type):
        return False
    return any(callable(getattr(photo, name, None)) for name in ("read", "read_bytes")) or _is_reply(photo)


def _is_reply(photo: object) -> bool:
    """Whether it is a web library's answer, whose `content` is the file."""
    return hasattr(photo, "status_code") and isinstance(getattr(photo, "content", None), bytes)


def _is_tensor(photo: object) -> bool:
    """Whether it is a tensor of torch's, whose channels come first; without loading torch."""
    return any((kind.__module__, kind.__name__) == ("torch", "Tensor") for kind in type(photo).__mro__)


def _as_array(photo: object) -> NDArray[Any] | None:
    """The array that something is or gives, (n,) uint8 of whatever holds bytes; None of what is no array."""
    if isinstance(photo, np.ndarray):
        return np.asarray(photo)
    if isinstance(photo, type):
        return None
    try:
        if hasattr(photo, "__array__") or hasattr(photo, "__array_interface__"):
            return np.asarray(photo)
        view = memoryview(photo)  # type: ignore[arg-type]  # bytearray, mmap, array.array, …
    except (TypeError, ValueError, BufferError):
        return None
    flat = view.ndim == 1 and view.itemsize == 1
    return np.frombuffer(view.tobytes(), np.uint8) if flat else np.asarray(view)


def _read_name(name: str) -> bytes:
    if is_data_address(name):
        return read_data_address(name)
    if is_address(name):
        try:
            return fetch_address(name)
        except FetchError as error:
            raise UserError(f"{name!r} cannot be fetched: {error.reason}.") from None
    if address := address_of(name):
        return fetch_file(address).read_bytes()
    return read_file(Path(path_of(name)))


def _read_file(file: Any) -> bytes:
    """What an open file has from where it stands, or all of one that stands at its end."""
    if _is_reply(file):
        return bytes(file.content)
    kind = type(file).__name__
    if isinstance(file, io.TextIOBase):
        raise UserError("A photo cannot be read from a file that is open as text.", hint="Open it with 'rb'.")
    try:
        content = file.read() if hasattr(file, "read") else file.read_bytes()
        if isinstance(content, bytes) and not content and hasattr(file, "seek"):
            file.seek(0)
            content = file.read()
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"This {kind} cannot be read ({error}).", hint=WHAT_IS_ONE) from None
    if isinstance(content, bytes | bytearray | memoryview):
        return bytes(content)
    if hasattr(content, "close"):  # a coroutine that nobody waits for
        content.close()
    raise UserError(f"Reading this {kind} gives no bytes but {type(content).__name__}.", hint=WHAT_IS_ONE)


def _array_of_tensor(tensor: Any) -> NDArray[Any]:
    """A tensor as an array with its channels last."""
    try:
        here = tensor.detach().cpu()
        if "bfloat16" in str(here.dtype):  # which numpy does not have
            here = here.float()
        array = np.asarray(here.numpy())
    except (TypeError, RuntimeError, NotImplementedError) as error:
        reason = str(error).split("\n")[0][:100]
        raise UserError(f"This tensor gives no array ({reason}).", hint=WHAT_IS_ONE) from None
    if array.ndim == 3 and array.shape[0] in CHANNELS:
        return np.moveaxis(array, 0, -1)
    return array


def _refuse(photo: object) -> UserError:
    kind = type(photo).__name__
    if isinstance(photo, list | tuple):
        what = f"A {kind} within a list" if not photo else f"A {kind} of {type(photo[0]).__name__}s"
        return UserError(
            f"{what} is no photo.", hint="Of numbers, make an array: `np.array(photo, dtype='uint8')`."
        )
    return UserError(f"{kind!r} is no photo.", hint=WHAT_IS_ONE)
