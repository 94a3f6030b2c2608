"""Looking at photos, cleaning, reviewing, packing, collecting, forgetting."""

from __future__ import annotations

import csv
import io
import json
import tarfile

import numpy as np
from PIL import Image

from referee.calls import opened

CONTACT = ("--contact", "referee@example.org")


def pictured(*files) -> str:
    """The size and kind of pictures that were drawn."""
    lines = []
    for file in files:
        with Image.open(file) as picture:
            lines.append(f"{file.name}: {picture.format} {picture.mode} {picture.width} × {picture.height}\n")
    return "".join(lines)


def test_info_of_every_form_of_data(call, plain, recorded):
    forms = ["colours", "faulty", "table.csv", "arrays.npz", "digits"]
    recorded("info-forms", plain("\n".join(one.text() for one in call.each(*(("info", form) for form in forms)))))


def test_info_as_json(call, plain, recorded):
    called = call("info", "faulty", "--json")
    recorded("info-json", plain(f"exit {called.code}\n{called.err}") + plain.json(json.loads(called.out)))


def test_info_draws(call, plain, recorded):
    shown = call("info", "arrays.npz", "--show", "0:2")
    calls = call.each(
        ("info", "colours", "--png", "sheet.png"),
        ("info", "colours", "--show", "3:7", "--png", "few.png"),
        ("info", "faulty", "--charts", "bars.png"),
        ("info", "faulty", "--resize-preview", "--size", "48", "--png", "sizes.png"),
        ("info", "faulty", "--resize-preview", "--size", "16"),
    )
    drawn = pictured(*(call.place / name for name in ("sheet.png", "few.png", "sizes.png")))
    with Image.open(call.place / "bars.png") as bars:
        assert bars.format == "PNG"
    recorded("info-drawn", plain("\n".join(one.text() for one in (shown, *calls))) + drawn)


def test_clean_and_take_back(call, plain, recorded):
    calls = [
        call("clean", "faulty"),
        call("clean", "faulty", "--accept", "near-duplicate", "--accept", "blank"),
        call("info", "faulty"),
        call("clean", "faulty", "--undo"),
        call("clean", "faulty", "--undo"),
        call("clean", "faulty", "--undo"),
        call("clean", "faulty"),
    ]
    files = sorted(file.name for file in (call.place / "faulty").iterdir())
    recorded("clean", plain("\n".join(one.text() for one in calls)) + f"{files}\n")


def test_findings_as_json(call, plain, recorded):
    called = call("clean", "faulty", "--json")
    findings = "".join(plain.json(json.loads(line)) for line in called.out.splitlines())
    recorded("clean-json", plain(f"exit {called.code}\n{called.err}") + findings)


def test_clean_deep_with_the_default_network_and_with_a_run(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    calls = [call("clean", "faulty", "--deep"), call("clean", "faulty", "--deep", "--network", "runs/cnn")]
    recorded("clean-deep", plain("\n".join(one.text() for one in calls)))


def test_faces_where_there_are_none(call, plain, recorded):
    calls = [call("clean", "plains", "--faces"), call("info", "plains"), call("clean", "plains", "--no-faces")]
    recorded("clean-faces", plain("\n".join(one.text() for one in calls)))


def test_review_decides_over_http_and_takes_back(call, plain, recorded):
    call("clean", "faulty")
    lines = []
    with opened(call, "review", "faulty") as site:
        refused = [site.ask("GET", "/"), site.ask("GET", "/api/queues")]
        lines += [f"without token: {status}\n{body.decode()[:300]}\n" for status, _, body in refused]
        site.enter()

        def asked(method, path, body=None):
            status, _, content = site.ask(method, path, body)
            lines.append(f"{method} {path} {status}\n" + plain.json(json.loads(content)))
            return json.loads(content)

        asked("GET", "/api/queues")
        asked("GET", "/api/queue/near-duplicate")
        asked("GET", "/api/facts?rows=0,1,2,3")
        asked("POST", "/api/decide", {"photos": [3], "decision": "leave-out", "label": ""})
        asked("POST", "/api/decide", {"photos": [4, 5], "decision": "relabel", "label": "red"})
        asked("POST", "/api/decide", {"photos": [6], "decision": "keep", "label": ""})
        asked("POST", "/api/decide", {"photos": [6], "decision": "perhaps", "label": ""})
        asked("POST", "/api/decide", {"photos": [6], "decision": "relabel", "label": "grey"})
        asked("POST", "/api/decide", ["nothing"])
        asked("POST", "/api/undo", {})
        asked("GET", "/api/changes?since=0")
        asked("GET", "/api/nothing")
        status, headers, page = site.ask("GET", "/")
        lines.append(f"GET / {status} {headers['content-type']} {headers['content-security-policy']}\n")
        lines.append(f"<title>{page.decode().partition('<title>')[2].partition('</title>')[0]}\n")
        status, headers, photo = site.ask("GET", "/photo/3?side=256")
        lines.append(f"GET /photo/3 {status} {headers['content-type']}\n")
        with Image.open(io.BytesIO(photo)) as picture:
            lines.append(f"{picture.width} × {picture.height}\n")
        ended = site.end()
    lines.append(plain(ended.text()))
    lines.append(plain(call("info", "faulty").text()))
    recorded("review", "".join(lines))


def test_pack_into_folders(call, plain, recorded):
    call("clean", "faulty")
    called = call("pack", "faulty", "--into", "packed", "--size", "32", "--per-class", "5")
    packed = call.place / "packed"
    listed = plain.files(packed, ["contents.csv"])
    card = json.loads((packed / "croissant.json").read_text())
    with Image.open(next(packed.rglob("train/*/*.png"))) as photo:
        size = f"{photo.mode} {photo.size}\n"
    again = call("pack", "faulty", "--into", "packed", "--size", "32")
    recorded("pack-folders", plain(called.text() + again.text()) + listed + f"{sorted(card)}\n{size}")


def test_pack_into_one_file(call, plain, recorded):
    called = call("pack", "colours", "--into", "packed", "--to", "npz", "--size", "24", "--resize", "pad")
    with np.load(call.place / "packed" / "data.npz") as data:
        arrays = "".join(f"{name}: {data[name].dtype.kind} {data[name].shape}\n" for name in sorted(data.files))
        arrays += f"{data['classes'].tolist()} {np.bincount(data['y_train'].ravel()).tolist()}\n"
        arrays += f"mean {data['x_train'].mean():.1f}\n"
    recorded("pack-npz", plain(called.text()) + arrays + plain.files(call.place / "packed", ["contents.csv"]))


def test_pack_into_shards(call, plain, recorded):
    words = ("--to", "shards", "--size", "16", "--val", "0.2", "--test", "0.2", "--seed", "3")
    called = call("pack", "colours", "--into", "packed", *words)
    parts = []
    for file in sorted((call.place / "packed").rglob("*.tar")):
        with tarfile.open(file) as archive:
            names = archive.getnames()
            parts.append(f"{file.name}: {len(names)} {names[:4]}\n")
    recorded("pack-shards", plain(called.text()) + "".join(parts) + plain.files(call.place / "packed"))


def collected(call, plain) -> str:
    """What lies in the folder afterwards, in the forms that are documented."""
    photos = call.place / "photos"
    rows = list(csv.reader(io.StringIO((photos / ".whatsit" / "addresses.csv").read_text())))
    attribution = (photos / "ATTRIBUTION.md").read_text()
    return plain.files(photos) + plain("\n".join(",".join(row) for row in rows) + "\n" + attribution)


def test_collect_from_a_folder_and_again(call, plain, recorded):
    words = ("collect", "photos", "blue", "green", "red", "--source", "folder:sources", *CONTACT)
    first, left = call(*words, "--per-class", "3"), collected(call, plain)
    (call.place / "photos" / "red" / "mine.bmp").write_bytes((call.place / "colours/red/00.bmp").read_bytes())
    again = call(*words)
    recorded("collect-folder", plain(first.text()) + left + plain(again.text()) + collected(call, plain))


def test_collect_as_json(call, plain, recorded):
    called = call("collect", "photos", "blue", "red", "--source", "folder:sources", "--json", *CONTACT)
    account = plain.json(json.loads(called.out), masked=("seconds",))
    recorded("collect-json", plain(f"exit {called.code}\n{called.err}") + account)


def test_collect_from_a_list_whose_addresses_lead_inside(call, plain, recorded):
    called = call("collect", "photos", "blue", "red", "--source", "urls:list.csv", *CONTACT)
    recorded("collect-list", plain(called.text()) + collected(call, plain))


def test_forget_and_collect_again(call, plain, recorded):
    words = ("collect", "photos", "blue", "red", "--source", "folder:sources", *CONTACT)
    call(*words)
    photo = sorted((call.place / "photos" / "red").iterdir())[0]
    named = f"red/{photo.name}"
    calls = [
        call("forget", "photos", "--photo", named),
        call("forget", "photos", "--photo", named),
        call("forget", "photos", "--creator", "Nobody"),
        call(*words),
    ]
    assert not photo.exists()
    recorded("forget", plain("\n".join(one.text() for one in calls)) + collected(call, plain))
