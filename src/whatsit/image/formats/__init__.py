"""What Pillow reads wrongly, or not at all."""
