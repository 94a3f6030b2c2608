"""The clean set as files for training elsewhere: split, at one size, balanced with augmented copies."""
