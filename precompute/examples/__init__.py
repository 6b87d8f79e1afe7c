"""Dataset examples: what in a set of images excites every unit most."""
