"""From a config to the spec of a scene."""
