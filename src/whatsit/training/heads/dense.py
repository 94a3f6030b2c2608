"""The dense top of the textbooks: a hidden layer with a ReLU, dropout, and a softmax, trained with Adam."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from whatsit.training.heads.head import Dense, Linear
from whatsit.training.heads.kinds import HeadKind, Learning, measure_scaling
from whatsit.training.loss import LOSSES

UNITS = 256
EPOCHS, BATCH, RATE, DROPOUT = 30, 64, 1e-3, 0.5


def fit_dense(learning: Learning, units: Sequence[float]) -> Iterator[Dense]:
    """A head for each number of hidden units; the same features give the same head."""
    import torch
    from torch import nn

    mean, spread = measure_scaling(learning.features)
    features = torch.from_numpy(((learning.features - mean) / spread).astype(np.float32))
    labels = torch.from_numpy(learning.labels)
    measure_loss = LOSSES[learning.target.name].mean
    weights = None if learning.weights is None else torch.from_numpy(learning.weights)
    for count in units:
        torch.manual_seed(0)
        hidden, last = nn.Linear(features.shape[1], int(count)), nn.Linear(int(count), learning.classes)
        net = nn.Sequential(hidden, nn.ReLU(), nn.Dropout(DROPOUT), last)
        optimiser = torch.optim.Adam(net.parameters(), RATE)
        for _ in range(EPOCHS):
            order = torch.randperm(len(labels))
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                optimiser.zero_grad()
                loss = measure_loss(net(features[rows]), labels[rows], weights, 0.0)
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        first = hidden.weight.detach().double().numpy() / spread  # of features as they come
        bias = hidden.bias.detach().double().numpy() - first @ mean
        yield Dense(
            Linear(first.T.astype(np.float32), bias.astype(np.float32)),
            Linear(last.weight.detach().numpy().T.copy(), last.bias.detach().numpy().copy()),
        )


DENSE = HeadKind("dense", "units", (float(UNITS),), fit_dense)
