"""What `simgen adapt` learns of real images without a network: `learning` reads and counts."""
