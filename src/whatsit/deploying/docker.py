"""A container: an image without torch that runs as nobody, a compose file that puts nginx before it, and manifests
for Kubernetes."""

from __future__ import annotations

import re

from whatsit.deploying.bill_of_materials import BILL, list_served, write_bill
from whatsit.deploying.kit import DeployOptions, Kit, KitFile, Product, fill_template
from whatsit.deploying.release import build_release, write_nginx_headers
from whatsit.deploying.wheel import wheel_name

HOME = "/opt/whatsit/current"  # where the ec2 kit's nginx files look for the page
FILES = ("README.md", "Dockerfile", "compose.yaml", "kubernetes.yaml", "nginx/site.conf", ".dockerignore")


def make(product: Product, options: DeployOptions) -> Kit:
    """README, Dockerfile, compose file and manifests, what the image is made of, and nginx with the page."""
    files = build_release(product)
    host = f"host: {options.domain}\n      " if options.domain else ""  # of an ingress; else it answers to any
    values = {"NAME": product.name, "DOMAIN": options.domain or "_", "HOST": host}
    for name in FILES:
        files[name] = fill_template(f"docker/{name}", values)
    files["nginx/headers.conf"] = KitFile(write_nginx_headers().encode())
    files[BILL] = write_bill(product, list_served(files[wheel_name()].content, files["serve.lock"].content))
    files["nginx/answers.conf"] = _in_container(fill_template("ec2/nginx/answers.conf", values))
    return files


def _in_container(answers: KitFile) -> KitFile:
    """The ec2 kit's answers.conf for a container, whose log is what it says."""
    text = answers.content.decode()
    text, count = re.subn(r"access_log \S+ whatsit;", "access_log /dev/stdout whatsit;", text)
    assert count == 1
    return KitFile(text.encode())
