"""Starts threads that live until it ends."""

import threading
import time

MOST, SECONDS = 200, 1

print("starts", flush=True)
threading.stack_size(64 * 1024)
for _ in range(MOST):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
time.sleep(SECONDS)
