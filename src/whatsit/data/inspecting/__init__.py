"""What a data set is, before anybody trains on it and after it was changed."""
