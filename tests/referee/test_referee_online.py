"""A model as a page and an API, and kits that put it online."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from referee.calls import QUICK, opened
from referee.drawn import png
from referee.recordings import shape

PROBABILITIES = 0.02
SAID = (
    "content-type",
    "cache-control",
    "content-security-policy",
    "x-content-type-options",
    "allow",
    "www-authenticate",
)


class Asking:
    """Requests to a site, and the text of what came back."""

    def __init__(self, site, plain) -> None:
        self.site, self.plain, self.text = site, plain, ""

    def __call__(self, method, path, body=None, whole=True, **headers) -> bytes:
        status, told, content = self.site.ask(method, path, body, **headers)
        kept = "".join(f"{name}: {told[name]}\n" for name in SAID if name in told)
        self.text += f"=== {method} {path} {status}\n{self.plain(kept)}"
        self.text += f"has a request id: {'x-request-id' in told}\n"
        if whole:
            if told.get("content-type", "").startswith("application/json"):
                self.text += self.plain.json(json.loads(content))
            else:
                self.text += self.plain(content.decode()) + "\n"
        return content


def form(*photos: bytes) -> tuple[bytes, dict[str, str]]:
    """Photos as a browser's form sends them."""
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="photo"; filename="%d.png"\r\n'
        b"Content-Type: image/png\r\n\r\n%b\r\n" % (number, photo)
        for number, photo in enumerate(photos)
    ]
    return b"".join(parts) + b"--edge--\r\n", {"Content_Type": "multipart/form-data; boundary=edge"}


def test_a_served_model_answers(trained_cnn, trained_classical, call, plain, recorded):
    assert trained_cnn.code == trained_classical.code == 0
    photo, other = png("blue", 21), png("red", 22)
    with opened(call, "serve", "runs/cnn", "runs/classical", "--port", "0", "--log", "json") as site:
        ask = Asking(site, plain)
        ask("GET", "/healthz")
        ask("GET", "/readyz")
        ask("GET", "/api/models", whole=False)
        models = json.loads(site.ask("GET", "/api/models")[2])
        ask.text += plain.json(shape(models))
        ask("POST", "/api/predict", photo)
        ask("POST", "/api/predict?top=1&model=classical", photo)
        body, kind = form(photo, other, b"no photo")
        ask("POST", "/api/predict?top=1", body, **kind)
        ask("POST", "/api/hf", photo)
        why = json.loads(ask("POST", "/api/why?class=red", photo, whole=False))
        ask.text += plain.json(shape(why))
        ask("GET", "/api", whole=False)
        described = json.loads(ask("GET", "/api/openapi.json", whole=False))
        ask.text += plain.json({path: sorted(methods) for path, methods in described["paths"].items()})
        ask.text += plain.json(sorted(described["components"]["schemas"]))
        page = ask("GET", "/", whole=False).decode()
        ask.text += plain("\n".join(re.findall(r"<h[1-3][^>]*>[^<]*|<title>[^<]*|<label[^>]*>[^<]*", page))) + "\n"
        body, kind = form(photo)
        answered = ask("POST", "/predict", body, whole=False, **kind).decode()
        ask.text += f"blue on it: {'blue' in answered}\n"
        metrics = ask("GET", "/metrics", whole=False).decode()
        ask.text += "".join(f"{line}\n" for line in metrics.splitlines() if line.startswith("#"))
        counted = [line for line in metrics.splitlines() if line.startswith("whatsit_") and "{" in line]
        ask.text += "\n".join(sorted({line.split("{")[0] for line in counted})) + "\n"
        ended = site.end()
    log = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    requests = [sorted(line) for line in log if "path" in line or "status" in line]
    ask.text += plain(f"exit {ended.code}\n{ended.out}{site.said}") + f"lines such as {requests[0]}\n"
    recorded("serve", ask.text, PROBABILITIES)


def test_what_a_server_refuses(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    photo = png("blue", 21)
    words = ("--max-mb", "0.05", "--max-photos", "2", "--token", "a-token-of-the-referee", "--log", "off")
    with opened(call, "serve", "runs/cnn", "--port", "0", *words) as site:
        ask = Asking(site, plain)
        token = {"Authorization": "Bearer a-token-of-the-referee"}
        ask("POST", "/api/predict", photo)
        ask("GET", "/", whole=False)
        ask("POST", "/api/predict", photo, Authorization="Bearer another")
        ask("POST", "/api/predict", photo, **token)
        ask("POST", "/api/predict", b"", **token)
        ask("POST", "/api/predict", b"no photo at all", **token)
        ask("POST", "/api/predict", photo[:500], **token)
        ask("POST", "/api/predict", b"x" * 60_000, **token)
        ask("POST", "/api/predict", b"{", **token, Content_Type="application/json")
        ask("POST", "/api/predict", photo, **token, Content_Type="text/html")
        body, kind = form(photo, photo, photo)
        ask("POST", "/api/predict", body, **token, **kind)
        ask("POST", "/api/predict", {"url": "http://127.0.0.1/photo.png"}, **token)
        ask("POST", "/api/predict", photo, **token, Origin="https://elsewhere.example.org")
        ask("POST", "/api/predict?model=nothere", photo, **token)
        ask("POST", "/api/predict?top=none", photo, **token)
        ask("POST", "/api/why?class=grey", photo, **token)
        ask("POST", "/api/corrections?class=red", photo, **token)
        ask("GET", "/api/predict", **token)
        ask("GET", "/nothere", **token)
        ask("GET", "/healthz", Host="elsewhere.example.org")
        ended = site.end(signal.SIGINT)
    recorded("serve-refused", ask.text + plain(f"exit {ended.code}\n{ended.out}{ended.err}"), PROBABILITIES)


def test_corrections_are_kept_and_learnt_from(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    words = ("--corrections", "--samples", "others", "--title", "Which colour?", "--log", "off")
    with opened(call, "serve", "runs/cnn", "--port", "0", *words) as site:
        ask = Asking(site, plain)
        ask("POST", "/api/corrections?class=red", png("blue", 23))
        ask("POST", "/api/corrections?class=red", png("blue", 23))
        ask("POST", "/api/corrections?class=grey", png("blue", 24))
        page = ask("GET", "/", whole=False).decode()
        found = re.findall(r"<h1[^>]*>([^<]*)|(/samples/[\w.-]+)", page)
        ask.text += plain(f"{found}\n")
        site.end()
    ask.text += plain.files(call.place / "runs/cnn/corrections", ["*.csv", "*.jsonl"])
    later = call("train", "colours", *QUICK, "--from", "runs/cnn", "--name", "taught")
    counts = json.loads((call.place / "runs/taught/run.json").read_text())["data"]["counts"]
    said = plain(later.err.splitlines()[0]) + f"\nexit {later.code} {counts}\n"
    recorded("corrections", ask.text + said, PROBABILITIES)


@pytest.mark.parametrize("kit", ["docker", "ec2"])
def test_a_kit(trained_cnn, call, plain, recorded, kit):
    assert trained_cnn.code == 0
    words = ("--domain", "colours.example.org", "--bucket", "a-bucket", "--region", "eu-central-1")
    words = words if kit == "ec2" else ("--title", "Which colour?")
    called = call("deploy", "runs/cnn", "online", "--to", kit, *words)
    names = [file for file in (call.place / "online").rglob("*") if file.is_file() and is_text(file)]
    texts = [file.relative_to(call.place / "online").as_posix() for file in names]
    texts = [text for text in texts if "/static/" not in text and text not in ("serve.lock", "sbom.cdx.json")]
    again = call("deploy", "runs/cnn", "online", "--to", kit, *words)
    said = plain(called.text() + again.text())
    recorded(f"deploy-{kit}", said + plain.files(call.place / "online", texts))


def is_text(file: Path) -> bool:
    try:
        file.read_bytes().decode()
    except UnicodeDecodeError:
        return False
    return True


def test_a_kit_that_would_overwrite_and_one_without_its_runtime(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    calls = [
        call("deploy", "runs/cnn", "colours", "--to", "docker"),
        call("deploy", "runs/cnn", "page", "--to", "browser", "--ort-web", "empty"),
    ]
    recorded("deploy-refused", plain("\n".join(one.text() for one in calls)))


def test_a_browser_kit(trained_cnn, call, plain, recorded):
    runtime = Path(os.environ.get("WHATSIT_ORT_WEB", Path(__file__).parents[1]))
    if not (runtime / "node_modules" / "onnxruntime-web").is_dir() and not (runtime / "package").is_dir():
        pytest.skip("needs onnxruntime-web: `npm ci --prefix tests` brings it")
    assert trained_cnn.code == 0
    called = call("deploy", "runs/cnn", "page", "--to", "browser", "--ort-web", str(runtime))
    places = plain(called.text()).replace(str(runtime), "<runtime>")
    recorded("deploy-browser", places + plain.files(call.place / "page", ["*.html", "*.md", "kit.json"]))
