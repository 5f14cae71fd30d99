"""Writes ``api/schema.graphql`` anew: ``python -m api.schema.export``."""

from __future__ import annotations

from api.schema.root import EXPORTED, exported

if __name__ == "__main__":
    EXPORTED.write_text(exported(), encoding="utf-8")
