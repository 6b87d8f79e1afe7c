"""What is worked out from a network and images beyond pictures and examples."""
