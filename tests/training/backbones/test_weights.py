"""Weights files: every published form gives the same network, and a bad one gives a sentence."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from whatsit.errors import UserError
from whatsit.model.backbones.chain import IMAGENET, PLUS_MINUS_ONE

torch = pytest.importorskip("torch")
from whatsit.training.backbones import (  # noqa: E402
    mobilenetv2,
    vgg16,
    weights,
)
from whatsit.training.backbones.weights import fill, read_tensors  # noqa: E402


def saved(folder: Path, tensors: dict, name: str = "weights.pth") -> Path:
    torch.save(tensors, folder / name)
    return folder / name


def small_net():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))


def test_a_state_dict_is_read_flat_nested_or_from_several_devices(tmp_path):
    tensors = small_net().state_dict()
    flat = read_tensors(saved(tmp_path, tensors))
    nested = read_tensors(
        saved(tmp_path, {"state_dict": {f"module.{k}": v for k, v in tensors.items()}, "epoch": 3})
    )
    assert flat.keys() == nested.keys() == tensors.keys()


def test_safetensors_are_read(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "weights.safetensors")
    assert read_tensors(tmp_path / "weights.safetensors")["a"].dtype == torch.float32


class Bomb:
    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


def test_a_file_that_would_run_a_program_is_left_alone(tmp_path):
    mark = tmp_path / "ran"
    file = saved(tmp_path, {"weight": Bomb(mark)})
    with pytest.raises(UserError, match="holds more than numbers"):
        read_tensors(file)
    (tmp_path / "old.pth").write_bytes(pickle.dumps({"weight": Bomb(mark)}))
    with pytest.raises(UserError, match=r"weights file|more than numbers"):
        read_tensors(tmp_path / "old.pth")
    assert not mark.exists()


def test_a_file_that_unpacks_to_far_more_is_not_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "MOST_BYTES", 5_000_000)
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(6_000_000))
    assert (tmp_path / "bomb.pth").stat().st_size < 10_000
    with pytest.raises(UserError, match="would unpack to"):
        read_tensors(tmp_path / "bomb.pth")


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors", "weights.h5"])
def test_a_file_that_was_cut_short_is_said_to_be(tmp_path, name):
    file = tmp_path / name
    if name.endswith("pth"):
        saved(tmp_path, small_net().state_dict())
    elif name.endswith("h5"):
        keras_file(file, {"conv": {"kernel:0": np.ones((3, 3, 3, 4), np.float32)}})
    else:
        from safetensors.torch import save_file

        save_file(small_net().state_dict(), file)
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(UserError, match="damaged or was cut short"):
        read_tensors(file)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400), suffix=st.sampled_from([".pth", ".safetensors", ".h5"]))
def test_any_bytes_give_a_sentence(tmp_path, content, suffix):
    file = tmp_path / f"any{suffix}"
    file.write_bytes(content)
    with pytest.raises(UserError):
        read_tensors(file)


def test_a_table_of_other_things_and_other_suffixes_are_refused(tmp_path):
    with pytest.raises(UserError, match="no table of named tensors"):
        read_tensors(saved(tmp_path, {"epoch": 3}))
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UserError, match="no weights file we read"):
        read_tensors(tmp_path / "notes.txt")


def test_a_missing_and_a_misshapen_tensor_are_named(tmp_path):
    tensors = dict(small_net().state_dict())
    wide = tensors | {"0.weight": torch.ones(4, 3, 5, 5)}
    with pytest.raises(UserError, match=r"'0\.weight' is 4 × 3 × 5 × 5 there, and the network has 4 × 3 × 3 × 3"):
        fill(small_net(), wide, tmp_path / "w.pth")
    del tensors["1.running_mean"]
    with pytest.raises(UserError, match=r"it has no tensor '1\.running_mean'"):
        fill(small_net(), tensors, tmp_path / "w.pth")


def keras_file(file: Path, layers: dict[str, dict[str, np.ndarray]]) -> Path:
    """A file as Keras wrote them: /LAYER/LAYER/NAME:0."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(file, "w") as content:
        for layer, tensors in layers.items():
            group = content.create_group(f"{layer}/{layer}")
            for name, value in tensors.items():
                group.create_dataset(name, data=value)
    return file


def as_keras(layer, convolution, norm) -> dict[str, dict[str, np.ndarray]]:
    """One of our layers as Keras keeps it: kernels (h, w, in, out), or (h, w, channels, 1) channel by channel."""
    kernel = convolution.weight.detach().numpy()
    is_depthwise = convolution.groups > 1
    name = "depthwise_kernel:0" if is_depthwise else "kernel:0"
    turned = kernel.transpose(2, 3, 0, 1) if is_depthwise else kernel.transpose(2, 3, 1, 0)
    names = mobilenetv2._keras(layer)
    parts = {"gamma:0": norm.weight, "beta:0": norm.bias}
    parts |= {"moving_mean:0": norm.running_mean, "moving_variance:0": norm.running_var}
    return {names[0]: {name: turned}, names[1]: {key: value.detach().numpy() for key, value in parts.items()}}


@pytest.fixture(scope="module")
def mobile():
    """MobileNet V2 with every number its own."""
    torch.manual_seed(0)
    net = mobilenetv2.MobileNetV2()
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            value.copy_(torch.rand(value.shape) + 0.5 if "running_var" in name else torch.randn(value.shape) / 8)
    return net.eval()


@pytest.mark.parametrize("scheme", [mobilenetv2._timm, mobilenetv2._li])
def test_other_names_of_the_same_weights_give_the_same_network(mobile, scheme, tmp_path):
    back = {ours: theirs for theirs, ours in mobilenetv2._renamings(scheme)}
    tensors = {back[name]: value for name, value in mobile.state_dict().items()} | {
        "classifier.weight": torch.ones(2)
    }
    net, normalisation = mobilenetv2.load(tensors, tmp_path / "model.safetensors")
    photo = torch.randn(1, 3, 64, 64)
    assert torch.equal(net.eval()(photo), mobile(photo))
    assert normalisation == IMAGENET


def test_the_names_are_those_of_the_published_files():
    names = {
        scheme: [pair for layer in mobilenetv2._layers() for pair in scheme(layer)]
        for scheme in mobilenetv2.SCHEMES
    }
    assert all(len(set(found)) == 2 * 52 for found in names.values())
    timm = names[mobilenetv2._timm]
    assert timm[:6] == [
        "conv_stem",
        "bn1",
        "blocks.0.0.conv_dw",
        "blocks.0.0.bn1",
        "blocks.0.0.conv_pw",
        "blocks.0.0.bn2",
    ]
    assert timm[6:8] == ["blocks.1.0.conv_pw", "blocks.1.0.bn1"]
    assert timm[-4:] == ["blocks.6.0.conv_pwl", "blocks.6.0.bn3", "conv_head", "bn2"]
    keras = names[mobilenetv2._keras]
    assert keras[:4] == ["Conv1", "bn_Conv1", "expanded_conv_depthwise", "expanded_conv_depthwise_BN"]
    assert keras[-4:] == ["block_16_project", "block_16_project_BN", "Conv_1", "Conv_1_bn"]
    assert names[mobilenetv2._li][-4:] == ["features.17.conv.6", "features.17.conv.7", "conv.0", "conv.1"]


def test_weights_of_keras_want_the_padding_of_tensorflow(mobile, tmp_path):
    layers: dict = {}
    for layer in mobilenetv2._layers():
        convolution, norm = (mobile.get_submodule(name) for name in mobilenetv2._torchvision(layer))
        layers |= as_keras(layer, convolution, norm)
    file = keras_file(tmp_path / "notop.h5", layers)
    net, normalisation = mobilenetv2.load(read_tensors(file), file)
    expected = mobilenetv2.MobileNetV2("tensorflow", epsilon=1e-3)
    expected.load_state_dict(mobile.state_dict())
    photo = torch.randn(1, 3, 64, 64)
    assert torch.equal(net.eval()(photo), expected.eval()(photo))
    assert normalisation == PLUS_MINUS_ONE


def test_padding_to_the_right_and_below_is_what_tensorflow_calls_same():
    torch.manual_seed(0)
    ours = mobilenetv2.MobileNetV2("tensorflow", epsilon=1e-3).features[0].eval()
    photo = torch.randn(1, 3, 8, 8)
    by_hand = torch.nn.functional.conv2d(torch.nn.functional.pad(photo, (0, 1, 0, 1)), ours[0].weight, stride=2)
    assert ours(photo).shape == (1, 32, 4, 4)
    torch.testing.assert_close(ours(photo), ours[2](ours[1](by_hand)))


def test_vgg16_has_the_published_shape():
    net = vgg16.VGG16()
    assert sum(value.numel() for value in net.parameters()) == 14_714_688
    assert list(net.state_dict())[-2:] == ["features.28.weight", "features.28.bias"]
    assert net.eval()(torch.zeros(1, 3, 64, 64)).shape == (1, 512, 2, 2)


def test_vgg16_of_keras_sees_blue_first(tmp_path):
    torch.manual_seed(0)
    net = vgg16.VGG16().eval()
    convolutions = [layer for layer in net.features if isinstance(layer, torch.nn.Conv2d)]
    names = [f"block{b}_conv{c}" for b, block in enumerate(vgg16.BLOCKS, 1) for c in range(1, len(block) + 1)]
    layers = {
        name: {
            f"{name}_W_1:0": layer.weight.detach().numpy().transpose(2, 3, 1, 0),
            f"{name}_b_1:0": layer.bias.detach().numpy(),
        }
        for name, layer in zip(names, convolutions, strict=True)
    }
    file = keras_file(tmp_path / "vgg16_notop.h5", layers)
    found, normalisation = vgg16.load(read_tensors(file), file)
    photo = torch.randn(1, 3, 64, 64)
    torch.testing.assert_close(found.eval()(photo.flip(1)), net(photo))
    assert normalisation == vgg16.CAFFE


@pytest.mark.parametrize("by", ["name", "top"])
def test_vgg16_without_a_trained_top_wants_the_normalisation_of_caffe_in_torchvisions_order(tmp_path, by):
    tensors = dict(vgg16.VGG16().state_dict())
    _net, usual = vgg16.load(tensors | {"classifier.0.weight": torch.ones(2, 2)}, tmp_path / "vgg16-397923af.pth")
    assert usual == IMAGENET
    if by == "top":
        tensors["classifier.0.weight"] = torch.full((2, 2), torch.nan)
    file = tmp_path / ("vgg16_features-amdegroot-88682ab5.pth" if by == "name" else "renamed.pth")
    found, normalisation = vgg16.load(tensors, file)
    assert normalisation == vgg16.FEATURES
    np.testing.assert_allclose(normalisation.mean, vgg16.CAFFE.mean, atol=1)
    assert torch.equal(found.features[0].weight, tensors["features.0.weight"])  # red stays first


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_no_numbers_are_refused_where_the_network_uses_them(tmp_path, value):
    tensors = dict(small_net().state_dict())
    fill(small_net(), tensors | {"top.weight": torch.tensor([value])}, tmp_path / "w.pth")
    tensors["0.bias"] = torch.tensor([0.0, value, 0.0, 0.0])
    with pytest.raises(UserError, match=r"'0\.bias' holds values that are no numbers"):
        fill(small_net(), tensors, tmp_path / "w.pth")
