"""Data sets that come as arrays: CIFAR's batches, MNIST's idx files, NumPy's archives, drawn digits."""
