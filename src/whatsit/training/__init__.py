"""Data to model: recipes, nets, augmentation, the training loop. The only place that knows torch."""
