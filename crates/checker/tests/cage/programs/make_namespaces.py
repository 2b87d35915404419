"""Becomes root in namespaces of its own."""

from hostile import attempt
from system_calls import call

NEW_USER, NEW_MOUNTS, NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000


def become_root():
    call("unshare", NEW_USER | NEW_MOUNTS | NEW_NETWORK)
    return "has namespaces of its own"


attempt(become_root)
