"""Several processes that train one network, as `torchrun` starts them. Alone, nothing here does anything."""
