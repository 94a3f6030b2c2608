"""Who learns and who is asked: photos that belong together, dealt to parts and folds without ever being parted."""
