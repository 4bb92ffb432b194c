#!/usr/bin/env python3
"""Writes docs/configuration.md: every key of the configuration, from its JSON Schema.

    python3 docs/configuration.py           writes the page
    python3 docs/configuration.py --check   fails if the committed page isn't what this makes

Needs nothing but Python's standard library.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "crates/gateway/config/schema.json").read_text())
PAGE = Path(__file__).with_name("configuration.md")

INTRODUCTION = """\
# Configuration

Every key of the file that `gateway --config FILE` reads. The file is TOML. The same keys in one file, with their
defaults: [`examples/gateway.toml`](../examples/gateway.toml). What the gateway does with them:
[`docs/behaviour.md`](../docs/behaviour.md).

`gateway schema` prints a [JSON Schema](https://json-schema.org) of it, for editors. For instance, with the schema in
`gateway.schema.json`, [Taplo](https://taplo.tamasfe.dev) and the TOML extensions that are built on it check and
complete a file whose first line is `#:schema gateway.schema.json`. `gateway check --config FILE` checks more than a
schema can say.

- A **duration** has a unit: `"500ms"`, `"5s"`, `"1m 30s"`.
- A **size** is a number of bytes, or has a unit: `"64K"` and `"64KiB"` are 65,536 bytes, `"64KB"` is 64,000 bytes.
- `"${NAME}"` is replaced by the environment variable `NAME`: as the whole value of an address to listen on, a token or
  a secret, and anywhere in an upstream's URL.
- Files are named relative to the configuration file.

This page is written by `docs/configuration.py` from the schema, and tests compare the schema with the code
(`crates/gateway/config/tests/schema.rs`).
"""


def resolved(node: dict) -> dict:
    """The definition that a node refers to, under what the node says itself."""
    if "$ref" not in node:
        return node
    definition = SCHEMA["$defs"][node["$ref"].removeprefix("#/$defs/")]
    return {**resolved(definition), **{key: value for key, value in node.items() if key != "$ref"}}


def is_table(node: dict) -> bool:
    return "properties" in resolved(node)


def kind(node: dict) -> str:
    """What a value may be, in words."""
    title = resolved(node).get("title")
    node = resolved(node)
    if "properties" in node:
        return "table"
    if title:
        return title
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return ", ".join(f"`{json.dumps(value)}`" for value in node["enum"])
    if "anyOf" in node:
        return ", or ".join(kind(choice) for choice in node["anyOf"])
    match node.get("type"):
        case "array":
            return f"array of: {kind(node['items'])}"
        case "integer" if "maximum" in node:
            return f"{node['minimum']} to {node['maximum']}"
        case "integer":
            return f"{node['minimum']} or more"
        case "number":
            return f"{node['minimum']} to {node['maximum']}"
        case "boolean":
            return "`true` or `false`"
        case "object":
            return "tables"
        case "string":
            return "text"
        case _:
            return "date and time"


def row(key: str, node: dict, is_required: bool) -> str:
    default = "required" if is_required else f"`{json.dumps(node['default'])}`" if "default" in node else ""
    description = resolved(node).get("description", "")
    cells = [f"`{key}`", kind(node), default, description]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def section(node: dict) -> str:
    required = node.get("required", [])
    rows = [row(key, value, key in required) for key, value in node["properties"].items()]
    title = re.sub(r"\[+[^\]]+\]+", r"`\g<0>`", node["title"]) if node is not SCHEMA else "The file's own keys"
    head = [f"\n## {title}\n"]
    if node is not SCHEMA and "description" in node:
        head.append(f"{node['description']}\n")
    return "\n".join([*head, "| key | value | default | meaning |", "|---|---|---|---|", *rows]) + "\n"


def page() -> str:
    tables = [node for node in SCHEMA["$defs"].values() if "properties" in node]
    return INTRODUCTION + "".join(section(node) for node in [SCHEMA, *tables])


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != page():
            sys.exit("docs/configuration.md isn't what the schema makes: run python3 docs/configuration.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        PAGE.write_text(page())


if __name__ == "__main__":
    main()
