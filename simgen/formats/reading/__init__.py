"""Bounded readers of untrusted files; defects become findings or an `InputError`."""
