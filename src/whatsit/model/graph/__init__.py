"""ONNX graphs: written by hand, taken apart, and asked for what they compute on the way."""
