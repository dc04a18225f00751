"""From a scene's spec to arrays."""
