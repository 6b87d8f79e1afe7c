"""A small InceptionV1 whose truth is known: its weights, and the script that trained them."""
