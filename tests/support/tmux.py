# SPDX-License-Identifier: Apache-2.0
"""A real terminal for tests: a shell in tmux, on a server of its own."""
import os
import shutil
import subprocess
import sys
import time

# Under valgrind and on busy machines everything takes longer; a test that passes never waits for so long.
PATIENCE_S = 30


def need_tmux():
    if not shutil.which("tmux"):
        print("SKIP: tmux is not installed, so nothing was shown on a real terminal")
        sys.exit(77)


class Terminal:
    def __init__(self, folder, environment, width=80, height=24):
        self.name = f"leastwise-test-{os.getpid()}-{id(self)}"
        # Shells set PS1 themselves, but for what this file says.
        rc = os.path.join(folder, "shellrc")
        with open(rc, "w", encoding="utf-8") as file:
            file.write("PS1='ready$ '\n")
        # The leak checker stops its process to look at it, and waits for ever when the terminal goes in that moment; what the
        # screen is made of is looked at for leaks in unit tests.
        env = {"ASAN_OPTIONS": "abort_on_error=1:detect_leaks=0", "ENV": rc, "PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": folder, **environment}
        self.env = env
        subprocess.run(
            ["tmux", "-u", "-L", self.name, "-f", "/dev/null", "new-session", "-d", "-x", str(width), "-y", str(height), "exec sh"],
            env=env, check=True, stdin=subprocess.DEVNULL,
        )
        self.wait_for("ready$")

    def tmux(self, *arguments):
        result = subprocess.run(["tmux", "-u", "-L", self.name, *arguments], env=self.env, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        return result.stdout

    def keys(self, *keys):
        """tmux's names of keys: "Enter", "Up", "Escape", "C-c"; letters as they are."""
        self.tmux("send-keys", *keys)

    def type(self, text):
        self.tmux("send-keys", "-l", text)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def screen(self):
        return self.tmux("capture-pane", "-p")

    def ask(self, what):
        return self.tmux("display-message", "-p", "#{" + what + "}").strip()

    def resize(self, width, height):
        self.tmux("resize-window", "-x", str(width), "-y", str(height))

    def wait_for(self, text, gone=False):
        return self.wait_until(lambda screen: (text in screen) != gone, f"{'no ' if gone else ''}{text!r}")

    def wait_until(self, condition, what):
        """The screen when it is so and stands still: tmux can be asked while it is still drawing."""
        deadline = time.monotonic() + PATIENCE_S
        before = None
        while True:
            screen = self.screen()
            if screen == before and condition(screen):
                return screen
            before = screen
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {what}; the screen is:\n{screen}")
            time.sleep(0.05)

    def stop(self):
        subprocess.run(["tmux", "-L", self.name, "kill-server"], env=self.env, check=False, capture_output=True, stdin=subprocess.DEVNULL)
