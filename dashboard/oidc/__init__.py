"""Signing in with an OpenID Connect provider.

provider.py   the provider that the settings name; what its tokens have to be
accounts.py   whose account it is: linked before, or the same verified address, or a new one
groups.py     what its groups are here
views.py      to the provider, and back
"""
