"""The plain data that flows through simgen, and its random streams."""
