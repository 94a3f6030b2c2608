"""The addresses, one file an area: each reads a request, has the work done, and words the answer."""
