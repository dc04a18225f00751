"""Folders of models as they are published: BOP, Google Scanned Objects, YCB, ShapeNet and others.

Each module describes one layout: how to recognize it, and the class, unit, axes, symmetries,
licence and source of each of its models. `registry` lists the layouts.
"""
