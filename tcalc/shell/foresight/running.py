"""The interpreter runs one program at a time: whoever runs one, the shell or a probe in a thread, holds this."""

from __future__ import annotations

import threading

running_programs = threading.RLock()
