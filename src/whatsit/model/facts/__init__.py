"""What our files say of themselves, as records: the model file, the run, its figures."""
