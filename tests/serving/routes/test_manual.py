"""The API's own manual, for people and for programs."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from models import colours, tiny_run
from serving import Site, photo, running
from whatsit.model.golden import draw_golden


def test_its_lines_name_this_server_and_a_class_of_its_model(site: Site) -> None:
    text = site.get("/api").body.decode()
    assert f"curl --data-binary @photo.jpg {site.address}/api/predict" in text
    assert "/api/why?class=blue" in text
    for what_is_off in ("TOKEN", "/api/corrections", "https://example.org", "?model="):
        assert what_is_off not in text


def test_what_is_enabled_is_in_it(tmp_path: Path) -> None:
    token = "correct-horse-battery"
    runs = [tiny_run(tmp_path / name).run.folder for name in ("cats", "dogs")]
    with running(*runs, token=token, corrections=True, addresses=True) as site:
        reply = site.get("/api", authorization=f"Bearer {token}")
        listed = site.get("/api/openapi.json", authorization=f"Bearer {token}").json
    text = reply.body.decode()
    assert token not in text
    for line in ("Authorization: Bearer TOKEN", "/api/corrections", "https://example.org", "?model=dogs"):
        assert line in text
    assert listed["security"] == [{"token": []}]
    names = listed["paths"]["/api/predict"]["post"]["parameters"][0]["schema"]
    assert names == {"enum": ["cats", "dogs"]}
    classes = listed["paths"]["/api/why"]["post"]["parameters"][1]["schema"]
    assert classes == {"type": "string"}  # each model has its own


def test_the_document_for_programs_names_the_classes(site: Site) -> None:
    reply = site.get("/api/openapi.json")
    classes = reply.json["paths"]["/api/why"]["post"]["parameters"][1]["schema"]
    assert classes == {"enum": ["blue", "green", "red"]}
    assert "security" not in reply.json


@pytest.mark.parametrize("label", ['"><script>', "a b", "猫"])
def test_a_class_of_any_name_is_text_in_it(tmp_path: Path, label: str) -> None:
    run = tiny_run(tmp_path / "run", colours(names=(label, "zebra", "zoo"))).run.folder
    with running(run) as site:
        reply = site.get("/api")
    assert reply.status == 200
    assert b"<script>" not in reply.body


def test_the_sample_is_what_the_api_answers_for_its_picture(site: Site) -> None:
    (sample,) = re.findall(r'landscape">(\{.*?\})</pre>', site.get("/api").body.decode(), re.DOTALL)
    written = json.loads(html.unescape(sample))
    _, picture = draw_golden()[0]
    answered = site.post("/api/predict", picture).json
    assert list(written) == list(answered)
    assert written["probabilities"] == pytest.approx(answered["probabilities"], abs=2e-3)
    assert (written["label"], written["known"]) == (answered["label"], answered["known"])


def test_the_python_lines_run_as_they_stand(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"<pre[^>]*>(.*?)</pre>", site.get("/api").body.decode(), re.DOTALL)
    (script,) = [html.unescape(block) for block in blocks if block.startswith("import json")]
    (tmp_path / "photo.jpg").write_bytes(photo())
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "manual", "exec"), {})
    assert capsys.readouterr().out.startswith("red 0.")
