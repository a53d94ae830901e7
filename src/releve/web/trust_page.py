"""A public page that tests one machine: does its browser trust this island? And what to install if it does not.

Opened before the crisis on every machine; nothing here is secret, nothing asks who is there.
"""

from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from releve.web.access import public
from releve.web.database import data_folder

__all__ = ["certificate", "probe", "trust"]


class _Authority(NamedTuple):
    fingerprint: str
    until_ms: int
    name: str


def _authority() -> x509.Certificate | None:
    path = data_folder() / "keys" / "ca" / "ca.crt"
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return None


@public
@require_GET
def trust(request: HttpRequest) -> HttpResponse:
    """Say whether this connection is one the browser trusts, and what to compare and install."""
    found = _authority()
    shown = None
    if found is not None:
        digits = found.fingerprint(hashes.SHA256()).hex().upper()
        shown = _Authority(
            " ".join(digits[start : start + 4] for start in range(0, len(digits), 4)),
            int(found.not_valid_after_utc.timestamp() * 1000),
            ", ".join(str(part.value) for part in found.subject),
        )
    return render(request, "web/trust.html", {"authority": shown, "secure": request.is_secure()})


@public
@require_GET
def certificate(request: HttpRequest) -> HttpResponse:
    """Return the authority's certificate, to be installed."""
    found = _authority()
    if found is None:
        raise Http404
    answer = HttpResponse(
        found.public_bytes(serialization.Encoding.PEM), content_type="application/x-x509-ca-cert"
    )
    answer["Content-Disposition"] = 'attachment; filename="releve-ca.crt"'
    return answer


@public
@require_GET
def probe(request: HttpRequest) -> HttpResponse:
    """Return a script that does nothing: a browser takes it as a worker only over a connection it trusts."""
    return HttpResponse(
        "// Nothing: whether this may be registered is the answer.\n", content_type="text/javascript"
    )
