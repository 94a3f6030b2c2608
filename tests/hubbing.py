"""A small Hugging Face Hub on loopback: what its client asks for, and nothing else."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Literal
from urllib.parse import unquote, urlsplit

from loopback import LoopbackServer

VERSION = "c0ffee" + "0" * 34


Fault = Literal["", "signs in", "leads away", "is silent", "breaks off", "is busy"]
SIGN_IN = b"<html><body>Welcome to this network. Please sign in.</body></html>"


class Hub(LoopbackServer):
    """Repositories by kind and name: `datasets/owner/name` → {path: content}.

    fault: what goes wrong with files, and where `all_fail` with whatever is asked for
    """

    def __init__(self, repositories: dict[str, dict[str, bytes]], licence: str = "cc-by-4.0") -> None:
        super().__init__()
        self.repositories = repositories
        self.licence = licence
        self.sent: list[str] = []
        self.fault: Fault = ""
        self.all_fail = False
        self.over = threading.Event()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        super().__exit__(kind, error, trace)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path).strip("/")
        if self.fault and (self.all_fail or not path.startswith("api/")) and self._fail(request, path):
            return None
        for name, files in self.repositories.items():
            page = name.removeprefix("models/")
            if path.startswith(f"api/{name}"):
                return self._told(request, name, files, path.removeprefix(f"api/{name}").strip("/"))
            if path.startswith(f"{page}/resolve/"):
                file = path.removeprefix(f"{page}/resolve/").partition("/")[2]
                if file in files:
                    return self._sent(request, file, files[file])
        request.send_response(404)
        request.send_header("X-Error-Code", "RepoNotFound" if path.startswith("api/") else "EntryNotFound")
        request.send_header("Content-Length", "0")
        request.end_headers()
        return None

    def _fail(self, request: BaseHTTPRequestHandler, path: str) -> bool:
        """Whether a request came to nothing."""
        if self.fault == "is silent":
            return self.over.wait() and request.command == "GET"
        if self.fault == "breaks off" and (request.command == "HEAD" or path.startswith("api/")):
            return False
        if self.fault == "leads away" and path != "sign-in":
            request.send_response(302)
            request.send_header("Location", f"{self.address}/sign-in")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return True
        length = 2 * len(SIGN_IN) if self.fault == "breaks off" else len(SIGN_IN)
        request.send_response(503 if self.fault == "is busy" else 200)
        request.send_header("Content-Type", "text/html")
        request.send_header("Content-Length", str(length))
        request.end_headers()
        if request.command == "GET":
            request.wfile.write(SIGN_IN)
        request.close_connection = True
        return True

    def _told(self, request: BaseHTTPRequestHandler, name: str, files: dict[str, bytes], rest: str) -> None:
        entries = [
            {"type": "file", "path": file, "size": len(content), "oid": _oid(content)}
            for file, content in files.items()
        ]
        info = {
            "id": name.partition("/")[2],
            "sha": VERSION,
            "siblings": [{"rfilename": file, "size": len(content)} for file, content in files.items()],
            "cardData": {"license": self.licence},
            "tags": [],
        }
        content = json.dumps(entries if rest.startswith("tree/") else info).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _sent(self, request: BaseHTTPRequestHandler, file: str, content: bytes) -> None:
        request.send_response(200)
        request.send_header("ETag", f'"{_oid(content)}"')
        request.send_header("X-Repo-Commit", VERSION)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if request.command == "GET":
            self.sent.append(file)
            request.wfile.write(content)


def _oid(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()
