"""onnxruntime for browsers: two files of its npm package, from a folder or downloaded, and checked by hash."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from whatsit.data.downloading.download import Archive, download
from whatsit.errors import UserError
from whatsit.files import cache_dir

if TYPE_CHECKING:
    from whatsit.fetch.net import NetAccess

VERSION = "1.30.0"
SCRIPT = "ort.wasm.bundle.min.mjs"  # the one build without `eval`, so that a strict page policy can stand
WASM = "ort-wasm-simd-threaded.wasm"
HASHES = {
    SCRIPT: "11e64bd8ffe11bd1a2a2f0d6275fdfbbba7262f0b76b99b53d228a8a22ef3d90",
    WASM: "3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2",
}
# Where the makers' own pages take them from: the files of the npm package, one by one.
FILES = [
    Archive(
        (f"https://cdn.jsdelivr.net/npm/onnxruntime-web@{VERSION}/dist/{name}",),
        f"sha256:{HASHES[name]}",
        megabytes,
    )
    for name, megabytes in ((SCRIPT, 1), (WASM, 14))
]
_BY_HAND = (
    f"By hand: npm install --prefix FOLDER --ignore-scripts onnxruntime-web@{VERSION}, then --ort-web FOLDER"
)


def fetch_runtime(folder: Path | None, net: NetAccess | None = None) -> dict[str, bytes]:
    """SCRIPT and WASM: of the npm package in `folder`, or from the cache, which a download over `net` fills.

    Raises UserError where they are not there, or are other files than kits are tested with.
    """
    if folder is None:
        folder = cache_dir() / f"onnxruntime-web-{VERSION}"
        if not folder.exists():
            try:
                download(FILES, folder, net)
            except UserError as error:
                raise UserError(error.sentence, hint=f"{error.hint} {_BY_HAND}") from error
    return {name: _check(name, _read(folder, name)) for name in HASHES}


def _read(folder: Path, name: str) -> bytes:
    for inside in (".", "dist", "package/dist", "node_modules/onnxruntime-web/dist"):
        if (folder / inside / name).is_file():
            return (folder / inside / name).read_bytes()
    raise UserError(f"There is no {name} in {str(folder)!r}.", hint=_BY_HAND)


def _check(name: str, content: bytes) -> bytes:
    if sha256(content).hexdigest() != HASHES[name]:
        raise UserError(f"This {name} is not that of onnxruntime-web {VERSION}.", hint=_BY_HAND)
    return content
