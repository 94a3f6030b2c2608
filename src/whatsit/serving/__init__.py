"""A model as a page and an API: strong enough for the internet, safe on a laptop."""
