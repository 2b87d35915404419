"""System calls that Python has no functions for."""

import ctypes
import os

LIBC = ctypes.CDLL(None, use_errno=True)


def call(name, *arguments):
    """Calls this function of libc. An error becomes an exception."""
    function = getattr(LIBC, name)
    function.restype = ctypes.c_long
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result = function(*words)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
