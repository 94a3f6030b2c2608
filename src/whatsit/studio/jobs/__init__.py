"""Trainings that go on by themselves: asked for on the page, done in processes of their own, told by events."""
