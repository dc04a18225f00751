"""The methods of `simgen adapt` that need no network, fitted to real images in `learning`."""
