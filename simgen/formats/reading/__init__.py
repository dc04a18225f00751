"""Bounded readers of untrusted files.

What is wrong with one becomes a finding or an `InputError`.
"""
