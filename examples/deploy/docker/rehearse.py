"""Goes through the Dockerfile beside it where there is no Docker: python3 examples/deploy/docker/rehearse.py PROGRAM

Each stage gets a root of its own, in which its steps run. `cargo build` isn't run: PROGRAM is taken for what it builds.
In place of the two images from elsewhere there are

- for `rust`: this system, as an overlay that is thrown away;
- for `distroless/cc`: the Debian packages that it is made of, and nothing else.

At the end the image's command and its health check run as they would in a container: with the user and the environment
that the Dockerfile names, without capabilities, without a network but its own loopback. It needs root and Debian.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from stage import Stage, run

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
# What distroless/cc-debian12 is made of.
PACKAGES = ["base-files", "netbase", "tzdata", "libc6", "libgcc-s1", "libstdc++6", "libgomp1", "libssl3"]
ARCHIVES = ROOT / "target" / "distroless"
HEALTHY_WITHIN = 10.0  # seconds


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve(strict=True)
    if "REHEARSAL" not in os.environ:
        ARCHIVES.mkdir(parents=True, exist_ok=True)
        if not list(ARCHIVES.glob("*.deb")):
            run("apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", *PACKAGES, cwd=ARCHIVES)
        # In namespaces of its own: mounts and processes end with it.
        alone = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", sys.executable, *sys.argv]
        sys.exit(subprocess.run(alone, env={**os.environ, "REHEARSAL": "1"}, check=False).returncode)
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as directory:
        run("mount", "-t", "tmpfs", "tmpfs", directory)
        try:
            run("ip", "link", "set", "lo", "up")
            serve(image(Path(directory), program))
        finally:
            run("umount", "--recursive", "--lazy", directory)
    print("the image is as it should be")


def image(directory, program):
    """Runs the steps of all stages that the last one needs. Returns the last one."""
    arguments, stages, stage = {}, {}, None
    for word, rest in steps():
        rest = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], rest)
        if word == "ARG":
            arguments.update([rest.split("=", 1)])
        elif word == "FROM":
            before, _, name = rest.partition(" AS ")
            # Docker doesn't make a stage that no other needs: here, the build that isn't asked for.
            needed = name not in ("ordinary", "profiled") or name == arguments["BUILD"]
            stage = begun(directory / (name or "image"), stages.get(before)) if needed else None
            stages[name] = stage
        elif stage:
            print(word, rest, flush=True)
            step(stage, stages, word, rest, program)
    return stage


def steps():
    text = re.sub(r"^\s*#.*\n", "", (HERE / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line.split(" ", 1) for line in text.replace("\\\n", " ").splitlines() if line]


def begun(root, before):
    if before:
        return before.overlaid(root)
    if root.name == "sources":
        return Stage(Path("/"), (Path("/"),)).overlaid(root)
    root.mkdir()
    for archive in ARCHIVES.glob("*.deb"):
        run("dpkg-deb", "--extract", archive, root)
    (root / "etc/passwd").write_text("nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")
    return Stage(root)


def step(stage, stages, word, rest, program):
    match word:
        case "RUN" if "cargo build" in rest:
            run("install", "-D", program, stage.root / "out/gateway")
        case "RUN":
            stage.run(rest)
        case "COPY":
            *options, source, target = rest.split()
            origin = stages[options[0].removeprefix("--from=")].root if options else ROOT
            copy(origin, source, stage.inside(target))
        case "WORKDIR":
            stage.place = rest
            stage.inside(rest).mkdir(parents=True, exist_ok=True)
        case "USER":
            stage.user = rest
        case "ENV":
            stage.environment.update([rest.split("=", 1)])
        case "HEALTHCHECK":
            stage.health = json.loads(rest.partition("CMD ")[2])
        case "ENTRYPOINT" | "CMD":
            stage.command += json.loads(rest)
        case "EXPOSE":
            pass
        case _:
            sys.exit(f"this script doesn't know {word}")


def copy(origin, source, target):
    if source == ".":
        # What .dockerignore leaves out, git ignores as well.
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, found.split("\0")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    run("cp", "--archive", origin / source.lstrip("/"), target)


def serve(stage):
    """Starts the image's command, waits until its health check is content, and ends it."""
    serving = stage.start(stage.command)
    deadline = time.monotonic() + HEALTHY_WITHIN
    while (health := stage.said(stage.health)).returncode != 0:
        if time.monotonic() > deadline or serving.poll() is not None:
            sys.exit(f"it doesn't become healthy: {health.stdout}")
        time.sleep(0.1)
    serving.send_signal(signal.SIGTERM)
    if serving.wait(timeout=HEALTHY_WITHIN) != 0:
        sys.exit(f"SIGTERM ended it with {serving.returncode}")
    if stage.said(stage.health).returncode == 0:
        sys.exit("its health check is content without it")


if __name__ == "__main__":
    main()
