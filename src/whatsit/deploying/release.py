"""What a server needs, whatever it runs on: model, wheel, lock, page with its files. Shared by ec2 and docker."""

from __future__ import annotations

from whatsit.deploying.kit import KitFile, Product
from whatsit.deploying.lock import lock_of
from whatsit.deploying.wheel import build_wheel, wheel_name
from whatsit.web.assets import address, read_answering
from whatsit.web.security import HEADERS, page_policy


def build_release(product: Product) -> dict[str, KitFile]:
    """Files by their path: NAME/model.onnx, the wheel, serve.lock, and page/ for nginx to give out."""
    page = product.page(address, True)
    files = {
        f"model/{product.name}/model.onnx": product.model,
        wheel_name(): build_wheel(),
        "serve.lock": lock_of(product.facts.crop),
        "page/index.html": page.encode(),
    }
    for name, asset in read_answering().items():
        files["page" + address(name)] = asset.content
        files["page" + address(name) + ".gz"] = asset.packed  # for nginx's gzip_static
    return {name: KitFile(content) for name, content in files.items()}


def write_nginx_headers() -> str:
    """The headers of our pages as nginx writes them, for a page it gives out itself."""
    headers = {name.decode(): value.decode() for name, value in HEADERS}
    headers["content-security-policy"] = page_policy()
    return "\n".join(f'add_header {name} "{value}" always;' for name, value in headers.items()) + "\n"
