"""What the pages of one person answer to a refusal."""

from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path

import pytest
from starlette.requests import Request

from whatsit.errors import DiskFull, UserError
from whatsit.files import explain_disk_errors
from whatsit.web.own import HANDLERS

ASKED = {"type": "http", "method": "POST", "path": "/", "headers": []}


@pytest.mark.parametrize(("kind", "status"), [(UserError, 400), (DiskFull, 507)])
def test_a_script_tells_a_full_disk_by_its_status_whatever_the_language(
    kind: type[UserError], status: int
) -> None:
    reply = asyncio.run(HANDLERS[UserError](Request(ASKED), kind("No.", hint="Ask.")))
    assert (reply.status_code, json.loads(reply.body)) == (status, {"error": "No.", "hint": "Ask."})


@pytest.mark.parametrize(("number", "is_full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False)])
def test_only_a_disk_that_takes_no_more_is_full(number: int, is_full: bool, tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused, explain_disk_errors(tmp_path):
        raise OSError(number, "no")
    assert isinstance(refused.value, DiskFull) is is_full
