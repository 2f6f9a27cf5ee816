"""Registers itself when imported, under the registry's lock."""

import registry

NAME = "plugin"

with registry.lock:  # expect: deadlock
    registry.plugins.append(NAME)
