"""The least that the framework can be asked to do: one async route that answers a small JSON object.

`python -m tests.benchmarks.empty_route PORT` serves it with the server and the settings of the service, and no more.
"""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI

PATH = "/empty"
app = FastAPI()


@app.get(PATH)
async def empty() -> dict[str, str]:
    """A small object."""
    return {"status": "ok"}


def main() -> int:
    """Serve until ended."""
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="error", ws="none")
    return 0


if __name__ == "__main__":
    sys.exit(main())
