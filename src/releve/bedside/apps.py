"""This room as a Django application: pages only, no table of its own."""

from django.apps import AppConfig

__all__ = ["BedsideConfig"]


class BedsideConfig(AppConfig):
    """Pages of `releve.bedside`; they tell the shell the state of the island."""

    name = "releve.bedside"
    label = "bedside"

    def ready(self) -> None:
        """Hand the shell the function that says mode, horizon and silence, and departments the person's banner."""
        from releve.bedside.chart import chart, here
        from releve.bedside.hospital_now import ward_called
        from releve.bedside.reach import patients_in, whereabouts
        from releve.bedside.shell import provide, zone
        from releve.record.chart import set_chart_provider
        from releve.web.audit.about import set_whereabouts
        from releve.web.shell import set_provider
        from releve.web.ward_names import set_ward_names

        set_provider(provide, zone)
        set_whereabouts(whereabouts, patients_in)
        set_chart_provider(chart, here)
        set_ward_names(ward_called)
