"""What is done to items on their way from a source to a format."""
