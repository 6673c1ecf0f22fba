"""The log line of a call."""

import structlog
from grpc_health.v1 import health

from jumok.service.call_record import CallObserver, CallRecord

_log = structlog.get_logger()
_PROBES = f"/{health.SERVICE_NAME}/"
_OUR_FAULT = ("INTERNAL", "UNKNOWN")


class CallLog(CallObserver):
    """Writes one line for each call: at level debug for health checks, error for our failures."""

    def call_ended(self, call: CallRecord) -> None:
        """See `CallObserver`."""
        if call.status in _OUR_FAULT:
            log = _log.error
        elif call.method.startswith(_PROBES):
            log = _log.debug
        else:
            log = _log.info
        log(
            "call",
            request_id=call.request_id,
            method=call.method,
            model=call.model,
            caller=call.caller,
            status=call.status,
            texts=call.texts,
            characters=call.characters,
            source_tokens=call.source_tokens,
            target_tokens=call.target_tokens,
            queued_seconds=_rounded(call.queued),
            first_token_seconds=_rounded(call.first_token),
            total_seconds=_rounded(call.total),
        )


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 4)
