"""A small Hugging Face Hub on loopback that takes uploads: repositories, files, and versions of them."""

from __future__ import annotations

import base64
import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from loopback import LoopbackServer

TOKEN = "hf_drawn"


class UploadHub(LoopbackServer):
    """What was put there: `owner/name` → {path: content}. Whoever owns `owner` has the token TOKEN."""

    def __init__(self, owner: str = "me") -> None:
        super().__init__()
        self.owner = owner
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.private: dict[str, bool] = {}
        self._large: dict[str, bytes] = {}

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path).strip("/")
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if path.startswith("store/"):
            self._large[path.removeprefix("store/")] = body
            return _reply(request, 200, {})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _reply(request, 401, {"error": "Invalid username or password."})
        if path == "api/validate-yaml":  # the head of a card
            return _reply(request, 200, {"errors": [], "warnings": []})
        if path == "api/repos/create":
            return self._create(request, json.loads(body))
        name = "/".join(path.removeprefix("api/models/").split("/")[:2]).removesuffix(".git")
        if name not in self.repositories:
            return _reply(request, 404, {"error": "Repository not found"}, "RepoNotFound")
        if "/preupload/" in path:
            files = [_mode_of(file["path"]) for file in json.loads(body)["files"]]
            return _reply(request, 200, {"files": files})
        if path.endswith("/info/lfs/objects/batch"):
            return self._batch(request, json.loads(body)["objects"])
        if "/commit/" in path:
            self.repositories[name] = self.repositories[name] | dict(map(self._file_of, _changes(body)))
            url = f"{self.address}/{name}/commit/{'c0ffee' + '0' * 34}"
            return _reply(request, 200, {"commitOid": "c0ffee" + "0" * 34, "commitUrl": url})
        return _reply(request, 200, {"id": name, "sha": "c0ffee" + "0" * 34, "siblings": [], "tags": []})

    def _create(self, request: BaseHTTPRequestHandler, wanted: dict[str, Any]) -> None:
        owner = wanted.get("organization") or self.owner
        name = f"{owner}/{wanted['name']}"
        if owner != self.owner:
            return _reply(request, 403, {"error": "You don't have the rights to create a model there"})
        is_new = name not in self.repositories
        if is_new:
            self.repositories[name] = {}
            self.private[name] = bool(wanted.get("private")) or wanted.get("visibility") == "private"
        return _reply(request, 200 if is_new else 409, {"url": f"{self.address}/{name}", "error": "exists"})

    def _batch(self, request: BaseHTTPRequestHandler, objects: list[dict[str, Any]]) -> None:
        answers = [
            {**one, "actions": {"upload": {"href": f"{self.address}/store/{one['oid']}"}}} for one in objects
        ]
        return _reply(request, 200, {"transfer": "basic", "objects": answers})

    def _file_of(self, change: dict[str, Any]) -> tuple[str, bytes]:
        value = change["value"]
        content = self._large[value["oid"]] if change["key"] == "lfsFile" else base64.b64decode(value["content"])
        return value["path"], content


def _mode_of(path: str) -> dict[str, Any]:
    return {"path": path, "uploadMode": "lfs" if path.endswith(".onnx") else "regular", "shouldIgnore": False}


def _changes(body: bytes) -> list[dict[str, Any]]:
    return [change for change in map(json.loads, body.splitlines()) if change["key"] in ("file", "lfsFile")]


def _reply(request: BaseHTTPRequestHandler, status: int, content: Any, code: str = "") -> None:
    body = json.dumps(content).encode()
    request.send_response(status)
    request.send_header("Content-Type", "application/json")
    request.send_header("Content-Length", str(len(body)))
    if code:
        request.send_header("X-Error-Code", code)
    request.end_headers()
    request.wfile.write(body)
