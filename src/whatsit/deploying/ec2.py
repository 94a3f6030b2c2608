"""A server of one's own on EC2: a release that installs itself behind nginx, and a stack to put it on."""

from __future__ import annotations

import gzip
import io
import tarfile
from hashlib import sha256

from whatsit.deploying.bill_of_materials import BILL, list_served, write_bill
from whatsit.deploying.kit import DeployOptions, Kit, KitFile, Product, fill_template
from whatsit.deploying.lock import CERTBOT_LOCK, MACHINES, PYTHONS
from whatsit.deploying.release import build_release, write_nginx_headers
from whatsit.deploying.wheel import wheel_name

PROGRAMS = ("release", "secure", "start")
TEXTS = (
    *("nginx/site.conf", "nginx/answers.conf", "whatsit.service", "whatsit.socket"),
    *("whatsit-certificate.service", "whatsit-certificate.timer"),
)


def make(product: Product, options: DeployOptions) -> Kit:
    """README, CloudFormation template, the programs `online`, `upgrade` and `back`, and the release."""
    server = build_server_files(product)
    archive, name = pack(server)
    locks = (server["serve.lock"].content, server["certbot.lock"].content)
    values = {
        "NAME": product.name,
        "RELEASE": name,
        "SHA256": sha256(archive).hexdigest(),
        "BUCKET": options.bucket,
        "REGION": options.region,
        "DOMAIN": options.domain,
    }
    return {
        f"{name}.tar.gz": KitFile(archive),
        BILL: write_bill(product, list_served(server[wheel_name()].content, *locks)),
        "README.md": fill_template("ec2/README.md", values),
        "template.yaml": fill_template("ec2/template.yaml", {}),
        **{
            program: fill_template(f"ec2/{program}", values, is_program=True)
            for program in ("online", "upgrade", "back")
        },
    }


def build_server_files(product: Product) -> dict[str, KitFile]:
    """What lies on the server: everything of `release`, the programs, units and nginx's configuration."""
    values = {"PYTHONS": " ".join(PYTHONS), "MACHINES": " ".join(MACHINES), "NAME": product.name}
    files = build_release(product)
    files["nginx/headers.conf"] = KitFile(write_nginx_headers().encode())
    files["certbot.lock"] = KitFile(CERTBOT_LOCK.read_bytes())
    for name in TEXTS:
        files[name] = fill_template(f"ec2/{name}", values)
    for name in PROGRAMS:
        files[name] = fill_template(f"ec2/{name}", values, is_program=True)
    return files


def pack(files: dict[str, KitFile]) -> tuple[bytes, str]:
    """The files as a .tar.gz in a folder of the name given back, which is that of their content."""
    digest = sha256()
    for path, file in sorted(files.items()):
        digest.update(path.encode() + b"\0" + sha256(file.content).digest())
    name = f"whatsit-{digest.hexdigest()[:12]}"
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path, file in sorted(files.items()):
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(file.content), 0o755 if file.is_program else 0o644
            archive.addfile(entry, io.BytesIO(file.content))
    return gzip.compress(out.getvalue(), 9, mtime=0), name
