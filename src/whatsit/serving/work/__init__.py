"""What answers: the models, the threads they run on, and the limits that all requests share."""
