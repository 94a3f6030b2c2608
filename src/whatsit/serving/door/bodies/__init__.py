"""From the bytes of a request to what is asked: forms, JSON, tensors, and photos as they are."""
