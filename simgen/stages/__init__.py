"""Stages: what stands around the objects of a scene."""
