"""Models of the Hub: read from a folder as theirs are, and refused with a sentence where they are no good."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hubbing import Hub
from whatsit.data.downloading.consent import Declined, Download, asking
from whatsit.errors import UserError
from whatsit.model.backbones import hub as models
from whatsit.model.graph.session import Session
from whatsit.training.backbones.convert import find_wanted, load_body, make_graph
from whatsit.training.options import TransferOptions

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TOKENS = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 16,
}
STAGES = {"hidden_sizes": [8, 16, 24, 32], "depths": [1, 1, 1, 1]}
WINDOWS = {"embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2], "image_size": 32, "window_size": 4}
SMALL: dict[str, dict] = {
    "beit": TOKENS,
    "clip_vision_model": TOKENS,
    "convnext": STAGES,
    "convnextv2": STAGES,
    "deit": TOKENS,
    "dinov2": TOKENS,
    "dinov2_with_registers": TOKENS,
    "dinov3_convnext": STAGES,
    "dinov3_vit": TOKENS,
    "efficientnet": {"width_coefficient": 0.25, "depth_coefficient": 0.1, "hidden_dim": 320},
    "focalnet": {
        "embed_dim": 16,
        "depths": [1, 1],
        "hidden_sizes": [16, 32],
        "focal_levels": [1, 1],
        "focal_windows": [3, 3],
        "image_size": 32,
    },
    "mobilenet_v1": {"depth_multiplier": 0.25},
    "mobilenet_v2": {"depth_multiplier": 0.35},
    "mobilevit": {"hidden_sizes": [16, 24, 32], "neck_hidden_sizes": [8, 8, 16, 16, 24, 32, 64]},
    "pvt_v2": {**STAGES, "num_attention_heads": [1, 2, 2, 2]},
    "regnet": {**STAGES, "embedding_size": 8, "groups_width": 8},
    "resnet": {**STAGES, "embedding_size": 8, "layer_type": "basic"},
    "siglip_vision_model": TOKENS,
    "swiftformer": {"embed_dims": [8, 16, 24, 32], "depths": [1, 1, 1, 1]},
    "swin": WINDOWS,
    "swinv2": WINDOWS,
    "vit": TOKENS,
}
PREPARED = {"size": {"height": 32, "width": 32}, "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)


def made(folder: Path, kind: str = "resnet", licence: str = "apache-2.0") -> Path:
    """A folder with a small random model of a family."""
    model = getattr(transformers, models.FAMILIES[kind].model)
    torch.manual_seed(0)
    transformers.logging.disable_progress_bar()
    model(model.config_class(**SMALL[kind])).save_pretrained(folder)
    (folder / models.PREPROCESSOR).write_text(json.dumps(PREPARED))
    (folder / models.CARD).write_text(f"---\nlibrary_name: transformers\nlicense: {licence}\n---\n# A model\n")
    return folder


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[] if kind in ("resnet", "vit") else pytest.mark.slow) for kind in SMALL]
)
def test_the_graph_of_each_family_gives_what_torch_gives_for_any_batch(tmp_path, kind):
    backbone = find_wanted(TransferOptions(backbone=str(made(tmp_path / kind, kind))))
    assert backbone.size == (32, 32)
    session = Session(make_graph(backbone, backbone.size))
    (features,) = session.run(PIXELS, ("features",))
    mean, spread = (np.array(PREPARED[key], np.float32) * 255 for key in ("image_mean", "image_std"))
    photos = torch.from_numpy((PIXELS - mean) / spread).permute(0, 3, 1, 2)
    with torch.inference_mode():
        expected = load_body(backbone)(photos)[0].numpy()
    np.testing.assert_allclose(features, expected, atol=2e-5 * max(1.0, float(np.abs(expected).max())))
    np.testing.assert_allclose(session.run(PIXELS[:1], ("features",))[0], features[:1], atol=1e-5)


def test_every_family_that_is_taken_is_tested():
    assert set(SMALL) == set(models.FAMILIES) - {"clip", "siglip"}  # those two hold one of the others


def test_a_text_model_is_none():
    assert "bert" not in models.FAMILIES


def test_a_folder_of_a_text_model_is_refused(tmp_path):
    made(tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UserError, match="is of the family 'bert', which does not look at photos"):
        models.open_model(str(tmp_path / "m"))


def test_a_folder_without_config_is_refused(tmp_path):
    (made(tmp_path / "m") / "config.json").unlink()
    with pytest.raises(UserError, match=r"has no config\.json"):
        models.open_model(str(tmp_path / "m"))


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00\x01"])
def test_a_damaged_config_is_said_to_be(tmp_path, content):
    (made(tmp_path / "m") / "config.json").write_text(content)
    with pytest.raises(UserError, match="is damaged"):
        models.open_model(str(tmp_path / "m"))


def test_weights_that_are_pickled_are_not_opened(tmp_path):
    folder = made(tmp_path / "m")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"no weights we open: only \.safetensors"):
        models.open_model(str(folder))


def test_missing_and_misshapen_tensors_are_refused(tmp_path):
    from safetensors.torch import load_file, save_file

    folder = made(tmp_path / "m")
    tensors = load_file(folder / "model.safetensors")
    name = "embedder.embedder.convolution.weight"
    save_file({key: value for key, value in tensors.items() if key != name}, folder / "model.safetensors")
    backbone = find_wanted(TransferOptions(backbone=str(folder)))
    with pytest.raises(UserError, match=f"have no tensor '{name}'"):
        load_body(backbone)
    save_file(tensors | {name: torch.ones(8, 3, 5, 5)}, folder / "model.safetensors")
    with pytest.raises(UserError, match="cannot be built"):
        load_body(backbone)


def test_weights_cut_short_are_refused(tmp_path):
    folder = made(tmp_path / "m")
    os.truncate(folder / "model.safetensors", 1000)
    with pytest.raises(UserError, match="cannot be built"):
        load_body(find_wanted(TransferOptions(backbone=str(folder))))


def test_a_folder_never_runs_code_of_its_own(tmp_path):
    folder = made(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModel": "own.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    load_body(find_wanted(TransferOptions(backbone=str(folder))))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "other", "openrail"])
def test_a_licence_that_is_not_open_is_asked_about(tmp_path, licence):
    options = TransferOptions(backbone=str(made(tmp_path / "m", licence=licence)))
    with pytest.raises(UserError, match=f"is '{licence}': it may forbid") as caught:
        find_wanted(options)
    assert "--accept-licence" in caught.value.hint
    assert find_wanted(replace(options, accept_licence=True)).licence == licence


def test_a_model_without_a_card_has_an_unknown_licence(tmp_path):
    (made(tmp_path / "m") / models.CARD).unlink()
    assert models.open_model(str(tmp_path / "m")).licence == "unknown"


@pytest.mark.parametrize(
    ("prepared", "size"),
    [
        ({"size": 224}, (224, 224)),
        ({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}, (224, 224)),
        ({"size": {"height": 192, "width": 256}}, (192, 256)),
        ({"size": {"shortest_edge": 384}}, (384, 384)),
        ({}, (32, 32)),
    ],
)
def test_the_size_is_what_photos_are_cropped_or_resized_to(tmp_path, prepared, size):
    assert models._size(tmp_path, prepared, {"image_size": 32}) == size


def test_normalisation_is_of_pixels_up_to_255():
    mean, spread = models._normalisation({"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]})
    assert mean == spread == (127.5, 127.5, 127.5)
    assert models._normalisation({"do_normalize": False})[1] == (255, 255, 255)


@pytest.fixture
def serving(monkeypatch, tmp_path):
    """Start a Hub with these repositories, and leave the cache empty."""
    with contextlib.ExitStack() as running:

        def start(repositories: dict[str, dict[str, bytes]], licence: str = "apache-2.0") -> Hub:
            found = running.enter_context(Hub(repositories, licence=licence))
            monkeypatch.setenv("HF_ENDPOINT", found.address)
            monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
            monkeypatch.setenv("WHATSIT_CACHE", str(tmp_path / "cache"))
            monkeypatch.delenv("WHATSIT_DATA", raising=False)
            return found

        yield start


def test_a_model_is_fetched_by_its_name(serving, tmp_path):
    folder = made(tmp_path / "m", "vit")
    files = {file.name: file.read_bytes() for file in folder.iterdir()} | {"pytorch_model.bin": b"pickled"}
    server = serving({"models/some/vit": files})
    backbone = find_wanted(TransferOptions(backbone="some/vit"))
    assert backbone.licence == "apache-2.0"
    assert "pytorch_model.bin" not in server.sent
    assert load_body(backbone).kind == "first"


def test_the_default_weights_are_fetched_where_there_are_none(serving, weights):
    from safetensors.torch import save

    content = save(torch.load(weights, weights_only=True))
    serving({"models/timm/mobilenetv2_100.ra_in1k": {"model.safetensors": content}})
    assert find_wanted(TransferOptions(backbone="mobilenetv2")).place.read_bytes() == content


def test_an_unreachable_hub_is_a_sentence_with_the_file_to_bring(serving, told):
    serving({})
    with pytest.raises(UserError, match="The weights of mobilenetv2 are not on this machine") as caught:
        find_wanted(TransferOptions(backbone="mobilenetv2"))
    assert "mobilenetv2.safetensors" in caught.value.hint
    assert "There is no 'timm/mobilenetv2_100.ra_in1k'" in " ".join(told)
    with pytest.raises(UserError, match="There is no 'nobody/nothing'"):
        models.open_model("nobody/nothing")


def test_a_model_whose_licence_is_not_open_or_that_has_no_room_is_not_even_fetched(serving, monkeypatch):
    server = serving({"models/some/net": {"model.safetensors": b"0" * 100, "config.json": b"{}"}}, "cc-by-nc-4.0")
    options = TransferOptions(backbone="some/net")
    with pytest.raises(UserError, match=r"licence of some/net is 'cc-by-nc-4\.0'"):
        find_wanted(options)
    monkeypatch.setattr("whatsit.model.backbones.memory.measure_free_memory", lambda: 300)
    with pytest.raises(UserError, match="some/net is too large for this machine"):
        find_wanted(replace(options, accept_licence=True))
    assert server.sent == []


def test_a_network_on_this_machine_that_has_no_room_is_not_loaded(tmp_path, monkeypatch, weights):
    monkeypatch.setattr("whatsit.model.backbones.memory.measure_free_memory", lambda: 1_000)
    for place in (str(made(tmp_path / "m")), "mobilenetv2"):
        file = str(weights) if place == "mobilenetv2" else None
        with pytest.raises(UserError, match="is too large for this machine"):
            load_body(find_wanted(TransferOptions(backbone=place, weights=file)))


@pytest.mark.parametrize("name", ["mobilenetv2", "some/vit"])
def test_who_is_asked_and_does_not_agree_gets_nothing(serving, tmp_path, name):
    folder = made(tmp_path / "m", "vit")
    files = {file.name: file.read_bytes() for file in folder.iterdir()}
    server = serving(
        {"models/some/vit": files, "models/timm/mobilenetv2_100.ra_in1k": {"model.safetensors": b"0"}}
    )
    asked: list[Download] = []
    with asking(lambda download: bool(asked.append(download))), pytest.raises(Declined) as caught:
        find_wanted(TransferOptions(backbone=name))
    assert "Give --yes to fetch it. Without it: --backbone lite0" in caught.value.hint
    assert [one.licence for one in asked] == ["apache-2.0"]
    assert server.sent == []
