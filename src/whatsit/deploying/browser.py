"""A page that needs no server: a folder of files, in which the model runs in the visitor's browser."""

from __future__ import annotations

import base64
import gzip
import json
from hashlib import sha256

from whatsit.deploying.bill_of_materials import BILL, describe_package, write_bill
from whatsit.deploying.int8 import quantise_for_browser
from whatsit.deploying.kit import FILES, DeployOptions, Kit, KitFile, Product, fill_template
from whatsit.deploying.ort_web import HASHES, SCRIPT, VERSION, WASM, fetch_runtime
from whatsit.errors import UserError
from whatsit.web.assets import read_answering
from whatsit.words import human_bytes

MOST = 60_000_000  # bytes of the model: phones give a page little more than ten times that
SCRIPTS = ("container.js", "model.js", "offline.js", "opened.js", "pixels.js", "resize.js", "server.js", "webp.js")
LEFT_OUT = ("copy.js",)  # of the page about the API
WORKER = "sw.js"
# Another name than its own: many file servers have no type for .mjs, and browsers run no module without one.
ORT = f"{SCRIPT.removesuffix('.mjs')}.js"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
}


def make(product: Product, options: DeployOptions) -> Kit:
    """README, page, its files in a folder named after their content, model, onnxruntime-web, service worker.

    Raises UserError where the model cannot run in a browser.
    """
    if product.facts.crop:
        raise UserError(
            f"{product.name!r} looks at faces, and finding them needs a program that browsers do not have.",
            hint="Put it on a server: --to ec2 or --to docker",
        )
    model = quantise_for_browser(product.model, product.facts)
    if len(model) > MOST:
        raise UserError(
            f"{product.name!r} is too large for a browser: {human_bytes(len(model))} "
            f"(at most {human_bytes(MOST)}).",
            hint="Train a smaller network, or put it on a server: --to ec2",
        )
    beside = _beside(options)
    folder = f"static/{_digest_of(beside)}"
    files = {f"{folder}/{name}": content for name, content in beside.items()}
    files[f"{folder}/model.onnx"] = model
    files["index.html"] = _page(product, folder, files).encode()
    kit = {name: KitFile(content) for name, content in files.items()}
    kept = {
        ("./" if name == "index.html" else name): hash_for_browsers(content) for name, content in files.items()
    }
    values = {"VERSION": _digest_of(files), "FILES": json.dumps(kept, indent=2), "NAME": product.name}
    values["PLAIN"] = human_bytes(sum(map(len, files.values())))
    values["PACKED"] = human_bytes(sum(len(gzip.compress(content, 6)) for content in files.values()))
    kit[WORKER] = fill_template(f"browser/{WORKER}", values)
    kit["README.md"] = fill_template("browser/README.md", values)
    runtime = describe_package("npm", "onnxruntime-web", VERSION, HASHES.values(), "required")
    kit[BILL] = write_bill(product, [runtime], model)
    kit[".nojekyll"] = KitFile(b"")  # else GitHub Pages would look for pages of its own kind
    return kit


def hash_for_browsers(content: bytes) -> str:
    """The hash of a file as browsers check it."""
    return "sha256-" + base64.b64encode(sha256(content).digest()).decode()


def _beside(options: DeployOptions) -> dict[str, bytes]:
    """The files beside the page: those of `serve`, but for the module that asks a server."""
    files = {name: asset.content for name, asset in read_answering().items() if name not in LEFT_OUT}
    files |= {name: (FILES / "browser" / name).read_bytes() for name in SCRIPTS}
    runtime = fetch_runtime(options.ort_web)
    return files | {ORT: runtime[SCRIPT], WASM: runtime[WASM]}


def _page(product: Product, folder: str, files: dict[str, bytes]) -> str:
    """The page of `serve`, with addresses that hold wherever the folder lies, and a policy of its own."""
    html = product.page(lambda name: f"{folder}/{name}", False)
    names = {"model": "model.onnx", "wasm": WASM}
    facts: dict[str, object] = {
        kind: {"address": f"{folder}/{name}", "integrity": hash_for_browsers(files[f"{folder}/{name}"])}
        for kind, name in names.items()
    }
    facts |= {"ort": f"./{ORT}", "worker": WORKER}
    policy = "; ".join(f"{name} {sources}" for name, sources in POLICY.items())
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<script type="application/json" id="files">{json.dumps(facts)}</script>\n'
        f'<script type="module" src="{folder}/offline.js"></script>\n'
        f'<script defer src="{folder}/opened.js"></script>\n'
    )
    before, mark, after = html.partition('<meta charset="utf-8">\n')
    return before + mark + head + after


def _digest_of(files: dict[str, bytes]) -> str:
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(name.encode() + b"\0" + sha256(content).digest())
    return digest.hexdigest()[:12]
