"""Skydeck: one self-service web dashboard for private clouds.

Empty on purpose: `manage.py` imports from here before anything is installed.
"""
