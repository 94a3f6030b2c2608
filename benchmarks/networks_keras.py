"""The Keras rows of networks.py: net simple layer by layer, for an interpreter that has keras and a backend.

    KERAS_BACKEND=jax python benchmarks/networks_keras.py PHOTOS.npz DEPTH WIDTH DENSE DROPOUT EPOCHS BATCH

PHOTOS holds x_train, y_train, x_val, y_val, x_test and y_test. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras import layers

WIDEST = 256


def network(shape, classes, depth, width, dense, dropout, photos):
    """The layers of whatsit's net simple, with its initial weights and its normalisation."""
    normalise = layers.Normalization(axis=-1)
    normalise.adapt(photos[:5000].astype("float32"))
    built = [keras.Input(shape), normalise]
    side = shape[0]
    for block in range(depth):
        filters = min(WIDEST, width * 2**block)
        for _ in range(2):
            convolution = layers.Conv2D(
                filters, 3, padding="same", activation="relu", kernel_initializer="he_uniform"
            )
            built.append(convolution)
        built += [layers.MaxPooling2D(2), layers.Dropout(dropout)]
        side //= 2
    built += [layers.AveragePooling2D(2), layers.Flatten()]
    built.append(layers.Dense(dense, activation="relu", kernel_initializer="he_uniform"))
    built += [layers.Dropout(min(0.5, 2 * dropout)), layers.Dense(classes, activation="softmax")]
    return keras.Sequential(built)


class Clock(keras.callbacks.Callback):
    """The seconds of each epoch, without its validation."""

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_epoch_begin(self, *_, **__):
        self.began = time.perf_counter()

    def on_train_batch_end(self, *_, **__):
        self.ended = time.perf_counter()

    def on_epoch_end(self, *_, **__):
        self.seconds.append(self.ended - self.began)


def main(file, depth, width, dense, dropout, epochs, batch):
    """Train as the write-up does, on the same photos in the same parts, and print figures."""
    keras.utils.set_random_seed(0)
    photos = np.load(file)
    began = time.perf_counter()
    shape, classes = photos["x_train"].shape[1:], int(photos["y_train"].max()) + 1
    net = network(shape, classes, int(depth), int(width), int(dense), float(dropout), photos["x_train"])
    net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = Clock()
    history = net.fit(
        photos["x_train"],
        photos["y_train"],
        batch_size=int(batch),
        epochs=int(epochs),
        validation_data=(photos["x_val"], photos["y_val"]),
        callbacks=[clock],
        verbose=0,
    )
    seconds = time.perf_counter() - began
    _, accuracy = net.evaluate(photos["x_test"], photos["y_test"], verbose=0)
    found = {
        "backend": keras.backend.backend(),
        "parameters": net.count_params(),
        "photos_a_second": len(photos["x_train"]) / min(clock.seconds),
        "seconds": seconds,
        "val_accuracy": [round(value, 4) for value in history.history["val_accuracy"]],
        "test_accuracy": round(accuracy, 4),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
