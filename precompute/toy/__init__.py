"""A small InceptionV1 whose truth is known: its weights, and the script that trained them."""

from pathlib import Path

WEIGHTS = Path(__file__).with_name("toy.safetensors")
