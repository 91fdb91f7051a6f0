"""Running a command as a whole: how long it takes on the clock, and the most memory that it holds.

`python bench/process.py TIMEOUT COMMAND...` runs one and says so as JSON. It imports next to nothing: a process inherits the peak of the
one that started it, so what measures must be small.
"""

import json
import os
import signal
import sys
import time


def run(timeout: float, command: list[str]) -> dict[str, float | int | str]:
    """Run a command in a session of its own: its exit code, seconds, peak memory in bytes, and what it said, its errors too."""
    reading, writing = os.pipe()
    start = time.perf_counter()
    process = os.posix_spawnp(
        command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_DUP2, writing, 2)], setsid=True
    )
    os.close(writing)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, timeout)
    try:
        with open(reading, encoding="utf-8", errors="replace") as pipe:
            said = pipe.read()
        _, status, usage = os.wait4(process, 0)
    except BaseException:  # such as Ctrl-C, which does not reach another session
        os.killpg(process, signal.SIGKILL)
        raise
    seconds = time.perf_counter() - start
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"code": os.waitstatus_to_exitcode(status), "seconds": seconds, "peak": peak, "said": said}


if __name__ == "__main__":
    print(json.dumps(run(float(sys.argv[1]), sys.argv[2:])))
