"""What data is: photos with a class each, read from many formats, split honestly, decoded once."""
