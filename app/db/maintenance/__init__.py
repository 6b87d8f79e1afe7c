"""What a maintainer does: backup, prune, hide, abandon."""
