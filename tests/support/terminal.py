"""Runs a command in a pseudo-terminal and types into it: terminal.py '[["text to wait for", "keys"], ...]' command...

Prints what the terminal was sent, and ends with the command's exit code, or 99 when a text did not come.
"""
import json, os, pty, select, sys, time

steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

seen = b""


def read_until(text, seconds):
    """Whether the text came; None waits for the end."""
    global seen
    start, until = len(seen), time.time() + seconds
    while time.time() < until:
        if text is not None and text.encode() in seen:
            return True
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            return text is None
        seen += data
    return False


complete = True
for text, keys in steps:
    complete = complete and read_until(text, 30)
    if complete:
        time.sleep(0.1)
        os.write(terminal, keys.encode())
complete = complete and read_until(None, 30)
sys.stdout.write(seen.decode("utf8", "replace"))
sys.stdout.flush()
if not complete:
    os.kill(pid, 9)
status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status) if complete else 99)
