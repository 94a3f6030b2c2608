"""The review page: a person looks at photos and decides, by keyboard, mouse or touch."""
