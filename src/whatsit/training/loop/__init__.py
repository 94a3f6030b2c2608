"""The training loop of networks, and what it is made of."""
