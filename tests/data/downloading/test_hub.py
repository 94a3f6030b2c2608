"""Data sets of the Hugging Face Hub, from one on loopback."""

from __future__ import annotations

import contextlib
import io
import json

import pytest

from drawing import drawn, put
from hubbing import Hub
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.image import encode_jpeg, encode_png
from whatsit.packing.packing import PackOptions, pack

pytest.importorskip("huggingface_hub")


@pytest.fixture
def serving(monkeypatch, tmp_path):
    """Start a Hub with these repositories."""
    running = []

    def start(repositories: dict[str, dict[str, bytes]], **options: str) -> Hub:
        hub = Hub(repositories, **options).__enter__()
        running.append(hub)
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
        monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
        return hub

    yield start
    for hub in running:
        hub.__exit__(None, None, None)


def photo(seed: int) -> bytes:
    return encode_png(drawn(seed=seed))


def folders() -> dict[str, bytes]:
    return {
        "README.md": b"---\nlicense: cc-by-4.0\n---\n",
        **{
            f"data/{part}/{name}/{n}.png": photo(n + 10 * (name == "cat") + 100 * (part == "test"))
            for part in ("train", "test")
            for name in ("cat", "dog")
            for n in range(3)
        },
    }


def table(rows: list[tuple[bytes, int]], names: list[str] | None = None, told: bool = True) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {
        "image": [{"bytes": content, "path": f"{row}.jpg"} for row, (content, _label) in enumerate(rows)],
        "label": [label for _content, label in rows],
    }
    found = pyarrow.table(columns)
    if told:
        features = {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": names}}
        found = found.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    out = io.BytesIO()
    parquet.write_table(found, out)
    return out.getvalue()


def test_folders_of_photos_are_read_with_their_parts_and_origin(serving):
    serving({"datasets/some/pets": folders()})
    dataset = read("hf:some/pets")
    assert dataset.name == "pets"
    assert dataset.classes == ("cat", "dog")
    assert sorted(set(dataset.parts.tolist())) == ["test", "train"]
    assert len(dataset) == 12
    assert dataset.origin.licence == "cc-by-4.0"
    assert dataset.origin.address == "https://huggingface.co/datasets/some/pets"


def test_what_is_here_is_not_fetched_again(serving):
    hub = serving({"datasets/some/pets": folders()})
    read("hf:some/pets")
    count = len(hub.sent)
    read("hf:some/pets")
    assert len(hub.sent) == count == 12


def test_class_folders_without_parts_are_read(serving):
    files = {f"{name}/{n}.png": photo(n + 9 * (name == "dog")) for name in ("cat", "dog") for n in range(2)}
    serving({"datasets/some/pets": files})
    assert read("hf:some/pets").classes == ("cat", "dog")


def test_parquet_files_are_unpacked_with_the_names_of_their_classes(serving):
    rows = [(encode_jpeg(drawn(seed=n)), n % 2) for n in range(6)]
    serving(
        {
            "datasets/some/pets": {
                "data/train-00000-of-00001.parquet": table(rows[:4], ["a cat", "a/dog"]),
                "data/test-00000-of-00001.parquet": table(rows[4:], ["a cat", "a/dog"]),
            }
        }
    )
    dataset = read("hf:some/pets")
    assert dataset.classes == ("a cat", "a/dog")
    assert dataset.parts.tolist().count("train") == 4
    contents = {bytes(dataset.photos.read(row)) for row in range(len(dataset))}
    assert contents == {content for content, _label in rows}


def test_photos_without_an_answer_are_left_out(serving):
    rows = [(encode_jpeg(drawn(seed=n)), n % 2 if n < 4 else -1) for n in range(6)]
    serving({"datasets/some/pets": {"train.parquet": table(rows, ["cat", "dog"])}})
    for _ in range(2):  # and from the cache
        dataset = read("hf:some/pets")
        assert len(dataset) + len(dataset.skipped) == 6
        assert [one.name for one in dataset.skipped] == ["train.parquet, row 5", "train.parquet, row 6"]
        assert {one.reason for one in dataset.skipped} == {"no class in its row"}


def test_photos_that_illustrate_a_page_are_not_the_data_set(serving):
    rows = [(encode_jpeg(drawn(seed=n)), n % 2) for n in range(4)]
    serving({"datasets/some/pets": {"train.parquet": table(rows, ["cat", "dog"]), "assets/a.png": photo(1)}})
    assert read("hf:some/pets").classes == ("cat", "dog")


@pytest.mark.parametrize("where", ["", "data/", "data/train/"])
def test_a_table_beside_the_photos_gives_their_classes(serving, where):
    described = b"file_name,label\na.png,cat\nb.png,dog\nc.png,cat\n"
    files = {f"{where}{name}.png": photo(n) for n, name in enumerate("abcd")}
    serving({"datasets/some/pets": files | {f"{where}metadata.csv": described}})
    dataset = read("hf:some/pets")
    assert [dataset.classes[label] for label in dataset.labels] == ["cat", "dog", "cat"]
    assert [one.reason for one in dataset.skipped] == ["not named in metadata.csv"]


def test_columns_are_guessed_where_nobody_told_them(serving):
    rows = [(encode_jpeg(drawn(seed=n)), n % 2) for n in range(4)]
    serving({"datasets/some/pets": {"train.parquet": table(rows, told=False)}})
    assert read("hf:some/pets").classes == ("0", "1")


def test_a_data_set_without_photos_is_said_to_be(serving):
    serving({"datasets/some/text": {"train.txt": b"words"}})
    with pytest.raises(UserError, match="holds neither folders of photos nor Parquet files"):
        read("hf:some/text")


def test_a_table_without_photos_names_its_columns(serving):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": ["a"], "score": [1]}), out)
    serving({"datasets/some/text": {"train.parquet": out.getvalue()}})
    with pytest.raises(UserError, match="its columns: text, score"):
        read("hf:some/text")


def test_a_damaged_table_leaves_nothing_half_unpacked(serving, tmp_path):
    rows = [(encode_jpeg(drawn(seed=n)), n % 2) for n in range(4)]
    whole = table(rows, ["cat", "dog"])
    serving({"datasets/some/pets": {"train.parquet": whole[: len(whole) // 2]}})
    with pytest.raises(UserError, match="is damaged"):
        read("hf:some/pets")
    unpacked = tmp_path / "cache" / "data" / "hub"
    assert not [place for place in unpacked.iterdir() if place.is_dir() and place.suffix != ".part"]


def test_nothing_by_that_name_is_a_sentence(serving):
    serving({})
    with pytest.raises(UserError, match="There is no 'some/pets' on the Hugging Face Hub"):
        read("hf:some/pets")


def test_an_unreachable_hub_is_a_sentence(serving, monkeypatch):
    serving({})
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="could not be reached"):
        read("hf:some/pets")


@pytest.mark.parametrize("name", ["hf:pets", "hf:", "hf:a/b/c", "hf:../x/y", "hf:a b/c"])
def test_other_names_are_refused_without_asking_anybody(name):
    with pytest.raises(UserError, match="no data set of the Hub"):
        read(name)


def test_no_path_in_a_repository_leads_out_of_the_cache(serving, tmp_path):
    serving(
        {
            "datasets/some/evil": {
                "../../../out/cat/1.png": photo(1),
                "train/cat/1.png": photo(2),
                "train/dog/1.png": photo(3),
            }
        }
    )
    with contextlib.suppress(UserError):  # refused or left out, but never followed
        read("hf:some/evil")
    assert not list(tmp_path.rglob("out"))


def test_without_a_connection_what_was_fetched_is_read_again(serving, monkeypatch):
    serving({"datasets/some/pets": folders()})
    first = read("hf:some/pets")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert list(read("hf:some/pets").photos.names) == list(first.photos.names)


FAULTS = {
    "signs in": "Something else than the Hugging Face Hub answers",
    "leads away": "Something else than the Hugging Face Hub answers",
    "is silent": "The Hugging Face Hub did not answer in time",
    "breaks off": "The connection to the Hugging Face Hub broke off before 'some/pets' was whole",
    "is busy": r"could not be reached for 'some/pets' \(it answered 503\)",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("all_fail", [False, True], ids=["files", "everything"])
def test_a_hub_that_answers_badly_is_one_sentence_and_asked_again_gives_the_rest(
    serving, monkeypatch, capfd, fault, all_fail
):
    monkeypatch.setattr("whatsit.data.downloading.hub.PATIENCE_S", 0.5)
    monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)  # between its tries
    hub = serving({"datasets/some/pets": {f"{name}/1.png": photo(1) for name in ("cat", "dog")}})
    hub.fault, hub.all_fail = fault, all_fail
    with pytest.raises(UserError, match=FAULTS[fault]) as caught:
        read("hf:some/pets")
    assert "\n" not in caught.value.sentence
    assert caught.value.hint
    assert capfd.readouterr() == ("", "")
    hub.fault = ""
    assert len(read("hf:some/pets")) == 2


def test_a_pack_on_the_hub_keeps_its_classes_parts_and_groups(serving, tmp_path):
    lines = ["path,label,group"]
    for row in range(16):
        put(tmp_path / f"{row}.png", seed=row)
        lines.append(f"{row}.png,{'cat' if row % 2 else 'dog'},plant {row // 4}{row % 2}")
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    pack(tmp_path / "labels.csv", tmp_path / "packed", PackOptions(size=32))
    packed = {
        file.relative_to(tmp_path / "packed").as_posix(): file.read_bytes()
        for file in (tmp_path / "packed").rglob("*")
        if file.is_file()
    }
    serving({"datasets/some/plants": packed})
    here, there = read(tmp_path / "packed"), read("hf:some/plants")
    assert there.grouped_by == "group"
    assert list(there.photos.names) == list(here.photos.names)
    for one, other in ((here.labels, there.labels), (here.parts, there.parts), (here.groups, there.groups)):
        assert list(one) == list(other)
    assert len(set(there.groups.tolist())) == 8
