"""The torch side of pretrained networks: their layers, their weights, their conversion to a graph."""
