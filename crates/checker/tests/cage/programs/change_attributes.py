"""Changes the mode, the times, the owner and an attribute of a file, but not what is in it."""

import os
from hostile import attempt, targets

(path,) = targets()
attempt(os.utime, path, (1, 1))
attempt(os.setxattr, path, "user.hostile", b"hostile")
attempt(os.chmod, path, 0o777)
attempt(os.chown, path, -1, os.getgid())
