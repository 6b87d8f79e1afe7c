"""The server's log on standard error: our lines and uvicorn's in one format, text or JSON.

Only `microscope serve` configures it. A server in a notebook or a demo leaves logging to the host
program, which sees warnings by default.
"""

from __future__ import annotations

import logging
import sys
from time import gmtime

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from app.web.telemetry.request_context import current_id

TEXT = "%(asctime)s %(levelname)-7s %(message)s%(suffix)s"
DATE = "%Y-%m-%dT%H:%M:%SZ"  # RFC 3339, UTC
JSON = ("levelname", "name", "message")
RENAMED = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
# uvicorn repeats its messages with terminal colors.
OMITTED = (*RESERVED_ATTRS, "color_message", "suffix")


def configure_logging(form: str, level: str) -> None:
    """Write all lines of this level and above, as `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if form == "json" else _text())
    handler.addFilter(_add_request_id)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)


def _add_request_id(record: logging.LogRecord) -> bool:
    request = current_id()
    record.suffix = f" [{request}]" if request else ""
    if request:
        record.request_id = request
    return True


def _text() -> logging.Formatter:
    formatter = logging.Formatter(TEXT, DATE)
    formatter.converter = gmtime
    return formatter


def _json() -> logging.Formatter:
    return JsonFormatter(JSON, rename_fields=RENAMED, timestamp=True, reserved_attrs=OMITTED)
