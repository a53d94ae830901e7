"""Addresses of the island: the shell's own, then those that other rooms open to machines."""

from django.urls import URLPattern, URLResolver, include, path

from releve.web import urls as shell

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("releve.gateway.fhir_http")),
    *shell.urlpatterns,
]

handler400, handler403, handler404, handler500 = (
    shell.handler400, shell.handler403, shell.handler404, shell.handler500,
)  # fmt: skip
