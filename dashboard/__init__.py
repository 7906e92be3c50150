"""Skydeck: one self-service web dashboard for private clouds.

Nothing is imported here: manage.py and the supervisor use parts of this package
before, or without, anything that is not in the standard library.
"""
