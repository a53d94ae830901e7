from django.apps import AppConfig


class PaperConfig(AppConfig):
    """The room of paper; registered for its catalogue of words."""

    name = "releve.paper"
    label = "paper"
