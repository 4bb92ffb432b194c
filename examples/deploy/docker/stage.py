"""A stage of a Dockerfile: a root, and how programs run in it."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Stage:
    root: Path
    # What its root is made of, the uppermost first, if another stage may begin with it.
    layers: tuple = ()
    place: str = "/"
    user: str = "0:0"
    environment: dict = field(default_factory=dict)
    health: list = field(default_factory=list)
    command: list = field(default_factory=list)

    def overlaid(self, root):
        """A stage that begins as this one is now."""
        changes, work = (root.with_name(f"{root.name}.{name}") for name in ("changes", "work"))
        for directory in (root, changes, work):
            directory.mkdir()
        lower = ":".join(map(str, self.layers))
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={changes},workdir={work}", root)
        return Stage(root, (changes, *self.layers), self.place)

    def inside(self, path):
        return self.root / str(Path(self.place) / path).lstrip("/")

    def run(self, command):
        if self.start(["sh", "-c", f"cd {self.place} && {command}"]).wait() != 0:
            sys.exit(f"failed: {command}")

    def said(self, argv):
        """Runs a program to its end. Returns what it said and how it ended."""
        program = self.start(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        said, _ = program.communicate()
        return subprocess.CompletedProcess(argv, program.returncode, said)

    def start(self, argv, **options):
        """Starts a program as this stage's user, which has no capabilities if it isn't root."""
        inside = ["chroot", f"--userspec={self.user}", self.root, *argv]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", **self.environment}
        return subprocess.Popen(inside, env=environment, stdin=subprocess.DEVNULL, **options)


def run(*argv, cwd=None):
    argv = list(map(str, argv))
    if subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit(f"failed: {' '.join(argv)}")
