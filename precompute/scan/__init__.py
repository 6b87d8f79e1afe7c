"""One pass over a data set: what in it excites every unit most."""
