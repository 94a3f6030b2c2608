"""The Keras row of transfer.py: a frozen MobileNet V2 with a dense top, as the write-ups have it.

    python benchmarks/transfer_keras.py DATA   (DATA holds cats-vs-dogs/ and weights/)

The published weights are read from their torch file, layer by layer. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import torch
from keras import layers

SIDE, BATCH, EPOCHS = 224, 32, 10


def frozen(file):
    """MobileNet V2 without its top, with the weights of a torch file in the order of the layers."""
    net = keras.applications.MobileNetV2(
        input_shape=(SIDE, SIDE, 3), include_top=False, weights=None, pooling="avg"
    )
    tensors = iter(
        (name, value.numpy())
        for name, value in torch.load(file, weights_only=True).items()
        if not name.startswith("classifier") and not name.endswith("num_batches_tracked")
    )
    for layer in net.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            layer.set_weights([next(tensors)[1].transpose(2, 3, 0, 1)])
        elif isinstance(layer, layers.Conv2D):
            layer.set_weights([next(tensors)[1].transpose(2, 3, 1, 0)])
        elif isinstance(layer, layers.BatchNormalization):
            layer.epsilon = 1e-5  # as the weights were trained with
            layer.set_weights([next(tensors)[1] for _ in range(4)])
    assert next(tensors, None) is None
    net.trainable = False
    return net


def main(data):
    """Decode, train the top for EPOCHS, measure, and print seconds and accuracy."""
    keras.utils.set_random_seed(0)
    began = time.perf_counter()
    parts = {
        part: keras.utils.image_dataset_from_directory(
            Path(data) / "cats-vs-dogs" / part,
            image_size=(SIDE, SIDE),
            batch_size=BATCH,
            label_mode="binary",
            verbose=False,
        )
        for part in ("train", "test")
    }
    net = keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Rescaling(1 / 127.5, offset=-1),
            frozen(next((Path(data) / "weights").glob("mobilenet_v2*.pth"))),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    net.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    net.fit(parts["train"], epochs=EPOCHS, verbose=0)
    _, accuracy = net.evaluate(parts["test"], verbose=0)
    found = {"seconds": round(time.perf_counter() - began, 1), "test_accuracy": round(accuracy, 4)}
    print(json.dumps({"backend": keras.backend.backend(), "epochs": EPOCHS, **found}))


if __name__ == "__main__":
    main(*sys.argv[1:])
