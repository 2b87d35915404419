"""Starts threads."""

import threading
import time

MOST, SECONDS = 200, 1
END = time.time() + SECONDS

print("starts", flush=True)
threading.stack_size(64 * 1024)
for _ in range(MOST):
    threading.Thread(target=lambda: time.sleep(max(0, END - time.time())), daemon=True).start()
time.sleep(max(0, END - time.time()))
