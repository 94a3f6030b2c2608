"""What a model is: one `model.onnx` that needs nothing beside it, and how it is asked."""
