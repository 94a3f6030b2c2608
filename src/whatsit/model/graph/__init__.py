"""ONNX graphs: written by hand, taken apart, run, and asked for what they compute on the way."""
