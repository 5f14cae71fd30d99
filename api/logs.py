"""Log lines as structures: a person's line on a terminal, one JSON object per line for machines.

Whatever is bound with ``structlog.contextvars.bind_contextvars`` (``request_id`` here, ``run_id`` in a worker) is on
every line of its context. Lines of libraries that use ``logging`` come out in the same form.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

import structlog

from warehouse.settings import Settings

if TYPE_CHECKING:
    from structlog.typing import Processor

_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


# Rich's tracebacks show every local variable: slow, and no place for what people's data may hold.
def _for_people() -> Processor:
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def configure_logs(settings: Settings) -> None:
    """Send all log lines of this process to standard error, in the form that the settings ask for."""
    json = settings.log_format == "json"
    last: Processor = structlog.processors.JSONRenderer() if json else _for_people()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([structlog.processors.format_exc_info] if json else []),
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    logging.getLogger("uvicorn.access").disabled = True  # the request's own line says more
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
