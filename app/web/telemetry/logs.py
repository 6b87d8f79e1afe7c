"""The server's log: our lines and uvicorn's in one form, on standard error.

Only `microscope serve` sets it up. Where the server runs beside other work, as in a demo or a
notebook, the log is the host program's, which hears of warnings unless it asks for more.
"""

from __future__ import annotations

import logging
import sys
from time import gmtime

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from app.web.telemetry.request_context import current_id

TEXT = "%(asctime)s %(levelname)-7s %(message)s%(mark)s"
# RFC 3339, UTC.
MOMENT = "%Y-%m-%dT%H:%M:%SZ"
JSON = ("levelname", "name", "message")
NAMES = {"levelname": "level", "name": "logger", "exc_info": "traceback"}
# uvicorn repeats its messages with colours of a terminal.
LEFT_OUT = (*RESERVED_ATTRS, "color_message", "mark")


def write_logs(form: str, level: str) -> None:
    """Write every line of this level and above, as `text` or as `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_json() if form == "json" else _text())
    handler.addFilter(_about)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(True)


def _about(record: logging.LogRecord) -> bool:
    """Says in a line which request it is about, if it is about one."""
    request = current_id()
    record.mark = f" [{request}]" if request else ""
    if request:
        record.request_id = request
    return True


def _text() -> logging.Formatter:
    form = logging.Formatter(TEXT, MOMENT)
    form.converter = gmtime
    return form


def _json() -> logging.Formatter:
    return JsonFormatter(JSON, rename_fields=NAMES, timestamp=True, reserved_attrs=LEFT_OUT)
