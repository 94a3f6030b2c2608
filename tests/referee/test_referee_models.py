"""Training, measuring, comparing, asking; from the command line and from Python."""

from __future__ import annotations

import json
import re
import signal

import onnx

from referee.calls import QUICK, TINY
from referee.recordings import columns, shape

MEASURED = 0.03  # how far apart two machines may train the same tiny network
EPOCH = re.compile(r"^(epoch +\d+/\d+) .*$", re.MULTILINE)
UNSURE = ("seconds", "model_bytes", "log_loss", "ece", "ece_by_chance", "brier", "summary", "machine", "command")


def losses(text: str) -> str:
    """Without the figures of each epoch, which last digits of arithmetic move."""
    return EPOCH.sub(r"\1 <figures>", text)


def tries(text: str) -> str:
    """Without what the search among classical models tried and chose, which last digits of arithmetic move."""
    text = re.sub(r"(?m)^[a-z+]+ +(logistic|svm-linear|svm-rbf|forest) .*$", "<tried>", text)
    return re.sub(r"(?m)^(With mirror images|Training (logistic|svm-linear|svm-rbf|forest)) .*$", "<chosen>", text)


def model_of(file) -> str:
    """What any program sees of a model.onnx: inputs, outputs, and the keys of what it says of itself."""
    model = onnx.load(file)

    def shaped(values):
        for value in values:
            kind = value.type.tensor_type
            sides = [side.dim_param or side.dim_value for side in kind.shape.dim]
            yield f"{value.name}: {onnx.TensorProto.DataType.Name(kind.elem_type)} {sides}\n"

    keys = sorted(entry.key for entry in model.metadata_props)
    opsets = [f"{one.domain} {one.version}" for one in model.opset_import]
    return "".join(shaped(model.graph.input)) + "".join(shaped(model.graph.output)) + f"{keys}\n{opsets}\n"


def run_of(folder, plain) -> str:
    """What a run's files say."""
    info = json.loads((folder / "run.json").read_text())
    page = (folder / "report.html").read_text()
    headings = [
        re.sub(r"<[^>]+>|\s+", " ", one).strip() for one in re.findall(r"<h[1-3][^>]*>.*?</h[1-3]>", page, re.S)
    ]
    elsewhere = sorted(set(re.findall(r'(?:src|href)="(https?:[^"]+)"', page)))
    parts = [
        plain.files(folder, ["split.csv"]),
        f"--- run.json\n{plain.json(info, masked=UNSURE)}",
        f"--- model.onnx\n{model_of(folder / 'model.onnx')}",
        f"--- predictions.csv\n{columns((folder / 'predictions.csv').read_text())}",
        f"--- history.csv\n{columns((folder / 'history.csv').read_text())}",
        "--- report.html\n" + plain("\n".join(headings)) + "\n",
        f"addresses in it: {elsewhere}\n",
    ]
    return "".join(parts)


def test_train_a_network_from_nothing(trained_cnn, call, plain, recorded):
    recorded("train-cnn", losses(plain(trained_cnn.text())) + run_of(call.place / "runs/cnn", plain), MEASURED)


def test_train_the_classical_way(trained_classical, call, plain, recorded):
    said = tries(plain(trained_classical.text()))
    recorded("train-classical", said + run_of(call.place / "runs/classical", plain), MEASURED)


def test_train_again_under_the_same_name(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    same = call("train", "colours", *TINY, "--name", "cnn")
    other = call("train", "others", *TINY, "--name", "cnn")
    recorded("train-again", plain(same.text() + other.text()))


def test_train_from_a_finished_run(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    called = call("train", "others", *TINY, "--from", "runs/cnn", "--name", "later")
    info = json.loads((call.place / "runs/later/run.json").read_text())
    listed = plain.files(call.place / "runs/later")
    came = plain.json({key: info[key] for key in ("from", "source", "classes", "recipe", "data", "split")})
    recorded("train-from", losses(plain(called.text())) + listed + came, MEASURED)


def test_train_follows_what_cleaning_left_out(call, plain, recorded):
    call("clean", "faulty", "--accept", "blank")
    called = call("train", "faulty", *QUICK)
    info = json.loads((call.place / "runs/faulty-classical/run.json").read_text())
    said = re.sub(r"(?m)^! .*$", "! …", tries(plain(called.err)))
    kept = {key: info["data"][key] for key in ("counts", "skipped", "cleaned")}
    recorded("train-cleaned", said + plain.json(kept | {"split": info["split"]}))


def test_ctrl_c_ends_with_130_and_keeps_what_there_is(call, plain, recorded):
    words = [word if word != "40" else "5000" for word in TINY]
    process = call.popen("train", "colours", *words, "--name", "stopped")
    try:
        for line in process.stderr:
            if line.startswith("epoch   20/"):
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    said = "".join(f"{line}\n" for line in plain(err).splitlines() if not line.startswith("epoch"))
    names = sorted(file.name for file in (call.place / "runs/stopped").iterdir() if file.name != ".lock")
    recorded("ctrl-c", f"exit {process.returncode}\n{out}{said}{names}\n")


def test_evaluate(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    own = call("evaluate", "runs/cnn")
    others = call("evaluate", "runs/cnn", "--data", "others")
    strange = call("evaluate", "runs/cnn", "--outliers", "stripes")
    as_json = call("evaluate", "runs/cnn", "--data", "others", "--json")
    figures = json.loads(as_json.out)
    listed = plain.files(call.place / "runs/cnn")
    said = plain("\n".join(one.text() for one in (own, others, strange)))
    said = re.sub(r"(energy|are) +\d.*", r"\1 <figures>", said)
    info = json.loads((call.place / "runs/cnn/run.json").read_text())
    kept = plain.json(shape(info["elsewhere"])) + plain.json(figures, masked=UNSURE)
    recorded("evaluate", said + listed + kept + as_json.err, MEASURED)


def test_compare(trained_cnn, trained_classical, call, plain, recorded):
    assert trained_cnn.code == trained_classical.code == 0
    both = ("compare", "runs/cnn", "runs/classical")
    table, page = call.each(both, (*both, "--html", "both.html"))
    as_json, alone = call.each((*both, "--json"), ("compare", "runs/cnn"))
    said = re.sub(r"\d+\.\d %   \d+(\.\d+)? (s|min)\b", "<ece> <time>", plain(table.text()))
    html = (call.place / "both.html").read_text()
    headings = re.findall(r"<h[1-3][^>]*>(.*?)</h[1-3]>", html, re.S)
    recorded(
        "compare",
        said
        + plain(page.err + alone.text())
        + f"{headings}\n"
        + plain.json(json.loads(as_json.out), masked=UNSURE),
        MEASURED,
    )


def test_predict(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    photo = "colours/blue/00.bmp"
    calls = [
        *call.each(
            ("predict", "runs/cnn", photo),
            ("predict", "runs/cnn/model.onnx", photo, "stripes/0.bmp", "faulty/blue/broken.bmp"),
            ("predict", "runs/cnn", "names.txt", "others/red"),
            ("predict", "runs/cnn", photo, "faulty/blue/cut.bmp", "--csv"),
            ("predict", "runs/cnn", "faulty/blue/broken.bmp"),
            ("predict", "runs/cnn", "http://127.0.0.1:9/photo.jpg"),
            ("predict", "runs/cnn", "nothere.jpg"),
        ),
        call("predict", "runs/cnn", "-", stdin=(call.place / photo).read_bytes()),
        call("predict", "runs/cnn", "-", stdin=b"colours/red/00.bmp\ncolours/red/01.bmp\n"),
    ]
    recorded("predict", plain("\n".join(one.text() for one in calls)), MEASURED)


def test_predict_as_json(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    called = call("predict", "runs/cnn", "others", "faulty/blue/broken.bmp", "--json")
    answers = "".join(plain.json(json.loads(line)) for line in called.out.splitlines())
    recorded("predict-json", plain(f"exit {called.code}\n{called.err}") + answers, MEASURED)


def test_predict_into_files(trained_cnn, call, plain, recorded):
    assert trained_cnn.code == 0
    calls = call.each(
        ("predict", "runs/cnn", "others", "--to", "answers.csv"),
        ("predict", "runs/cnn", "others", "--to", "answers.jsonl"),
        ("predict", "runs/cnn", "others", "--to", "answers.xls"),
        ("predict", "runs/cnn", "colours/blue/00.bmp", "colours/red/00.bmp", "--explain", "why"),
    )
    lines = (call.place / "answers.jsonl").read_text().splitlines()
    said = plain("\n".join(one.text() for one in calls))
    table = (call.place / "answers.csv").read_text()
    recorded("predict-files", said + table + f"{len(lines)} lines\n" + plain.files(call.place / "why"), MEASURED)


def test_make_from_words_to_a_run(call, plain, recorded):
    words = ("--source", "folder:sources", "--contact", "referee@example.org", "--no-serve")
    called = call("make", "photos", "blue", "green", "red", *words)
    info = json.loads((call.place / "runs/photos/run.json").read_text()) if called.code == 0 else {}
    listed = plain.files(call.place / "runs/photos") if info else ""
    said = re.sub(r"\d+(\.\d+)? %|\d+\.\d+", "<n>", tries(plain(called.text())))
    recorded("make", said + listed + f"{info.get('classes')}\n")


def test_demo(call, plain, recorded):
    called = call("demo")
    said = losses(plain(called.text()))
    said = re.sub(r"[█▓▒░▏▎▍▌▋▊▉]", "#", said)
    said = re.sub(r"(?m)^[# ]+$", "<drawn>", said)
    said = re.sub(r"(?m)^\d +#* *(< )?\d+(\.\d)? %$", "<bar>", said)
    said = re.sub(r"[+−-]?\d+(\.\d+)? (%|points)|[+−]\d+\.\d+|\d+\.\d+|batches of \d+", "<n>", said)
    said = re.sub(r"cannot be told apart.*|.* is better than .*", "<compared>", said)
    said = re.sub(r"nearest: \d", "nearest: <class>", said)
    recorded(
        "demo",
        said + "".join(plain.files(call.place / "runs" / name) for name in ("demo-plain", "demo-augmented")),
    )


LIBRARY = """
import whatsit
from dataclasses import replace
from pathlib import Path
data = whatsit.read("colours")
print(data.name, list(data.classes), len(data.photos.names), type(data).__name__)
options = whatsit.TrainOptions(recipe="classical", size=16)
quick = replace(options.classical, features="colour", models="logistic", search_folds=2)
options = replace(options, classical=quick)
run = whatsit.train("colours", options, name="library", runs=Path("runs"))
print(type(run).__name__, run.folder.as_posix(), sorted(file.name for file in run.folder.iterdir()))
model = whatsit.load(run.folder)
answer = model.predict("colours/blue/00.bmp")
print(type(answer).__name__, answer.label, answer.known, answer.could_be, answer.sentence().split(",")[0])
print(answer.probability > 0.5, abs(sum(answer.probabilities.values()) - 1) < 1e-5)
print(answer.name, repr(answer.reason))
for answer in model.stream(["colours/red/00.bmp", "faulty/blue/broken.bmp"]):
    print(answer.name, answer.label, answer.reason)
print(model.classes, whatsit.open_run(run.folder).folder == run.folder)
for wrong in (lambda: whatsit.load("nothere"), lambda: whatsit.read("nothere"), lambda: whatsit.train("empty")):
    try:
        wrong()
    except whatsit.UserError as error:
        print("UserError:", error, "|", error.hint)
public = "Answer Classifier Run TrainOptions UserError __version__ load open_run read train"
print([name for name in public.split() if not hasattr(whatsit, name) or name not in whatsit.__all__])
"""


def test_the_library(call, plain, recorded):
    called = call.python(LIBRARY)
    recorded("library", tries(plain(called.text())))
