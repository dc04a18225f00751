"""A network that makes synthetic images look like real ones, and the check that nothing in them has
moved. Needs torch, but for `edges`."""
