"""Watches what others do in a folder."""

from hostile import attempt, targets
from system_calls import call

ALL_EVENTS = 0xFFF


def watch(folder):
    call("inotify_add_watch", call("inotify_init"), folder.encode(), ALL_EVENTS)
    return "watches others"


(folder,) = targets()
attempt(watch, folder)
