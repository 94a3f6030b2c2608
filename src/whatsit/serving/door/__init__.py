"""What stands between a socket and a request: the connection, who may ask, the body, and every no."""
