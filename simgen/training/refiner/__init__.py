"""A network that makes synthetic images look real, and a check that it moves nothing in them. Needs
torch, except for `edges`."""
