"""A small Hugging Face Hub on loopback: what its client asks for, and nothing else."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit

VERSION = "c0ffee" + "0" * 34


class Hub:
    """Repositories by kind and name: `datasets/owner/name` → {path: content}."""

    def __init__(self, repositories: dict[str, dict[str, bytes]], licence: str = "cc-by-4.0") -> None:
        self.repositories = repositories
        self.licence = licence
        self.sent: list[str] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def do_HEAD(self) -> None:
                hub.answer(self)

            def log_message(self, *_words: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path).strip("/")
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
