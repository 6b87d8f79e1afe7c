"""What lists show, derived from what is stored: sprite sheets and the tour."""
