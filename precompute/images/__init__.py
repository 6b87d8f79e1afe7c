"""Sets of images: found, read, and viewed as the network sees them."""
